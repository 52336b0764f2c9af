/* np: 1; apps: plan */
#include "plan/lp/optimise.h"

#include "../tap.h"
#include "plan/lp/lp_format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

static double draw(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (double)(state >> 11) * 0x1p-53;
}

static lp_result solved(const char *text, lp *m)
{
	char room[2048] = {0};
	lp_result r = {0};
	*m = (lp){0};
	memcpy(room, text, strlen(text) + 1);
	if (lp_format_read(m, "t", room, strlen(text)) == PAR_OK)
		lp_optimise(&r, m, NULL, NULL);
	return r;
}

static void is_value(const char *text, double want, const char *what)
{
	lp m;
	lp_result r = solved(text, &m);
	ok(r.status == LP_OPTIMAL && fabs(r.proof.value - want) < 1e-6 * (1 + fabs(want)), "%s",
	    what);
	lp_result_drop(&r);
	lp_drop(&m);
}

static void is_status(const char *text, lp_status want, const char *what)
{
	lp m;
	lp_result r = solved(text, &m);
	ok(r.x && r.status == want, "%s is told %s", what, lp_status_name(want));
	lp_result_drop(&r);
	lp_drop(&m);
}

static void by_hand(void)
{
	is_value("min\n x + y\nst\n x + y >= 2\nend\n", 2, "a value known by hand");
	is_value("max\n 3 x + 2 y\nst\n x + y <= 4\n x + 3 y <= 6\nbounds\n x <= 3\nend\n", 11,
	    "a maximum");
	is_value("min\n x - y + 10\nst\n -2 <= x - y <= 5\nbounds\n x free\n y free\nend\n", 8,
	    "free columns and a row of two sides");
	is_value("min\n x + 2 y\nst\n x + y = 3\n 2 x + 2 y = 6\n x <= 1\nbounds\n y <= 9\nend\n",
	    5, "rows that depend on each other");
	is_value("min\n -x\nst\n x + y <= 4\nbounds\n x <= -1\n y = 2\nend\n", 1,
	    "bounds below zero and a fixed column");
	is_value("min\n x\nst\n x >= 1\n z >= 0\nend\n", 1, "a column without cost");
	is_value("max\n -x + 2\nst\nbounds\n x >= 1\nend\n", 1, "no rows");
	is_value("min\n x\nst\n x + y >= 5\nbounds\n 2 <= y <= 3\nend\n", 2,
	    "a row that counts from a lower bound");
	is_value("max\n x\nst\n 1 <= x + y <= 4\nend\n", 4, "the far side of a row of two");
}

static void rays(void)
{
	is_status("min\n x\nst\n x + y >= 4\n x + y <= 3\nend\n", LP_INFEASIBLE,
	    "a contradiction of rows");
	is_status("max\n x\nst\n x + y >= 4\n x <= 1\n y <= 2\nend\n", LP_INFEASIBLE,
	    "a contradiction of three rows");
	is_status("min\n -x - y\nst\n x - y <= 3\nend\n", LP_UNBOUNDED, "a value without end");
	is_status("max\n x\nst\n x - y = 0\n z <= 1\nbounds\n y free\nend\n", LP_UNBOUNDED,
	    "a maximum without end");
	is_status("min\n -x\nst\n x - y <= 3\n z >= 2\n z <= 1\nend\n", LP_INFEASIBLE,
	    "a value without end in a program without points");
	is_status("min\n -x\nst\n a - b >= 1\n b - c >= 1\n c - a >= 1\nend\n", LP_INFEASIBLE,
	    "a column without end beside a circle of rows that have no point");
	is_status("min\n -x\nst\n a - b >= 1\n b - c >= 1\n c - a >= 1\n x - w <= 3\nend\n",
	    LP_INFEASIBLE, "a ray of two columns beside such a circle");
}

/* rows x columns drawn around a point that is feasible, costs around prices that are dual feasible: the
 * optimum is known because each column is at zero or has no reduced cost */
static void draw_program(lp *m, int rows, int columns, double *value)
{
	double *x = calloc((size_t)columns, sizeof *x), *y = calloc((size_t)rows, sizeof *y);
	double *right = calloc((size_t)rows, sizeof *right);
	*value = 0;
	for (int i = 0; i < rows; i++) {
		y[i] = draw() - 0.5;
		lp_add_row(m);
	}
	for (int j = 0; j < columns; j++) {
		bool basic = draw() < 0.4;
		x[j] = basic ? 10 * draw() : 0;
		lp_add_column(m);
		double cost = basic ? 0 : draw();
		for (int i = j % 3; i < rows; i += 1 + (int)(9 * draw())) {
			double a = 4 * draw() - 2;
			lp_add_entry(m, i, a);
			right[i] += a * x[j];
			cost += a * y[i];
		}
		m->cost[j] = cost;
		*value += cost * x[j];
	}
	for (int i = 0; i < rows; i++)
		m->row_lower[i] = m->row_upper[i] = right[i];
	free(x);
	free(y);
	free(right);
}

static void drawn(int rows, int columns)
{
	lp m = {0};
	lp_result r;
	double want;
	draw_program(&m, rows, columns, &want);
	lp_optimise(&r, &m, NULL, NULL);
	ok(r.status == LP_OPTIMAL && fabs(r.proof.value - want) <= 1e-7 * (1 + fabs(want)) &&
		r.proof.gap <= 1e-8,
	    "%d x %d with a known optimum: value and bound agree with it", rows, columns);
	double keep = r.x[0];
	certificate c;
	r.x[0] += 1;
	ok(certify_point(&c, &m, r.x, r.y) == PAR_OK && !c.optimal,
	    "... a point beside it is not believed");
	r.x[0] = keep;
	r.y[0] += 0.01;
	ok(certify_point(&c, &m, r.x, r.y) == PAR_OK && !c.optimal, "... nor are other prices");
	lp_result_drop(&r);
	lp_drop(&m);
}

