#include "train/feed_inside.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* Pools of all epochs are numbered through; pool p stands in half p % 2 of the window. The ranks of a
 * window read the blocks of a pool in turn. */
struct par_stream {
	par_feed *feed;         /* borrowed */
	const par_store *store; /* borrowed */
	size_t half_bytes;
	int64_t stands[2]; /* which pool is in each half; -1: none that is whole */
	int64_t asked;     /* the pool being read; -1: none */
	void *edge;

	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool runs, leaves;
	int64_t job; /* what the thread shall read; -1: it is done */
	par_err result;
};

static par_err read_block(
    const par_stream *t, int64_t epoch, int64_t place, char *half, int64_t slot)
{
	const par_feed *f = t->feed;
	int64_t lo, hi;
	par_sampler_block(&f->order, epoch, place, &lo, &hi);
	for (int k = 0; k < f->fields; k++) {
		char *to = half + f->at[k] + (size_t)(slot * f->order.block) * f->row_bytes[k];
		PAR_TRY(par_store_read(
		    t->store, f->field[k].name, f->field[k].type, lo, hi - lo, to, t->edge));
	}
	return PAR_OK;
}

/* my share of a pool */
static par_err read_pool(const par_stream *t, int64_t pool)
{
	const par_sampler *o = &t->feed->order;
	int64_t pools = par_sampler_pools(o), blocks = par_sampler_blocks(o);
	int64_t first = pool % pools * o->pool;
	char *half = t->feed->held.window.base + (size_t)(pool % 2) * t->half_bytes;
	for (int64_t slot = t->feed->held.window.rank; slot < o->pool && first + slot < blocks;
	     slot += t->feed->held.window.size)
		PAR_TRY(read_block(t, pool / pools, first + slot, half, slot));
	return PAR_OK;
}

static void *reader(void *arg)
{
	par_stream *t = arg;
	pthread_mutex_lock(&t->lock);
	while (!t->leaves) {
		if (t->job < 0) {
			pthread_cond_wait(&t->changed, &t->lock);
			continue;
		}
		int64_t pool = t->job;
		pthread_mutex_unlock(&t->lock);
		par_err e = read_pool(t, pool);
		pthread_mutex_lock(&t->lock);
		t->result = e;
		t->job = -1;
		pthread_cond_broadcast(&t->changed);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

/* signals are for the thread that looks at them */
static par_err start_reader(par_stream *t)
{
	sigset_t all, before;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	t->runs = pthread_create(&t->thread, NULL, reader, t) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return t->runs ? PAR_OK
		       : par_fail(PAR_E_MEMORY, "cannot start the thread that reads ahead");
}

par_err par_stream_open(par_stream **out, par_feed *f, par_store *s)
{
	par_stream *t = calloc(1, sizeof *t);
	par_err e = par_agree(
	    f->world, t ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for a stream"));
	if (!t || e != PAR_OK) {
		free(t);
		return e;
	}
	*t = (par_stream){.feed = f,
	    .store = s,
	    .half_bytes = f->held.window.bytes / 2,
	    .stands = {-1, -1},
	    .asked = -1,
	    .job = -1};
	*out = t;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
	t->edge = malloc(PAR_STORE_EDGE);
	e = t->edge ? start_reader(t) : par_fail(PAR_E_MEMORY, "no memory for a stream");
	return par_agree(f->world, e);
}

void par_stream_close(par_stream *t)
{
	if (!t)
		return;
	if (t->runs) {
		pthread_mutex_lock(&t->lock);
		t->leaves = true;
		pthread_cond_broadcast(&t->changed);
		pthread_mutex_unlock(&t->lock);
		pthread_join(t->thread, NULL);
	}
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	free(t->edge);
	free(t);
}

/* nobody of the node reads the half any more once all have met */
static void ask(par_stream *t, int64_t pool)
{
	par_window_meet(&t->feed->held.window);
	t->stands[pool % 2] = -1;
	t->asked = pool;
	pthread_mutex_lock(&t->lock);
	t->job = pool;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

/* reading is progress: the watchdog hears of it from the thread */
static par_err take(par_stream *t)
{
	pthread_mutex_lock(&t->lock);
	while (t->job >= 0)
		pthread_cond_wait(&t->changed, &t->lock);
	par_err e = t->result;
	pthread_mutex_unlock(&t->lock);
	int64_t pool = t->asked;
	t->asked = -1;
	PAR_TRY_ALL(t->feed->world, e);
	par_window_meet(&t->feed->held.window);
	t->stands[pool % 2] = pool;
	return PAR_OK;
}

static par_err need(par_stream *t, int64_t pool)
{
	if (t->stands[pool % 2] == pool)
		return PAR_OK;
	/* what was read ahead is of no use after a jump */
	if (t->asked >= 0 && t->asked != pool)
		PAR_TRY(take(t));
	if (t->asked < 0)
		ask(t, pool);
	return take(t);
}

static int64_t pool_of(const par_sampler *o, int64_t step, int64_t i)
{
	int64_t steps = par_sampler_steps(o), place, number;
	par_sampler_find(o, step / steps, step % steps * o->batch + i, &place, &number);
	return step / steps * par_sampler_pools(o) + place / o->pool;
}

par_err par_stream_ready(par_stream *t, int64_t step)
{
	const par_sampler *o = &t->feed->order;
	int64_t first = pool_of(o, step, 0);
	int64_t last = pool_of(o, step, par_sampler_count(o, step) - 1);
	PAR_TRY(need(t, first));
	PAR_TRY(need(t, last));
	if (t->asked < 0 && first == last && t->stands[(first + 1) % 2] != first + 1)
		ask(t, first + 1);
	return PAR_OK;
}

const char *par_stream_at(const par_stream *t, int64_t step, int64_t i, int64_t *number)
{
	const par_sampler *o = &t->feed->order;
	int64_t steps = par_sampler_steps(o), place;
	par_sampler_find(o, step / steps, step % steps * o->batch + i, &place, number);
	int64_t pool = step / steps * par_sampler_pools(o) + place / o->pool;
	*number += place % o->pool * o->block;
	return t->feed->held.window.base + (size_t)(pool % 2) * t->half_bytes;
}
