/* Teach: the GAN that the settings ask for, trained while its pictures are looked at. */
#ifndef APPS_AUGMENT_TEACH_H
#define APPS_AUGMENT_TEACH_H

#include "augment/gan/gan.h"
#include "common/judge/quality.h"

/* collective | a GAN for the pictures, not yet trained, or with the weights of augment.warm; gan_close releases it, also after
 * a failure. fails: as gan_open, kept_read */
par_err teach_open(gan *n, app *a, const gallery *g, const uint8_t *both);
/* local | how many steps it is to learn */
int64_t teach_steps(const app *a);

/* collective | train it, from a checkpoint with --resume; n then has the weights that pictures are to be made by. What each
 * look saw is logged and told in the report. fails: as gan_learn */
par_err teach(gan *n, app *a, const gallery *g, quality *q);
/* collective | the result is published: checkpoints go */
void teach_clear(const app *a);

#endif
