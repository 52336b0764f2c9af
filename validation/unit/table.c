/* np: 1 2 3 4 */
/* Random tables against a reader that walks the whole file byte by byte. */
#include "io/table.h"
#include "../tap.h"
#include "comm/gather.h"
#include "io/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char schema_text[] = "[table]\nname = t\nextra = allow\nempty = allow\nkey = a, b\n"
				  "[a]\ntype = id\n[b]\ntype = int\nmin = -5\n"
				  "[c]\ntype = money\nempty = yes\nscale = 2\nround = yes\n"
				  "[d]\ntype = real\nrequired = no\n[e]\ntype = date\n";

static par_schema schema;
static uint64_t state;
static char folder[] = "/tmp/entrepot-table-XXXXXX", path[64];

static unsigned draw(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 33) % below);
}

/* a row as the table must give it */
typedef struct {
	int64_t at, b, c, e;
	double d;
	char a[24];
} row;

typedef struct {
	par_table *t;
	row *rows;
	size_t n, room;
} list;

static row *more(list *l)
{
	if (l->n == l->room) {
		l->room = 2 * l->room + 64;
		l->rows = realloc(l->rows, l->room * sizeof *l->rows);
	}
	memset(&l->rows[l->n], 0, sizeof *l->rows);
	return &l->rows[l->n++];
}

/* the same text on every rank; want gets the rows it stands for */
static size_t make_text(char *out, int rows, const char *line_end, list *want)
{
	static const char *const ids[] = {
	    "x", "\"q\"\"r\"", "\"line\n\nbreak,\"", "plain-id-of-length"};
	static const char *const plain[] = {"x", "q\"r", "line", "plain-id-of-length"};
	size_t n = (size_t)sprintf(out, "e,a,zzz,b,c,d%s", line_end);
	for (int i = 0; i < rows; i++) {
		int which = (int)draw(4), day = 1 + (int)draw(28), hour = (int)draw(24);
		row *r = more(want);
		if (which == 2) /* an id may hold no line end: in the column nobody reads */
			snprintf(r->a, sizeof r->a, "line");
		else
			snprintf(r->a, sizeof r->a, "%s", plain[which]);
		r->at = (int64_t)n;
		r->b = i - 5;
		int cents = (int)draw(3);
		r->c = cents == 0 ? PAR_COLUMN_NONE : cents == 1 ? -1205 : 1234567890112;
		r->d = draw(2) ? NAN : (int)draw(1000) / 4.0;
		r->e = (int64_t)(19723 + day - 1) * 24 + hour;
		n += (size_t)sprintf(out + n, "2024-01-%02d %02d:30,%s,%s,%lld,%s,", day, hour,
		    which == 2 ? "line" : ids[which], which == 2 ? ids[2] : "z\t", (long long)r->b,
		    cents == 0   ? ""
		    : cents == 1 ? "-12.05"
				 : "12345678901.1150");
		if (!isnan(r->d))
			n += (size_t)sprintf(out + n, "%.2f", r->d);
		n += (size_t)sprintf(out + n, "%s", i + 1 == rows && draw(2) ? "" : line_end);
	}
	return n;
}

static par_err collect(void *ctx, const par_batch *b)
{
	list *l = ctx;
	for (int64_t i = 0; i < b->rows; i++) {
		row *r = more(l);
		size_t n;
		const char *s = par_dict_text(par_table_dict(l->t, 0), b->column[0].id[i], &n);
		memcpy(r->a, s, n);
		r->at = b->at[i];
		r->b = b->column[1].value[i];
		r->c = b->column[2].value[i];
		r->d = b->column[3].real ? b->column[3].real[i] : NAN;
		r->e = b->column[4].value[i];
	}
	return PAR_OK;
}

static bool same(const row *x, const row *y, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool d = x[i].d == y[i].d || (isnan(x[i].d) && isnan(y[i].d));
		if (x[i].at != y[i].at || x[i].b != y[i].b || x[i].c != y[i].c || !d ||
		    x[i].e != y[i].e || strcmp(x[i].a, y[i].a) != 0)
			return false;
	}
	return true;
}

static void store(const par_world *w, const char *text, size_t n)
{
	if (w->rank == 0) {
		FILE *f = fopen(path, "wb");
		fwrite(text, 1, n, f);
		fclose(f);
	}
	par_agree(w, PAR_OK);
}

/* rows of all ranks, one after another, are those of the file */
static bool reads_back(const par_world *w, const list *want, size_t block)
{
	par_table t;
	list got = {.t = &t};
	void *all;
	int64_t total;
	par_table_options o = {.block = block, .scratch = folder, .keys = true};
	if (par_table_open(&t, w, path, &schema, &o) != PAR_OK)
		return false;
	bool fine = par_table_read(&t, collect, &got) == PAR_OK && t.rows == (int64_t)want->n;
	par_gather_rows(w, got.rows, (int64_t)got.n, sizeof *got.rows, &all, &total);
	fine &= total == (int64_t)want->n && same(all, want->rows, want->n);
	for (size_t i = 0; i < want->n; i += 7) {
		int64_t line, wanted = 1;
		char piece[1 << 16];
		FILE *f = fopen(path, "rb");
		size_t n = fread(piece, 1, sizeof piece, f);
		fclose(f);
		for (size_t k = 0; k < n && (int64_t)k < want->rows[i].at; k++)
			wanted += piece[k] == '\n';
		fine &= par_table_line(&t, want->rows[i].at, &line) == PAR_OK && line == wanted;
	}
	free(all);
	free(got.rows);
	par_table_close(&t);
	return fine;
}

