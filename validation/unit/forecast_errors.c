/* np: 1   apps: forecast */
#include "forecast/errors.h"

#include "../tap.h"

#include <math.h>

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	errors_sum s = {0};
	errors_add(&s, (float[]){10, NAN, 0, 6}, (float[]){8, 3, 0, 10}, 4);
	ok(s.n == 3, "what is missing has no error");
	ok(s.absolute == 6 && s.squared == 20, "errors are added up, and their squares");
	ok(fabs(s.relative - (200. * 2 / 18 + 200. * 4 / 16)) < 1e-12,
	    "relative ones are parts of both together; of nothing at all there is none");
	errors_add(&s, (float[]){1}, (float[]){3}, 1);
	ok(s.n == 4 && s.absolute == 8 && s.squared == 24, "of one window after another");
	return tap_end();
}
