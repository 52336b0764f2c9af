/* np: 1 3; apps: plan */
#include "plan/lp/by_blocks.h"

#include "../tap.h"
#include "plan/lp/alike.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 24
#define BLOCK_ROWS 5
#define BLOCK_COLUMNS 9
#define LINKS 4
#define LOOSE 6 /* columns in no block */
#define ROWS (BLOCKS * BLOCK_ROWS + LINKS)
#define COLUMNS (BLOCKS * BLOCK_COLUMNS + LOOSE)

static par_world world;
static uint64_t state;

static double draw(void)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (double)(state >> 11) * 0x1p-53;
}

static int pick(int n)
{
	return (int)(draw() * n);
}

static void shuffle(int *order, int n)
{
	for (int i = 0; i < n; i++) {
		int at = pick(i + 1);
		order[i] = order[at];
		order[at] = i;
	}
}

/* A program of two kinds of blocks, with every kind of row and column, its rows and columns in a random order.
 * Row i of the plan stands at place[i]; point is one that keeps all rows. */
typedef struct {
	lp m;
	int place[ROWS];
	double point[COLUMNS];
	double sum[ROWS]; /* of the rows at the point */
	int order[COLUMNS];
} made;

static double entry_of(int kind, int row, int column)
{
	static const double value[] = {1, -1, 2, 0.5, -3};
	unsigned at = 7u * (unsigned)row + 13u * (unsigned)column + 29u * (unsigned)kind;
	bool there = (at * 2654435761u >> 13) % 5 < 2 || row == column || column == 8;
	return there ? value[at % 5] : 0;
}

static void put(made *p, int row, double v)
{
	if (v == 0)
		return;
	p->sum[row] += v * p->point[p->m.columns - 1];
	lp_add_entry(&p->m, p->place[row], v);
}

/* bounds of every kind around the point, but such that the value cannot fall for ever */
static void bound_column(made *p, int kind)
{
	int j = p->m.columns - 1;
	double at = p->point[j] = rint(10 * draw() - 5), cost = 1 + rint(9 * draw());
	p->m.cost[j] = p->m.maximise ? -cost : cost;
	p->m.lower[j] = at - pick(3);
	switch (kind % 5) {
	case 1: /* an upper bound only */
		p->m.lower[j] = -INFINITY;
		p->m.upper[j] = at + pick(3);
		p->m.cost[j] = -p->m.cost[j];
		break;
	case 2:
		p->m.upper[j] = at + pick(4) + 1;
		break;
	case 3: /* free, and at no cost */
		p->m.lower[j] = -INFINITY;
		p->m.cost[j] = 0;
		break;
	case 4: /* fixed, in some blocks */
		p->m.lower[j] = at - pick(2);
		p->m.upper[j] = at;
		break;
	default:
		break;
	}
}

static void put_column(made *p, int which)
{
	lp_add_column(&p->m);
	if (which >= BLOCKS * BLOCK_COLUMNS) {
		int loose = which - BLOCKS * BLOCK_COLUMNS;
		bound_column(p, loose % 3);
		for (int l = 0; l < LINKS; l++)
			put(p, BLOCKS * BLOCK_ROWS + l,
			    l == loose % LINKS || (loose == 5 && l < 3) ? 1 + l : 0);
		return;
	}
	int owner = which / BLOCK_COLUMNS, column = which % BLOCK_COLUMNS, kind = owner % 2;
	bound_column(p, column + kind);
	for (int i = 0; i < BLOCK_ROWS; i++)
		put(p, owner * BLOCK_ROWS + i, entry_of(kind, i, column));
	for (int l = 0; l < LINKS; l++)
		put(p, BLOCKS * BLOCK_ROWS + l, (column + l) % 3 == 0 ? 1 + rint(4 * draw()) : 0);
}

static void bound_row(made *p, int i)
{
	int kind = i < BLOCKS * BLOCK_ROWS ? i % BLOCK_ROWS : i % 3;
	double at = p->sum[i];
	p->m.row_lower[p->place[i]] = kind == 1 ? -INFINITY : at - (kind == 2 ? 1 + pick(5) : 0);
	p->m.row_upper[p->place[i]] = kind == 3 ? INFINITY : at + (kind == 2 ? pick(5) : 0);
}

static void make(made *p, uint64_t seed, bool maximise)
{
	char name[16];
	*p = (made){.m = {.maximise = maximise, .constant = 7}};
	state = seed;
	shuffle(p->place, ROWS);
	shuffle(p->order, COLUMNS);
	for (int i = 0; i < ROWS; i++) {
		memset(name, 0, sizeof name);
		snprintf(name, sizeof name, "r%d", i);
		par_dict_put(&p->m.row_name, name, strlen(name));
		lp_add_row(&p->m);
	}
	for (int j = 0; j < COLUMNS; j++)
		put_column(p, p->order[j]);
	for (int i = 0; i < ROWS; i++)
		bound_row(p, i);
}

