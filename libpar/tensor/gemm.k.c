#include "base/lanes.h"

#if LANES == 16
#define ROWS 14 /* 28 sums, 2 vectors of b, 1 element of a: 31 of 32 registers */
#else
#define ROWS 6 /* 12 sums, 2 vectors of b, 1 element of a: 15 of 16 registers */
#endif
enum { BY_COLUMNS, BY_ROWS };
#define IS_BY_ROWS(how) ((how) == BY_ROWS)

INLINE vec step(int how, vec x, vec b, vec c)
{
	(void)how;
	return vec_fma(x, b, c);
}

#include "tensor/gemm_body.h"
#include "tensor/gemm_inside.h"

ALL(TILE, BY_COLUMNS, 1)
ALL(TILE, BY_COLUMNS, 2)
ALL(TILE, BY_ROWS, 1)
ALL(TILE, BY_ROWS, 2)
ALL(TREE, BY_COLUMNS, 1)
ALL(TREE, BY_COLUMNS, 2)

static tile_fn *const tiles[2][2][ROWS] = {
    {{ALL(NAME, BY_COLUMNS, 1)}, {ALL(NAME, BY_COLUMNS, 2)}},
    {{ALL(NAME, BY_ROWS, 1)}, {ALL(NAME, BY_ROWS, 2)}},
};
static tree_fn *const trees[2][ROWS] = {
    {ALL(TREE_NAME, BY_COLUMNS, 1)}, {ALL(TREE_NAME, BY_COLUMNS, 2)}};

static void by_rows(const par_gemm_tile *t)
{
	tiles[BY_ROWS][t->n > LANES][t->m - 1](t);
}

static void by_columns(const par_gemm_tile *t)
{
	tiles[BY_COLUMNS][t->n > LANES][t->m - 1](t);
}

static void by_tree(const par_gemm_tree *t)
{
	trees[t->n > LANES][t->m - 1](t);
}

const par_gemm_kernels KERNEL(par_gemm_set) = {.lanes = LANES,
    .rows = ROWS,
    .cols = 2 * LANES,
    .depth = 1,
    .unit = 1,
    .by_rows = by_rows,
    .by_columns = by_columns,
    .by_tree = by_tree,
    .pack = KERNEL(par_gemm_panels),
    .columns = KERNEL(par_gemm_columns)};
