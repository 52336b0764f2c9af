/* Options: the command line of every program, made from the settings table. */
#ifndef APPS_COMMON_OPTIONS_H
#define APPS_COMMON_OPTIONS_H

#include "common/app.h"

typedef struct {
	bool help, version; /* asked for: nothing else matters */
	bool resume, dry_run, json;
	bool progress;
} app_options;

/* local | settle defaults, --config, then options and --set in the order given, into conf.
 * The same on every rank, so it needs no agreement for what it reads; it never prints.
 * fails: PAR_E_USAGE naming the option (and the nearest known one), or as base/conf.h */
par_err app_options_read(
    const app_program *p, par_conf *conf, int argc, char **argv, app_options *o);

/* local | the text of --help */
void app_options_help(const app_program *p, FILE *out);

#endif
