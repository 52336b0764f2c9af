/* State numbers: an iterate (solve/iterate.h) to and from a solve_state. Inside of solve/. */
#ifndef APPS_PLAN_SOLVE_STATE_NUMBERS_H
#define APPS_PLAN_SOLVE_STATE_NUMBERS_H

#include "plan/solve/iterate.h"
#include "plan/solve/state.h"

/* local | room for the state of an iterate and for `more` numbers alike on all ranks, which come first;
 * state_close also after a failure. fails: PAR_E_MEMORY */
par_err state_open(solve_state *s, const iterate *it, int more);
void state_close(solve_state *s);

/* local | all but those `more` numbers */
void state_take(solve_state *s, const iterate *it, int more);
/* local | the iterate is where it was, and the next iterate_build makes no step */
void state_give(const solve_state *s, iterate *it, int more);

#endif
