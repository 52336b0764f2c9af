/* np: 1 2 3 6   apps: plan */
#include "common/app.h"
#include "plan/model/generate.h"
#include "plan/tell/limit_text.h"
#include "plan/warm/warm_file.h"

#include "../tap.h"
#include "base/date.h"
#include "scratch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SKUS 2100 /* more than travel at a time, and the last group is not full */

/* Last night's numbers follow from names alone, so that tonight's are known without any matching of places. */
static uint64_t mix(uint64_t h, const char *text)
{
	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211U;
	return (h ^ '/') * 1099511628211U;
}

static const char *name_of(const model_names *names, int i)
{
	return i < 0 ? "" : names->name[i];
}

static uint64_t column_id(const model *m, const flow *f)
{
	char numbers[64];
	snprintf(numbers, sizeof numbers, "%d %d %d", (int)f->kind, f->step,
	    f->period < 0 ? -1 : m->period_date[f->period]);
	uint64_t h = mix(14695981039346656037U, numbers);
	h = mix(h, name_of(&m->supplier, f->supplier));
	h = mix(h, name_of(&m->lane, f->lane));
	h = mix(h, name_of(&m->node, f->node));
	return mix(h, name_of(&m->market, f->market));
}

/* exact in a float */
static double number(uint64_t h)
{
	return (double)((h >> 20) % 4000000 + 1) / 16;
}

static float units(const model *m, int64_t k, int column)
{
	const flow *f = &m->flow[m->problem.class[k]][column];
	return (float)number(mix(column_id(m, f), m->sku.name[k]));
}

static double of_limit(const model *m, int row, const char *what)
{
	char name[LIMIT_NAME];
	return number(mix(mix(7, limit_name(m, row, name)), what));
}

static const char *own_text(const linking *l, int column)
{
	return l->value[column] > 0 ? "slack" : "overflow";
}

/* of my SKUs in the order of warm_point */
static int64_t *my_skus(const model *m)
{
	int64_t at = 0, *k = calloc((size_t)m->deal.blocks + 1, sizeof *k);
	for (int64_t i = 0; i < m->deal.groups; i++)
		for (int lane = 0; lane < m->deal.mine[i].lanes; lane++)
			k[at++] = m->deal.mine[i].block[lane];
	return k;
}

static int columns_of(const model *m, int64_t k)
{
	return m->problem.pattern[m->problem.class[k]].columns;
}

static void fill_point(warm_point *w, const model *m)
{
	const linking *l = &m->problem.link;
	int64_t *sku = my_skus(m);
	w->product = 0.0123;
	for (int i = 0; i < l->rows; i++)
		w->price[i] = of_limit(m, i, "price");
	for (int j = 0; j < l->columns; j++)
		w->own[j] = of_limit(m, l->row[j], own_text(l, j));
	for (int64_t i = 0; i < m->deal.blocks; i++)
		for (int j = 0; j < columns_of(m, sku[i]); j++)
			w->x[w->x_at[i] + j] = units(m, sku[i], j);
	free(sku);
}

static int64_t sku_in(const model *m, const char *name)
{
	for (int64_t k = 0; k < m->sku.n; k++)
		if (strcmp(m->sku.name[k], name) == 0)
			return k;
	return -1;
}

static int limit_in(const model *m, const char *name)
{
	char other[LIMIT_NAME];
	for (int i = 0; i < m->problem.link.rows; i++)
		if (strcmp(limit_name(m, i, other), name) == 0)
			return i;
	return -1;
}

/* has a network of last night's each column of one of tonight's? */
static bool *shared_columns(const model *last, int old, const model *m, int class)
{
	int n = m->problem.pattern[class].columns, was = last->problem.pattern[old].columns;
	bool *has = calloc((size_t)n + 1, sizeof *has);
	uint64_t *id = calloc((size_t)was + 1, sizeof *id);
	for (int i = 0; i < was; i++)
		id[i] = column_id(last, &last->flow[old][i]);
	for (int j = 0; j < n; j++) {
		uint64_t want = column_id(m, &m->flow[class][j]);
		for (int i = 0; i < was; i++)
			has[j] |= id[i] == want;
	}
	free(id);
	return has;
}

