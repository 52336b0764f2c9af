#include "plan/orders/pool.h"

#include "plan/check/numbers.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)1 << 20) /* bytes */

struct pool_chunk {
	pool_chunk *next;
	size_t used, size;
	double room[]; /* aligned for all that a plan has */
};

static int places_of(const pool *p)
{
	return p->rows + p->box->cells;
}

par_err pool_open(pool *p, const boxes *b, int64_t blocks)
{
	*p = (pool){.box = b, .rows = b->m->problem.link.rows};
	p->of = calloc((size_t)blocks + 1, sizeof(const pool_plan *));
	p->use = calloc((size_t)places_of(p) + 1, sizeof *p->use);
	return p->of && p->use
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no room for plans of %lld SKUs", (long long)blocks);
}

void pool_close(pool *p)
{
	while (p->chunk) {
		pool_chunk *next = p->chunk->next;
		free(p->chunk);
		p->chunk = next;
	}
	free(p->of);
	free(p->use);
	*p = (pool){0};
}

static void *take_room(pool *p, size_t bytes)
{
	bytes = (bytes + sizeof(double) - 1) / sizeof(double) * sizeof(double);
	if (!p->chunk || p->chunk->size - p->chunk->used < bytes) {
		size_t size = bytes > CHUNK ? bytes : CHUNK;
		pool_chunk *c = malloc(sizeof *c + size);
		if (!c) {
			p->full = true;
			return NULL;
		}
		*c = (pool_chunk){p->chunk, 0, size};
		p->chunk = c;
	}
	void *at = (char *)p->chunk->room + p->chunk->used;
	p->chunk->used += bytes;
	return at;
}

static bool is_same(const pool_plan *a, const double *x, int used)
{
	bool same = a->columns == used;
	for (int e = 0; same && e < a->columns; e++)
		same = x[a->column[e]] == a->x[e];
	return same;
}

static void read_cells(pool *p, int64_t k, const double *x)
{
	const model *m = p->box->m;
	int class = m->problem.class[k];
	const flow *f = m->flow[class];
	double each = m->volume(m->own, k);
	for (int j = 0; j < m->problem.pattern[class].columns; j++)
		if (f[j].lane >= 0 && m->load[f[j].lane].container > 0)
			p->use[p->rows + f[j].lane * m->periods + f[j].period] += each * x[j];
}

/* use[] of a plan's columns: of linking rows, of cells with containers; returns how many are used */
static int read_uses(pool *p, int64_t k, const pricing *q, const double *x)
{
	int used = 0;
	memset(p->use, 0, (size_t)places_of(p) * sizeof *p->use);
	pricing_use(q, x, p->use);
	if (p->box->any)
		read_cells(p, k, x);
	for (int r = 0; r < places_of(p); r++)
		used += p->use[r] != 0;
	return used;
}

/* a plan of the columns of x that are not 0, and of the places that use[] is */
static pool_plan *copy(pool *p, const double *x, int all, int columns, int uses)
{
	size_t n = (size_t)columns, u = (size_t)uses;
	pool_plan *a = take_room(p, sizeof *a);
	double *to = take_room(p, n * sizeof *to);
	int *column = take_room(p, n * sizeof *column), *place = take_room(p, u * sizeof *place);
	float *use = take_room(p, u * sizeof *use);
	if (!a || !to || !column || !place || !use)
		return NULL;
	*a = (pool_plan){.columns = columns,
	    .uses = uses,
	    .x = to,
	    .column = column,
	    .use = use,
	    .place = place};
	for (int j = 0; j < all; j++)
		if (x[j] != 0) {
			*to++ = x[j];
			*column++ = j;
		}
	for (int r = 0; r < places_of(p); r++)
		if (p->use[r] != 0) {
			*use++ = (float)p->use[r];
			*place++ = r;
		}
	return a;
}

const pool_plan *pool_keep(pool *p, int64_t i, const pricing *q, const whole_answer *a)
{
	int columns = pattern_of(q->problem, q->asked)->columns, used = 0;
	for (int j = 0; j < columns; j++)
		used += a->x[j] != 0;
	for (const pool_plan *b = p->of[i]; b; b = b->next)
		if (is_same(b, a->x, used))
			return b;
	pool_plan *b = copy(p, a->x, columns, used, read_uses(p, q->asked, q, a->x));
	if (!b)
		return NULL;
	b->next = p->of[i];
	b->cost = pricing_cost(q, a->x) + a->fixed;
	b->fixed = a->fixed;
	b->orders = a->orders;
	return p->of[i] = b;
}

par_err pool_status(const pool *p)
{
	return p->full ? par_fail(PAR_E_MEMORY, "no room for all plans that were found") : PAR_OK;
}

double pool_priced(const pool_plan *a, const double *priced)
{
	double sum = a->fixed;
	for (int e = 0; e < a->columns; e++)
		sum += priced[a->column[e]] * a->x[e];
	return sum;
}

void pool_columns(const pool_plan *a, double *x, int columns)
{
	memset(x, 0, (size_t)columns * sizeof *x);
	for (int e = 0; e < a->columns; e++)
		x[a->column[e]] = a->x[e];
}
