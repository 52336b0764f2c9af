/* Optimise: solve a linear program and say only what was checked.
 *
 * A smaller program (reduce.h) is tried first; what is not an optimum there is looked at as the file states it.
 * "optimal" stands on certify_point, "infeasible" on a Farkas ray that certify_no_point accepts, "unbounded" on a ray
 * that certify_no_end accepts together with a point of the program. Everything else is "stalled", with the best
 * point met and its value and bound. */
#ifndef APPS_PLAN_LP_OPTIMISE_H
#define APPS_PLAN_LP_OPTIMISE_H

#include "plan/lp/certify.h"
#include "plan/lp/sparse.h"

typedef enum { LP_OPTIMAL, LP_INFEASIBLE, LP_UNBOUNDED, LP_STALLED } lp_status;

typedef struct {
	lp_status status;
	certificate
	    proof; /* of the point; with a ray only its bound or value, infinite, is of use */
	int iterations;
	double *x,
	    *y; /* of the program: the point and its prices, or the ray in one of them; owned */
} lp_result;

/* local | told is called after every iteration; may be NULL. fails: PAR_E_MEMORY, PAR_E_DATA when too large */
par_err lp_optimise(
    lp_result *out, const lp *m, void (*told)(void *ctx, const sparse_answer *so_far), void *ctx);
void lp_result_drop(lp_result *r);

/* local | when r->y, as prices of the program's sense, is a Farkas ray, r says infeasible and y is made that of
 * minimising. fails: PAR_E_MEMORY */
par_err lp_prove_infeasible(lp_result *r, const lp *m, bool *proved);

/* local, pure | "optimal", ... */
const char *lp_status_name(lp_status s);

#endif
