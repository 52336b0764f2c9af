/* Number text: whole numbers as people write them. */
#ifndef APPS_PLAN_TELL_NUMBER_TEXT_H
#define APPS_PLAN_TELL_NUMBER_TEXT_H

#define NUMBER_TEXT 64

/* local | v rounded, with a comma at each thousand: -12,345,678. Returns out. */
const char *number_text(char out[NUMBER_TEXT], double v);

#endif
