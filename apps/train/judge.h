/* Judge: how good answers are, as named measures. */
#ifndef APPS_TRAIN_JUDGE_H
#define APPS_TRAIN_JUDGE_H

#include "train/answers.h"

enum { JUDGE_MEASURES = 8 };

typedef struct {
	int n;
	char name[JUDGE_MEASURES][16]; /* loss, accuracy, macro_f1; loss, rmse, mae */
	double value[JUDGE_MEASURES];
	int64_t samples;
} judgement;

/* collective | measure judged answers; the same bits at any number of ranks. Macro F1 is the plain mean
 * over the classes that samples or answers have of 2 tp / (2 tp + fp + fn). fails: PAR_E_MEMORY */
par_err judge(judgement *j, const app *a, const network *n, const coding *c, const answers *x);

/* rank 0 prints it and puts it into the report as an object called what */
void judge_tell(app *a, const judgement *j, const char *what);

#endif
