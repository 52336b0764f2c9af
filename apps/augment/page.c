#include "augment/page.h"

#include "common/svg.h"
#include "io/picture.h"
#include "io/publish.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARK "<!DOCTYPE html>\n<!-- entrepot-augment -->\n"
#define GAP 2 /* cells between pictures of a strip */

static const char style[] =
    "<style>\n:root{color-scheme:light dark;--line:#ccc;--soft:#666}\n"
    "@media(prefers-color-scheme:dark){:root{--line:#444;--soft:#aaa}}\n"
    "body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:1rem}\n"
    "h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2.2rem 0 .3rem}\n"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
    "th,td{border-bottom:1px solid var(--line);padding:.2rem .7rem .2rem 0;text-align:right}\n"
    "th:first-child,td:first-child{text-align:left}\n"
    ".wide{overflow-x:auto}img{display:block;max-width:100%;height:auto;"
    "image-rendering:pixelated}\nfigure{margin:.7rem "
    "0}figcaption{color:var(--soft);font-size:.9rem}\n"
    "</style>\n";

typedef struct {
	app *a;
	const night *n;
	const quality *q;
	const made_set *made;
	int64_t shown;       /* pictures of a strip */
	const int64_t *near; /* [FILLERS][categories][shown] */
	FILE *out;
	uint8_t *strip; /* owned */
} page;

/* ---- pictures ---- */

static void put_base64(FILE *out, const unsigned char *x, size_t n)
{
	static const char digit[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < n; i += 3) {
		unsigned b = (unsigned)x[i] << 16;
		b |= i + 1 < n ? (unsigned)x[i + 1] << 8 : 0;
		b |= i + 2 < n ? x[i + 2] : 0;
		fputc(digit[b >> 18], out);
		fputc(digit[b >> 12 & 63], out);
		fputc(i + 1 < n ? digit[b >> 6 & 63] : '=', out);
		fputc(i + 2 < n ? digit[b & 63] : '=', out);
	}
}

static int64_t strip_width(const page *p)
{
	return p->shown * (p->n->g->width + GAP) - GAP;
}

/* cell NULL: nothing */
static void lay(page *p, int64_t place, const uint8_t *cell)
{
	const gallery *g = p->n->g;
	int64_t row = strip_width(p) * g->channels, each = g->width * g->channels;
	uint8_t *at = p->strip + place * (g->width + GAP) * g->channels;
	for (int64_t y = 0; cell && y < g->height; y++)
		memcpy(at + y * row, cell + y * each, (size_t)each);
}

static void clear(page *p)
{
	const gallery *g = p->n->g;
	memset(p->strip, 128, (size_t)(strip_width(p) * g->height * g->channels));
}

static par_err put_strip(page *p, const char *what, const char *category)
{
	unsigned char *png;
	size_t n;
	const gallery *g = p->n->g;
	int64_t wide = strip_width(p), zoom = g->width < 48 ? 2 : 1;
	PAR_TRY(
	    par_picture_encode(p->strip, (int)g->height, (int)wide, (int)g->channels, &png, &n));
	fprintf(p->out, "<figure><img width=\"%lld\" height=\"%lld\" alt=\"%s, ",
	    (long long)(wide * zoom), (long long)(g->height * zoom), what);
	svg_text(p->out, category);
	fputs("\" src=\"data:image/png;base64,", p->out);
	put_base64(p->out, png, n);
	fprintf(p->out, "\"><figcaption>%s</figcaption></figure>\n", what);
	free(png);
	return PAR_OK;
}

static par_err put_strips(page *p, int64_t c)
{
	const gallery *g = p->n->g;
	int f = p->n->v->filler[c];
	const made_set *m = &p->made[f];
	const int64_t *near = p->near + (f * g->categories + c) * p->shown;
	int64_t real = gallery_count(g, GALLERY_TRAIN, c), made = made_count(m, c);
	clear(p);
	for (int64_t i = 0; i < p->shown && i < real; i++)
		lay(p, i, gallery_cells(g, gallery_item(g, GALLERY_TRAIN, c, i)));
	PAR_TRY(put_strip(p, "real", gallery_name(g, c)));
	if (made == 0)
		return PAR_OK;
	clear(p);
	for (int64_t i = 0; i < p->shown && i < made; i++)
		lay(p, i, made_cells(m, m->first[c] + i));
	PAR_TRY(put_strip(p, "made", gallery_name(g, c)));
	clear(p);
	for (int64_t i = 0; i < p->shown && i < made; i++)
		lay(p, i, near[i] >= 0 ? gallery_cells(g, near[i]) : NULL);
	return put_strip(p, "the real picture nearest to each made one", gallery_name(g, c));
}

