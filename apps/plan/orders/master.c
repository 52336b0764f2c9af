#include "plan/orders/master.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TOLERANCE 1e-12 /* of a reduced cost, against the terms it is the sum of, at first */
#define PIVOT 1e-9      /* the least pivot, against the largest of its column */
#define REFRESH 64      /* pivots after which the inverse is made anew */
#define PATIENCE 100    /* pivots without gain after which the tolerance grows tenfold */
#define GAIN 1e-15      /* of the value: less is none */
#define PIVOTS 100      /* for each row and column together */

static bool widen(void **p, int64_t room, size_t size)
{
	void *wider = realloc(*p, (size_t)room * size);
	*p = wider ? wider : *p;
	return wider;
}

static par_err no_room(const master *m)
{
	return par_fail(
	    PAR_E_MEMORY, "no room for a program of %d rows and %d columns", m->rows, m->columns);
}

par_err master_open(master *m, int rows, const double *right)
{
	size_t n = (size_t)rows + 1;
	*m = (master){.rows = rows};
	m->right = calloc(n, sizeof *m->right);
	m->level = calloc(n, sizeof *m->level);
	m->price = calloc(n, sizeof *m->price);
	m->way = calloc(n, sizeof *m->way);
	m->basis = calloc(n, sizeof *m->basis);
	m->inverse = calloc(n * n, sizeof *m->inverse);
	m->first = calloc(1, sizeof *m->first);
	if (!m->right || !m->level || !m->price || !m->way || !m->basis || !m->inverse ||
	    !m->first) {
		master_close(m);
		return no_room(m);
	}
	memcpy(m->right, right, (size_t)rows * sizeof *right);
	return PAR_OK;
}

void master_close(master *m)
{
	free(m->right);
	free(m->cost);
	free(m->upper);
	free(m->first);
	free(m->row);
	free(m->entry);
	free(m->place);
	free(m->basis);
	free(m->level);
	free(m->price);
	free(m->inverse);
	free(m->way);
	*m = (master){0};
}

static bool make_room(master *m, int n)
{
	if (m->columns == m->columns_room) {
		int room = 2 * m->columns + 64;
		if (!widen((void **)&m->cost, room, sizeof *m->cost) ||
		    !widen((void **)&m->upper, room, sizeof *m->upper) ||
		    !widen((void **)&m->first, room + 1, sizeof *m->first) ||
		    !widen((void **)&m->place, room, sizeof *m->place))
			return false;
		m->columns_room = room;
	}
	if (m->first[m->columns] + n > m->entries_room) {
		int64_t room = 2 * m->entries_room + n + 1024;
		if (!widen((void **)&m->row, room, sizeof *m->row) ||
		    !widen((void **)&m->entry, room, sizeof *m->entry))
			return false;
		m->entries_room = room;
	}
	return true;
}

par_err master_add(master *m, double cost, double upper, const int *row, const double *entry, int n)
{
	if (!make_room(m, n))
		return no_room(m);
	int64_t at = m->first[m->columns];
	for (int i = 0; i < n; i++)
		if (entry[i] != 0) {
			m->row[at] = row[i];
			m->entry[at++] = entry[i];
		}
	m->cost[m->columns] = cost;
	m->upper[m->columns] = upper;
	m->place[m->columns] = MASTER_LOWER;
	m->first[++m->columns] = at;
	return PAR_OK;
}

double master_level(const master *m, int column)
{
	int at = m->place[column];
	return at >= 0 ? m->level[at] : at == MASTER_UPPER ? m->upper[column] : 0;
}

/* ---- the basis */

/* a row of the inverse, and of what is being inverted, less a multiple of another */
static void subtract(double *to, const double *from, double times, int n)
{
	for (int i = 0; i < n; i++)
		to[i] -= times * from[i];
}

