/* np: 1 2 3 4 */
#include "comm/gather.h"
#include "../tap.h"

#include <stdlib.h>

typedef struct {
	int64_t number;
	char text[5];
} row;

/* rank r brings r % 3 + extra rows, so that some bring none */
static void rows_of(const par_world *w, int64_t extra, const char *claim)
{
	int64_t here = w->rank % 3 + extra, first = 0;
	for (int r = 0; r < w->rank; r++)
		first += r % 3 + extra;
	row mine[16] = {{0, {0}}}, *all;
	for (int64_t i = 0; i < here; i++)
		mine[i] = (row){first + i, {(char)('a' + w->rank), 0}};
	int64_t rows, want = par_world_sum(w, here);
	ok(par_gather_rows(w, mine, here, sizeof(row), (void **)&all, &rows) == PAR_OK &&
		rows == want,
	    "%s", claim);
	int fine = 1, rank = 0;
	for (int64_t i = 0, left = extra; i < rows; i++, left--) {
		while (left == 0)
			left = ++rank % 3 + extra;
		fine &= all[i].number == i && all[i].text[0] == 'a' + rank;
	}
	ok(fine, "in rank order, byte for byte");
	free(all);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	if (par_world_open(&w, MPI_COMM_WORLD) != PAR_OK)
		return 1;
	rows_of(&w, 0, "every rank gets all rows when some bring none");
	rows_of(&w, 7, "every rank gets all rows when all bring some");
	par_world_close(&w);
	return tap_end();
}
