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

typedef struct {
	int64_t next;
	int calls, fine;
} seen;

#define WIDE 1000 /* numbers of a row: some hundred rows go at a time */

static void see(void *ctx, int64_t first, int64_t rows, const void *all)
{
	seen *s = ctx;
	const int64_t *number = all;
	s->fine &= first == s->next && rows > 0;
	for (int64_t i = 0; i < rows; i++)
		for (int64_t k = 0; k < WIDE; k++)
			s->fine &= number[i * WIDE + k] == (first + i) * WIDE + k;
	s->next = first + rows;
	s->calls++;
}

/* rank r brings r x 700 rows, the first none */
static void passed(const par_world *w)
{
	int64_t here = w->rank * 700, first = 700 * (w->rank * (w->rank - 1) / 2);
	int64_t *mine = malloc(sizeof *mine * (size_t)(here * WIDE + 1));
	for (int64_t i = 0; i < here * WIDE; i++)
		mine[i] = first * WIDE + i;
	seen s = {.fine = 1};
	ok(par_pass_rows(w, mine, here, WIDE * sizeof *mine, see, &s) == PAR_OK,
	    "rows are passed along");
	ok(s.fine && s.next == par_world_sum(w, here), "every rank sees all of them in order");
	ok(s.calls >= 2 * (w->size - 1), "some at a time");
	free(mine);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	if (par_world_open(&w, MPI_COMM_WORLD) != PAR_OK)
		return 1;
	rows_of(&w, 0, "every rank gets all rows when some bring none");
	rows_of(&w, 7, "every rank gets all rows when all bring some");
	passed(&w);
	par_world_close(&w);
	return tap_end();
}
