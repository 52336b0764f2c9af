#include "comm/timing.h"

#include "base/clock.h"

#include <string.h>
#include <sys/resource.h>

static par_timing_row table[PAR_TIMING_PHASES];
static int rows_used, current = -1;
static double began;

void par_timing_end(void)
{
	if (current >= 0)
		table[current].seconds += par_clock_s() - began;
	current = -1;
}

void par_timing_begin(const char *name)
{
	par_timing_end();
	for (current = 0; current < rows_used; current++)
		if (strcmp(table[current].name, name) == 0)
			break;
	PAR_MUST(current < PAR_TIMING_PHASES, "more than %d phases", PAR_TIMING_PHASES);
	if (current == rows_used)
		snprintf(table[rows_used++].name, sizeof table[0].name, "%s", name);
	began = par_clock_s();
}

int par_timing_gather(const par_world *w, const par_timing_row **rows)
{
	par_timing_end();
	double mine[PAR_TIMING_PHASES], least[PAR_TIMING_PHASES], sum[PAR_TIMING_PHASES],
	    most[PAR_TIMING_PHASES], total = 0;
	for (int i = 0; i < rows_used; i++)
		mine[i] = table[i].seconds;
	MPI_Allreduce(mine, least, rows_used, MPI_DOUBLE, MPI_MIN, w->comm);
	MPI_Allreduce(mine, sum, rows_used, MPI_DOUBLE, MPI_SUM, w->comm);
	MPI_Allreduce(mine, most, rows_used, MPI_DOUBLE, MPI_MAX, w->comm);
	for (int i = 0; i < rows_used; i++)
		total += sum[i];
	for (int i = 0; i < rows_used; i++) {
		table[i].least = least[i];
		table[i].mean = sum[i] / w->size;
		table[i].most = most[i];
		table[i].share = total > 0 ? sum[i] / total : 0;
	}
	*rows = table;
	return rows_used;
}

int64_t par_timing_peak_memory(const par_world *w)
{
	struct rusage use;
	getrusage(RUSAGE_SELF, &use);
	return par_world_max(w, (int64_t)use.ru_maxrss * 1024);
}

/* what would help most, when something would: ranks that wait for one, or nodes short of cores */
static void advise(const par_world *w, FILE *out, const par_timing_row *rows, int n)
{
	int worst = 0;
	for (int i = 1; i < n; i++)
		if (rows[i].most - rows[i].mean > rows[worst].most - rows[worst].mean)
			worst = i;
	if (w->crowded)
		fprintf(out, "advice: a node runs more ranks than it has cores; use fewer\n");
	else if (n > 0 && rows[worst].share > 0.1 && rows[worst].most > 1.25 * rows[worst].mean)
		fprintf(out, "advice: while %s, ranks wait for the slowest, %.1f times the mean\n",
		    rows[worst].name, rows[worst].most / rows[worst].mean);
}

void par_timing_print(const par_world *w, FILE *out, double count, const char *unit)
{
	const par_timing_row *rows;
	int n = par_timing_gather(w, &rows);
	double peak_mib = (double)par_timing_peak_memory(w) / (1 << 20), total = 0;
	if (w->rank != 0)
		return;
	fprintf(out, "\n%-28s %9s %9s %9s %7s\n", "phase (seconds over ranks)", "min", "mean",
	    "max", "share");
	for (int i = 0; i < n; i++) {
		fprintf(out, "%-28s %9.3f %9.3f %9.3f %6.1f%%\n", rows[i].name, rows[i].least,
		    rows[i].mean, rows[i].most, 100 * rows[i].share);
		total += rows[i].mean;
	}
	fprintf(out, "%-28s %9s %9.3f\n", "total", "", total);
	advise(w, out, rows, n);
	fprintf(out, "%.0f %s at %.0f %s/s, peak memory %.0f MiB a rank, %d %s\n", count, unit,
	    total > 0 ? count / total : 0, unit, peak_mib, w->size,
	    w->size == 1 ? "rank" : "ranks");
}
