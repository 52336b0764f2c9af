/* np: 1 3   apps: common */
#include "common/judge/trial.h"
#include "common/judge/facing.h"
#include "common/judge/gain.h"

#include "../tap.h"
#include "shop.h"

static const int64_t many[] = {300, 100, 20}, held[] = {40, 40, 40};

static void picture_of(float *x, int64_t number)
{
	for (int i = 0; i < SHOP_CELLS; i++)
		x[i] = (float)((i * 37 + number * 11) % 101) / 50 - 1;
}

static void warps(void)
{
	const warp_shape s = {SHOP_SIDE, SHOP_SIDE, 1};
	float x[SHOP_CELLS], y[SHOP_CELLS], scratch[SHOP_CELLS];
	int same = 0, turned = 0, erased = 0, reproduced = 0;
	enum { N = 400 };
	for (int k = 0; k < N; k++) {
		picture_of(x, k);
		memcpy(y, x, sizeof x);
		warp_picture(&(warp){0}, &s, 1, k, true, y, scratch);
		same += memcmp(x, y, sizeof x) == 0;
		warp_picture(&(warp){.mirror = true}, &s, 1, k, true, y, scratch);
		bool mirrored = true;
		for (int i = 0; i < SHOP_CELLS; i++)
			mirrored &= y[i] ==
				    x[i / SHOP_SIDE * SHOP_SIDE + SHOP_SIDE - 1 - i % SHOP_SIDE];
		turned += mirrored;
		memcpy(y, x, sizeof x);
		warp_picture(&(warp){.mirror = true}, &s, 1, k, false, y, scratch);
		same += memcmp(x, y, sizeof x) == 0;
		warp_picture(&(warp){.erase = .5}, &s, 1, k, true, y, scratch);
		erased += memcmp(x, y, sizeof x) != 0;
		float z[SHOP_CELLS];
		const warp all = {true, 5, .08, 1.0 / 28, .5};
		memcpy(y, x, sizeof x);
		memcpy(z, x, sizeof x);
		warp_picture(&all, &s, 3, k, true, y, scratch);
		warp_picture(&all, &s, 3, k, true, z, scratch);
		reproduced += memcmp(y, z, sizeof y) == 0 && memcmp(x, y, sizeof x) != 0;
	}
	ok(same == 2 * N,
	    "a picture with nothing asked for stays, and one of a category that faces one way");
	ok(abs(turned - N / 2) < 60 && abs(erased - N / 2) < 60,
	    "about half are mirrored and erased (%d and %d of %d)", turned, erased, N);
	ok(reproduced == N, "what is done follows from seed and sample");
}

/* a whole shift is a copy of cells; a turn keeps the middle where it is */
static void moves(void)
{
	const warp_shape s = {SHOP_SIDE, SHOP_SIDE, 1};
	double off = 0, most = 0;
	for (int k = 0; k < 200; k++) {
		float x[SHOP_CELLS], scratch[SHOP_CELLS];
		double y0 = 0, x0 = 0, sum = 0;
		for (int i = 0; i < SHOP_CELLS; i++) {
			int row = i / SHOP_SIDE, col = i % SHOP_SIDE;
			double y = row - 5.5, z = col - 5.5;
			x[i] = (float)exp(-(y * y + z * z) / 4);
		}
		warp_picture(&(warp){.turn = 5, .scale = .08, .shift = k % 2 ? .1 : 0}, &s, 5, k,
		    false, x, scratch);
		for (int i = 0; i < SHOP_CELLS; i++) {
			int row = i / SHOP_SIDE, col = i % SHOP_SIDE;
			sum += (double)x[i];
			y0 += (double)x[i] * (row - 5.5);
			x0 += (double)x[i] * (col - 5.5);
		}
		double moved = hypot(y0 / sum, x0 / sum);
		if (k % 2)
			most = fmax(most, moved);
		else
			off = fmax(off, moved);
	}
	ok(off < .02, "turned and stretched, the middle stays (%.3f cells at most)", off);
	ok(most > 1 && most < 1.2 * sqrt(2) * 1.1,
	    "shifted, it goes as far as was asked (%.2f of 1.2 each way)", most);
}

static void faces(const par_world *w)
{
	shop s;
	uint8_t both[SHOP_CATEGORIES];
	shop_open(&s, many, held);
	ok(facing_both(&s.g, w, both) == PAR_OK && both[0] && both[1] && !both[2],
	    "bars that stand or lie face both ways, aslant ones do not");
	shop_close(&s);
}

typedef struct {
	int n[SHOP_CATEGORIES], made[SHOP_CATEGORIES];
} seen;

static seen look(lesson *l, int64_t samples)
{
	float picture[SHOP_CELLS] = {0};
	int32_t label = 0;
	seen x = {0};
	for (int64_t i = 0; i < samples; i++) {
		lesson_make(l, i, (void *[]){picture, &label});
		x.n[label]++;
		x.made[label] += picture[0] == 1;
	}
	return x;
}

static void white(void *ctx, int64_t category, int64_t first, int64_t n, uint8_t *out)
{
	(void)ctx, (void)category, (void)first;
	memset(out, 255, (size_t)(n * SHOP_CELLS));
}

