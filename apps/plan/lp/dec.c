#include "base/text.h"
#include "plan/lp/cut.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PLACE "%s:%lld:%d: "
#define AT(r, byte) (r)->file, (long long)(r)->number, (int)((byte) - (r)->line + 1)

#define NOT_NAMED (-2)

/* what stands below a heading */
typedef enum { NOTHING, PRESOLVED, BLOCKS, DEFAULT_MASTER, ROWS } section;

typedef struct {
	const char *file, *at, *end;
	const char *line, *s; /* the present line and its first word ... */
	size_t n;             /* ... up to the last one or a comment */
	int64_t number;
	const lp *m;
	cut *cut;
	section in;
	bool declared; /* NBLOCKS has come */
	int64_t base;  /* the number of the first BLOCK met, 0 or 1; -1: none yet */
	int block;     /* whose rows come now, or CUT_LINKING */
	int begun;     /* blocks that have come */
	uint8_t *has;  /* of blocks: it has come */
} reader;

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* the next line with a word; false at the end */
static bool next_line(reader *r)
{
	while (r->at < r->end) {
		const char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));
		const char *to = stop ? stop : r->end;
		r->line = r->s = r->at;
		r->at = stop ? stop + 1 : r->end;
		r->number++;
		const char *comment = memchr(r->s, '\\', (size_t)(to - r->s));
		to = comment ? comment : to;
		while (r->s < to && is_blank(*r->s))
			r->s++;
		while (to > r->s && is_blank(to[-1]))
			to--;
		r->n = (size_t)(to - r->s);
		if (r->n > 0)
			return true;
	}
	r->line = r->s = r->at;
	r->n = 0;
	r->number++;
	return false;
}

static bool is_word(const char *s, size_t n, const char *word)
{
	return n == strlen(word) && strncasecmp(s, word, n) == 0;
}

static par_err read_count(const reader *r, const char *s, size_t n, int64_t most, int64_t *v)
{
	if (par_text_int(s, n, 0, most, v) == PAR_NUM_OK)
		return PAR_OK;
	return par_fail(PAR_E_DATA, PLACE "%s; wanted a number of at most %lld", AT(r, s),
	    par_show(s, n), (long long)most);
}

static par_err read_presolved(reader *r)
{
	int64_t v;
	PAR_TRY(read_count(r, r->s, r->n, 1, &v));
	if (v == 1)
		return par_fail(PAR_E_DATA,
		    PLACE
		    "these are blocks of a presolved program; wanted PRESOLVED 0, as the file "
		    "of the program has other rows",
		    AT(r, r->s));
	return PAR_OK;
}

static par_err read_blocks(reader *r)
{
	int64_t v;
	PAR_TRY(read_count(r, r->s, r->n, r->m->rows, &v));
	r->cut->blocks = (int)v;
	r->declared = true;
	r->has = calloc((size_t)v + 1, 1);
	return r->has ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for %d blocks", r->cut->blocks);
}

static par_err read_row(reader *r)
{
	int32_t i = par_dict_find(&r->m->row_name, r->s, r->n);
	if (i < 0)
		return par_fail(PAR_E_DATA, PLACE "row %s is not one of the program", AT(r, r->s),
		    par_show(r->s, r->n));
	if (r->cut->block[i] != NOT_NAMED)
		return par_fail(
		    PAR_E_DATA, PLACE "row %s is named twice", AT(r, r->s), par_show(r->s, r->n));
	r->cut->block[i] = r->block;
	return PAR_OK;
}

