/* Svg: what the pictures of all programs share. */
#ifndef APPS_COMMON_SVG_H
#define APPS_COMMON_SVG_H

#include <stdio.h>

/* local | text with &, <, > and quotes made safe for SVG */
void svg_text(FILE *out, const char *text);
/* local | the same of at most n characters, the last of which is an ellipsis where more stood there */
void svg_text_cut(FILE *out, const char *text, int n);

/* local | how many pixels a text of 11 px takes at most in the usual sans-serif fonts */
double svg_width(const char *text);

/* local | the distance of grid lines: 1, 2 or 5 times a power of ten, two to five of which make the range */
double svg_tick(double range);

#endif
