#include "ingest/images_part.h"

#include "base/text.h"
#include "io/share.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void images_list_drop(images_list *l)
{
	free(l->file);
	free(l->category);
	free(l->split);
	par_dict_free(&l->names);
}

par_err images_list_room(images_list *l, int64_t room)
{
	l->room = room;
	l->file = malloc((size_t)(room + 1) * sizeof *l->file);
	l->category = malloc((size_t)(room + 1) * sizeof *l->category);
	l->split = malloc((size_t)room + 1);
	return l->file && l->category && l->split
		   ? PAR_OK
		   : par_fail(
			 PAR_E_MEMORY, "no memory for a list of %lld pictures", (long long)room);
}

par_err images_list_add(
    images_list *l, const char *file, const char *category, size_t n, uint8_t split)
{
	PAR_MUST(l->items < l->room, "item %lld of %lld", (long long)l->items, (long long)l->room);
	int32_t c = n ? par_dict_put(&l->names, category, n) : -1;
	if (n && c < 0)
		return par_fail(PAR_E_MEMORY, "no memory for categories");
	l->file[l->items] = file;
	l->category[l->items] = c;
	l->split[l->items++] = split;
	return PAR_OK;
}

/* categories in bytewise order of their names, and each item's number among them */
static par_err name_sorted(images_list *l, images *im, const char *source)
{
	int32_t n = l->names.count;
	int32_t *order = malloc(((size_t)n + 1) * sizeof *order);
	int32_t *place = malloc(((size_t)n + 1) * sizeof *place);
	const char **name = calloc((size_t)n + 1, sizeof *name);
	char *text = calloc(par_dict_bytes(&l->names) + (size_t)n + 1, 1), *at = text;
	par_err e = order && place && name && text
			? PAR_OK
			: par_fail(PAR_E_MEMORY, "no memory for categories");
	if (e == PAR_OK) {
		par_dict_sort(&l->names, order);
		for (int32_t k = 0; k < n; k++) {
			size_t bytes;
			const char *s = par_dict_text(&l->names, order[k], &bytes);
			place[order[k]] = k;
			name[k] = memcpy(at, s, bytes);
			at += bytes + 1;
		}
		for (int64_t i = 0; i < l->items; i++)
			l->category[i] = l->category[i] < 0 ? -1 : place[l->category[i]];
		e = images_name(im, source, name, n);
	}
	free(text);
	free(name);
	free(place);
	free(order);
	return e;
}

static par_err list_deal(images_list *l, app *a, images *im, par_blocks *b, const char *source)
{
	PAR_TRY(name_sorted(l, im, source));
	PAR_TRY(images_deal(a, im, b, l->items));
	for (int64_t i = 0; i < im->items_here; i++) {
		im->category[i] = l->category[b->lo + i];
		if (l->split[b->lo + i] != IMAGE_SPLIT_BY_NUMBER)
			im->split[i] = l->split[b->lo + i];
	}
	return PAR_OK;
}

par_err images_list_read(images_list *l, app *a, images *im, const char *folder, const char *source)
{
	par_blocks b;
	PAR_TRY_ALL(&a->world, list_deal(l, a, im, &b, source));
	return images_from_files(a, im, &b, folder, l->file);
}

static bool is_picture(const char *name)
{
	static const char *const ends[] = {".png", ".jpg", ".jpeg"};
	size_t n = strlen(name);
	for (int i = 0; i < 3; i++)
		if (n > strlen(ends[i]) && strcasecmp(name + n - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static par_err list_folder(images_list *l, const par_listing *from, const char *path)
{
	PAR_TRY(images_list_room(l, from->count));
	for (int64_t i = 0; i < from->count; i++) {
		const char *name = from->name[i], *slash = strchr(name, '/');
		if (is_picture(name))
			PAR_TRY(images_list_add(l, name, name, slash ? (size_t)(slash - name) : 0,
			    IMAGE_SPLIT_BY_NUMBER));
	}
	return l->items > 0 ? PAR_OK
			    : par_fail(PAR_E_DATA,
				  "%s: no pictures; wanted .png, .jpg or .jpeg files in one folder "
				  "a category",
				  par_shows(path));
}

par_err images_from_folder(app *a, images *im, const char *path)
{
	par_listing from;
	images_list l = {0};
	PAR_TRY(par_share_listing(&a->world, path, &from));
	par_err e = par_agree(&a->world, list_folder(&l, &from, path));
	if (e == PAR_OK)
		e = images_list_read(&l, a, im, path, path);
	images_list_drop(&l);
	par_listing_drop(&from);
	return e;
}
