#include "plan/warm/columns.h"

#include "plan/warm/warm_file.h"

#include <stdlib.h>
#include <string.h>

#define READABLE 16 /* bytes beyond a name that par_dict_put may read */

par_err columns_open(columns *c, const model *m)
{
	const problem *p = &m->problem;
	char name[FLOW_NAME + READABLE] = "";
	*c = (columns){0};
	for (int k = 0; k < p->patterns; k++)
		c->places += p->pattern[k].columns;
	c->column = malloc(((size_t)c->places + 1) * sizeof *c->column);
	c->first = calloc((size_t)p->patterns + 1, sizeof *c->first);
	bool room = c->column && c->first;
	for (int k = 0; room && k < p->patterns; k++) {
		c->first[k + 1] = c->first[k] + p->pattern[k].columns;
		for (int j = 0; room && j < p->pattern[k].columns; j++) {
			flow_name(m, &m->flow[k][j], name);
			int32_t at = par_dict_put(&c->names, name, strlen(name));
			c->column[c->first[k] + j] = at;
			room = at >= 0;
		}
	}
	return room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the names of columns");
}

void columns_close(columns *c)
{
	par_dict_free(&c->names);
	free(c->column);
	free(c->first);
	*c = (columns){0};
}
