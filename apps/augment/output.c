#include "augment/output.h"

#include "base/spill.h"
#include "comm/blocks.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT "entrepot-augment"
#define VERSION 1
#define BLOCK 256 /* pictures */

/* categories in the catalog's order, and where their pictures begin */
typedef struct {
	const night *n;
	par_store *s;
	const par_world *w;
	int64_t categories;
	int64_t *of;    /* owned: [categories] place in the gallery of the catalog's category */
	int64_t *first; /* owned: [categories + 1] */
	par_blocks b;
} layout;

double output_weight(double share, int64_t real, int64_t n)
{
	return n > 0 && share > 0 ? share / (1 - share) * (double)real / (double)n : 0;
}

static par_err layout_open(layout *l, const night *n, par_store *s, const par_world *w)
{
	int64_t k = n->g->categories;
	*l = (layout){n, s, w, k, malloc((size_t)k * sizeof *l->of + 1),
	    calloc((size_t)k + 1, sizeof *l->first), {0}};
	if (!l->of || !l->first)
		return par_fail(PAR_E_MEMORY, "no memory for the order of categories");
	for (int64_t c = 0; c < k; c++)
		l->of[n->g->in_catalog[c]] = c;
	for (int64_t c = 0; c < k; c++)
		l->first[c + 1] = l->first[c] + n->each[l->of[c]];
	par_blocks_deal(&l->b, w, l->first[k], BLOCK);
	return PAR_OK;
}

static void layout_close(layout *l)
{
	free(l->of);
	free(l->first);
}

/* the catalog's category whose picture this is */
static int64_t category_of(const layout *l, int64_t item)
{
	int64_t lo = 0, hi = l->categories - 1;
	while (lo < hi) {
		int64_t middle = lo + (hi - lo) / 2;
		if (item < l->first[middle + 1])
			hi = middle;
		else
			lo = middle + 1;
	}
	return lo;
}

/* ---- dimensions ---- */

