#include "tensor/terms.h"

#include "comm/tree.h"
#include "tensor/redistribute.h"

#include <stdlib.h>
#include <string.h>

/* A rank's block is cut along one axis into a piece for each rank of the line. A piece is `rows`
 * runs of contiguous entries, one in each of the block's rows. Pieces travel to their owners in
 * rounds of at most `chunk` bytes of each. */
typedef struct {
	MPI_Comm line;
	int ranks, me;
	par_dtype type;
	const char *block;
	int64_t rows;
	size_t row;         /* bytes of the block's rows */
	size_t *at, *width; /* owns, by rank: where its run begins in a row, and its bytes */
	size_t chunk;
	char *out, *in; /* owns: a chunk for each rank */
	char *scratch;  /* owns */
	int *steps, count;
	const void **terms; /* owns */
	MPI_Request *request;
} paying;

static void cut_pieces(paying *p, const par_tensor *to, const par_tensor *from, int dim)
{
	const par_layout *l = &from->layout;
	int axis = to->layout.place[dim].axis;
	size_t entry = par_dtype_bytes(from->type);
	p->rows = 1;
	for (int k = 0; k < axis; k++)
		p->rows *= l->held[k].n;
	for (int k = axis + 1; k < l->nd; k++)
		entry *= (size_t)l->held[k].n;
	p->row = (size_t)l->held[axis].n * entry;
	for (int r = 0; r < p->ranks; r++) {
		int at[PAR_MESH_DIMS] = {l->mesh->at[0], l->mesh->at[1]};
		par_held held[PAR_LAYOUT_AXES];
		at[dim] = r;
		par_layout_held(&to->layout, par_mesh_rank(l->mesh, at), held);
		p->at[r] = (size_t)(held[axis].first - l->held[axis].first) * entry;
		p->width[r] = (size_t)held[axis].n * entry;
	}
}

static par_err plan_steps(paying *p)
{
	int most;
	par_node *leaf = malloc((size_t)p->ranks * sizeof *leaf);
	if (!leaf)
		return par_fail(PAR_E_MEMORY, "no memory to sum over %d ranks", p->ranks);
	for (int r = 0; r < p->ranks; r++)
		leaf[r] = (par_node){r, r + 1};
	p->count = par_node_steps(
	    p->ranks, (par_node){0, p->ranks}, leaf, p->ranks, p->steps, &most);
	free(leaf);
	p->scratch = aligned_alloc(64, (size_t)most * PAR_STEP_BLOCK);
	return p->scratch ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to sum");
}

static par_err paying_open(paying *p, const par_tensor *to, const par_tensor *from, int dim)
{
	size_t n = (size_t)from->layout.mesh->size[dim];
	*p = (paying){.line = from->layout.mesh->line[dim],
	    .ranks = (int)n,
	    .me = from->layout.mesh->at[dim],
	    .type = from->type,
	    .block = from->data};
	p->chunk = PAR_SUM_BYTES / (2 * n) / 64 * 64;
	p->chunk = p->chunk < 4096 ? 4096 : p->chunk;
	p->at = malloc(n * sizeof *p->at);
	p->width = malloc(n * sizeof *p->width);
	p->out = aligned_alloc(64, n * p->chunk);
	p->in = aligned_alloc(64, n * p->chunk);
	p->steps = malloc(2 * n * sizeof *p->steps);
	p->terms = malloc(n * sizeof *p->terms);
	p->request = malloc(2 * n * sizeof(MPI_Request));
	if (!p->at || !p->width || !p->out || !p->in || !p->steps || !p->terms || !p->request)
		return par_fail(PAR_E_MEMORY, "no memory to sum over %d ranks", p->ranks);
	cut_pieces(p, to, from, dim);
	return plan_steps(p);
}

static void paying_close(paying *p)
{
	free(p->at);
	free(p->width);
	free(p->out);
	free(p->in);
	free(p->scratch);
	free(p->steps);
	free(p->terms);
	free(p->request);
}

static size_t piece_bytes(const paying *p, int r)
{
	return (size_t)p->rows * p->width[r];
}

/* the part of a piece that is this round's */
static size_t chunk_bytes(const paying *p, int r, size_t done)
{
	size_t all = piece_bytes(p, r);
	if (done >= all)
		return 0;
	return all - done < p->chunk ? all - done : p->chunk;
}

/* bytes [done, done + bytes) of rank r's piece in one place: where they stand when they do */
static const void *pack(const paying *p, int r, size_t done, size_t bytes)
{
	size_t width = p->width[r];
	const char *piece = p->block + p->at[r];
	if (p->rows == 1)
		return piece + done;
	char *out = p->out + (size_t)r * p->chunk;
	for (size_t put = 0; put < bytes;) {
		size_t row = (done + put) / width, in_row = (done + put) % width;
		size_t n = width - in_row < bytes - put ? width - in_row : bytes - put;
		memcpy(out + put, piece + row * p->row + in_row, n);
		put += n;
	}
	return out;
}

static void pay_round(const paying *p, size_t done, char *sum)
{
	int requests = 0;
	size_t mine = chunk_bytes(p, p->me, done);
	for (int r = 0; r < p->ranks; r++)
		if (r != p->me && mine > 0) {
			p->terms[r] = p->in + (size_t)r * p->chunk;
			MPI_Irecv(p->in + (size_t)r * p->chunk, (int)mine, MPI_BYTE, r, 0, p->line,
			    &p->request[requests++]);
		}
	for (int shift = 1; shift < p->ranks; shift++) {
		int r = (p->me + shift) % p->ranks;
		size_t bytes = chunk_bytes(p, r, done);
		if (bytes > 0)
			MPI_Isend(pack(p, r, done, bytes), (int)bytes, MPI_BYTE, r, 0, p->line,
			    &p->request[requests++]);
	}
	if (mine > 0)
		p->terms[p->me] = pack(p, p->me, done, mine);
	MPI_Waitall(requests, p->request, MPI_STATUSES_IGNORE);
	if (mine > 0)
		par_steps_run(
		    p->type, p->steps, p->count, p->terms, sum + done, mine, p->scratch, false);
	par_world_alive();
}

par_err par_terms_sum(par_tensor *to, const par_tensor *from, int dim)
{
	const par_mesh *mesh = from->layout.mesh;
	paying p = {0};
	par_err e = mesh->idle ? PAR_OK : paying_open(&p, to, from, dim);
	e = par_agree(mesh->world, e);
	size_t longest = 0;
	for (int r = 0; r < p.ranks && e == PAR_OK; r++)
		longest = piece_bytes(&p, r) > longest ? piece_bytes(&p, r) : longest;
	for (size_t done = 0; done < longest; done += p.chunk)
		pay_round(&p, done, to->data);
	paying_close(&p);
	return e;
}
