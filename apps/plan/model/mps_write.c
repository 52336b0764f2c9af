#include "plan/model/mps_write.h"

#include "io/pieces.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)4 << 20)
#define LINE 160 /* more than any line takes */
static const char head[] = "* linear program of entrepot-plan\n";

typedef struct {
	const problem *problem;
	const deal *deal;
	const par_world *world;
	par_pieces *file;
	char *text; /* to be written next; CHUNK and one block of room */
	size_t used;
	block block;
	char *slack;    /* of a linking row: L or G when an own column makes it one, else E */
	bool *left_out; /* of an own column: it is such a slack */
} writer;

__attribute__((format(printf, 2, 3))) static void put(writer *o, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	o->used += (size_t)vsnprintf(o->text + o->used, LINE, format, args);
	va_end(args);
}

typedef void (*put_block)(writer *o, int64_t k, const pattern *p);

static void block_rows(writer *o, int64_t k, const pattern *p)
{
	for (int i = 0; i < p->rows; i++)
		put(o, " E R%lld_%d\n", (long long)k, i);
}

static void block_columns(writer *o, int64_t k, const pattern *p)
{
	const block *b = &o->block;
	for (int j = 0; j < p->columns; j++) {
		put(o, " x%lld_%d obj %.17g\n", (long long)k, j, b->cost[j]);
		for (int e = p->first[j]; e < p->first[j + 1]; e++)
			put(o, " x%lld_%d R%lld_%d %.17g\n", (long long)k, j, (long long)k,
			    p->row[e], p->value[e]);
		for (int e = p->link_first[j]; e < p->link_first[j + 1]; e++)
			if (b->link[e] != 0)
				put(o, " x%lld_%d L%d %.17g\n", (long long)k, j, p->link[e],
				    b->link[e]);
	}
}

static void block_right(writer *o, int64_t k, const pattern *p)
{
	for (int i = 0; i < p->rows; i++)
		if (o->block.right[i] != 0)
			put(o, " rhs R%lld_%d %.17g\n", (long long)k, i, o->block.right[i]);
}

static void block_bounds(writer *o, int64_t k, const pattern *p)
{
	for (int j = 0; j < p->columns; j++)
		if (p->bound[j] >= 0)
			put(o, " UP bnd x%lld_%d %.17g\n", (long long)k, j,
			    o->block.upper[p->bound[j]]);
}

static par_err put_text(writer *o)
{
	size_t n = o->used;
	o->used = 0;
	par_world_alive();
	return par_pieces_put(o->file, o->text, n);
}

static void put_group(writer *o, const group *g, put_block fn)
{
	const pattern *p = &o->problem->pattern[g->class];
	for (int i = 0; i < g->lanes; i++) {
		if (fn != block_rows)
			o->problem->fill(o->problem->ctx, g->block[i], &o->block);
		fn(o, g->block[i], p);
	}
}

/* all blocks of one rank after the other */
static par_err put_blocks(writer *o, put_block fn)
{
	for (int r = 0; r < o->world->size; r++) {
		int64_t g = 0, mine = r == o->world->rank ? o->deal->groups : 0;
		do {
			while (g < mine && o->used < CHUNK)
				put_group(o, &o->deal->mine[g++], fn);
			PAR_TRY(put_text(o));
		} while (par_world_max(o->world, g < mine));
	}
	return PAR_OK;
}

/* Linking rows and own columns, before the blocks of the same section. */

static void link_rows(writer *o)
{
	const linking *l = &o->problem->link;
	put(o, "NAME entrepot\nROWS\n N obj\n");
	for (int i = 0; i < l->rows; i++)
		put(o, " %c L%d\n", o->slack[i], i);
}

static void link_columns(writer *o)
{
	const linking *l = &o->problem->link;
	put(o, "COLUMNS\n");
	for (int e = 0; e < l->columns; e++)
		if (!o->left_out[e])
			put(o, " o%d obj %.17g\n o%d L%d %.17g\n", e, l->cost[e], e, l->row[e],
			    l->value[e]);
}

static void link_right(writer *o)
{
	const linking *l = &o->problem->link;
	put(o, "RHS\n");
	for (int i = 0; i < l->rows; i++)
		put(o, " rhs L%d %.17g\n", i, l->right[i]);
}

static void link_bounds(writer *o)
{
	const linking *l = &o->problem->link;
	put(o, "BOUNDS\n");
	for (int e = 0; e < l->columns; e++)
		if (isfinite(l->upper[e]))
			put(o, " UP bnd o%d %.17g\n", e, l->upper[e]);
}

static par_err put_all(writer *o)
{
	static const struct {
		void (*links)(writer *o);
		put_block blocks;
	} section[] = {{link_rows, block_rows}, {link_columns, block_columns},
	    {link_right, block_right}, {link_bounds, block_bounds}};
	for (size_t i = 0; i < sizeof section / sizeof section[0]; i++) {
		if (o->world->rank == 0)
			section[i].links(o);
		PAR_TRY(put_blocks(o, section[i].blocks));
	}
	if (o->world->rank == 0)
		put(o, "ENDATA\n");
	return put_text(o);
}

static void find_slacks(writer *o)
{
	const linking *l = &o->problem->link;
	memset(o->slack, 'E', (size_t)l->rows);
	for (int e = 0; e < l->columns; e++)
		if (l->cost[e] == 0 && isinf(l->upper[e]) && l->value[e] != 0 &&
		    o->slack[l->row[e]] == 'E') {
			o->slack[l->row[e]] = l->value[e] > 0 ? 'L' : 'G';
			o->left_out[e] = true;
		}
}

static par_err room(writer *o)
{
	const linking *l = &o->problem->link;
	size_t lines = 0, columns = 1, bounds = 1, rows = 1, links = 1;
#define MORE(most, n) most = (size_t)(n) > most ? (size_t)(n) : most
	for (const pattern *p = o->problem->pattern; p < o->problem->pattern + o->problem->patterns;
	     p++) {
		MORE(lines, p->columns + p->first[p->columns] + p->links);
		MORE(lines, p->rows);
		MORE(columns, p->columns);
		MORE(bounds, p->bounds);
		MORE(rows, p->rows);
		MORE(links, p->links);
	}
#undef MORE
	lines = GROUP_LANES * lines + (size_t)l->rows + (size_t)l->columns + 8;
	o->text = malloc(CHUNK + LINE * lines);
	o->block = (block){malloc(columns * sizeof(double)), malloc(bounds * sizeof(double)),
	    malloc(rows * sizeof(double)), malloc(links * sizeof(double))};
	o->slack = malloc((size_t)l->rows + 1);
	o->left_out = calloc((size_t)l->columns + 1, sizeof *o->left_out);
	if (o->text && o->block.cost && o->block.upper && o->block.right && o->block.link &&
	    o->slack && o->left_out)
		return PAR_OK;
	return par_fail(PAR_E_MEMORY, "no memory for %zu lines of MPS", lines);
}

static void drop(writer *o)
{
	free(o->text);
	free(o->block.cost);
	free(o->block.upper);
	free(o->block.right);
	free(o->block.link);
	free(o->slack);
	free(o->left_out);
}

par_err mps_write(const char *path, const problem *p, const deal *d)
{
	writer o = {.problem = p, .deal = d, .world = d->world};
	PAR_TRY(par_pieces_open(&o.file, d->world, path, head));
	par_err e = par_agree(d->world, room(&o));
	if (e == PAR_OK) {
		find_slacks(&o);
		e = put_all(&o);
	}
	drop(&o);
	return par_pieces_publish(o.file, e);
}