/* columns of my SKUs that are not what they are to be; *known: SKUs with all their columns */
static int64_t wrong_units(const warm_point *w, const model *m, const model *last, int64_t *known)
{
	int64_t bad = 0, *sku = my_skus(m);
	bool *has[2][2] = {{0}};
	for (int old = 0; old < last->problem.patterns; old++)
		for (int class = 0; class < m->problem.patterns; class ++)
			has[old][class] = shared_columns(last, old, m, class);
	for (int64_t i = 0; i < m->deal.blocks; i++) {
		int64_t was = sku_in(last, m->sku.name[sku[i]]);
		const bool *there =
		    was < 0 ? NULL : has[last->problem.class[was]][m->problem.class[sku[i]]];
		int n = columns_of(m, sku[i]), missing = 0;
		for (int j = 0; j < n; j++) {
			float got = w->x[w->x_at[i] + j];
			bool knows = there && there[j];
			bad += knows ? got != units(m, sku[i], j) : !isnan(got);
			missing += !knows;
		}
		*known += missing == 0;
	}
	for (int i = 0; i < 4; i++)
		free(has[i / 2][i % 2]);
	free(sku);
	return bad;
}

static bool has_own(const linking *l, int row, const char *what)
{
	for (int k = 0; k < l->columns; k++)
		if (l->row[k] == row && strcmp(own_text(l, k), what) == 0)
			return true;
	return false;
}

static int wrong_limits(const warm_point *w, const model *m, const model *last)
{
	const linking *l = &m->problem.link;
	char name[LIMIT_NAME];
	int bad = 0;
	for (int i = 0; i < l->rows; i++) {
		bool knows = limit_in(last, limit_name(m, i, name)) >= 0;
		bad += knows ? w->price[i] != of_limit(m, i, "price") : !isnan(w->price[i]);
	}
	for (int k = 0; k < l->columns; k++) {
		int was = limit_in(last, limit_name(m, l->row[k], name));
		bool knows = was >= 0 && has_own(&last->problem.link, was, own_text(l, k));
		bad += knows ? w->own[k] != of_limit(m, l->row[k], own_text(l, k))
			     : !isnan(w->own[k]);
	}
	return bad;
}