static void random_tables(const par_world *w)
{
	static const size_t blocks[] = {1, 2, 7, 64, 1000, 1 << 19};
	static char text[1 << 16];
	for (int k = 0; k < 6; k++) {
		bool fine = true;
		for (int i = 0; i < 12; i++) {
			list want = {0};
			int rows = i < 5 ? i : (int)draw(blocks[k] < 8 ? 20 : 300);
			size_t n = make_text(text, rows, i % 2 ? "\r\n" : "\n", &want);
			store(w, text, n);
			fine &= reads_back(w, &want, blocks[k]);
			free(want.rows);
		}
		ok(fine, "12 tables of 0 to 300 rows come out whole from blocks of %d bytes",
		    (int)blocks[k]);
	}
}

/* text with one fault somewhere is refused at the same place from any block size */
static void faults(const par_world *w)
{
	static char text[1 << 16];
	bool fine = true;
	for (int i = 0; i < 40; i++) {
		list want = {0};
		par_table t;
		size_t n = make_text(text, 40, "\n", &want);
		row *bad = &want.rows[draw(40)];
		/* the row's date begins there: month 21 */
		text[bad->at + 5] = '2';
		char places[3][256];
		for (int k = 0; k < 3; k++) {
			par_table_options o = {
			    .block = (size_t[]){5, 333, 1 << 19}[k], .scratch = folder};
			store(w, text, n);
			par_err e = par_table_open(&t, w, path, &schema, &o);
			if (e == PAR_OK) {
				e = par_table_read(&t, collect, &(list){.t = &t});
				par_table_close(&t);
			}
			fine &= e == PAR_E_DATA;
			snprintf(places[k], sizeof places[k], "%s", par_err_why());
		}
		fine &= strcmp(places[0], places[1]) == 0 && strcmp(places[1], places[2]) == 0;
		free(want.rows);
	}
	ok(fine, "a fault is told in the same words from any block size");
}

/* a quote that never closes, with far more behind it than a record may have */
static void open_quote(const par_world *w)
{
	enum { BEFORE = 400, BEHIND = 3 << 20 };
	list want = {0};
	par_table t;
	char *text = malloc(BEHIND + (1 << 16));
	size_t n = make_text(text, BEFORE, "\n", &want);
	text[n++] = '"';
	memset(text + n, 'x', BEHIND);
	n += BEHIND;
	bool fine = true;
	for (int k = 0; k < 3; k++) {
		par_table_options o = {
		    .block = (size_t[]){16, 5000, 1 << 19}[k], .scratch = folder};
		store(w, text, n);
		par_err e = par_table_open(&t, w, path, &schema, &o);
		if (e == PAR_OK) {
			e = par_table_read(&t, collect, &(list){.t = &t});
			par_table_close(&t);
		}
		fine &= e == PAR_E_DATA;
	}
	ok(fine, "an open quote is refused whatever follows and from any block size");
	free(want.rows);
	free(text);
}

/* runs of equal fields take a short cut that an empty field must not confuse */
static par_err same_ids(void *ctx, const par_batch *b)
{
	int32_t *got = ctx;
	for (int64_t i = 0; i < b->rows; i++)
		got[b->column[1].value[i]] = b->column[0].id[i];
	return PAR_OK;
}

static void gaps(const par_world *w)
{
	static const char rules[] = "[a]\ntype = id\nrequired = no\n[b]\ntype = int\n";
	static const char text[] = "a,b\nx,0\n,1\nx,2\nx,3\ny,4\n,5\n";
	int32_t got[6] = {-2, -2, -2, -2, -2, -2};
	par_schema two;
	par_table t;
	par_table_options o = {.scratch = folder};
	par_schema_parse(&two, "two.ini", rules, sizeof rules - 1);
	store(w, text, sizeof text - 1);
	par_err e = par_table_open(&t, w, path, &two, &o);
	if (e == PAR_OK)
		e = par_table_read(&t, same_ids, got);
	bool mine = got[0] == -2 || (got[1] == -1 && got[0] == 0 && got[2] == 0 && got[3] == 0 &&
					got[4] == 1 && got[5] == -1);
	ok(e == PAR_OK && mine, "an empty field between equal ones changes neither");
	par_table_close(&t);
}

static void keys(const par_world *w)
{
	static const char text[] =
	    "e,a,b,c\n2024-01-01,x,1,\n2024-01-01,y,1,\n2024-01-01,\"y\",2,\n"
	    "2024-01-01,y,2,\n2024-01-01,x,1,\n2024-01-01,y,2,\n";
	par_table t;
	par_table_options o = {.block = 8, .scratch = folder, .keys = true};
	store(w, text, sizeof text - 1);
	par_err e = par_table_open(&t, w, path, &schema, &o);
	if (e == PAR_OK)
		e = par_table_read(&t, collect, &(list){.t = &t});
	char want[160];
	snprintf(want, sizeof want, "%s:5:1: the key of this row stands on line 4 already", path);
	ok(e == PAR_E_DATA && strncmp(par_err_why(), want, strlen(want)) == 0,
	    "the first row whose key stood before is told with both lines");
	par_table_close(&t);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	if (w.rank == 0 && !mkdtemp(folder))
		return 1;
	MPI_Bcast(folder, sizeof folder, MPI_CHAR, 0, w.comm);
	snprintf(path, sizeof path, "%s/t.csv", folder);
	state = 88172645463325252u;
	ok(par_schema_parse(&schema, "t.ini", schema_text, sizeof schema_text - 1) == PAR_OK,
	    "the schema reads");
	random_tables(&w);
	faults(&w);
	open_quote(&w);
	gaps(&w);
	keys(&w);
	if (w.rank == 0) {
		unlink(path);
		rmdir(folder);
	}
	par_world_close(&w);
	return tap_end();
}
