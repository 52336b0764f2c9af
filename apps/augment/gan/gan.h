/* GAN: one generator of pictures for all categories, and the discriminator that teaches it.
 *
 * The generator maps noise and a category to a picture: a dense layer to a small map, transposed convolutions with batch norm
 * whose scale and shift are the category's (Dumoulin et al. 2017), the last doubling by depth to space (Shi et al. 2016), since
 * a transposed convolution to few maps at full size costs most and gains nothing. The discriminator convolves the picture, space to
 * depth first, to a map that a dense layer reads, so that it knows where things are; its score adds a projection on the
 * category (Miyato and Koyama 2018) and sees how much the pictures of a group of the batch differ (Karras et al. 2018). All its
 * weights are divided by their spectral norm (Miyato et al. 2018), unless a gradient penalty bounds its slope, which is each
 * sample's own and leaves the differences of a group out as well (Gulrajani et al. 2017).
 *
 * The literature's GANs, beside the one that a zeroed spec has, in loss, no_spectral, penalty, critic, transposed:
 *
 *	Goodfellow et al. 2014   PAR_GAN_MINIMAX, no_spectral
 *	DCGAN                    PAR_GAN_LOGISTIC, no_spectral, transposed, noise of 100 (Radford et al. 2016)
 *	WGAN-GP                  PAR_GAN_WASSERSTEIN, penalty 10, critic 5
 *
 * A step teaches the discriminator real and generated pictures side by side, then, each `critic` steps, the generator what the
 * discriminator now says of the same generated pictures. */
#ifndef APPS_AUGMENT_GAN_GAN_H
#define APPS_AUGMENT_GAN_GAN_H

#include "grad/layers.h"
#include "train/feed.h"
#include "train/optimizer.h"

#define GAN_GROUP 8   /* pictures of the batch that are seen to differ */
#define GAN_SHARDS 48 /* that a batch is cut into, at most: ranks beyond these rest */

/* of a sample of the batch: one generated and one real picture */
enum { GAN_NOISE, GAN_LABEL, GAN_LABELS, GAN_REAL, GAN_FIELDS };

typedef struct {
	const par_world *world; /* borrowed */
	int64_t batch;          /* a multiple of GAN_GROUP */
	uint64_t seed;
	int64_t height, width, channels; /* sides that 4 divides */
	int64_t categories;
	par_gan_kind loss;
	bool no_spectral;        /* the discriminator's weights as they are */
	double penalty;          /* factor of its gradient penalty; 0: none */
	int critic;              /* steps of it to one of the generator; 0 is 1 */
	bool transposed;         /* the generator's last doubling too is a transposed convolution */
	int64_t noise;           /* numbers */
	double average;          /* factor of the generator's averaged weights */
	par_augment_spec change; /* of pictures that the discriminator sees; all 0: none */
} gan_spec;

/* one 1 a row: see gan/parts.h */
typedef struct {
	int64_t categories;
	int64_t *first;  /* owned */
	int32_t *column; /* owned */
	float *value;    /* owned */
} category_rows;

typedef struct {
	gan_spec spec;
	category_rows rows;
	par_graph *graph;
	par_value input[GAN_FIELDS];
	par_field field[GAN_FIELDS];
	par_value picture, score; /* made; of the real and the made one */
	par_value loss_judge, loss_make;
	int judge, make;               /* training passes: of the discriminator, of the generator */
	int draw, rate;                /* answers: picture, score */
	par_optimizer *judges, *makes; /* of the two */
} gan;

/* collective | planned, with first weights; gan_close releases it, also after a failure. fails: PAR_E_DATA where 4 does not
 * divide the sides, PAR_E_MEMORY */
par_err gan_open(gan *g, const gan_spec *spec);
void gan_close(gan *g);

#endif