/* tonight's model takes what last night's left. Returns how many SKUs it knows */
static int64_t tonight(const char *what, const model *m, const model *last)
{
	warm_point w;
	int64_t known = -1, want = 0, of_all = 0;
	par_err e = par_agree(m->deal.world, warm_open(&w, &m->problem, &m->deal));
	if (e == PAR_OK)
		e = warm_file_read(&w, m, scratch_path("plan.warm.h5"), &known);
	ok(e == PAR_OK && w.product == 0.0123, "%s: the file is read: %s", what, par_err_why());
	int64_t bad = e == PAR_OK ? wrong_units(&w, m, last, &want) : 0;
	ok(e == PAR_OK && bad == 0,
	    "%s: a column has the units of its name, or none where the name is new", what);
	ok(e == PAR_OK && wrong_limits(&w, m, last) == 0,
	    "%s: prices, slacks and overflows are those of the limits' names", what);
	MPI_Allreduce(&want, &of_all, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
	ok(known == of_all, "%s: %lld of %lld SKUs are known", what, (long long)known,
	    (long long)m->sku.n);
	warm_close(&w);
	return known;
}

static par_err leave(const par_world *w, const model *m)
{
	warm_point point;
	app a = {.world = *w,
	    .section = "plan",
	    .sections = {"plan", "run"},
	    .own = 1,
	    .out = scratch_path("plan.h5")};
	a.conf = par_conf_new(app_settings, app_settings_count);
	par_err e = par_agree(w, warm_open(&point, &m->problem, &m->deal));
	if (e == PAR_OK) {
		fill_point(&point, m);
		e = warm_file_write(&a, m, &point);
	}
	warm_close(&point);
	par_conf_free(a.conf);
	return e;
}

static void swap_names(model_names *names, int i, int k)
{
	char name[MODEL_NAME];
	memcpy(name, names->name[i], MODEL_NAME);
	memcpy(names->name[i], names->name[k], MODEL_NAME);
	memcpy(names->name[k], name, MODEL_NAME);
}

/* a week later, in another order: SKUs that are new and gone, or in another network; a lane that is new */
static void change(model *m)
{
	for (int64_t k = 0; k < m->sku.n; k++)
		snprintf(m->sku.name[k], MODEL_NAME, "SKU%d", SKUS + 10 - (int)k);
	snprintf(m->lane.name[0], MODEL_NAME, "HUB1-HARBOUR-SEA");
	swap_names(&m->lane, 2, 4);
	swap_names(&m->supplier, 0, 1);
	swap_names(&m->node, 2, 3);
	swap_names(&m->market, 0, 1);
	for (int t = 0; t < m->periods; t++)
		m->period_date[t] += 7;
}

/* the words of a column that goes from node to node */
static void shipment_words(const model *m)
{
	char got[FLOW_NAME], want[FLOW_NAME], day[11];
	const flow *f = m->flow[0];
	while (f->kind != FLOW_SHIPMENT)
		f++;
	snprintf(want, sizeof want, "shipment/-/%s/%s/-/%s/-", m->lane.name[f->lane],
	    m->node.name[f->node], par_date_text(day, m->period_date[f->period]));
	ok(strcmp(flow_name(m, f, got), want) == 0,
	    "a shipment is told by kind, lane, node and day");
}

static void read_nights(const par_world *w, const model *last, const model *one, model *more)
{
	shipment_words(last);
	ok(leave(w, last) == PAR_OK, "one of %d SKUs leaves a file", SKUS);
	ok(tonight("the same", last, last) == SKUS, "which knows them all");
	change(more);
	tonight("a week later", more, last);
	ok(tonight("one network, no overflow", one, last) > 0, "some of whose SKUs it knows");
	ok(leave(w, one) == PAR_OK, "one of 43 SKUs leaves a file");
	tonight("two networks, with overflow", last, one);
}

static void nights(const par_world *w)
{
	model last = {0}, one = {0}, more = {0};
	generate_options old = {.skus = SKUS, .seed = 1, .periods = 8, .two_classes = true};
	generate_options plain = {.skus = 43, .seed = 1, .periods = 8, .hard = true};
	generate_options new = {.skus = SKUS - 40, .seed = 1, .periods = 8, .two_classes = true};
	par_err e = generate(&last, w, &old);
	e = e == PAR_OK ? generate(&one, w, &plain) : e;
	e = e == PAR_OK ? generate(&more, w, &new) : e;
	ok(e == PAR_OK, "three models are made");
	if (e == PAR_OK)
		read_nights(w, &last, &one, &more);
	model_drop(&last);
	model_drop(&one);
	model_drop(&more);
}

/* a small file of two SKUs, two networks of two columns and one; what is named `without` is left out */
typedef struct {
	const char *format, *without;
	int version;
	double product;
	int32_t wide[2], place[3];
	int16_t pattern[2];
	int64_t slots;
} parts;

static const parts fine = {"entrepot-plan-warm", "", 1, 1, {2, 1}, {0, 1, 1}, {0, 1}, 2};

static par_err put(const parts *b, par_store *s, const char *name, par_dtype type, const char *dim,
    int64_t n, const void *data)
{
	par_store_var var = {name, type, {dim}, NULL, name, NULL};
	if (strcmp(name, b->without) == 0)
		return PAR_OK;
	return par_store_put(s, &var, tap_rank == 0 ? 0 : n, tap_rank == 0 ? n : 0, data);
}

static par_err put_units(const parts *b, par_store *s)
{
	const float x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	par_store_var var = {"x", PAR_F32, {"sku", "slot"}, NULL, "x", NULL};
	if (strcmp("x", b->without) == 0)
		return PAR_OK;
	return par_store_put(s, &var, tap_rank == 0 ? 0 : 2, tap_rank == 0 ? 2 : 0, x);
}

static par_err put_parts(const parts *b, par_store *s)
{
	const double number[1] = {1};
	par_err e = par_store_dim_text(s, "sku", 2, 4, "SKU1SKU2");
	e = e == PAR_OK ? par_store_dim_text(s, "link", 1, 4, "none") : e;
	e = e == PAR_OK ? par_store_dim_text(s, "column", 2, 1, "ab") : e;
	e = e == PAR_OK ? par_store_bare_dim(s, "one", 1) : e;
	e = e == PAR_OK ? par_store_bare_dim(s, "pattern", 2) : e;
	e = e == PAR_OK ? par_store_bare_dim(s, "place", 3) : e;
	e = e == PAR_OK ? par_store_bare_dim(s, "slot", b->slots) : e;
	e = e == PAR_OK ? put(b, s, "mean_product", PAR_F64, "one", 1, &b->product) : e;
	e = e == PAR_OK ? put(b, s, "link_price", PAR_F64, "link", 1, number) : e;
	e = e == PAR_OK ? put(b, s, "link_slack", PAR_F64, "link", 1, number) : e;
	e = e == PAR_OK ? put(b, s, "link_overflow", PAR_F64, "link", 1, number) : e;
	e = e == PAR_OK ? put(b, s, "pattern_columns", PAR_I32, "pattern", 2, b->wide) : e;
	e = e == PAR_OK ? put(b, s, "place_column", PAR_I32, "place", 3, b->place) : e;
	e = e == PAR_OK ? put(b, s, "sku_pattern", PAR_I16, "sku", 2, b->pattern) : e;
	return e == PAR_OK ? put_units(b, s) : e;
}

static par_err read_parts(const model *m, parts b, int64_t *known)
{
	warm_point w;
	par_store *s;
	const char *path = scratch_path("parts.h5");
	par_err e = par_agree(m->deal.world, warm_open(&w, &m->problem, &m->deal));
	if (e == PAR_OK)
		e = par_store_create(&s, m->deal.world, path, b.format, b.version, 0);
	if (e == PAR_OK)
		e = par_store_publish(s, put_parts(&b, s));
	ok(e == PAR_OK, "a file is made");
	if (e == PAR_OK)
		e = warm_file_read(&w, m, path, known);
	warm_close(&w);
	return e;
}

static void refused(const model *m, const char *what, const char *where, parts b)
{
	int64_t known;
	par_err e = read_parts(m, b, &known);
	ok(e == PAR_E_DATA && strstr(par_err_why(), "parts.h5") && strstr(par_err_why(), where),
	    "%s is refused: %s", what, par_err_why() + strlen(scratch));
}

static void bad_files(const par_world *w)
{
	model m;
	parts b;
	int64_t known = -1;
	ok(generate(&m, w, &(generate_options){.skus = 3, .seed = 1, .periods = 8}) == PAR_OK,
	    "a model of 3 SKUs is made");
	ok(read_parts(&m, fine, &known) == PAR_OK && known == 0,
	    "a file of another network is read, and knows no SKU");
#define BAD(what, where, field, ...) \
	b = fine;                    \
	b.field = __VA_ARGS__;       \
	refused(&m, what, where, b)
	BAD("another format", "", format, "entrepot-plan");
	BAD("a newer version", "", version, 2);
	BAD("a product of 0", "/mean_product", product, 0);
	BAD("a product below 0", "/mean_product", product, -1);
	BAD("a product that is none", "/mean_product", product, NAN);
	BAD("an infinite product", "/mean_product", product, INFINITY);
	BAD("a network of -1 columns", "/pattern_columns", wide[0], -1);
	BAD("a network wider than its SKUs", "/pattern_columns", slots, 1);
	BAD("networks of more columns than there are", "/pattern_columns", wide[1], 2);
	BAD("networks of fewer columns", "/pattern_columns", wide[1], 0);
	BAD("a column below all names", "/place_column", place[1], -1);
	BAD("a column above all names", "/place_column", place[1], 2);
	BAD("a SKU of a network below all", "/sku_pattern", pattern[1], -1);
	BAD("a SKU of a network above all", "/sku_pattern", pattern[1], 2);
	static const char *const variable[] = {"mean_product", "link_price", "link_slack",
	    "link_overflow", "pattern_columns", "place_column", "sku_pattern", "x"};
	for (int i = 0; i < 8; i++) {
		BAD("a file with a variable missing", variable[i], without, variable[i]);
	}
	model_drop(&m);
}

int main(int argc, char **argv)
{
	par_world w;
	tap_begin(&argc, &argv);
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	scratch_begin();
	nights(&w);
	bad_files(&w);
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
