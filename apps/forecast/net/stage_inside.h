/* What the parts of the network's stage share. Inside of net/. */
#ifndef APPS_FORECAST_NET_STAGE_INSIDE_H
#define APPS_FORECAST_NET_STAGE_INSIDE_H

#include "forecast/net/keep.h"
#include "forecast/plan.h"
#include "forecast/results.h"
#include "forecast/why.h"

enum { HELD_MOST = 4 };     /* horizons held back */
#define WINDOWS_LEAST 50000 /* of a horizon each, side by side, that are worth a network */
#define BATCH 1024
#define WARM 0.125   /* the same where the network of the night before goes on */
#define REFRESH 0.25 /* steps with everything, of those before */

typedef struct stage stage;
struct stage {
	app *a;
	const panel *p;
	const plan *f;
	results *r;
	why_parts *why;
	rhythm beat;
	history h;
	day_table c;
	window_kind kind;
	learner l;                  /* one member at a time learns */
	int at;                     /* which */
	par_shared mean[HELD_MOST]; /* of the held-back horizons */
	int members;                /* networks that forecast together */
	int64_t steps;              /* of a member */
	int64_t
	    made; /* steps of this run, seconds of them, and of those on checkpoints: of members before */
	double running, saving;
	int held;     /* horizons held back */
	int pasts;    /* of those, as many as the results have past origins */
	double share; /* of the network in what is forecast, the bank's is the rest */
	char *note;   /* owned: what a checkpoint that is gone on from must find equal */
	keep kept;    /* what the next night can go on from */
};

/* local | steps of a member for so many windows; seconds that so many steps take; bytes of history that a node holds */
int64_t stage_steps(const app *a, double windows);
double stage_seconds(const app *a, int horizon, double steps);
int64_t stage_memory(const app *a);

/* local | does the setting ask for a network in any case? */
bool stage_asked(const stage *s);
/* collective | the ends of parts are saved, and forecasts are quickly made again: whoever is asked to stop between them
 * leaves, once this run has brought something new. fails: PAR_E_AGAIN */
par_err stage_may_go_on(const stage *s);

/* collective | the members learn, anew or from the night before; s->kept tells whether they are better than the bank,
 * and then has their weights of everything, which s->l forecasts with from now on. fails: as learn_train, keep_read */
par_err stage_learn(stage *s);

/* local | the last period before the held-back horizon k, 0 the earliest */
int64_t stage_origin(const stage *s, int k);
/* collective | of members that have not seen the held-back horizons: s->kept.better and s->share; what they know of these
 * horizons. fails: as expect_all, explain_importance */
par_err stage_prove(stage *s);
par_err stage_look_back(stage *s);

#endif
