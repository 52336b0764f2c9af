#include "train/samples.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t samples_bytes(const samples *s)
{
	size_t n = par_dtype_bytes(s->field.type);
	for (int i = 0; i < s->field.nd; i++)
		n *= (size_t)s->field.shape[i];
	return n;
}

par_err samples_room(samples *s, const reading *how, bool truths)
{
	s->x = malloc((size_t)s->here * samples_bytes(s) + 1);
	s->truth = truths ? malloc((size_t)s->here * 4 + 1) : NULL;
	s->split = malloc((size_t)s->here + 1);
	if (!s->x || !s->split || (truths && !s->truth))
		return par_fail(
		    PAR_E_MEMORY, "%s: no memory for %lld samples", s->path, (long long)s->here);
	memset(s->split, how->split ? SPLIT_TRAIN : SPLIT_TEST, (size_t)s->here);
	return PAR_OK;
}

typedef enum { KIND_TABLE, KIND_IDX, KIND_CATALOG } file_kind;

/* by the first bytes: of HDF5; of IDX, plain or packed by gzip under a name that says idx; else a table */
static par_err kind_of(const char *path, file_kind *kind)
{
	static const char hdf5[] = "\211HDF\r\n\032\n";
	unsigned char head[8] = {0};
	FILE *f = fopen(path, "rb");
	if (!f)
		return par_fail(PAR_E_INPUT, "%s: cannot be opened", par_shows(path));
	size_t n = fread(head, 1, sizeof head, f);
	fclose(f);
	bool gzip = head[0] == 0x1f && head[1] == 0x8b && strstr(path, "-idx");
	*kind = n == 8 && memcmp(head, hdf5, 8) == 0               ? KIND_CATALOG
		: gzip || (n >= 4 && head[0] == 0 && head[1] == 0) ? KIND_IDX
								   : KIND_TABLE;
	return PAR_OK;
}

static par_err count_splits(samples *s, const app *a)
{
	int64_t mine[SPLITS + 1] = {0};
	for (int64_t i = 0; i < s->here; i++)
		mine[s->split[i]]++;
	for (int k = 0; k <= SPLITS; k++)
		s->split_n[k] = par_world_sum(&a->world, mine[k]);
	return PAR_OK;
}

par_err samples_read(samples *s, app *a, const char *path, const reading *how, coding *c)
{
	static par_err (*const from[])(samples *, app *, const reading *, coding *) = {
	    samples_from_table, samples_from_idx, samples_from_catalog};
	file_kind mine = KIND_TABLE;
	*s = (samples){.path = path, .kind = how->truth};
	c->truth = how->truth;
	par_err e = a->world.rank == 0 ? kind_of(path, &mine) : PAR_OK;
	PAR_TRY_ALL(&a->world, e);
	PAR_TRY(from[par_world_max(&a->world, mine)](s, a, how, c));
	return count_splits(s, a);
}

void samples_drop(samples *s)
{
	free(s->x);
	free(s->truth);
	free(s->split);
	*s = (samples){0};
}

void coding_drop(coding *c)
{
	names_drop(&c->classes);
	names_drop(&c->vocabulary);
	free(c->mean);
	free(c->deviation);
	*c = (coding){0};
}
