/* Page: every category in pictures, scores and a plain verdict, as one HTML file beside the result. */
#ifndef APPS_AUGMENT_PAGE_H
#define APPS_AUGMENT_PAGE_H

#include "augment/output.h"

/* collective | augment.html: of each category real pictures, made ones, and below each made one the real one it is nearest to; it
 * needs no script, no network and no other file. q: as made pictures of filler f, made[f], were measured.
 * fails: PAR_E_MEMORY, as par_publish_text */
par_err page_write(app *a, const night *n, quality *q, const made_set *made);

#endif