static void false_rays(void)
{
	lp m;
	bool proved;
	lp_result r = solved("min\n x + y\nst\n x + y >= 2\n x - y <= 1\nend\n", &m);
	double up[] = {1, 1}, down[] = {1, -1};
	ok(certify_no_point(&proved, &m, up) == PAR_OK && !proved,
	    "a price is no proof that there is no point");
	ok(certify_no_end(&proved, &m, down) == PAR_OK && !proved,
	    "a direction out of the rows is no ray");
	ok(certify_no_end(&proved, &m, up) == PAR_OK && !proved, "nor is one that gains nothing");
	lp_result_drop(&r);
	lp_drop(&m);
}

/* points and prices whose values agree, but that are none: out of a row; a free column that would gain */
static void false_points(void)
{
	lp m;
	certificate c;
	double none[] = {0, 0}, one[] = {0, 1}, price[] = {1};
	lp_result r = solved("min\n 0 x\nst\n x >= 1\nend\n", &m);
	ok(certify_point(&c, &m, none, none) == PAR_OK && c.gap == 0 && !c.optimal,
	    "a point out of a row is not believed, whatever its value");
	lp_result_drop(&r);
	lp_drop(&m);
	r = solved("min\n x + z\nst\n z >= 1\nbounds\n x free\nend\n", &m);
	ok(certify_point(&c, &m, one, price) == PAR_OK && c.gap == 0 && !c.optimal,
	    "nor are prices at which a free column gains");
	lp_result_drop(&r);
	lp_drop(&m);
}

/* what rows make of columns without bounds; what a proof must exceed */
static void harder_proofs(void)
{
	lp m;
	certificate c;
	bool proved;
	double point[] = {1, 1}, free_price[] = {0}, price[] = {1}, side[] = {1, 0},
	       far[] = {-1e6, 1};
	lp_result r = solved("min\n x + y\nst\n x + y >= 2\nbounds\n x free\n y <= 1\nend\n", &m);
	ok(certify_point(&c, &m, point, free_price) == PAR_OK && c.bound == 1 && c.dual == 0,
	    "a free column is at least what its row leaves it");
	lp_result_drop(&r);
	lp_drop(&m);
	r = solved("min\n 1e-9 x + z\nst\n z >= 1\nbounds\n x free\nend\n", &m);
	ok(certify_point(&c, &m, far, price) == PAR_OK && fabs(c.bound - 0.999) < 1e-12,
	    "what a free column gains counts at its size");
	lp_result_drop(&r);
	lp_drop(&m);
	r = solved("min\n -2 x + y\nst\n x - y <= 1\nend\n", &m);
	ok(certify_no_end(&proved, &m, point) == PAR_OK && proved, "a ray along a row is one");
	ok(certify_no_end(&proved, &m, side) == PAR_OK && !proved,
	    "one that gains out of it is not");
	lp_result_drop(&r);
	lp_drop(&m);
	r = solved("min\n x\nst\n x >= 1\nbounds\n x <= 0.99999999\nend\n", &m);
	ok(certify_no_point(&proved, &m, price) == PAR_OK && !proved,
	    "a contradiction of eight digits is none");
	lp_result_drop(&r);
	lp_drop(&m);
}

static void free_row(void)
{
	lp m = {0};
	lp_result r = {0};
	bool made = lp_add_row(&m) == PAR_OK && lp_add_column(&m) == PAR_OK &&
		    lp_add_entry(&m, 0, 1) == PAR_OK;
	m.cost[0] = -1;
	m.upper[0] = 5;
	ok(made && lp_optimise(&r, &m, NULL, NULL) == PAR_OK && r.status == LP_OPTIMAL &&
		fabs(r.proof.value + 5) < 1e-6,
	    "a row without sides holds nothing");
	lp_result_drop(&r);
	lp_drop(&m);
}

/* one column through all rows: it must not fill the factor */
static void dense(void)
{
	lp m = {0};
	lp_result r;
	enum { ROWS = 2000 };
	for (int i = 0; i < ROWS; i++) {
		lp_add_row(&m);
		m.row_lower[i] = 1 + i % 7;
	}
	for (int j = 0; j <= ROWS; j++) {
		lp_add_column(&m);
		m.cost[j] = j < ROWS ? 1 : 1500;
		for (int i = j < ROWS ? j : 0; i < (j < ROWS ? j + 1 : ROWS); i++)
			lp_add_entry(&m, i, 1);
	}
	double want = INFINITY; /* the common column at level t, the rest on its own */
	for (int t = 0; t <= 7; t++) {
		double v = 1500 * t;
		for (int i = 0; i < ROWS; i++)
			v += 1 + i % 7 > t ? 1 + i % 7 - t : 0;
		want = fmin(want, v);
	}
	lp_optimise(&r, &m, NULL, NULL);
	ok(r.status == LP_OPTIMAL && fabs(r.proof.value - want) <= 1e-7 * want,
	    "a dense column is solved with a sparse factor");
	lp_result_drop(&r);
	lp_drop(&m);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	by_hand();
	rays();
	false_rays();
	false_points();
	harder_proofs();
	free_row();
	drawn(20, 40);
	drawn(200, 500);
	drawn(300, 3000);
	dense();
	return tap_end();
}
