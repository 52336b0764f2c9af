#include "forecast/planners/words.h"

#include <math.h>
#include <stdlib.h>

static par_err room(word_list *w)
{
	size_t n = (size_t)w->n + 1;
	w->sku = calloc(n, sizeof *w->sku);
	w->market = calloc(n, sizeof *w->market);
	w->time = calloc(n, sizeof *w->time);
	w->period = calloc(n, sizeof *w->period);
	w->units = calloc(n, sizeof *w->units);
	return w->sku && w->market && w->time && w->period && w->units
		   ? PAR_OK
		   : par_fail(PAR_E_MEMORY, "no memory for %lld overrides", (long long)w->n);
}

static int compare(const word_list *w, int64_t a, int32_t sku, int32_t market)
{
	if (w->sku[a] != sku)
		return w->sku[a] < sku ? -1 : 1;
	return (w->market[a] > market) - (w->market[a] < market);
}

static bool sound(const word_list *w, const catalog *of, int64_t i)
{
	bool after =
	    i == 0 || w->time[i] > w->time[i - 1] ||
	    (w->time[i] == w->time[i - 1] && compare(w, i - 1, w->sku[i], w->market[i]) < 0);
	return after && w->period[i] >= 0 && w->sku[i] >= -1 && w->sku[i] < of->skus &&
	       w->market[i] >= -1 && w->market[i] < of->markets && isfinite(w->units[i]);
}

static par_err check(word_list *w, const catalog *of)
{
	for (int64_t i = 0; i < w->n; i++) {
		w->period[i] = par_period_index(of->frequency, of->first_time, w->time[i]);
		if (!sound(w, of, i))
			return par_fail(PAR_E_DATA,
			    "%s:/override_time[%lld]: no sound override, or out of order; make the "
			    "catalog with entrepot-ingest",
			    of->path, (long long)i);
	}
	return PAR_OK;
}

static par_err read_text(
    const word_list *w, const catalog *of, const char *var, char **text, int *stride)
{
	int64_t n;
	PAR_TRY(par_store_get_text(of->store, var, text, &n, stride));
	return n == w->n ? PAR_OK
			 : par_fail(PAR_E_DATA, "%s:/%s: %lld entries for %lld overrides", of->path,
			       var, (long long)n, (long long)w->n);
}

par_err words_read(word_list *w, const catalog *of)
{
	static const char *const by[] = {"override", NULL};
	int64_t n = par_store_extent(of->store, "override");
	*w = (word_list){.n = n > 0 ? n : 0};
	if (w->n == 0)
		return PAR_OK;
	PAR_TRY_ALL(of->world, room(w));
	PAR_TRY(par_store_get(of->store, "override_sku", PAR_I32, by, 0, n, w->sku));
	PAR_TRY(par_store_get(of->store, "override_market", PAR_I32, by, 0, n, w->market));
	PAR_TRY(par_store_get(of->store, "override_time", PAR_I64, by, 0, n, w->time));
	PAR_TRY(par_store_get(of->store, "override_units", PAR_F32, by, 0, n, w->units));
	PAR_TRY(read_text(w, of, "override_reason", &w->reason, &w->reason_stride));
	PAR_TRY(read_text(w, of, "override_author", &w->author, &w->author_stride));
	return par_agree(of->world, check(w, of));
}

void words_drop(word_list *w)
{
	free(w->sku);
	free(w->market);
	free(w->time);
	free(w->period);
	free(w->units);
	free(w->reason);
	free(w->author);
	*w = (word_list){0};
}

int64_t words_end(const word_list *w, int64_t lo)
{
	int64_t hi = lo;
	while (hi < w->n && w->period[hi] == w->period[lo])
		hi++;
	return hi;
}

int64_t words_find(
    const word_list *w, int64_t lo, int64_t hi, int kind, int32_t sku, int32_t market)
{
	int32_t s = kind == WORDS_SERIES || kind == WORDS_SKU ? sku : -1;
	int32_t m = kind == WORDS_SERIES || kind == WORDS_MARKET ? market : -1;
	int64_t end = hi;
	while (lo < hi) {
		int64_t mid = lo + (hi - lo) / 2;
		if (compare(w, mid, s, m) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < end && compare(w, lo, s, m) == 0 ? lo : -1;
}

int words_kind(const word_list *w, int64_t word)
{
	bool sku = w->sku[word] >= 0, market = w->market[word] >= 0;
	return sku && market ? WORDS_SERIES : sku ? WORDS_SKU : market ? WORDS_MARKET : WORDS_ALL;
}