/* ---- words ---- */

static void put_number(FILE *out, double x, const char *unit)
{
	if (isnan(x))
		fputs("<td>&ndash;</td>", out);
	else
		fprintf(out, "<td>%.*f%s</td>", fabs(x) < 10 ? 2 : 1, x, unit);
}

static void put_verdict(const page *p, int64_t c)
{
	const verdict *v = p->n->v;
	const gain *g = &v->gain[c];
	int f = v->filler[c];
	if (p->n->each[c] == 0)
		fputs("No pictures were made.", p->out);
	else if (v->weight[c] > 0)
		fprintf(p->out,
		    "<strong>Weight %.2f</strong> (%s): classifiers recall %+.2f points more of it "
		    "(%+.2f to %+.2f at 95 %%).",
		    (double)v->weight[c], filler_name[f], 100 * g->mean, 100 * g->low,
		    100 * g->high);
	else
		fputs("<strong>Weight 0, no gain</strong>: classifiers with tuned ordinary "
		      "augmentation "
		      "are as good without these pictures.",
		    p->out);
	if (p->n->each[c] > 0 && !p->n->passed[f][c]) {
		quality_metric why = QUALITY_FID;
		quality_passes(p->q, &p->made[f], c, p->n->quality[f][c], &why);
		fprintf(p->out,
		    " Not alike enough: <em>%s</em> is outside of what real pictures allow.",
		    quality_words[why].name);
	}
}

static void put_scores(const page *p, int64_t c)
{
	const double *v = p->n->quality[p->n->v->filler[c]][c];
	static const struct {
		const char *name;
		quality_metric made, real;
	} line[] = {{"FID (lower is better)", QUALITY_FID, QUALITY_FID_HOLDOUT},
	    {"coverage", QUALITY_COVERAGE, QUALITY_COVERAGE_HOLDOUT},
	    {"right label, share", QUALITY_LABEL, QUALITY_LABEL_HOLDOUT},
	    {"precision", QUALITY_PRECISION, QUALITY_METRICS},
	    {"recall", QUALITY_RECALL, QUALITY_METRICS},
	    {"spread (1 is alike)", QUALITY_SPREAD, QUALITY_METRICS},
	    {"nearer to training pictures (0.5: none copied)", QUALITY_COPIES, QUALITY_METRICS},
	    {"nearest over second nearest (1 is alike)", QUALITY_NNDR, QUALITY_METRICS}};
	fputs("<div class=\"wide\"><table><tr><th>measure</th><th>made</th><th>real, held "
	      "out</th></tr>\n",
	    p->out);
	for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
		fprintf(p->out, "<tr><td>%s</td>", line[i].name);
		put_number(p->out, v[line[i].made], "");
		put_number(p->out, line[i].real == QUALITY_METRICS ? NAN : v[line[i].real], "");
		fputs("</tr>\n", p->out);
	}
	fputs("</table></div>\n", p->out);
}

static par_err put_category(page *p, int64_t c)
{
	const gallery *g = p->n->g;
	fprintf(p->out, "<section id=\"c%lld\"><h2>", (long long)c);
	svg_text(p->out, gallery_name(g, c));
	fprintf(p->out, "</h2>\n<p>%lld real training pictures, %lld made. ",
	    (long long)gallery_count(g, GALLERY_TRAIN, c), (long long)p->n->each[c]);
	put_verdict(p, c);
	fputs("</p>\n", p->out);
	PAR_TRY(put_strips(p, c));
	if (p->n->each[c] > 0)
		put_scores(p, c);
	fputs("</section>\n", p->out);
	return PAR_OK;
}

