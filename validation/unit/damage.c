/* np: 1 */
/* Bits flipped, bytes overwritten and ends cut off at random: none may be read as if all were well, and
 * none may crash or hang the reader. FLIPS=1500 CUTS=200 for the study; fewer here. */
#include "../tap.h"
#include "io/store_file.h"
#include "scratch.h"

#include <stdint.h>

static uint64_t state = 88172645463325252u;

static uint64_t draw(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 11) % below;
}

static int count(const char *name, int otherwise)
{
	const char *s = getenv(name);
	return s ? atoi(s) : otherwise;
}

static par_err write_victim(const par_world *w, const char *path)
{
	par_store *s;
	static double x[2000];
	for (int i = 0; i < 2000; i++)
		x[i] = 1.0 / (i + 1);
	PAR_TRY(par_store_create(&s, w, path, "entrepot-damage", 1, 0));
	par_err e = par_store_dim_text(s, "sku", 4, 3, "A1\0B2\0C3\0D4");
	if (e == PAR_OK)
		e = par_store_dim(s, "time", 20, PAR_I64, NULL);
	if (e == PAR_OK)
		e = par_store_attr_text(s, "time", "units", "days since 1970-01-01");
	for (int i = 0; i < 12 && e == PAR_OK; i++) {
		char name[16];
		float fill = -1;
		snprintf(name, sizeof name, "v%d", i);
		par_store_var f = {.name = name,
		    .type = PAR_F32,
		    .dims = {"sku", "time"},
		    .units = "1",
		    .fill = &fill};
		e = par_store_put(s, &f, 0, 4, x);
	}
	par_store_var d = {.name = "deep/d", .type = PAR_F64, .dims = {"sku"}};
	if (e == PAR_OK)
		e = par_store_put(s, &d, 0, 4, x);
	if (e == PAR_OK)
		return par_store_publish(s, PAR_OK);
	par_store_discard(s);
	return e;
}

/* a variable that was declared behind the store's back, so that nothing sums its bytes */
static par_err write_unsummed(const par_world *w, const char *path)
{
	par_store *s;
	store_var v = {
	    .name = "bare", .type = PAR_F64, .rank = 1, .dims = {"time"}, .extent = {20}};
	PAR_TRY(par_store_create(&s, w, path, "entrepot-damage", 1, 0));
	par_err e = par_store_dim(s, "time", 20, PAR_I64, NULL);
	if (e == PAR_OK)
		e = store_layout_add(s->layout, &v, false, NULL);
	if (e == PAR_OK)
		return par_store_publish(s, PAR_OK);
	par_store_discard(s);
	return e;
}

/* true when the reader sees nothing wrong */
static bool passes(const par_world *w, const char *path)
{
	par_store *s;
	if (par_store_open(&s, w, path, "entrepot-damage", 1) != PAR_OK)
		return false;
	par_err e = par_store_verify(s);
	par_store_close(s);
	return e == PAR_OK;
}

static void write_copy(const char *path, const unsigned char *x, size_t n)
{
	FILE *f = fopen(path, "we");
	if (!f || fwrite(x, 1, n, f) != n)
		perror(path);
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	const char *good = scratch_path("good.h5");
	char bad[512];
	snprintf(bad, sizeof bad, "%s", scratch_path("bad.h5"));
	ok(write_victim(&w, good) == PAR_OK && passes(&w, good), "a sound file passes");
	static unsigned char x[1 << 20], y[1 << 20];
	FILE *f = fopen(good, "re");
	size_t n = fread(x, 1, sizeof x, f);
	fclose(f);
	int flips = count("FLIPS", 150), cuts = count("CUTS", 40), missed = 0;
	for (int i = 0; i < flips; i++) {
		uint64_t bit = draw(8 * n);
		memcpy(y, x, n);
		y[bit / 8] ^= (unsigned char)(1 << bit % 8);
		write_copy(bad, y, n);
		missed += passes(&w, bad);
	}
	ok(missed == 0, "%d of %d single flipped bits in %zu bytes are seen", flips - missed, flips,
	    n);
	missed = 0;
	for (int i = 0; i < flips; i++) {
		memcpy(y, x, n);
		size_t at = draw(n - 8), some = 1 + draw(8);
		for (size_t k = 0; k < some; k++)
			y[at + k] = (unsigned char)draw(256);
		write_copy(bad, y, n);
		missed += passes(&w, bad) && memcmp(x, y, n) != 0;
	}
	ok(missed == 0, "%d of %d overwritten places are seen", flips - missed, flips);
	missed = 0;
	for (int i = 0; i < cuts; i++) {
		write_copy(bad, x, i == 0 ? n - 1 : draw(n));
		missed += passes(&w, bad);
	}
	ok(missed == 0, "%d of %d cuts are seen", cuts - missed, cuts);
	memcpy(y, x, n);
	write_copy(bad, y, n + 1);
	ok(!passes(&w, bad), "a byte too many is seen");
	const char *bare = scratch_path("bare.h5");
	ok(write_unsummed(&w, bare) == PAR_OK && !passes(&w, bare) &&
		strstr(par_err_why(), ":/bare: has no checksums"),
	    "a variable without sums is seen");
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
