/* Every setting of every program: the table is the checker, the documentation and the source of the
 * command-line options. One night.ini serves all programs, so each knows them all. */
#include "common/app.h"

#include <limits.h>

/* clang-format off */
const par_conf_key app_settings[] = {
	{"run", "seed", PAR_CONF_INT, "1", 0, INT_MAX, NULL, "seed",
	    "seed of every random number"},
	{"run", "patience", PAR_CONF_INT, "300", 1, 86400, NULL, NULL,
	    "seconds a phase may go without a sign of life before the watchdog ends the job"},
	{"run", "kernels", PAR_CONF_CHOICE, "auto", 0, 0, "auto plain avx2 avx512", NULL,
	    "kernel set; auto takes the best that every rank has"},

	{"forecast", "in", PAR_CONF_INPUT, NULL, 0, 0, NULL, "in",
	    "catalog.h5 with the sales history"},
	{"forecast", "out", PAR_CONF_OUTPUT, NULL, 0, 0, NULL, "out",
	    "forecast.h5 to write"},
	{"forecast", "horizon", PAR_CONF_INT, "28", 1, 1000, NULL, "horizon",
	    "steps ahead, in periods of the catalog"},
	{"forecast", "season", PAR_CONF_INT, "0", 0, 1000, NULL, "season",
	    "periods in a season; 0 takes the catalog's"},
};
/* clang-format on */

const int app_settings_count = sizeof app_settings / sizeof app_settings[0];
