/* Columns: classifiers that learnt in different ways, and what each recalls of pictures that none has seen. */
#ifndef APPS_JUDGE_COLUMNS_H
#define APPS_JUDGE_COLUMNS_H

#include "common/judge/gain.h"
#include "common/judge/tuned.h"
#include "judge/synthetic.h"

#define COLUMN_SEEDS 100

/* recalls of one way to learn, by seed */
typedef struct {
	char name[32];
	int64_t seeds;
	double all[COLUMN_SEEDS]; /* mean of the categories' recalls */
	double rare
	    [COLUMN_SEEDS]; /* of those with under a quarter of the mean number of training pictures; NaN without any */
	double head[COLUMN_SEEDS]; /* of the others */
} column;

/* local | has a category that few training pictures? */
bool column_rare(const gallery *g, int64_t category);

/* collective | train and ask by each of the recipe's next `seeds` seeds; split: of the pictures asked. The line is logged, beside
 * `base` (may be NULL), and added to `lines`. fails: as trial_train */
par_err column_run(
    column *c, app *a, const trial_recipe *r, int split, const column *base, json_t *lines);

#endif
