/* Kept: the GAN's weights in augment.model.h5, for the next night to go on from.
 *
 * What belongs to a category goes by its name: categories that are new begin as a new GAN's do, those that went are left out. */
#ifndef APPS_AUGMENT_KEPT_H
#define APPS_AUGMENT_KEPT_H

#include "augment/gan/gan.h"
#include "common/gallery.h"

/* collective | the weights as they stand, published. fails: as par_store_publish */
par_err kept_write(const gan *n, app *a, const gallery *g);
/* collective | weights of augment.warm into a GAN that has not learnt yet
 * fails: as par_store_open; PAR_E_DATA naming what another kind of GAN wrote */
par_err kept_read(gan *n, app *a, const gallery *of);

#endif
