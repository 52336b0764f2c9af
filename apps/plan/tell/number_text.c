#include "plan/tell/number_text.h"

#include <math.h>
#include <stdio.h>

const char *number_text(char out[NUMBER_TEXT], double v)
{
	char plain[NUMBER_TEXT];
	int n = snprintf(plain, sizeof plain, "%.0f", fabs(v)), at = 0;
	if (v <= -0.5)
		out[at++] = '-';
	for (int i = 0; i < n && at + 2 < NUMBER_TEXT; i++) {
		out[at++] = plain[i];
		if ((n - i) % 3 == 1 && i + 1 < n)
			out[at++] = ',';
	}
	out[at] = 0;
	return out;
}
