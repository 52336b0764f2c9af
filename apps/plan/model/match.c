#include "plan/model/match.h"

#include <stdlib.h>
#include <string.h>

#define READABLE 16 /* bytes beyond a name that par_dict_find may read */

static par_err room_for_names(bool room)
{
	return room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to compare names");
}

par_err match_scale(int64_t **place, int64_t *n, const par_world *w, par_store *file,
    const char *scale, const par_dict *names)
{
	char *text;
	int stride;
	PAR_TRY(par_store_get_text(file, scale, &text, n, &stride));
	*place = calloc((size_t)*n + 1, sizeof **place);
	char *name = calloc((size_t)stride + READABLE, 1);
	bool room = *place && name;
	for (int64_t i = 0; room && i < *n; i++) {
		memcpy(name, text + i * stride, (size_t)stride);
		(*place)[i] = par_dict_find(names, name, strlen(name));
	}
	free(name);
	free(text);
	return par_agree(w, room_for_names(room));
}

par_err match_names(int64_t **place, int64_t *n, const par_world *w, par_store *file,
    const char *scale, const model_names *names)
{
	par_dict d = {0};
	bool room = true;
	for (int64_t i = 0; i < names->n && room; i++)
		room = par_dict_put(&d, names->name[i], strlen(names->name[i])) == i;
	par_err e = par_agree(w, room_for_names(room));
	if (e == PAR_OK)
		e = match_scale(place, n, w, file, scale, &d);
	par_dict_free(&d);
	return e;
}
