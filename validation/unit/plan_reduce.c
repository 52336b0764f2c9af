/* np: 1; apps: plan */
#include "plan/lp/reduce.h"

#include "../tap.h"
#include "plan/lp/lp_format.h"
#include "plan/lp/optimise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool read_lp(lp *m, const char *text)
{
	char room[2048] = {0};
	*m = (lp){0};
	memcpy(room, text, strlen(text) + 1);
	return lp_format_read(m, "t", room, strlen(text)) == PAR_OK;
}

/* the program is reduced to so many rows and columns, and its answer from there is certified */
static void is_reduced(const char *text, int rows, int columns, const char *what)
{
	lp m;
	reduction r = {.contradiction = -1};
	lp_result small = {0};
	certificate c = {0};
	bool worth, there = read_lp(&m, text);
	double x[16], y[16];
	ok(there && reduction_open(&r, &m, &worth) == PAR_OK && worth && r.small.rows == rows &&
		r.small.columns == columns,
	    "%s: %d rows and %d columns are left", what, rows, columns);
	if (lp_optimise(&small, &r.small, NULL, NULL) == PAR_OK) {
		reduction_back(&r, small.x, small.y, x, y);
		certify_point(&c, &m, x, y);
	}
	ok(c.optimal && c.primal < 1e-9, "and columns and prices come back");
	lp_result_drop(&small);
	reduction_close(&r);
	lp_drop(&m);
}

static void is_refuted(const char *text, const char *what)
{
	lp m;
	reduction r = {.contradiction = -1};
	bool worth, proved = false, there = read_lp(&m, text);
	double y[16];
	ok(there && reduction_open(&r, &m, &worth) == PAR_OK && r.contradiction >= 0, "%s is met",
	    what);
	if (r.contradiction >= 0) {
		reduction_ray(&r, y);
		certify_no_point(&proved, &m, y);
	}
	ok(proved, "and proved");
	reduction_close(&r);
	lp_drop(&m);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	is_reduced("min\n 2 x + 3 y + z\nst\n x + y + z >= 4\n 2 x >= 3\n -y <= -1\n z <= 1\nend\n",
	    1, 3, "rows of one entry");
	is_reduced("max\n -2 x - 3 y + z\nst\n x + y - z >= 4\n 2 x >= 3\n -y <= -1\n x + z <= 9\n"
		   " -3 z >= -12\nend\n",
	    2, 3, "the same of a maximum");
	is_reduced("min\n x - y - z - w\nst\n x + y + z <= 0\n x + w + v <= 5\n v - x >= 1\n"
		   "end\n",
	    1, 2, "a row that can just be kept");
	is_reduced("min\n -x - y\nst\n x + y <= 5\n x - y <= 100\n x + 2 y <= 8\nbounds\n x <= 9\n"
		   " y <= 9\nend\n",
	    2, 2, "a row that cannot be broken");
	is_reduced("min\n x - y + 2 z\nst\n x + y + z <= 5\n y + z + 3 x <= 3\n y + x >= 1\n"
		   " z + 2 w <= 7\nend\n",
	    3, 3, "a column that only costs");
	is_reduced("min\n -x - 3 y + z + w\nst\n 2 x >= 2\n x + y <= 1\n z + 2 w >= 2\nend\n", 1, 2,
	    "a row that a bound from another has made tight");
	is_refuted(
	    "min\n x + y\nst\n x + y >= 1\n 2 x <= 3\n 3 x >= 9\nend\n", "a bound past another");
	is_refuted(
	    "max\n x + y\nst\n x + y >= 9\n 2 x <= 3\n -y >= -2\nend\n", "a row out of reach");
	is_refuted("min\n x\nst\n x + y <= 0\n x + y + z >= 3\n z <= 2\nend\n",
	    "a row that others have emptied");
	return tap_end();
}