static void put_overview(const page *p)
{
	const gallery *g = p->n->g;
	fputs(
	    "<div class=\"wide\"><table><tr><th>category</th><th>real</th><th>made</th><th>FID</th>"
	    "<th>coverage</th><th>right label</th><th>passed</th><th>weight</th></tr>\n",
	    p->out);
	for (int64_t c = 0; c < g->categories; c++) {
		int f = p->n->v->filler[c];
		const double *v = p->n->quality[f][c];
		fprintf(p->out, "<tr><td><a href=\"#c%lld\">", (long long)c);
		svg_text(p->out, gallery_name(g, c));
		fprintf(p->out, "</a></td><td>%lld</td><td>%lld</td>",
		    (long long)gallery_count(g, GALLERY_TRAIN, c), (long long)p->n->each[c]);
		put_number(p->out, v[QUALITY_FID], "");
		put_number(p->out, v[QUALITY_COVERAGE], "");
		put_number(p->out, 100 * v[QUALITY_LABEL], " %");
		fprintf(p->out, "<td>%s</td><td>%.2f</td></tr>\n",
		    p->n->passed[f][c] ? "yes" : "no", (double)p->n->v->weight[c]);
	}
	fputs("</table></div>\n", p->out);
}

static void put_summary(const page *p)
{
	const verdict *v = p->n->v;
	const tagger *x = p->n->tags;
	const gain *g = &v->gain[p->n->g->categories];
	if (v->proven)
		fprintf(p->out,
		    "<p><strong>Made pictures help</strong>: with those that have weight, "
		    "classifiers "
		    "recall %+.2f points more (%+.2f to %+.2f at 95 %%).</p>\n",
		    100 * g->mean, 100 * g->low, 100 * g->high);
	else
		fputs("<p><strong>No gain</strong>: no made picture has proven to help a "
		      "classifier that "
		      "learns with tuned ordinary augmentation, and all have weight 0.</p>\n",
		    p->out);
	fprintf(p->out,
	    "<p>%lld uncategorised pictures were tagged by a classifier that is right on %.1f %% "
	    "of "
	    "validation pictures; its confidence is off by %.1f points in the mean.</p>\n",
	    (long long)x->n, 100 * x->accuracy, 100 * x->error);
}

static par_err put_all(page *p)
{
	fputs(MARK "<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
		   "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
		   "<title>Made pictures by category</title>\n",
	    p->out);
	fputs(style, p->out);
	fputs("</head><body><main><h1>Made pictures by category</h1>\n", p->out);
	put_summary(p);
	put_overview(p);
	for (int64_t c = 0; c < p->n->g->categories; c++)
		PAR_TRY(put_category(p, c));
	fputs("</main></body></html>\n", p->out);
	return PAR_OK;
}

/* rank 0 writes it; *text is owned by the caller */
static par_err compose(page *p, char **text)
{
	size_t size = 0;
	const gallery *g = p->n->g;
	p->strip = malloc((size_t)(strip_width(p) * g->height * g->channels));
	p->out = open_memstream(text, &size);
	par_err e = p->strip && p->out ? put_all(p)
				       : par_fail(PAR_E_MEMORY, "no memory for the page");
	if (p->out)
		fclose(p->out);
	free(p->strip);
	return e;
}

static par_err write(page *p)
{
	char path[4096], *text = NULL;
	const par_world *w = &p->a->world;
	par_err e = par_agree(w, w->rank == 0 ? compose(p, &text) : PAR_OK);
	app_beside(p->a, ".html", path, sizeof path);
	if (e == PAR_OK)
		e = par_publish_text(w, path, text, strlen(MARK));
	free(text);
	return e == PAR_OK ? app_output(p->a, path) : e;
}

par_err page_write(app *a, const night *n, quality *q, const made_set *made)
{
	int64_t shown = app_int(a, "pictures"), categories = n->g->categories;
	if (shown == 0)
		return PAR_OK;
	int64_t *near = malloc((size_t)(FILLERS * categories * shown) * sizeof *near + 1);
	page p = {.a = a, .n = n, .q = q, .made = made, .shown = shown, .near = near};
	par_err e = par_agree(
	    &a->world, near ? PAR_OK : par_fail(PAR_E_MEMORY, "no memory for the page"));
	for (int f = 0; f < FILLERS && e == PAR_OK; f++)
		e = quality_nearest(q, &made[f], shown, near + f * categories * shown);
	if (e == PAR_OK)
		e = write(&p);
	free(near);
	return e;
}
