/* TAP for MPI programs: every check is collective, rank 0 prints, and a rank that fails never
 * leaves early, so a failing test reports instead of hanging. (cmocka and check jump out of one
 * rank and leave the others waiting.) Runs under prove by validation/mpitap. */
#ifndef VALIDATION_TAP_H
#define VALIDATION_TAP_H

#include <mpi.h>
#include <stdarg.h>
#include <stdio.h>

static int tap_count, tap_bad, tap_rank, tap_size;

static void tap_begin(int *argc, char ***argv)
{
	int provided;
	MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
	MPI_Comm_rank(MPI_COMM_WORLD, &tap_rank);
	MPI_Comm_size(MPI_COMM_WORLD, &tap_size);
}

/* collective over MPI_COMM_WORLD | one sentence about behaviour; fails when any rank's cond is
 * false */
#define ok(cond, ...) tap_check(!!(cond), #cond, __FILE__, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 5, 6))) static void tap_check(
    int mine, const char *expr, const char *file, int line, const char *fmt, ...)
{
	int probe = mine ? tap_size : tap_rank, first;
	MPI_Allreduce(&probe, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
	tap_count++;
	tap_bad += first < tap_size;
	if (tap_rank != 0)
		return;
	printf("%sok %d - ", first < tap_size ? "not " : "", tap_count);
	va_list ap;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	if (first < tap_size)
		printf("# first failing rank %d: %s (%s:%d)\n", first, expr, file, line);
	fflush(stdout);
}

/* a check that cannot run here counts as skipped and says why */
__attribute__((unused)) static void skip(const char *why)
{
	tap_count++;
	if (tap_rank == 0)
		printf("ok %d # SKIP %s\n", tap_count, why);
}

static int tap_end(void)
{
	if (tap_rank == 0)
		printf("1..%d\n", tap_count);
	MPI_Finalize();
	return tap_bad ? 1 : 0;
}

#endif
