/* np: 1 2 3 6 */
/* Arrays larger than any memory: what two ranks share is counted, described to MPI and never touched. */
#include "tensor/overlap.h"

#include "../tap.h"

static const int64_t huge = 5000000007; /* entries; beyond what an int counts */

/* this rank's share with all others, in entries, by stretches and by the sizes of the datatypes */
static int shares(const par_mesh *m, int nd, const int64_t *shape, par_place a, par_place b)
{
	par_layout from, to;
	par_overlap o;
	int64_t counted = 0, described[2] = {0, 0}, want = 1;
	par_layout_make(&from, m, nd, shape, &a);
	par_layout_make(&to, m, nd, shape, &b);
	par_err e = par_overlap_open(&o, &from, &to, PAR_F32);
	for (int r = 0; r < m->ranks && e == PAR_OK; r++) {
		par_held held[PAR_LAYOUT_AXES];
		int64_t share = 1;
		par_layout_held(&from, r, held);
		if (!par_overlap_find(&o, held, to.held))
			continue;
		for (int k = 0; k < o.nd; k++) {
			int64_t n = 0;
			for (int i = 0; i < o.stretches[k]; i++)
				n += o.stretch[k][i].n;
			share *= n;
		}
		counted += share * (int64_t)o.entry;
		for (int side = 0; side < 2; side++) {
			MPI_Datatype type;
			MPI_Count size;
			PAR_MUST(par_overlap_type(&o, (par_overlap_side)side, &type) == PAR_OK,
			    "no memory for a test");
			MPI_Type_size_x(type, &size);
			described[side] += size;
			MPI_Type_free(&type);
		}
	}
	par_overlap_close(&o);
	for (int k = 0; k < nd; k++)
		want *= to.held[k].n;
	want *= 4;
	return e == PAR_OK && counted == want && described[0] == want && described[1] == want;
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_mesh m;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	ok(par_mesh_line(&m, &w, w.size, "data") == PAR_OK, "a line of all ranks");
	const int64_t tall[] = {huge, 3}, wide[] = {3, huge};
	const par_place sharded = PAR_SHARDED(0), other = PAR_SHARDED(1),
			blocks = PAR_SHARDED_BLOCKS(0, 999999999),
			dealt = PAR_CYCLIC(0, (int64_t)1 << 29);
	ok(shares(&m, 1, &huge, sharded, PAR_REPLICATED), "a vector of %lld entries is gathered",
	    (long long)huge);
	ok(shares(&m, 1, &huge, sharded, blocks), "... cut elsewhere");
	ok(shares(&m, 1, &huge, blocks, dealt), "... dealt in blocks of 2^29");
	ok(shares(&m, 2, tall, sharded, PAR_REPLICATED), "a matrix as tall is gathered");
	ok(shares(&m, 2, tall, sharded, other), "... and turned to another axis");
	ok(shares(&m, 2, wide, other, PAR_REPLICATED), "a matrix as wide is gathered");
	ok(shares(&m, 2, wide, sharded, other), "... and turned to another axis");
	ok(shares(&m, 2, wide, sharded, PAR_REPLICATED), "... gathered by rows of that length");
	par_mesh_free(&m);
	par_world_close(&w);
	return tap_end();
}
