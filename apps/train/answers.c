#include "train/answers.h"

#include "comm/blocks.h"
#include "comm/gather.h"

#include <stdlib.h>
#include <string.h>

#define ANSWERS_BLOCK 256       /* answers that stay together when they are dealt to ranks */
#define ANSWERS_ROUND (1 << 16) /* samples between two exchanges */

/* Rows on their way from the rank that ran a sample to the one that keeps it: the sample's number, its
 * loss and truth, its answer. */
typedef struct {
	answers *x;
	network *n;
	int64_t batch;
	size_t bytes; /* of a row */
	char *row;    /* owned: what ran here since the last exchange */
	int64_t rows;
} passage;

static par_err make_room(answers *x, const par_world *w)
{
	par_blocks b;
	par_blocks_deal(&b, w, x->n, ANSWERS_BLOCK);
	x->first = b.lo;
	x->here = b.hi - b.lo;
	x->answer = malloc(sizeof *x->answer * (size_t)(x->here * x->outputs + 1));
	x->each = malloc(sizeof *x->each * (size_t)(x->here + 1));
	x->truth = malloc(4 * (size_t)(x->here + 1));
	return x->answer && x->each && x->truth
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for %lld answers", (long long)x->here);
}

static void note_batch(passage *p, int64_t step)
{
	const answers *x = p->x;
	par_graph *g = p->n->graph;
	const par_shards *s = par_graph_shards(g);
	const float *answer = par_graph_at(g, p->n->values.answer);
	const float *each = x->judged ? par_graph_at(g, p->n->values.each) : NULL;
	const char *truth = x->judged ? par_graph_at(g, p->n->values.truth) : NULL;
	for (int64_t i = 0; i < s->hi - s->lo; i++) {
		int64_t sample = step * p->batch + s->lo + i;
		char *row = p->row + (size_t)p->rows * p->bytes;
		if (sample >= x->n)
			return;
		memcpy(row, &sample, 8);
		memcpy(row + 8, each ? &each[i] : &(float){0}, 4);
		memcpy(row + 12, truth ? truth + 4 * i : "\0\0\0", 4);
		memcpy(row + 16, answer + i * x->outputs, 4 * (size_t)x->outputs);
		p->rows++;
	}
}

static void keep(answers *x, const char *row)
{
	int64_t sample;
	memcpy(&sample, row, 8);
	int64_t i = sample - x->first;
	if (i < 0 || i >= x->here)
		return;
	memcpy(&x->each[i], row + 8, 4);
	memcpy(x->truth + 4 * i, row + 12, 4);
	memcpy(x->answer + i * x->outputs, row + 16, 4 * (size_t)x->outputs);
}

static par_err exchange(passage *p, const par_world *w)
{
	void *all;
	int64_t rows;
	PAR_TRY(par_gather_rows(w, p->row, p->rows, p->bytes, &all, &rows));
	for (int64_t r = 0; r < rows; r++)
		keep(p->x, (const char *)all + (size_t)r * p->bytes);
	free(all);
	p->rows = 0;
	return PAR_OK;
}

static par_err run(passage *p, app *a, par_feed *feed)
{
	par_graph *g = p->n->graph;
	const par_sampler *order = par_feed_order(feed);
	const par_value input[] = {p->n->input, p->n->values.truth};
	int64_t steps = par_sampler_steps(order), every = 1 + ANSWERS_ROUND / p->batch;
	for (int64_t step = 0; step < steps; step++) {
		PAR_TRY(par_feed_fill(feed, g, input, step));
		par_graph_step(g, step, par_sampler_count(order, step));
		par_graph_forward(g, p->x->judged ? p->n->judge : p->n->answer);
		note_batch(p, step);
		if ((step + 1) % every == 0 || step + 1 == steps)
			PAR_TRY(exchange(p, &a->world));
		par_world_alive();
		app_progress(
		    a, "answering", (double)((step + 1) * p->batch), (double)(steps * p->batch));
	}
	return PAR_OK;
}

par_err answers_make(answers *x, app *a, network *n, par_feed *feed)
{
	const par_shards *s = par_graph_shards(n->graph);
	const par_sampler *order = par_feed_order(feed);
	*x = (answers){
	    .n = order->n, .outputs = n->loss.outputs, .judged = par_feed_fields(feed) == 2};
	passage p = {.x = x, .n = n, .batch = order->batch, .bytes = 16 + 4 * (size_t)x->outputs};
	int64_t most = (1 + ANSWERS_ROUND / p.batch) * (s->hi - s->lo);
	p.row = malloc((size_t)most * p.bytes + 1);
	par_err e = p.row ? make_room(x, &a->world)
			  : par_fail(PAR_E_MEMORY, "no memory for answers");
	e = par_agree(&a->world, e);
	if (e == PAR_OK)
		e = run(&p, a, feed);
	free(p.row);
	return e;
}

void answers_drop(answers *x)
{
	free(x->answer);
	free(x->each);
	free(x->truth);
	*x = (answers){0};
}