static par_err put_names(const layout *l)
{
	const gallery *g = l->n->g;
	size_t stride = (size_t)g->stride;
	char *names = malloc((size_t)l->categories * stride + 1);
	par_err e = par_agree(l->w, names ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for names"));
	for (int64_t c = 0; c < l->categories && e == PAR_OK; c++)
		memcpy(names + (size_t)c * stride, gallery_name(g, l->of[c]), stride);
	if (e == PAR_OK)
		e = par_store_dim_text(l->s, "category", l->categories, g->stride, names);
	free(names);
	return e;
}

static par_err put_dims(const layout *l)
{
	const gallery *g = l->n->g;
	PAR_TRY(par_store_dim(l->s, "item", l->first[l->categories], PAR_I64, NULL));
	PAR_TRY(put_names(l));
	PAR_TRY(par_store_dim(l->s, "real_item", l->n->tags->n, PAR_I64, l->n->tags->item));
	PAR_TRY(par_store_dim(l->s, "height", g->height, PAR_I64, NULL));
	PAR_TRY(par_store_dim(l->s, "width", g->width, PAR_I64, NULL));
	PAR_TRY(par_store_dim(l->s, "channel", g->channels, PAR_I64, NULL));
	return par_store_dim_text(l->s, "first_count", 2, 5, "firstcount");
}

/* ---- pictures ---- */

static void draw(const layout *l, uint8_t *out)
{
	int64_t at = l->b.lo;
	while (at < l->b.hi) {
		int64_t c = category_of(l, at), of = l->of[c], from = at - l->first[c];
		int64_t left = l->first[c + 1] - at;
		int64_t n = left < l->b.hi - at ? left : l->b.hi - at;
		n = n < BLOCK ? n : BLOCK;
		filler_make[l->n->v->filler[of]](l->n->from, of, from, n, out);
		par_spill_rest(out, (size_t)(n * l->n->g->bytes));
		out += n * l->n->g->bytes;
		at += n;
		par_world_alive();
	}
}

static par_err put_pictures(const layout *l, const char *beside)
{
	static const par_store_var images = {
	    "images", PAR_U8, {"item", "height", "width", "channel"}, NULL, "made pictures", NULL};
	par_spill *room = NULL;
	int64_t here = l->b.hi - l->b.lo;
	par_err e = par_agree(
	    l->w, par_spill_open(&room, beside, (size_t)(here * l->n->g->bytes) + 1));
	if (e == PAR_OK) {
		draw(l, par_spill_at(room));
		e = par_store_put(l->s, &images, l->b.lo, here, par_spill_at(room));
	}
	par_spill_close(room);
	return e;
}

typedef struct {
	int32_t *label;
	float *weight;
	uint64_t *counter;
} columns;

static void fill_columns(const layout *l, columns *k)
{
	const night *n = l->n;
	for (int64_t at = l->b.lo; at < l->b.hi; at++) {
		int64_t c = category_of(l, at), of = l->of[c], i = at - l->b.lo;
		k->label[i] = (int32_t)c;
		k->weight[i] = (float)output_weight(
		    (double)n->v->weight[of], gallery_count(n->g, GALLERY_TRAIN, of), n->each[of]);
		k->counter[i] = (uint64_t)(at - l->first[c]);
	}
}

static par_err put_columns(const layout *l)
{
	static const par_store_var labels = {
	    "labels", PAR_I32, {"item"}, NULL, "category that is shown", NULL};
	static const par_store_var weight = {"weight", PAR_F32, {"item"}, NULL,
	    "beside real pictures of weight 1; 0: no gain", NULL};
	static const par_store_var counter = {
	    "seed_counter", PAR_U64, {"item"}, NULL, "number of the picture in its category", NULL};
	int64_t here = l->b.hi - l->b.lo;
	size_t n = (size_t)here + 1;
	columns k = {malloc(n * sizeof *k.label), malloc(n * sizeof *k.weight),
	    malloc(n * sizeof *k.counter)};
	bool room = k.label && k.weight && k.counter;
	par_err e = par_agree(
	    l->w, room ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for columns"));
	if (e == PAR_OK) {
		fill_columns(l, &k);
		e = par_store_put(l->s, &labels, l->b.lo, here, k.label);
	}
	if (e == PAR_OK)
		e = par_store_put(l->s, &weight, l->b.lo, here, k.weight);
	if (e == PAR_OK)
		e = par_store_put(l->s, &counter, l->b.lo, here, k.counter);
	free(k.label);
	free(k.weight);
	free(k.counter);
	return e;
}

/* ---- categories ---- */

static par_err put_reals(
    const layout *l, const char *name, const char *meaning, const double *value)
{
	char in_group[64];
	snprintf(in_group, sizeof in_group, "quality/%s", name);
	par_store_var v = {in_group, PAR_F64, {"category"}, NULL, meaning, NULL};
	return par_store_put_whole(l->s, &v, l->categories, value);
}

static par_err put_quality(const layout *l, double *value)
{
	const night *n = l->n;
	for (int k = 0; k < QUALITY_METRICS; k++) {
		for (int64_t c = 0; c < l->categories; c++) {
			int64_t of = l->of[c];
			value[c] = n->quality[n->v->filler[of]][of][k];
		}
		PAR_TRY(put_reals(l, quality_words[k].name, quality_words[k].meaning, value));
	}
	return PAR_OK;
}

static par_err put_gains(const layout *l, double *value)
{
	static const char *const name[] = {"gain", "gain_low", "gain_high", "share"};
	static const char *const meaning[] = {
	    "recall of validation pictures that made ones with this share bring, in the mean of "
	    "seeds that had no part "
	    "in choosing it",
	    "its lower bound at 95 %", "its upper bound at 95 %",
	    "of a category's draws that are best made pictures; 0: no gain"};
	for (int k = 0; k < 4; k++) {
		for (int64_t c = 0; c < l->categories; c++) {
			const gain *g = &l->n->v->gain[l->of[c]];
			double share = (double)l->n->v->weight[l->of[c]];
			value[c] = k == 0 ? g->mean : k == 1 ? g->low : k == 2 ? g->high : share;
		}
		PAR_TRY(put_reals(l, name[k], meaning[k], value));
	}
	return PAR_OK;
}

/* which filler each category's pictures are of, whether they passed, and where they stand */
static par_err put_marks(const layout *l)
{
	static const par_store_var of = {
	    "quality/filler", PAR_I16, {"category"}, NULL, "how the pictures were made", NULL};
	static const par_store_var good = {"quality/passed", PAR_U8, {"category"}, NULL,
	    "1: every measure is within what real pictures allow", NULL};
	static const par_store_var index = {"category_index", PAR_I64, {"category", "first_count"},
	    NULL, "first item of a category, and how many it has", NULL};
	size_t n = (size_t)l->categories + 1;
	int16_t *kind = malloc(n * sizeof *kind);
	uint8_t *passed = malloc(n);
	int64_t *range = malloc(2 * n * sizeof *range);
	par_err e = par_agree(l->w,
	    kind && passed && range ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for categories"));
	for (int64_t c = 0; c < l->categories && e == PAR_OK; c++) {
		int f = l->n->v->filler[l->of[c]];
		kind[c] = (int16_t)f;
		passed[c] = l->n->passed[f][l->of[c]];
		range[2 * c] = l->first[c];
		range[2 * c + 1] = l->first[c + 1] - l->first[c];
	}
	if (e == PAR_OK)
		e = par_store_put_whole(l->s, &of, l->categories, kind);
	if (e == PAR_OK)
		e = par_store_attr_flags(l->s, "quality/filler", "gan mixup", FILLERS);
	if (e == PAR_OK)
		e = par_store_put_whole(l->s, &good, l->categories, passed);
	if (e == PAR_OK)
		e = par_store_put_whole(l->s, &index, l->categories, range);
	free(kind);
	free(passed);
	free(range);
	return e;
}

static par_err put_categories(const layout *l)
{
	double *value = malloc((size_t)l->categories * sizeof *value + 1);
	par_err e = par_agree(
	    l->w, value ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for categories"));
	if (e == PAR_OK)
		e = put_quality(l, value);
	if (e == PAR_OK)
		e = put_gains(l, value);
	free(value);
	return e == PAR_OK ? put_marks(l) : e;
}

/* ---- tags ---- */

static par_err put_tags(const layout *l)
{
	static const par_store_var tag = {"tag", PAR_I32, {"real_item"}, NULL,
	    "category that an uncategorised picture of the catalog most likely shows", NULL};
	static const par_store_var sure = {"tag_confidence", PAR_F32, {"real_item"}, NULL,
	    "chance that the tag is right, calibrated on validation pictures", NULL};
	const tagger *x = l->n->tags;
	int32_t *in_catalog = malloc((size_t)x->n * sizeof *in_catalog + 1);
	par_err e = par_agree(
	    l->w, in_catalog ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for tags"));
	for (int64_t i = 0; i < x->n && e == PAR_OK; i++)
		in_catalog[i] = l->n->g->in_catalog[x->tag[i]];
	if (e == PAR_OK)
		e = par_store_put_whole(l->s, &tag, x->n, in_catalog);
	free(in_catalog);
	return e == PAR_OK ? par_store_put_whole(l->s, &sure, x->n, x->confidence) : e;
}

static par_err put_all(const layout *l, const char *beside)
{
	PAR_TRY(put_dims(l));
	PAR_TRY(put_pictures(l, beside));
	PAR_TRY(put_columns(l));
	PAR_TRY(put_categories(l));
	return put_tags(l);
}

par_err output_write(app *a, const night *n)
{
	par_store *s;
	layout l = {0};
	int64_t pictures = 0;
	for (int64_t c = 0; c < n->g->categories; c++)
		pictures += n->each[c];
	PAR_TRY(par_store_create(
	    &s, &a->world, a->out, FORMAT, VERSION, pictures * (n->g->bytes + 16) + (1 << 20)));
	par_err e = app_put_attributes(a, s);
	if (e == PAR_OK)
		e = par_agree(&a->world, layout_open(&l, n, s, &a->world));
	if (e == PAR_OK)
		e = put_all(&l, a->out);
	layout_close(&l);
	if (e != PAR_OK) {
		par_store_discard(s);
		return e;
	}
	return par_store_publish(s, PAR_OK);
}
