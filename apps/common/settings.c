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

	{"night", "retail", PAR_CONF_TEXT, "orange_juice", 0, 0, NULL, NULL,
	    "recipe of inputs/ that makes the night's tables"},
	{"night", "pictures", PAR_CONF_TEXT, "fashion", 0, 0, NULL, NULL,
	    "recipe of inputs/ that makes the night's pictures"},

	{"ingest", "images", PAR_CONF_INPUT, NULL, 0, 0, NULL, "images",
	    "pictures: an IDX file, a folder of PNG or JPEG files, or an index CSV"},
	{"ingest", "image_labels", PAR_CONF_INPUT, NULL, 0, 0, NULL, NULL,
	    "labels of an IDX file, when its name does not tell"},
	{"ingest", "image_names", PAR_CONF_INPUT, NULL, 0, 0, NULL, NULL,
	    "text file naming the categories of an IDX file, one a line, from label 0"},
	{"ingest", "image_size", PAR_CONF_TEXT, NULL, 0, 0, NULL, NULL,
	    "HEIGHTxWIDTH to bring pictures of files to; unset: all must have one size"},
	{"ingest", "image_validation", PAR_CONF_INT, "12", 0, 1000, NULL, NULL,
	    "one training picture in so many is for validation; 0: none"},

	{"forecast", "in", PAR_CONF_INPUT, NULL, 0, 0, NULL, "in",
	    "catalog.h5 with the sales history"},
	{"forecast", "out", PAR_CONF_OUTPUT, NULL, 0, 0, NULL, "out",
	    "forecast.h5 to write"},
	{"forecast", "horizon", PAR_CONF_INT, "28", 1, 1000, NULL, "horizon",
	    "steps ahead, in periods of the catalog"},
	{"forecast", "season", PAR_CONF_INT, "0", 0, 1000, NULL, "season",
	    "periods in a season; 0 takes the catalog's"},
	{"forecast", "season2", PAR_CONF_INT, "0", 0, 10000, NULL, NULL,
	    "periods in a second, longer season; 0 takes a week for hours, none otherwise"},
	{"forecast", "demand", PAR_CONF_CHOICE, "auto", 0, 0, "auto counts amounts", NULL,
	    "counts are never negative; auto takes counts when every observation is a whole number"},
	{"forecast", "models", PAR_CONF_TEXT, "all", 0, 0, NULL, "models",
	    "models to choose from, separated by commas"},
	{"forecast", "origins", PAR_CONF_INT, "8", 1, 64, NULL, NULL,
	    "rolling origins that choose the model and make the intervals"},
	{"forecast", "quantiles", PAR_CONF_TEXT,
	    ".005 .025 .1 .165 .2 .25 .3 .4 .5 .6 .7 .75 .8 .835 .9 .975 .995", 0, 0, NULL, NULL,
	    "quantile levels, ascending, separated by blanks"},
	{"forecast", "pictures", PAR_CONF_INT, "6", 0, 24, NULL, NULL,
	    "series drawn in the SVG beside the result, largest first; 0 draws none"},

	{"score", "history", PAR_CONF_INPUT, NULL, 0, 0, NULL, "history",
	    "catalog.h5 the forecast was made from; what it holds of later periods is not looked at"},
	{"score", "actual", PAR_CONF_INPUT, NULL, 0, 0, NULL, "actual",
	    "sales table (CSV) with what came"},
	{"score", "forecast", PAR_CONF_INPUT, NULL, 0, 0, NULL, "forecast",
	    "forecast.h5 to score"},
	{"score", "out", PAR_CONF_OUTPUT, NULL, 0, 0, NULL, "out",
	    "scores.h5 to write: every measure of every series and level"},
	{"score", "hierarchy", PAR_CONF_INPUT, NULL, 0, 0, NULL, "hierarchy",
	    "levels to score besides the series, an ini file"},
	{"score", "mase_lag", PAR_CONF_INT, "0", 0, 10000, NULL, "mase-lag",
	    "lag of the scale of MASE and MSIS, and season of Naive2; 0 takes M4's for the frequency"},
	{"score", "season", PAR_CONF_INT, "0", 0, 10000, NULL, "season",
	    "lag of the scale of the scaled quantile loss; 0 takes the catalog's season"},
	{"score", "weight_periods", PAR_CONF_INT, "28", 1, 100000, NULL, "weight-periods",
	    "last periods of the history whose sales value weighs series and nodes"},
	{"score", "clip", PAR_CONF_BOOL, "yes", 0, 0, NULL, NULL,
	    "forecasts below zero count as zero"},
};
/* clang-format on */

const int app_settings_count = sizeof app_settings / sizeof app_settings[0];
