/* np: 1, apps: plan */
#include "plan/orders/master.h"

#include "../tap.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS 30
#define COLUMNS 400

static const par_rng rng = {5, 1, 0};
static int64_t drawn;

static int below(int n)
{
	return (int)par_rng_below(rng, drawn++, n);
}

/* a column of whole numbers in at most four rows; one without bound costs something, so that nothing falls for ever */
static par_err add_drawn(master *m)
{
	int row[4], n = 0;
	double entry[4], upper = below(3) ? 1 + below(5) : INFINITY;
	for (int k = 1 + below(4); n < k && n < m->rows; n++) {
		row[n] = n == 0 ? below(m->rows) : (row[n - 1] + 1) % m->rows;
		entry[n] = below(7) - 3;
	}
	return master_add(m, below(20) - (upper < INFINITY ? 12 : 0), upper, row, entry, n);
}

/* rows with a dear column each, which a start has in its basis, and others */
static par_err draw(master *m, int rows, int columns)
{
	double right[ROWS] = {0}, one = 1;
	int basis[ROWS];
	for (int i = 0; i < rows; i++) {
		right[i] = below(12);
		basis[i] = i;
	}
	PAR_TRY(master_open(m, rows, right));
	for (int i = 0; i < rows; i++)
		PAR_TRY(master_add(m, 50, INFINITY, &i, &one, 1));
	for (int j = rows; j < columns; j++)
		PAR_TRY(add_drawn(m));
	return master_start(m, basis);
}

/* The oracle is what proves an optimum: levels within their bounds keep every row, and at the prices no column
 * off its upper bound gains, nor does one off 0 lose. */
static bool is_best(const master *m)
{
	double rest[ROWS], worst = 0;
	memcpy(rest, m->right, (size_t)m->rows * sizeof *rest);
	for (int j = 0; j < m->columns; j++) {
		double level = master_level(m, j), reduced = m->cost[j];
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++) {
			rest[m->row[e]] -= m->entry[e] * level;
			reduced -= m->entry[e] * m->price[m->row[e]];
		}
		worst = fmax(worst, fmax(-level, level - m->upper[j]));
		worst = fmax(worst, fmin(level, reduced));
		worst = fmax(worst, fmin(m->upper[j] - level, -reduced));
	}
	for (int i = 0; i < m->rows; i++)
		worst = fmax(worst, fabs(rest[i]));
	return worst < 1e-9;
}

static double value_of(const master *m)
{
	double value = 0;
	for (int j = 0; j < m->columns; j++)
		value += m->cost[j] * master_level(m, j);
	return value;
}

static int at_upper(const master *m)
{
	int n = 0;
	for (int j = 0; j < m->columns; j++)
		n += m->place[j] == MASTER_UPPER;
	return n;
}

static void drawn_programs(void)
{
	int best = 0, again = 0, dearer = 0, full = 0, tries = 400;
	for (int t = 0; t < tries; t++) {
		master m;
		int rows = 1 + below(8);
		if (draw(&m, rows, rows + below(25)) != PAR_OK)
			break;
		best += master_solve(&m) && is_best(&m);
		full += at_upper(&m);
		double value = value_of(&m);
		bool added = add_drawn(&m) == PAR_OK;
		added &= add_drawn(&m) == PAR_OK;
		again += added && master_solve(&m) && is_best(&m) && value_of(&m) <= value + 1e-9;
		for (int j = rows; j < m.columns; j += 2)
			m.cost[j] += 3;
		dearer += master_solve(&m) && is_best(&m);
		master_close(&m);
	}
	ok(best == tries, "%d of %d programs are proved best by their prices", best, tries);
	ok(full > tries, "%d columns are at their upper bounds", full);
	ok(again == tries, "%d are again with two more columns", again);
	ok(dearer == tries, "and %d after half of the costs have changed", dearer);
}

static void many_pivots(void)
{
	master m, other;
	drawn = 1 << 20;
	bool solved = draw(&m, ROWS, COLUMNS) == PAR_OK && master_solve(&m);
	ok(solved && is_best(&m) && m.pivots > 64, "%d pivots end at the best, too", m.pivots);
	drawn = 1 << 20;
	bool same = draw(&other, ROWS, COLUMNS) == PAR_OK && master_solve(&other) &&
		    m.pivots == other.pivots;
	ok(same && memcmp(m.price, other.price, ROWS * sizeof *m.price) == 0 &&
		memcmp(m.level, other.level, ROWS * sizeof *m.level) == 0,
	    "and the same calls give the same bits");
	master_close(&m);
	master_close(&other);
}

static void by_hand(void)
{
	master m;
	double right[] = {4, 6}, entry[] = {1, -1};
	int row[] = {0, 1}, basis[] = {0, 1}, same[] = {0, 0};
	bool made = master_open(&m, 2, right) == PAR_OK &&
		    master_add(&m, 0, INFINITY, row, entry, 1) == PAR_OK &&
		    master_add(&m, 0, INFINITY, row + 1, entry, 1) == PAR_OK &&
		    master_add(&m, 1, INFINITY, row, entry, 2) == PAR_OK &&
		    master_start(&m, basis) == PAR_OK;
	ok(made && master_solve(&m) && value_of(&m) == 0, "a column that costs stays out");
	const double across[] = {-1, 1}, down[] = {-1, -1};
	ok(master_add(&m, -1, 9, row, across, 2) == PAR_OK && master_solve(&m) &&
		value_of(&m) == -6 && master_level(&m, 0) == 10 && master_level(&m, 1) == 0,
	    "one that gains comes in until a row is empty, and fills the other");
	ok(master_add(&m, -1, INFINITY, row, down, 2) == PAR_OK && !master_solve(&m),
	    "one that gains for ever is told");
	ok(master_start(&m, same) == PAR_E_NUMERIC, "a basis of one column twice is refused");
	master_close(&m);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	drawn_programs();
	many_pivots();
	by_hand();
	return tap_end();
}
