/* np: 1 2 3 4 6 */
#include "tensor/conv.h"

#include "../tap.h"
#include "base/cpu.h"
#include "base/rng.h"
#include "comm/reduce.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static float *random_floats(int64_t n, uint32_t stream)
{
	float *x = calloc((size_t)n + 16, sizeof *x);
	par_rng_fill_f32((par_rng){1, stream, 0}, 0, n, x);
	for (int64_t i = 0; i < n; i++)
		x[i] -= 0.5f;
	return x;
}

static float *room(size_t n)
{
	return calloc(n + 16, sizeof(float));
}

static int64_t weights(const par_conv_map *m)
{
	return m->kernel * m->kernel * m->fine * m->coarse;
}

static int64_t fine_floats(const par_conv_map *m)
{
	return m->fine_h * m->fine_w * m->fine;
}

static int64_t coarse_floats(const par_conv_map *m)
{
	return m->coarse_h * m->coarse_w * m->coarse;
}

static double weight(
    const par_conv_map *m, const float *w, par_turn turn, int64_t tap, int64_t f, int64_t c)
{
	const float *t = w + tap * m->fine * m->coarse;
	return (double)(turn == PAR_AS_IS ? t[f * m->coarse + c] : t[c * m->fine + f]);
}

/* the oracle walks all pairs of cells that a tap ties together and tells `visit` their places */
typedef struct {
	const par_conv_map *m;
	const float *fine, *coarse, *w;
	par_turn turn;
	double *out;
} walk;

static void visit_pairs(const walk *k, int64_t pictures,
    void (*visit)(const walk *k, int64_t fine, int64_t coarse, int64_t tap))
{
	const par_conv_map *m = k->m;
	for (int64_t p = 0; p < pictures; p++)
		for (int64_t cell = 0; cell < m->coarse_h * m->coarse_w; cell++)
			for (int64_t tap = 0; tap < m->kernel * m->kernel; tap++) {
				int64_t y = cell / m->coarse_w * m->stride + tap / m->kernel -
					    m->pad;
				int64_t x = cell % m->coarse_w * m->stride + tap % m->kernel -
					    m->pad;
				if (y >= 0 && y < m->fine_h && x >= 0 && x < m->fine_w)
					visit(k, ((p * m->fine_h + y) * m->fine_w + x) * m->fine,
					    (p * m->coarse_h * m->coarse_w + cell) * m->coarse,
					    tap);
			}
}

static void visit_down(const walk *k, int64_t fine, int64_t coarse, int64_t tap)
{
	for (int64_t c = 0; c < k->m->coarse; c++)
		for (int64_t f = 0; f < k->m->fine; f++)
			k->out[coarse + c] += (double)k->fine[fine + f] *
					      weight(k->m, k->w, k->turn, tap, f, c);
}

static void visit_up(const walk *k, int64_t fine, int64_t coarse, int64_t tap)
{
	for (int64_t f = 0; f < k->m->fine; f++)
		for (int64_t c = 0; c < k->m->coarse; c++)
			k->out[fine + f] += (double)k->coarse[coarse + c] *
					    weight(k->m, k->w, k->turn, tap, f, c);
}

static void visit_weights(const walk *k, int64_t fine, int64_t coarse, int64_t tap)
{
	const par_conv_map *m = k->m;
	double *t = k->out + tap * m->fine * m->coarse;
	for (int64_t f = 0; f < m->fine; f++)
		for (int64_t c = 0; c < m->coarse; c++)
			t[k->turn == PAR_AS_IS ? f * m->coarse + c : c * m->fine + f] +=
			    (double)k->fine[fine + f] * (double)k->coarse[coarse + c];
}

static void finish_slowly(const par_finish *f, double *y, int64_t n, int64_t channels)
{
	for (int64_t i = 0; f && i < n; i++) {
		y[i] += f->bias ? (double)f->bias[i % channels] : 0;
		y[i] *= y[i] < 0 ? (double)f->slope : 1;
	}
}

/* relative to the largest element */
static double distance(const float *got, const double *want, int64_t n)
{
	double worst = 0, largest = 1e-3;
	for (int64_t i = 0; i < n; i++) {
		double off = fabs((double)got[i] - want[i]);
		worst = !(off <= worst) ? off : worst;
		largest = fabs(want[i]) > largest ? fabs(want[i]) : largest;
	}
	return worst / largest;
}

