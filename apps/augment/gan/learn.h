/* Learn: the GAN's training, which can be stopped, killed and gone on with, with the bits of a run that nothing stopped. */
#ifndef APPS_AUGMENT_GAN_LEARN_H
#define APPS_AUGMENT_GAN_LEARN_H

#include "augment/gan/draws.h"
#include "train/trainer.h"

typedef struct {
	int64_t steps;
	double rate_discriminator, rate_generator;
	double falling; /* share of the steps, the last ones, in which rates fall to a fiftieth */
	int64_t report; /* steps between looks at what it makes */
	int patience; /* as in train/trainer.h; metric 0 is the first of `measure`; 0 where nobody looks */
	/* collective | how good pictures are, while g has the averaged weights; NULL: nobody looks */
	par_err (*measure)(void *ctx, double metric[PAR_METRICS]);
	/* as in train/trainer.h; the end is saved too */
	const char *checkpoint, *note;
	double seconds;
	bool resume;
	/* local, may be NULL */
	void (*progress)(void *ctx, int64_t step, const par_report *line);
	void *ctx;
} gan_lesson;

/* collective | g then has the weights that pictures are to be made by: the averaged ones, with patience those of the best
 * look. fails: as par_train, draws_open */
par_err gan_learn(gan *g, const draws *d, const gan_lesson *l);

#endif
