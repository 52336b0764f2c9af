/* Sums over ranks against MPI_Allreduce: the same vectors, interleaved round by round, median of
 * the ratios. One shard a rank, so both sides add one vector a rank. Prints a line a size and form:
 *
 *	form MB ours_seconds mpi_seconds ratio
 *
 * apart: from ordinary memory into ordinary memory, as MPI_Allreduce does
 * born: vectors stand in the window and the sum is read there, as training uses it
 * scatter: the same against MPI_Reduce_scatter: every rank gets its slice alone
 * copy: every rank copies one vector to another, what the memory can do; no peer */
#include "base/clock.h"
#include "comm/reduce.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS_MOST 64

typedef struct {
	const par_world *w;
	int64_t n;
	float *mine, *sum, *want;
	int *counts;
	par_reduce *apart, *born;
} bench;

static void by_mpi(bench *b)
{
	MPI_Allreduce(b->mine, b->want, (int)b->n, MPI_FLOAT, MPI_SUM, b->w->comm);
}

static void by_mpi_scatter(bench *b)
{
	MPI_Reduce_scatter(b->mine, b->want, b->counts, MPI_FLOAT, MPI_SUM, b->w->comm);
}

static void apart(bench *b)
{
	par_reduce_vectors(b->apart, (const void *const[]){b->mine}, b->sum, b->n);
}

static void mark_born(bench *b)
{
	par_reduce_next(b->born);
	par_reduce_born(b->born);
}

static void born(bench *b)
{
	mark_born(b);
	par_reduce_sum(b->born);
}

static void copy(bench *b)
{
	memcpy(b->sum, b->mine, (size_t)b->n * 4);
}

/* the gather that closes the round is outside the measured part */
static void scatter(bench *b)
{
	mark_born(b);
	par_reduce_scatter(b->born);
}

/* seconds until the last rank is done */
static double timed(bench *b, void (*run)(bench *))
{
	MPI_Barrier(b->w->comm);
	double began = par_clock_s();
	run(b);
	double took = par_clock_s() - began, most;
	MPI_Allreduce(&took, &most, 1, MPI_DOUBLE, MPI_MAX, b->w->comm);
	return most;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *x, int n)
{
	qsort(x, (size_t)n, sizeof *x, ascending);
	return x[n / 2];
}

static void compare(
    bench *b, const char *form, void (*ours)(bench *), void (*theirs)(bench *), int rounds)
{
	double a[ROUNDS_MOST], m[ROUNDS_MOST], ratio[ROUNDS_MOST];
	for (int i = -1; i < rounds; i++) {
		int at = i < 0 ? 0 : i;
		m[at] = timed(b, theirs);
		a[at] = timed(b, ours);
		ratio[at] = m[at] / a[at];
		if (ours == scatter)
			par_reduce_gather(b->born);
	}
	if (b->w->rank == 0)
		printf("%s %lld %.6f %.6f %.3f\n", form, (long long)(b->n * 4 / 1000000),
		    median(a, rounds), median(m, rounds), median(ratio, rounds));
	fflush(stdout);
}

static void fill(bench *b, float *x)
{
	for (int64_t i = 0; i < b->n; i++)
		x[i] = (float)((i * 7 + b->w->rank * 13) % 1001) * 0.001f;
}

/* both sides gave the same numbers, up to the order of additions */
static void check(const bench *b, const float *ours)
{
	for (int64_t i = 0; i < b->n; i++) {
		float off = ours[i] - b->want[i];
		PAR_MUST(off * off < 1e-8f * (float)b->w->size, "element %lld: %g, MPI has %g",
		    (long long)i, (double)ours[i], (double)b->want[i]);
	}
}

static par_err one_size(const par_world *w, int64_t n, int64_t piece, int rounds)
{
	bench b = {.w = w, .n = n};
	b.mine = malloc((size_t)n * 4);
	b.sum = malloc((size_t)n * 4);
	b.want = malloc((size_t)n * 4);
	b.counts = calloc((size_t)w->size, sizeof *b.counts);
	PAR_MUST(
	    b.mine && b.sum && b.want && b.counts, "no memory for %lld elements", (long long)n);
	for (int r = 0; r < w->size; r++)
		b.counts[r] = (int)(n / w->size + (r < n % w->size));
	PAR_TRY(par_reduce_plan(&b.apart, w, PAR_F32, piece, w->size, 0));
	PAR_TRY(par_reduce_plan(&b.born, w, PAR_F32, n, w->size, 0));
	fill(&b, b.mine);
	fill(&b, par_reduce_next(b.born));
	by_mpi(&b);
	apart(&b);
	check(&b, b.sum);
	par_reduce_born(b.born);
	check(&b, par_reduce_sum(b.born));
	compare(&b, "apart", apart, by_mpi, rounds);
	compare(&b, "born", born, by_mpi, rounds);
	compare(&b, "scatter", scatter, by_mpi_scatter, rounds);
	compare(&b, "copy", copy, copy, rounds);
	par_reduce_free(b.born);
	par_reduce_free(b.apart);
	free(b.counts);
	free(b.want);
	free(b.sum);
	free(b.mine);
	return PAR_OK;
}

/* allreduce ROUNDS PIECE_KB MB... */
int main(int argc, char **argv)
{
	int provided;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
	par_world w;
	par_err e = par_world_open(&w, MPI_COMM_WORLD);
	int rounds = argc > 1 ? atoi(argv[1]) : 9;
	int64_t piece = (argc > 2 ? atoll(argv[2]) : 256) * 256;
	PAR_MUST(rounds > 0 && rounds <= ROUNDS_MOST && piece > 0, "%d rounds", rounds);
	for (int i = 3; i < argc && e == PAR_OK; i++)
		e = one_size(&w, atoll(argv[i]) * 250000, piece, rounds);
	if (e != PAR_OK)
		fprintf(stderr, "allreduce: %s\n", par_err_why());
	par_world_close(&w);
	MPI_Finalize();
	return par_err_status(e);
}