static par_err begin_block(reader *r, const char *s, size_t n)
{
	int64_t v;
	if (!r->declared)
		return par_fail(PAR_E_DATA, PLACE "BLOCK before NBLOCKS", AT(r, r->s));
	PAR_TRY(read_count(r, s, n, r->cut->blocks, &v));
	if (r->base < 0)
		r->base = v > 0;
	int64_t k = v - r->base;
	if (k < 0 || k >= r->cut->blocks)
		return par_fail(PAR_E_DATA,
		    PLACE "block %lld; NBLOCKS is %d and the first was %lld", AT(r, s),
		    (long long)v, r->cut->blocks, (long long)r->base);
	if (r->has[k])
		return par_fail(
		    PAR_E_DATA, PLACE "block %lld is there already", AT(r, s), (long long)v);
	r->has[k] = 1;
	r->begun++;
	r->block = (int)k;
	r->in = ROWS;
	return PAR_OK;
}

/* true: the line is a heading, and r->in says what follows */
static bool is_heading(reader *r)
{
	static const struct {
		const char *word;
		section in;
	} heading[] = {{"PRESOLVED", PRESOLVED}, {"NBLOCKS", BLOCKS},
	    {"CONSDEFAULTMASTER", DEFAULT_MASTER}, {"MASTERCONSS", ROWS}};
	for (size_t k = 0; k < sizeof heading / sizeof *heading; k++)
		if (is_word(r->s, r->n, heading[k].word)) {
			r->in = heading[k].in;
			r->block = CUT_LINKING;
			return true;
		}
	return false;
}

static par_err read_line(reader *r)
{
	int64_t v;
	switch (r->in) {
	case PRESOLVED:
		PAR_TRY(read_presolved(r));
		break;
	case BLOCKS:
		PAR_TRY(read_blocks(r));
		break;
	case DEFAULT_MASTER:
		PAR_TRY(read_count(r, r->s, r->n, 1, &v));
		break;
	case ROWS:
		return read_row(r);
	case NOTHING:
		return par_fail(PAR_E_DATA,
		    PLACE "%s; wanted PRESOLVED, NBLOCKS, BLOCK k, MASTERCONSS or "
			  "CONSDEFAULTMASTER",
		    AT(r, r->s), par_show(r->s, r->n));
	}
	r->in = NOTHING;
	return PAR_OK;
}

static par_err take_line(reader *r)
{
	const char *blank = memchr(r->s, ' ', r->n);
	size_t first = blank ? (size_t)(blank - r->s) : r->n;
	const char *rest = r->s + first;
	while (rest < r->s + r->n && is_blank(*rest))
		rest++;
	if (is_heading(r)) {
		if (r->in == BLOCKS && r->declared)
			return par_fail(PAR_E_DATA, PLACE "a second NBLOCKS", AT(r, r->s));
		return PAR_OK;
	}
	if (is_word(r->s, first, "BLOCK"))
		return begin_block(r, rest, (size_t)(r->s + r->n - rest));
	return read_line(r);
}

static par_err finish(reader *r)
{
	if (!r->declared || r->begun < r->cut->blocks)
		return par_fail(PAR_E_DATA, PLACE "the file ends after %d of %s%d blocks",
		    AT(r, r->line), r->begun, r->declared ? "" : "at least ", r->cut->blocks);
	for (int i = 0; i < r->m->rows; i++)
		if (r->cut->block[i] == NOT_NAMED)
			r->cut->block[i] = CUT_LINKING;
	return cut_components(r->cut, r->m);
}

static par_err read_all(reader *r)
{
	if (!r->cut->block)
		return par_fail(PAR_E_MEMORY, "no memory for %d rows", r->m->rows);
	for (int i = 0; i < r->m->rows; i++)
		r->cut->block[i] = NOT_NAMED;
	while (next_line(r))
		PAR_TRY(take_line(r));
	return finish(r);
}

par_err cut_read(cut *c, const lp *m, const char *file, const char *text, size_t n)
{
	*c = (cut){.block = malloc(((size_t)m->rows + 1) * sizeof *c->block)};
	reader r = {.file = file, .at = text, .end = text + n, .m = m, .cut = c, .base = -1};
	par_err e = read_all(&r);
	free(r.has);
	if (e != PAR_OK)
		cut_drop(c);
	return e;
}