typedef void conv_fn(const par_conv_map *m, int64_t pictures, const float *from, const float *w,
    par_turn turn, const par_finish *finish, float *to, float *scratch);

/* one direction: against the oracle, and every picture alone gives the same bits */
static void check_way(
    const par_conv_map *m, const char *what, par_turn turn, bool up, const par_finish *finish)
{
	int64_t pictures = 3, from_n = up ? coarse_floats(m) : fine_floats(m);
	int64_t to_n = up ? fine_floats(m) : coarse_floats(m);
	conv_fn *conv = up ? par_conv_up : par_conv_down;
	float *from = random_floats(pictures * from_n, 1), *w = random_floats(weights(m), 2);
	float *to = room((size_t)(pictures * to_n)), *one = room((size_t)to_n);
	float *scratch = random_floats((int64_t)par_conv_scratch(m), 3);
	double *want = calloc((size_t)(pictures * to_n) + 1, sizeof *want);
	to[pictures * to_n] = 42;
	conv(m, pictures, from, w, turn, finish, to, scratch);
	walk k = {m, from, from, w, turn, want};
	visit_pairs(&k, pictures, up ? visit_up : visit_down);
	finish_slowly(finish, want, pictures * to_n, up ? m->fine : m->coarse);
	double off = distance(to, want, pictures * to_n);
	bool same = to[pictures * to_n] == 42;
	for (int64_t p = 0; p < pictures; p++) {
		conv(m, 1, from + p * from_n, w, turn, finish, one, scratch);
		same = same && memcmp(one, to + p * to_n, (size_t)to_n * sizeof *one) == 0;
	}
	ok(off < 1e-5, "%s, %s%s: off by %.1e", what, up ? "up" : "down",
	    turn == PAR_AS_IS ? "" : " turned", off);
	ok(same, "... a picture alone has the same bits");
	free(from);
	free(w);
	free(to);
	free(one);
	free(scratch);
	free(want);
}

/* the gradients of my nodes, from the whole batch's pictures */
static void gradients(const par_conv_map *m, const par_shards *s, int64_t pictures, par_turn turn,
    const float *fine, const float *coarse, float *const *out)
{
	float *scratch = random_floats((int64_t)par_conv_shards_scratch(m, s), 6);
	par_conv_shards(m, s, pictures, fine + s->lo * pictures * fine_floats(m),
	    coarse + s->lo * pictures * coarse_floats(m), turn, out, scratch);
	free(scratch);
}

/* their sum over the ranks of w */
static void gradient(const par_conv_map *m, const par_world *w, int64_t batch, int64_t pictures,
    par_turn turn, const float *fine, const float *coarse, float *sum)
{
	par_shards s;
	float *out[PAR_NODES];
	par_reduce *r;
	par_shards_cut(&s, w, batch, PAR_SHARDS);
	if (par_reduce_plan(&r, w, PAR_F32, weights(m), s.shards, 0) != PAR_OK)
		return;
	for (int i = 0; i < s.nodes; i++)
		out[i] = par_reduce_node(r, i);
	gradients(m, &s, pictures, turn, fine, coarse, out);
	par_reduce_nodes_born(r);
	memcpy(sum, par_reduce_sum(r), (size_t)weights(m) * sizeof *sum);
	par_reduce_free(r);
}

static void check_weights(
    const par_conv_map *m, const par_world *w, const char *what, par_turn turn, int64_t batch)
{
	par_world alone = {.size = 1};
	par_shards s;
	int64_t n = weights(m), pictures = fine_floats(m) < 1000 ? 2 : 1;
	float *all = room((size_t)n), *solo = room((size_t)n);
	double *want = calloc((size_t)n + 1, sizeof *want);
	float *fine = random_floats(batch * pictures * fine_floats(m), 4);
	float *coarse = random_floats(batch * pictures * coarse_floats(m), 5);
	walk k = {m, fine, coarse, NULL, turn, want};
	visit_pairs(&k, batch * pictures, visit_weights);
	gradient(m, w, batch, pictures, turn, fine, coarse, all);
	par_shards_cut(&s, &alone, batch, PAR_SHARDS);
	gradients(m, &s, pictures, turn, fine, coarse, (float *[]){solo});
	double off = distance(all, want, n);
	ok(off < 1e-5, "%s, weights%s of %lld samples: off by %.1e", what,
	    turn == PAR_AS_IS ? "" : " turned", (long long)batch, off);
	ok(memcmp(all, solo, (size_t)n * sizeof *all) == 0, "... the bits of one rank alone");
	free(all);
	free(solo);
	free(want);
	free(fine);
	free(coarse);
}