static void true_cut(cut *c, const made *p)
{
	*c = (cut){BLOCKS, malloc(ROWS * sizeof *c->block)};
	for (int i = 0; i < ROWS; i++)
		c->block[p->place[i]] = i < BLOCKS * BLOCK_ROWS ? i / BLOCK_ROWS : CUT_LINKING;
}

/* rank 0 has the program, the others get it; false when nothing is proved */
static bool by_blocks_value(made *p, const cut *c, lp_status want, double *value)
{
	by_blocks b;
	lp empty = {0};
	cut none = {0};
	bool mine = world.rank == 0;
	par_err e = by_blocks_solve(
	    &b, mine ? &p->m : &empty, mine ? c : &none, &world, (interior_spec){0});
	bool proved = e == PAR_OK && b.fits && b.proved && (!mine || b.result.status == want);
	*value = mine && proved ? b.result.proof.value : 0;
	if (e == PAR_OK)
		by_blocks_drop(&b);
	lp_drop(&empty);
	return proved;
}

static void is_solved(uint64_t seed, bool maximise)
{
	made p;
	cut c;
	lp_result alone = {0};
	double value;
	make(&p, seed, maximise);
	true_cut(&c, &p);
	bool proved = by_blocks_value(&p, &c, LP_OPTIMAL, &value);
	ok(proved, "a %simum of blocks is proved, seed %d", maximise ? "max" : "min", (int)seed);
	lp_optimise(&alone, &p.m, NULL, NULL);
	ok(world.rank > 0 || (alone.status == LP_OPTIMAL &&
				 fabs(value - alone.proof.value) <= 2e-8 * (1 + fabs(value))),
	    "and is that of one block");
	lp_result_drop(&alone);
	cut_drop(&c);
	lp_drop(&p.m);
}

static void test_solve(void)
{
	for (int seed = 1; seed <= 6; seed++)
		is_solved((uint64_t)seed, seed % 2 == 0);
}

/* the linking row and its like, apart by one, cannot both hold */
static void test_infeasible(void)
{
	made p;
	cut c;
	double value;
	make(&p, 9, true);
	true_cut(&c, &p);
	int first = p.place[BLOCKS * BLOCK_ROWS];
	double least = 0;
	for (int j = 0; j < COLUMNS; j++) {
		p.m.lower[j] = fmax(p.m.lower[j], -100);
		p.m.upper[j] = fmin(p.m.upper[j], 100);
		for (int64_t e = p.m.first[j]; e < p.m.first[j + 1]; e++)
			least += p.m.row[e] == first ? 100 * fabs(p.m.value[e]) : 0;
	}
	p.m.row_lower[first] = least + 100;
	p.m.row_upper[first] = INFINITY;
	ok(by_blocks_value(&p, &c, LP_INFEASIBLE, &value), "a linking row out of reach is proved");
	cut_drop(&c);
	lp_drop(&p.m);
}

static bool same_blocks(const cut *a, const cut *b)
{
	bool same = a->blocks == b->blocks;
	for (int i = 0; i < ROWS; i++) {
		same &= (a->block[i] == CUT_LINKING) == (b->block[i] == CUT_LINKING);
		for (int k = 0; k < i && a->block[i] != CUT_LINKING; k++)
			same &= (a->block[i] == a->block[k]) == (b->block[i] == b->block[k]);
	}
	return same;
}

static void test_find(void)
{
	made p;
	cut want, found;
	make(&p, 3, false);
	true_cut(&want, &p);
	ok(cut_find(&found, &p.m) == PAR_OK && same_blocks(&want, &found),
	    "blocks are found without being told");
	cut_drop(&found);
	cut_drop(&want);
	lp_drop(&p.m);
}

/* block k has the numbers of the first of its class in the order that alike gives it */
static bool is_like(const lp *m, const alike *a, int k)
{
	int t = a->template[a->class[k]];
	bool same = a->first_row[t + 1] - a->first_row[t] == a->first_row[k + 1] - a->first_row[k];
	for (int q = 0; q < a->first_column[k + 1] - a->first_column[k]; q++) {
		double value[2][BLOCK_ROWS] = {{0}};
		for (int side = 0; side < 2; side++) {
			int j = a->column[a->first_column[side ? k : t] + q];
			for (int64_t e = m->first[j]; e < m->first[j + 1]; e++)
				if (a->row_block[m->row[e]] >= 0)
					value[side][a->row_at[m->row[e]]] = lp_way(m, j) *
									    m->value[e];
		}
		same &= memcmp(value[0], value[1], sizeof value[0]) == 0;
	}
	return same;
}

