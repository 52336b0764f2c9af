#include "comm/blocks.h"
#include "train/feed_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOAD_BYTES ((size_t)16 << 20)

static int64_t elements(const par_field *d)
{
	int64_t n = 1;
	for (int i = 0; i < d->nd; i++)
		n *= d->shape[i];
	return n;
}

size_t par_feed_place(par_feed *f, int64_t n)
{
	size_t end = 0;
	for (int k = 0; k < f->fields; k++) {
		f->at[k] = end;
		end += ((size_t)n * f->row_bytes[k] + 63) / 64 * 64;
	}
	return end;
}

static par_err new_feed(par_feed **out, const par_world *w, int fields, const par_field *field,
    const par_sampler *order)
{
	PAR_MUST(fields > 0 && fields <= PAR_FIELDS && order->n > 0 && order->batch > 0,
	    "%d fields, %lld samples in batches of %lld", fields, (long long)order->n,
	    (long long)order->batch);
	par_feed *f = calloc(1, sizeof *f);
	par_err e = par_agree(w, f ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a feed"));
	if (!f || e != PAR_OK) {
		free(f);
		return e;
	}
	*f = (par_feed){.world = w, .order = *order, .fields = fields};
	for (int k = 0; k < fields; k++) {
		const par_field *d = f->field + k;
		f->field[k] = field[k];
		PAR_MUST(d->type == PAR_U8 || d->type == PAR_F32 || d->type == PAR_I32,
		    "field %s of type %d", d->name, d->type);
		f->row_bytes[k] = (size_t)elements(d) * par_dtype_bytes(d->type);
	}
	*out = f;
	return PAR_OK;
}

/* a feed that could not be made goes */
static par_err hand_over(par_feed **out, par_err made)
{
	if (made != PAR_OK) {
		par_feed_close(*out);
		*out = NULL;
	}
	return made;
}

par_value par_feed_input(
    par_field *f, par_graph *g, const char *name, par_dtype type, int nd, const int64_t shape[])
{
	*f = (par_field){.type = type, .nd = nd};
	snprintf(f->name, sizeof f->name, "%s", name);
	memcpy(f->shape, shape, (size_t)nd * sizeof *shape);
	return par_graph_input(g, name, type, nd, shape);
}

par_err par_feed_memory(par_feed **out, const par_world *w, int fields, const par_field *field,
    const par_sampler *order)
{
	*out = NULL;
	PAR_TRY(new_feed(out, w, fields, field, order));
	return hand_over(out, par_shared_open(&(*out)->held, w, par_feed_place(*out, order->n)));
}

par_err par_feed_made(par_feed **out, const par_world *w, int fields, const par_field *field,
    const par_sampler *order, par_feed_fn make, void *ctx)
{
	*out = NULL;
	for (int k = 0; k < fields; k++)
		PAR_MUST(field[k].type != PAR_U8, "field %s is made of bytes", field[k].name);
	PAR_TRY(new_feed(out, w, fields, field, order));
	(*out)->make = make;
	(*out)->make_ctx = ctx;
	return PAR_OK;
}

void par_feed_close(par_feed *f)
{
	if (!f)
		return;
	par_stream_close(f->stream);
	par_shared_close(&f->held);
	free(f);
}

void par_feed_put(par_feed *f, int k, int64_t first, int64_t rows, const void *data)
{
	PAR_MUST(!f->stream && !f->make && first >= 0 && rows >= 0 && first + rows <= f->order.n,
	    "samples %lld to %lld of %lld", (long long)first, (long long)(first + rows),
	    (long long)f->order.n);
	par_shared_put(&f->held, f->at[k] + (size_t)first * f->row_bytes[k],
	    (size_t)rows * f->row_bytes[k], data);
}

/* ---- results in HDF5 ---- */

static par_err find_field(const par_store *s, par_field *d, int64_t n)
{
	int64_t extent[PAR_STORE_RANK];
	int rank = par_store_shape(s, d->name, extent);
	const char *path = par_store_path(s);
	if (rank < 1)
		return par_fail(PAR_E_DATA,
		    "%s:/%s: is missing or has no rows; was the file made for training?", path,
		    d->name);
	if (extent[0] != n)
		return par_fail(PAR_E_DATA, "%s:/%s: %lld rows; wanted %lld", path, d->name,
		    (long long)extent[0], (long long)n);
	if (par_store_type(s, d->name) != (int)d->type)
		return par_fail(
		    PAR_E_DATA, "%s:/%s: is of another type than wanted", path, d->name);
	d->nd = rank > 1 ? rank - 1 : 1;
	d->shape[0] = 1;
	for (int i = 1; i < rank; i++)
		d->shape[i - 1] = extent[i];
	return PAR_OK;
}

static par_err find_fields(
    const par_store *s, int fields, par_field *field, const par_sampler *order)
{
	for (int k = 0; k < fields; k++)
		PAR_TRY(find_field(s, &field[k], order->n));
	return PAR_OK;
}

static par_err load_field(par_feed *f, par_store *s, int k, char *piece)
{
	par_blocks b;
	par_blocks_deal(&b, f->world, f->order.n, 1);
	int64_t most = (int64_t)(LOAD_BYTES / (f->row_bytes[k] + 1)) + 1, at = b.lo;
	for (int64_t round = par_blocks_rounds(&b, most); round > 0; round--) {
		int64_t rows = b.hi - at < most ? b.hi - at : most;
		PAR_TRY(
		    par_store_get(s, f->field[k].name, f->field[k].type, NULL, at, rows, piece));
		par_feed_put(f, k, at, rows, piece);
		at += rows;
	}
	return PAR_OK;
}

static par_err load_fields(par_feed *f, par_store *s)
{
	size_t most = 0;
	for (int k = 0; k < f->fields; k++)
		most = f->row_bytes[k] > most ? f->row_bytes[k] : most;
	char *piece = malloc(LOAD_BYTES + most);
	par_err e = par_agree(
	    f->world, piece ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory to load samples through"));
	for (int k = 0; k < f->fields && e == PAR_OK; k++)
		e = load_field(f, s, k, piece);
	free(piece);
	return e;
}

par_err par_feed_load(par_feed **out, const par_world *w, par_store *s, int fields,
    par_field *field, const par_sampler *order)
{
	*out = NULL;
	PAR_TRY_ALL(w, find_fields(s, fields, field, order));
	PAR_TRY(par_feed_memory(out, w, fields, field, order));
	return hand_over(out, load_fields(*out, s));
}

static par_err check_pools(const par_sampler *o)
{
	if (o->block < 1 || o->pool < 1)
		return par_fail(PAR_E_CONFIG,
		    "a stream in blocks of %lld and pools of %lld; "
		    "wanted at least 1 of each",
		    (long long)o->block, (long long)o->pool);
	if (par_sampler_pools(o) > 2 && (o->pool - 1) * o->block < o->batch)
		return par_fail(PAR_E_CONFIG,
		    "a batch of %lld samples from pools of %lld blocks of %lld; wanted pools of at "
		    "least %lld blocks",
		    (long long)o->batch, (long long)o->pool, (long long)o->block,
		    (long long)((o->batch + o->block - 1) / o->block + 1));
	return PAR_OK;
}

static par_err begin_stream(par_feed *f, par_store *s)
{
	const par_sampler *o = &f->order;
	int64_t blocks = par_sampler_blocks(o);
	size_t half = par_feed_place(f, (o->pool < blocks ? o->pool : blocks) * o->block);
	PAR_TRY(par_shared_open(&f->held, f->world, 2 * half));
	return par_stream_open(&f->stream, f, s);
}

par_err par_feed_stream(par_feed **out, const par_world *w, par_store *s, int fields,
    par_field *field, const par_sampler *order)
{
	*out = NULL;
	PAR_TRY_ALL(w, check_pools(order));
	PAR_TRY_ALL(w, find_fields(s, fields, field, order));
	PAR_TRY(new_feed(out, w, fields, field, order));
	return hand_over(out, begin_stream(*out, s));
}

/* ---- filling ---- */

static void copy_row(const par_field *d, const void *from, void *to, int64_t n)
{
	if (d->type != PAR_U8) {
		memcpy(to, from, (size_t)n * par_dtype_bytes(d->type));
		return;
	}
	const unsigned char *byte = from;
	float *out = to;
	for (int64_t j = 0; j < n; j++)
		out[j] = (float)byte[j] * d->scale + d->shift;
}

static const char *sample_at(const par_feed *f, int64_t step, int64_t i, int64_t *number)
{
	if (f->stream)
		return par_stream_at(f->stream, step, i, number);
	*number = par_sampler_at(&f->order, step, i);
	return f->held.window.base;
}

static char *input_row(const par_feed *f, par_graph *g, par_value v, int k, int64_t i)
{
	int64_t n = par_graph_elements(g, v);
	PAR_MUST(n == elements(&f->field[k]), "field %s has %lld elements, its input %lld",
	    f->field[k].name, (long long)elements(&f->field[k]), (long long)n);
	return (char *)par_graph_at(g, v) + (size_t)(i * n) * sizeof(float);
}

static void fill_sample(
    const par_feed *f, par_graph *g, const par_value input[], int64_t step, int64_t i)
{
	int64_t number, lo = par_graph_shards(g)->lo;
	const char *from = sample_at(f, step, i, &number);
	for (int k = 0; k < f->fields; k++)
		if (input[k] >= 0)
			copy_row(&f->field[k], from + f->at[k] + (size_t)number * f->row_bytes[k],
			    input_row(f, g, input[k], k, i - lo), elements(&f->field[k]));
}

static void make_sample(
    const par_feed *f, par_graph *g, const par_value input[], int64_t step, int64_t i)
{
	void *field[PAR_FIELDS];
	for (int k = 0; k < f->fields; k++)
		field[k] = input[k] < 0 ? NULL
					: input_row(f, g, input[k], k, i - par_graph_shards(g)->lo);
	f->make(f->make_ctx, par_sampler_at(&f->order, step, i), field);
}

static void clear_samples(
    const par_feed *f, par_graph *g, const par_value input[], int64_t first, int64_t n)
{
	for (int k = 0; k < f->fields && n > 0; k++)
		if (input[k] >= 0)
			memset(input_row(f, g, input[k], k, first), 0,
			    (size_t)(n * elements(&f->field[k])) * sizeof(float));
}

par_err par_feed_fill(par_feed *f, par_graph *g, const par_value input[], int64_t step)
{
	const par_shards *s = par_graph_shards(g);
	PAR_MUST(f->order.batch == s->batch, "batches of %lld for a graph of %lld",
	    (long long)f->order.batch, (long long)s->batch);
	if (f->stream)
		PAR_TRY(par_stream_ready(f->stream, step));
	int64_t count = par_sampler_count(&f->order, step), real = s->hi < count ? s->hi : count;
	for (int64_t i = s->lo; i < real; i++)
		(f->make ? make_sample : fill_sample)(f, g, input, step, i);
	if (real < s->lo)
		real = s->lo;
	clear_samples(f, g, input, real - s->lo, s->hi - real);
	return PAR_OK;
}

const par_sampler *par_feed_order(const par_feed *f)
{
	return &f->order;
}

int par_feed_fields(const par_feed *f)
{
	return f->fields;
}

const par_field *par_feed_field(const par_feed *f, int k)
{
	return &f->field[k];
}

size_t par_feed_bytes(const par_feed *f)
{
	return f->held.window.bytes;
}
