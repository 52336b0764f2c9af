/* Parts: what a GAN is built from. Inside of gan/. */
#ifndef APPS_AUGMENT_GAN_PARTS_H
#define APPS_AUGMENT_GAN_PARTS_H

#include "augment/gan/gan.h"

#define GENERATOR "generator"
#define DISCRIMINATOR "discriminator"
#define DISCRIMINATOR_FEATURES 128

/* local | the matrix of one 1 a row, by which a label picks what belongs to its category; category_rows_close releases it, also
 * after a failure. fails: PAR_E_MEMORY */
par_err category_rows_open(category_rows *r, int64_t categories);
void category_rows_close(category_rows *r);
/* labels [...] -> [..., width], weights as they are or over their spectral norm */
par_value category_rows_pick(par_graph *g, const category_rows *r, par_value labels,
    const char *name, int64_t width, bool spectral);

/* local | how often the first map doubles until it has the picture's sides */
int gan_doublings(const gan_spec *s);

/* noise [spec->noise], label [1] -> picture [height, width, channels] between -1 and 1 */
par_value generator_build(
    par_graph *g, const gan_spec *s, const category_rows *r, par_value noise, par_value label);
/* the same map of one category and of answers alone, for less: what embedding and batch norms do with a category is in the
 * weights (gan/fold.h) */
par_value generator_build_folded(par_graph *g, const gan_spec *s, par_value noise);
/* pictures [n, height, width, channels] of categories labels [n] -> scores [n, 1] */
par_value discriminator_build(par_graph *g, const gan_spec *s, const category_rows *r,
    par_value pictures, par_value labels, int64_t n);
/* picture [height, width, channels] -> what the discriminator sees in it, [DISCRIMINATOR_FEATURES], in the group at hand */
par_value discriminator_features(par_graph *g, const gan_spec *s, par_value picture);
/* as discriminator_build, but the last picture goes by the signs of the one before, along whose gradient it lies: what a gradient penalty
 * needs (grad/layers.h) */
par_value discriminator_build_tangent(par_graph *g, const gan_spec *s, const category_rows *r,
    par_value pictures, par_value labels, int64_t n);

#endif
