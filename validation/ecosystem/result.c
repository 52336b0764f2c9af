/* result FILE: write one small result with everything that results have, from any number of ranks: text
 * ids, dates, missing values, text beside a dimension, a group, no rows, attributes of every kind. */
#include "io/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SKUS 5
#define DAYS 4
#define STEPS 3

static par_err dims(par_store *s)
{
	static const int64_t days[DAYS] = {20453, 20454, 20455, 20456};
	static const double quantiles[STEPS] = {0.1, 0.5, 0.9};
	PAR_TRY(par_store_dim_text(s, "sku", SKUS, 7,
	    "A1\0\0\0\0\0"
	    "B-22\0\0\0"
	    "Caf\xc3\xa9\0\0"
	    "\xe5\x8c\x85\xe8\xa3\x85\0"
	    "EE55EE5"));
	PAR_TRY(par_store_dim(s, "time", DAYS, PAR_I64, days));
	PAR_TRY(par_store_attr_text(s, "time", "units", "days since 1970-01-01"));
	PAR_TRY(par_store_attr_text(s, "time", "calendar", "proleptic_gregorian"));
	PAR_TRY(par_store_attr_text(s, "time", "standard_name", "time"));
	PAR_TRY(par_store_dim(s, "quantile", STEPS, PAR_F64, quantiles));
	PAR_TRY(par_store_dim(s, "item", 0, PAR_I64, NULL));
	PAR_TRY(par_store_put_text(
	    s, "category", "sku", SKUS, 5, "tea\0\0soap\0tea\0\0soap\0tea\0\0", "what it is"));
	PAR_TRY(par_store_attr_text(s, NULL, "title", "caf\xc3\xa9"));
	return par_store_attr_int(s, NULL, "seed", 42);
}

/* value of a cell: its number, and every seventh is missing */
static par_err numbers(par_store *s, const par_world *w)
{
	static const float none = -1;
	static const int32_t no_price = -1;
	int64_t lo = SKUS * w->rank / w->size, hi = SKUS * (w->rank + 1) / w->size;
	float units[SKUS * DAYS * STEPS];
	int32_t price[SKUS * DAYS];
	int16_t model[SKUS];
	for (int64_t i = lo; i < hi; i++) {
		model[i - lo] = (int16_t)(i * i - 3);
		for (int64_t j = 0; j < DAYS; j++)
			price[(i - lo) * DAYS + j] = (i + j) % 7 ? (int32_t)(100 * i + j)
								 : no_price;
		for (int64_t k = 0; k < DAYS * STEPS; k++)
			units[(i - lo) * DAYS * STEPS + k] = k % 7 ? (float)(i * 100 + k) / 4
								   : none;
	}
	par_store_var u = {.name = "units",
	    .type = PAR_F32,
	    .dims = {"sku", "time", "quantile"},
	    .units = "1",
	    .long_name = "units sold",
	    .fill = &none};
	par_store_var p = {.name = "price",
	    .type = PAR_I32,
	    .dims = {"sku", "time"},
	    .units = "0.01 USD",
	    .fill = &no_price};
	par_store_var m = {.name = "quality/model", .type = PAR_I16, .dims = {"sku"}};
	par_store_var e = {.name = "weight", .type = PAR_F32, .dims = {"item", "quantile"}};
	PAR_TRY(par_store_put(s, &u, lo, hi - lo, units));
	PAR_TRY(par_store_put(s, &p, lo, hi - lo, price));
	PAR_TRY(par_store_put(s, &m, lo, hi - lo, model));
	return par_store_put(s, &e, 0, 0, NULL);
}

static par_err write_result(const par_world *w, const char *path)
{
	par_store *s;
	PAR_TRY(par_store_create(&s, w, path, "entrepot-example", 1, 0));
	par_err e = dims(s);
	if (e == PAR_OK)
		e = numbers(s, w);
	if (e == PAR_OK)
		return par_store_publish(s, PAR_OK);
	par_store_discard(s);
	return e;
}

int main(int argc, char **argv)
{
	par_world w;
	int unused;
	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &unused);
	par_world_open(&w, MPI_COMM_WORLD);
	par_err e = write_result(&w, argc == 2 ? argv[1] : "result.h5");
	if (e != PAR_OK && w.rank == 0)
		fprintf(stderr, "result: error: %s\n", par_err_why());
	par_world_close(&w);
	MPI_Finalize();
	return par_err_status(e);
}