static void lessons(const par_world *w)
{
	enum { N = 6000 };
	shop s;
	made_set m;
	float scratch[SHOP_CELLS], share[] = {0, .25F, .5F}, a[SHOP_CELLS] = {0},
				   b[SHOP_CELLS] = {0};
	const int64_t each[] = {3, 300, 5};
	shop_open(&s, many, held);
	bool made = made_open(&m, w, &s.g, each) == PAR_OK &&
		    made_fill(&m, w, white, NULL) == PAR_OK;

	ok(made && made_count(&m, 1) == 300 && made_category(&m, 2) == 0 &&
		made_category(&m, 303) == 2,
	    "made pictures stand by category");
	lesson l = {.of = &s.g, .alike = true, .seed = 4, .scratch = scratch};
	seen x = look(&l, N);
	ok(abs(x.n[0] - N / 3) < 150 && abs(x.n[2] - N / 3) < 150 &&
		x.made[0] + x.made[1] + x.made[2] == 0,
	    "categories are drawn alike");
	l.alike = false;
	x = look(&l, N);
	ok(abs(x.n[0] - N * 300 / 420) < 150 && abs(x.n[2] - N * 20 / 420) < 75, "or as they come");
	lesson with = {
	    .of = &s.g, .alike = true, .seed = 4, .made = &m, .share = share, .scratch = scratch};
	x = look(&with, N);
	ok(x.made[0] == 0 && abs(x.made[1] - x.n[1] / 4) < 90 && abs(x.made[2] - x.n[2] / 2) < 90,
	    "made ones have their share (%d of %d, %d of %d)", x.made[1], x.n[1], x.made[2],
	    x.n[2]);
	int alike = 0, real = 0;
	l.alike = true;
	for (int64_t i = 0; i < 500; i++) {
		int32_t one = 0, other = 0;
		lesson_make(&l, i, (void *[]){a, &one});
		lesson_make(&with, i, (void *[]){b, &other});
		real += b[0] != 1;
		alike += one == other && (b[0] == 1 || memcmp(a, b, sizeof a) == 0);
	}
	ok(alike == 500 && real > 300, "and what is not replaced is what it was");
	made_close(&m);
	shop_close(&s);
}

static void trials(const par_world *w)
{
	shop s;
	par_world alone = par_world_alone();
	classifier c = {0}, d = {0};
	double recall[SHOP_CATEGORIES], again[SHOP_CATEGORIES], first[SHOP_CATEGORIES];
	shop_open(&s, many, held);
	trial_recipe r = trial_usual(&s.g, 150, 9), none = trial_usual(&s.g, 1, 9);
	bool made = trial_train(&c, w, &r) == PAR_OK &&
		    trial_recall(&c, &s.g, GALLERY_TEST, recall) == PAR_OK;
	made = made && trial_train(&d, &alone, &r) == PAR_OK &&
	       trial_recall(&d, &s.g, GALLERY_TEST, again) == PAR_OK;
	bool same = made;
	for (int i = 0; same && i < par_graph_params(c.graph); i++) {
		const par_param *p = par_graph_param(c.graph, i), *q = par_graph_param(d.graph, i);
		same = memcmp(p->weights, q->weights, (size_t)p->n * sizeof(float)) == 0;
	}
	classifier_close(&d);
	classifier_close(&c);
	ok(made && trial_mean(recall, SHOP_CATEGORIES) > .95,
	    "a classifier recalls %.3f of what it has not seen",
	    trial_mean(recall, SHOP_CATEGORIES));
	ok(same && memcmp(recall, again, sizeof recall) == 0, "with the weights of one rank alone");
	made = trial_train(&c, w, &none) == PAR_OK &&
	       trial_recall(&c, &s.g, GALLERY_TEST, first) == PAR_OK;
	ok(made && trial_mean(first, SHOP_CATEGORIES) < .8, "after one step it recalls %.3f",
	    trial_mean(first, SHOP_CATEGORIES));
	classifier_close(&c);
	shop_close(&s);
}

static void gains(void)
{
	const double a[] = {2, 4, 6}, b[] = {1, 2, 3};
	gain g = gain_of(a, b, 3), one = gain_of(a, b, 1);
	double half = 4.3027 / sqrt(3);
	ok(fabs(g.mean - 2) < 1e-12 && fabs(g.low - (2 - half)) < 1e-4 &&
		fabs(g.high - (2 + half)) < 1e-4,
	    "gains of 1, 2 and 3 are 2, from %.4f to %.4f", g.low, g.high);
	ok(one.mean == 1 && isnan(one.low), "one pair has no bounds");
	double x[200], y[200] = {0};
	for (int i = 0; i < 200; i++)
		x[i] = i % 2 ? 1 : -1;
	g = gain_of(x, y, 200);
	ok(fabs(g.high - 1.971957 * sqrt(200. / 199 / 200)) < 1e-5,
	    "200 pairs go by t of 199 degrees of freedom");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	warps();
	moves();
	faces(&w);
	lessons(&w);
	trials(&w);
	gains();
	par_world_close(&w);
	return tap_end();
}