static par_conv_map map_of(
    int64_t h, int64_t w, int64_t fine, int64_t coarse, int64_t kernel, int64_t stride, int64_t pad)
{
	return (par_conv_map){kernel, stride, pad, h, w, fine,
	    par_conv_coarse(h, kernel, stride, pad), par_conv_coarse(w, kernel, stride, pad),
	    coarse};
}

static void check(const par_world *w, const char *what, par_conv_map m)
{
	float *bias = random_floats(m.fine > m.coarse ? m.fine : m.coarse, 7);
	par_finish leaky = {bias, 0.2f}, relu = {bias, 0};
	check_way(&m, what, PAR_AS_IS, false, NULL);
	check_way(&m, what, PAR_TRANSPOSED, false, &leaky);
	check_way(&m, what, PAR_AS_IS, true, &relu);
	check_way(&m, what, PAR_TRANSPOSED, true, NULL);
	check_weights(&m, w, what, PAR_AS_IS, weights(&m) * coarse_floats(&m) < 300000 ? 53 : 3);
	if (par_cpu_kernels() == par_cpu_best())
		check_weights(&m, w, what, PAR_TRANSPOSED, 3);
	free(bias);
}

/* the same bits from AVX2 and AVX-512, whose tiles and vectors differ */
static void sets_agree(void)
{
	par_conv_map m = map_of(9, 7, 5, 37, 4, 2, 1);
	par_world alone = {.size = 1};
	par_shards s;
	par_shards_cut(&s, &alone, 5, PAR_SHARDS);
	int64_t n[3] = {5 * fine_floats(&m), 5 * coarse_floats(&m), weights(&m)};
	float *fine = random_floats(n[0], 1), *coarse = random_floats(n[1], 2);
	float *w = random_floats(n[2], 3), *got[2][3];
	for (int k = 0; k < 2; k++) {
		float *scratch = room(par_conv_scratch(&m));
		for (int i = 0; i < 3; i++)
			got[k][i] = room((size_t)n[i]);
		par_cpu_use(PAR_KERNELS_AVX2 + k);
		par_conv_up(&m, 5, coarse, w, PAR_AS_IS, NULL, got[k][0], scratch);
		par_conv_down(&m, 5, fine, w, PAR_AS_IS, NULL, got[k][1], scratch);
		gradients(&m, &s, 1, PAR_AS_IS, fine, coarse, &got[k][2]);
		free(scratch);
	}
	for (int i = 0; i < 3; i++) {
		static const char *const what[] = {"up", "down", "weights"};
		ok(memcmp(got[0][i], got[1][i], (size_t)n[i] * sizeof(float)) == 0,
		    "AVX2 and AVX-512 give the same bits: %s", what[i]);
		free(got[0][i]);
		free(got[1][i]);
	}
	free(fine);
	free(coarse);
	free(w);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	for (int k = PAR_KERNELS_PLAIN; k <= (int)par_cpu_best(); k++) {
		par_cpu_use((par_kernels)k);
		check(&w, "1 to 32, 3 x 3", map_of(9, 9, 1, 32, 3, 1, 0));
		check(&w, "33 to 17, 3 x 3", map_of(4, 15, 33, 17, 3, 1, 0));
		check(&w, "6 to 35, 4 x 4 stride 2 pad 1", map_of(8, 6, 6, 35, 4, 2, 1));
		check(&w, "2 to 5, 5 x 5 stride 3 pad 2, a rest", map_of(9, 11, 2, 5, 5, 3, 2));
		check(&w, "5 to 3, 2 x 2 stride 3: cells that nothing sees",
		    map_of(7, 7, 5, 3, 2, 3, 0));
		check(&w, "3 to 1, pad as wide as the kernel", map_of(3, 4, 3, 1, 2, 1, 2));
		check(&w, "1 x 1 cell, 16 to 16", map_of(1, 1, 16, 16, 1, 1, 0));
		check(&w, "pictures larger than a group, 10 to 3", map_of(47, 75, 10, 3, 3, 2, 1));
	}
	if (par_cpu_best() == PAR_KERNELS_AVX512)
		sets_agree();
	else
		skip("this processor has no AVX-512");
	par_world_close(&w);
	return tap_end();
}
