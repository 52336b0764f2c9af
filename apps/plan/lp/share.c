#include "plan/lp/share.h"

#include "comm/exchange.h"

#include <stdlib.h>

typedef struct {
	void *array; /* where a pointer of the program stands */
	size_t bytes;
} part;

enum { PARTS = 9 };

static void list_parts(lp *m, int64_t entries, part p[PARTS])
{
	size_t n = (size_t)m->columns, rows = (size_t)m->rows, k = (size_t)entries;
	const part all[PARTS] = {
	    {&m->first, (n + 1) * sizeof *m->first},
	    {&m->row, k * sizeof *m->row},
	    {&m->value, k * sizeof *m->value},
	    {&m->cost, n * sizeof *m->cost},
	    {&m->lower, n * sizeof *m->lower},
	    {&m->upper, n * sizeof *m->upper},
	    {&m->integer, n * sizeof *m->integer},
	    {&m->row_lower, rows * sizeof *m->row_lower},
	    {&m->row_upper, rows * sizeof *m->row_upper},
	};
	for (int i = 0; i < PARTS; i++)
		p[i] = all[i];
}

static par_err make_room(const part p[PARTS])
{
	for (int i = 0; i < PARTS; i++) {
		void **array = p[i].array;
		*array = malloc(p[i].bytes + 1);
		if (!*array)
			return par_fail(PAR_E_MEMORY, "no memory for the linear program");
	}
	return PAR_OK;
}

par_err lp_share(lp *m, const par_world *w)
{
	struct {
		double constant;
		int64_t rows, columns, entries, maximise;
	} head = {
	    m->constant, m->rows, m->columns, m->columns ? m->first[m->columns] : 0, m->maximise};
	part p[PARTS];
	par_exchange_first(w, &head, sizeof head);
	m->constant = head.constant;
	m->rows = (int)head.rows;
	m->columns = (int)head.columns;
	m->maximise = head.maximise != 0;
	list_parts(m, head.entries, p);
	PAR_TRY_ALL(w, w->rank == 0 ? PAR_OK : make_room(p));
	for (int i = 0; i < PARTS; i++)
		par_exchange_first(w, *(void **)p[i].array, p[i].bytes);
	return PAR_OK;
}