static void swap_rows(double *a, int i, int k, int n)
{
	for (int j = 0; j < n && i != k; j++) {
		double t = a[i * n + j];
		a[i * n + j] = a[k * n + j];
		a[k * n + j] = t;
	}
}

/* Gauss and Jordan with the largest pivot of each column; b is used up */
static bool invert(double *b, double *inverse, int n)
{
	memset(inverse, 0, (size_t)n * (size_t)n * sizeof *inverse);
	for (int i = 0; i < n; i++)
		inverse[i * n + i] = 1;
	for (int j = 0; j < n; j++) {
		int best = j;
		for (int i = j + 1; i < n; i++)
			best = fabs(b[i * n + j]) > fabs(b[best * n + j]) ? i : best;
		if (!(fabs(b[best * n + j]) > 1e-13))
			return false;
		swap_rows(b, best, j, n);
		swap_rows(inverse, best, j, n);
		double one = 1 / b[j * n + j];
		for (int i = 0; i < n; i++) {
			b[j * n + i] *= one;
			inverse[j * n + i] *= one;
		}
		for (int i = 0; i < n; i++) {
			double times = b[i * n + j];
			if (i == j || times == 0)
				continue;
			subtract(b + i * n, b + j * n, times, n);
			subtract(inverse + i * n, inverse + j * n, times, n);
		}
	}
	return true;
}

/* levels of basic columns: inverse (right - what stands at its upper bound) */
static void find_levels(master *m)
{
	int n = m->rows;
	double *rest = m->way;
	memcpy(rest, m->right, (size_t)n * sizeof *rest);
	for (int j = 0; j < m->columns; j++)
		for (int64_t e = m->first[j]; e < m->first[j + 1] && m->place[j] == MASTER_UPPER;
		     e++)
			rest[m->row[e]] -= m->entry[e] * m->upper[j];
	for (int i = 0; i < n; i++) {
		double sum = 0;
		for (int k = 0; k < n; k++)
			sum += m->inverse[i * n + k] * rest[k];
		m->level[i] = sum;
	}
}

static void find_prices(master *m)
{
	int n = m->rows;
	memset(m->price, 0, (size_t)n * sizeof *m->price);
	for (int i = 0; i < n; i++)
		if (m->cost[m->basis[i]] != 0)
			subtract(m->price, m->inverse + i * n, -m->cost[m->basis[i]], n);
}

/* everything anew from the basis; false: its columns are dependent, or there is no room */
static bool refresh(master *m)
{
	int n = m->rows;
	double *b = calloc((size_t)n * (size_t)n + 1, sizeof *b);
	for (int i = 0; b && i < n; i++)
		for (int64_t e = m->first[m->basis[i]]; e < m->first[m->basis[i] + 1]; e++)
			b[m->row[e] * n + i] = m->entry[e];
	bool fine = b && invert(b, m->inverse, n);
	free(b);
	if (fine) {
		find_levels(m);
		find_prices(m);
	}
	return fine;
}

par_err master_start(master *m, const int *basis)
{
	for (int j = 0; j < m->columns; j++)
		m->place[j] = MASTER_LOWER;
	for (int i = 0; i < m->rows; i++) {
		m->basis[i] = basis[i];
		m->place[basis[i]] = i;
	}
	return refresh(m)
		   ? PAR_OK
		   : par_fail(PAR_E_NUMERIC, "the first basis of %d rows is singular", m->rows);
}

/* ---- the simplex */

/* what one more unit on the open way saves, less what rounding may say */
static double saving(const master *m, int j, double tolerance)
{
	double c = m->cost[j], terms = fabs(c);
	for (int64_t e = m->first[j]; e < m->first[j + 1]; e++) {
		double t = m->entry[e] * m->price[m->row[e]];
		c -= t;
		terms += fabs(t);
	}
	return (m->place[j] == MASTER_LOWER ? -c : c) - tolerance * terms;
}

