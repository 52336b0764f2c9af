#include "judge/synthetic.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT "entrepot-augment"
#define VERSION 1

typedef struct {
	const char *path;
	const gallery *g;
	const par_world *w;
	par_store *s;
	char *names; /* owned */
	int stride;
	int64_t categories; /* of the file */
	int64_t *index;     /* owned: [categories][2] first, count */
	float *weight;      /* owned: [items] */
	int64_t *to;        /* owned: [gallery's categories] place in the file, -1 none */
} reading;

static par_err check_shape(const reading *r, int64_t *items)
{
	int64_t extent[PAR_STORE_RANK];
	const gallery *g = r->g;
	if (par_store_shape(r->s, "images", extent) != 4)
		return par_fail(PAR_E_DATA, "%s:/images: wanted four dimensions", r->path);
	if (extent[1] != g->height || extent[2] != g->width || extent[3] != g->channels)
		return par_fail(PAR_E_DATA,
		    "%s:/images: pictures of %lld x %lld x %lld; those of %s are of %lld x %lld x "
		    "%lld",
		    r->path, (long long)extent[1], (long long)extent[2], (long long)extent[3],
		    g->path, (long long)g->height, (long long)g->width, (long long)g->channels);
	*items = extent[0];
	return PAR_OK;
}

static par_err check_index(const reading *r, int64_t items)
{
	for (int64_t c = 0; c < r->categories; c++) {
		int64_t first = r->index[2 * c], n = r->index[2 * c + 1];
		if (first < 0 || n < 0 || first > items || n > items - first)
			return par_fail(PAR_E_DATA,
			    "%s:/category_index[%lld]: %lld pictures from %lld on; there are %lld",
			    r->path, (long long)c, (long long)n, (long long)first,
			    (long long)items);
	}
	return PAR_OK;
}

/* the place of a name in the file, -1 none */
static int64_t find(const reading *r, const char *name)
{
	for (int64_t k = 0; k < r->categories; k++)
		if (strcmp(r->names + k * r->stride, name) == 0)
			return k;
	return -1;
}

static par_err match(reading *r)
{
	int64_t known = 0;
	for (int64_t c = 0; c < r->g->categories; c++) {
		r->to[c] = find(r, gallery_name(r->g, c));
		known += r->to[c] >= 0;
	}
	return known > 0 ? PAR_OK
			 : par_fail(PAR_E_DATA, "%s:/category: none of the categories of %s",
			       r->path, r->g->path);
}

static par_err read_columns(reading *r, int64_t items)
{
	static const char *const by_category[] = {"category", "first_count", NULL};
	static const char *const by_item[] = {"item", NULL};
	PAR_TRY(par_store_get_text(r->s, "category", &r->names, &r->categories, &r->stride));
	r->index = malloc((size_t)r->categories * 2 * sizeof *r->index + 1);
	r->weight = malloc((size_t)items * sizeof *r->weight + 1);
	r->to = malloc((size_t)r->g->categories * sizeof *r->to + 1);
	bool room = r->index && r->weight && r->to;
	PAR_TRY_ALL(r->w, room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for categories"));
	PAR_TRY(par_store_get(
	    r->s, "category_index", PAR_I64, by_category, 0, r->categories, r->index));
	PAR_TRY(par_store_get(r->s, "weight", PAR_F32, by_item, 0, items, r->weight));
	PAR_TRY_ALL(r->w, check_index(r, items));
	return par_agree(r->w, match(r));
}

/* made pictures weigh beside real ones of weight 1 */
static void take_share(const reading *r, synthetic *x, int64_t c)
{
	double sum = 0, real = (double)gallery_count(r->g, GALLERY_TRAIN, c);
	const int64_t *index = &r->index[2 * r->to[c]];
	for (int64_t i = index[0]; i < index[0] + index[1]; i++)
		sum += r->weight[i] > 0 ? (double)r->weight[i] : 0;
	x->share[c] = sum > 0 ? (float)(sum / (sum + real)) : 0;
	x->known[c] = index[1];
}

static par_err read_pictures(reading *r, synthetic *x)
{
	static const char *const dims[] = {"item", "height", "width", "channel", NULL};
	int64_t bytes = r->g->bytes;
	bool first = r->w->rank == 0;
	for (int64_t c = 0; c < r->g->categories; c++) {
		int64_t n = made_count(&x->made, c), lo = n > 0 ? r->index[2 * r->to[c]] : 0;
		uint8_t *some = first ? malloc((size_t)(n * bytes) + 1) : NULL;
		par_err e = par_agree(r->w,
		    !first || some ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for pictures"));
		if (e == PAR_OK)
			e = par_store_get(
			    r->s, "images", PAR_U8, dims, first ? lo : 0, first ? n : 0, some);
		if (e == PAR_OK)
			par_shared_put(&x->made.shared,
			    first ? (size_t)(x->made.first[c] * bytes) : 0,
			    first ? (size_t)(n * bytes) : 0, some);
		free(some);
		PAR_TRY(e);
		par_world_alive();
	}
	return PAR_OK;
}

static par_err open_made(reading *r, synthetic *x, int64_t most)
{
	size_t n = (size_t)r->g->categories;
	x->share = calloc(n + 1, sizeof *x->share);
	x->known = calloc(n + 1, sizeof *x->known);
	int64_t *each = calloc(n + 1, sizeof *each);
	par_err e = par_agree(r->w, x->share && x->known && each
					? PAR_OK
					: par_fail(PAR_E_MEMORY, "no memory for categories"));
	for (int64_t c = 0; c < r->g->categories && e == PAR_OK; c++) {
		if (r->to[c] >= 0)
			take_share(r, x, c);
		each[c] = x->known[c] < most ? x->known[c] : most;
	}
	if (e == PAR_OK)
		e = made_open(&x->made, r->w, r->g, each);
	free(each);
	return e;
}

par_err synthetic_open(
    synthetic *x, const par_world *w, const gallery *g, const char *path, int64_t most)
{
	reading r = {.path = path, .g = g, .w = w};
	*x = (synthetic){0};
	PAR_TRY(par_store_open(&r.s, w, path, FORMAT, VERSION));
	par_err e = par_agree(w, check_shape(&r, &x->items));
	if (e == PAR_OK)
		e = read_columns(&r, x->items);
	if (e == PAR_OK)
		e = open_made(&r, x, most);
	if (e == PAR_OK)
		e = read_pictures(&r, x);
	par_store_close(r.s);
	free(r.names);
	free(r.index);
	free(r.weight);
	free(r.to);
	return e;
}

void synthetic_close(synthetic *x)
{
	made_close(&x->made);
	free(x->share);
	free(x->known);
	*x = (synthetic){0};
}