static void test_alike(void)
{
	made p;
	cut c;
	alike a;
	bool all = true;
	make(&p, 4, false);
	true_cut(&c, &p);
	ok(alike_open(&a, &p.m, &c, 255) == PAR_OK && a.blocks == BLOCKS && a.classes == 2,
	    "shuffled blocks of two kinds are two classes");
	for (int k = 0; k < a.blocks; k++)
		all &= is_like(&p.m, &a, k);
	ok(all, "and their numbers are those of their class");
	alike_close(&a);
	ok(alike_open(&a, &p.m, &c, 1) == PAR_OK && a.classes == 0, "two are more than one");
	alike_close(&a);
	int64_t e = 0;
	while (c.block[p.m.row[e]] == CUT_LINKING)
		e++;
	p.m.value[e] += 0.25;
	ok(alike_open(&a, &p.m, &c, 255) == PAR_OK && a.classes == 3,
	    "a block with another number is a class of its own");
	alike_close(&a);
	cut_drop(&c);
	lp_drop(&p.m);
}

static char *write_dec(const made *p, int base)
{
	size_t used = 0, room = 16 * (size_t)ROWS + 64 * BLOCKS + 256;
	char *text = calloc(room, 1);
#define PUT(...) used += (size_t)snprintf(text + used, room - used, __VA_ARGS__)
	PUT("\\ two kinds\nPRESOLVED\n0\nnblocks\n%d\n", BLOCKS);
	for (int k = 0; k < BLOCKS; k++) {
		PUT("BLOCK %d\n", k + base);
		for (int i = 0; i < BLOCK_ROWS; i++)
			PUT(" r%d \\ of a block\n", p->place[k * BLOCK_ROWS + i]);
	}
	PUT("MASTERCONSS\n");
	for (int l = 0; l < LINKS - 1; l++)
		PUT("r%d\r\n", p->place[BLOCKS * BLOCK_ROWS + l]);
#undef PUT
	return text;
}

static void test_dec(void)
{
	made p;
	cut want, read;
	make(&p, 5, false);
	true_cut(&want, &p);
	for (int base = 0; base < 2; base++) {
		char *text = write_dec(&p, base);
		ok(cut_read(&read, &p.m, "f.dec", text, strlen(text)) == PAR_OK &&
			same_blocks(&want, &read),
		    "a .dec file that counts from %d", base);
		cut_drop(&read);
		free(text);
	}
	cut_drop(&want);
	lp_drop(&p.m);
}

static void test_bad_dec(void)
{
	static const struct {
		const char *text, *place;
	} bad[] = {
	    {"", ":1:1: "},
	    {"NBLOCKS\n2\nBLOCK 1\nr0\n", ":5:1: "},
	    {"NBLOCKS\n  x\n", ":2:3: "},
	    {"BLOCK 1\n", ":1:1: BLOCK before"},
	    {"NBLOCKS\n1\nBLOCK 1\nr0\n  r0\n", ":5:3: row r0 is named twice"},
	    {"NBLOCKS\n1\nBLOCK 1\nq0\n", ":4:1: row q0"},
	    {"NBLOCKS\n1\nBLOCK 1\nBLOCK 1\n", ":4:7: block 1 is there"},
	    {"NBLOCKS\n1\nBLOCK 0\nBLOCK 1\n", ":4:7: block 1;"},
	    {"PRESOLVED\n1\n", ":2:1: these are blocks of a presolved"},
	    {"NBLOCKS\n1\nNBLOCKS\n1\n", ":3:1: a second"},
	    {"hello\n", ":1:1: hello"},
	    {"NBLOCKS\n-1\n", ":2:1: "},
	};
	made p;
	cut c;
	make(&p, 6, false);
	for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
		char text[128] = {0};
		memcpy(text, bad[k].text, strlen(bad[k].text));
		par_err e = cut_read(&c, &p.m, "f.dec", text, strlen(text));
		ok(e == PAR_E_DATA && strstr(par_err_why(), bad[k].place),
		    "bad .dec file %d is refused at %.6s", (int)k, bad[k].place);
	}
	lp_drop(&p.m);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	ok(par_world_open(&world, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	test_solve();
	test_infeasible();
	test_find();
	test_alike();
	test_dec();
	test_bad_dec();
	par_world_close(&world);
	return tap_end();
}