static int entering(const master *m, double tolerance, double *most)
{
	int best = -1;
	*most = 0;
	for (int j = 0; j < m->columns; j++) {
		double s = m->place[j] < 0 && m->upper[j] > 0 ? saving(m, j, tolerance) : 0;
		if (s > *most) {
			*most = s;
			best = j;
		}
	}
	return best;
}

/* way: how the basic columns fall as column j rises */
static double find_way(master *m, int j)
{
	int n = m->rows;
	double largest = 0;
	for (int i = 0; i < n; i++) {
		double sum = 0;
		for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
			sum += m->inverse[i * n + m->row[e]] * m->entry[e];
		m->way[i] = sum;
		largest = fmax(largest, fabs(sum));
	}
	return largest;
}

typedef struct {
	int row;   /* whose column leaves; -1: the entering column goes to its other bound */
	bool full; /* the leaving column is at its upper bound */
	double by;
} step;

/* sign: 1 when the entering column rises. Of several that block, the largest pivot. */
static step find_step(const master *m, int j, double sign, double largest)
{
	step s = {-1, false, m->upper[j]};
	double pivot = 0;
	for (int i = 0; i < m->rows; i++) {
		double fall = sign * m->way[i];
		double room = fall > 0 ? m->level[i] : m->upper[m->basis[i]] - m->level[i];
		if (fabs(fall) <= PIVOT * largest)
			continue;
		double by = fmax(room, 0) / fabs(fall);
		if (by < s.by || (by == s.by && fabs(fall) > pivot)) {
			s = (step){i, fall < 0, by};
			pivot = fabs(fall);
		}
	}
	return s;
}

static void change_basis(master *m, int row)
{
	int n = m->rows;
	double *turned = m->inverse + row * n, one = 1 / m->way[row];
	for (int k = 0; k < n; k++)
		turned[k] *= one;
	for (int i = 0; i < n; i++)
		if (i != row && m->way[i] != 0)
			subtract(m->inverse + i * n, turned, m->way[i], n);
}

static void take_step(master *m, int j, double sign, const step *s)
{
	for (int i = 0; i < m->rows; i++)
		m->level[i] -= sign * s->by * m->way[i];
	if (s->row < 0) {
		m->place[j] = m->place[j] == MASTER_LOWER ? MASTER_UPPER : MASTER_LOWER;
		return;
	}
	double from = m->place[j] == MASTER_LOWER ? 0 : m->upper[j];
	m->place[m->basis[s->row]] = s->full ? MASTER_UPPER : MASTER_LOWER;
	m->place[j] = s->row;
	m->basis[s->row] = j;
	m->level[s->row] = from + sign * s->by;
	change_basis(m, s->row);
}

static double value_now(const master *m)
{
	double sum = 0;
	for (int i = 0; i < m->rows; i++)
		sum += m->cost[m->basis[i]] * m->level[i];
	return sum;
}

bool master_solve(master *m)
{
	int64_t most = (int64_t)PIVOTS * (m->rows + m->columns);
	int idle = 0, since = 0; /* pivots since the last gain, since the last refresh */
	double tolerance = TOLERANCE, save;
	if (!refresh(m))
		return false;
	for (int64_t k = 0; k < most; k++) {
		int j = entering(m, tolerance, &save);
		if (j < 0 && since == 0)
			return true;
		if (j < 0 || since == REFRESH) {
			if (!refresh(m))
				return false;
			since = 0;
			continue;
		}
		double sign = m->place[j] == MASTER_LOWER ? 1 : -1;
		step s = find_step(m, j, sign, find_way(m, j));
		if (s.by == INFINITY)
			return false;
		take_step(m, j, sign, &s);
		find_prices(m);
		idle = save * s.by > GAIN * fabs(value_now(m)) ? 0 : idle + 1;
		tolerance *= idle > 0 && idle % PATIENCE == 0 ? 10 : 1;
		since++;
		m->pivots++;
	}
	return false;
}
