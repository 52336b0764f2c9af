#include "common/options.h"

#include "base/text.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* what getopt_long returns for each, besides its own '?' and ':'; settings follow from FIRST_SETTING on,
 * by table index */
enum { HELP = 1, VERSION, CONFIG, SET, RESUME, DRY_RUN, JSON, PROGRESS, FIRST_SETTING = 256 };

static const struct {
	struct option option;
	const char *argument, *help;
} common[] = {
    {{"config", required_argument, NULL, CONFIG}, "FILE", "read settings from an ini file"},
    {{"set", required_argument, NULL, SET}, "SECTION.KEY=VALUE", "set any setting"},
    {{"resume", no_argument, NULL, RESUME}, NULL, "continue from the last checkpoint"},
    {{"dry-run", no_argument, NULL, DRY_RUN}, NULL,
	"print memory, work and time estimates; touch nothing"},
    {{"json", no_argument, NULL, JSON}, NULL, "print a JSON report on standard output"},
    {{"progress", required_argument, NULL, PROGRESS}, "WHEN", "auto, always or never"},
    {{"version", no_argument, NULL, VERSION}, NULL, "print the version"},
    {{"help", no_argument, NULL, HELP}, NULL, "print this help"},
};
enum { COMMON = sizeof common / sizeof common[0] };

/* a setting is an option of the program it belongs to, and of all when it is a run setting */
static bool offered(const app_program *p, const par_conf_key *k)
{
	return k->option && (strcmp(k->section, p->name) == 0 || strcmp(k->section, "run") == 0);
}

static struct option *all_options(const app_program *p, int *count)
{
	struct option *o = calloc((size_t)(COMMON + app_settings_count + 1), sizeof *o);
	PAR_MUST(o, "no memory for options");
	int n = 0;
	for (int i = 0; i < COMMON; i++)
		o[n++] = common[i].option;
	for (int i = 0; i < app_settings_count; i++)
		if (offered(p, &app_settings[i]))
			o[n++] = (struct option){
			    app_settings[i].option, required_argument, NULL, FIRST_SETTING + i};
	*count = n;
	return o;
}

static par_err no_such_option(const struct option *known, int n, const char *word)
{
	const char **names = calloc((size_t)n, sizeof *names);
	PAR_MUST(names, "no memory for option names");
	for (int i = 0; i < n; i++)
		names[i] = known[i].name;
	char bare[64] = "";
	if (strncmp(word, "--", 2) == 0)
		snprintf(bare, sizeof bare, "%.*s", (int)strcspn(word + 2, "="), word + 2);
	const char *near = par_text_nearest(bare, names, n);
	bool exact = near && strcmp(near, bare) == 0;
	par_err e = exact ? par_fail(PAR_E_USAGE, "option --%s is used wrongly; see --help", near)
		    : near
			? par_fail(PAR_E_USAGE, "unknown option %s; did you mean --%s?",
			      par_shows(word), near)
			: par_fail(PAR_E_USAGE, "unknown option %s; see --help", par_shows(word));
	free(names);
	return e;
}

static par_err take_progress(const char *when, app_options *o)
{
	if (strcmp(when, "auto") != 0 && strcmp(when, "always") != 0 && strcmp(when, "never") != 0)
		return par_fail(
		    PAR_E_USAGE, "--progress=%s: wanted auto, always or never", par_shows(when));
	o->progress = strcmp(when, "always") == 0 ||
		      (strcmp(when, "auto") == 0 && isatty(STDERR_FILENO));
	return PAR_OK;
}

static par_err take(par_conf *conf, int which, const char *value, app_options *o)
{
	switch (which) {
	case HELP:
		o->help = true;
		return PAR_OK;
	case VERSION:
		o->version = true;
		return PAR_OK;
	case SET:
		return par_conf_set(conf, value);
	case RESUME:
		o->resume = true;
		return PAR_OK;
	case DRY_RUN:
		o->dry_run = true;
		return PAR_OK;
	case JSON:
		o->json = true;
		return PAR_OK;
	case PROGRESS:
		return take_progress(value, o);
	case CONFIG: /* read before all others */
		return PAR_OK;
	default: {
		const par_conf_key *k = &app_settings[which - FIRST_SETTING];
		return par_conf_assign(conf, k->section, k->key, value);
	}
	}
}

/* options beat the file wherever they stand, so the first pass takes only --config */
static par_err pass(const struct option *known, int n, par_conf *conf, int argc, char **argv,
    bool files, app_options *o)
{
	optind = 0;
	opterr = 0;
	for (int which; (which = getopt_long(argc, argv, "+", known, NULL)) != -1;) {
		if (which == '?' || which == ':')
			return no_such_option(known, n, argv[optind - 1]);
		if (files && which == CONFIG)
			PAR_TRY(par_conf_read(conf, optarg));
		if (!files)
			PAR_TRY(take(conf, which, optarg, o));
	}
	if (optind < argc)
		return par_fail(PAR_E_USAGE, "%s: arguments are given by option; see --help",
		    par_shows(argv[optind]));
	return PAR_OK;
}

par_err app_options_read(
    const app_program *p, par_conf *conf, int argc, char **argv, app_options *o)
{
	int n;
	struct option *known = all_options(p, &n);
	*o = (app_options){.progress = isatty(STDERR_FILENO)};
	par_err e = pass(known, n, conf, argc, argv, true, o);
	if (e == PAR_OK)
		e = pass(known, n, conf, argc, argv, false, o);
	free(known);
	return e;
}

static const char *argument_of(const par_conf_key *k)
{
	static const char *const word[] = {
	    [PAR_CONF_TEXT] = "TEXT",
	    [PAR_CONF_INT] = "N",
	    [PAR_CONF_REAL] = "X",
	    [PAR_CONF_BOOL] = "yes|no",
	    [PAR_CONF_CHOICE] = "WORD",
	    [PAR_CONF_INPUT] = "FILE",
	    [PAR_CONF_OUTPUT] = "FILE",
	};
	return word[k->type];
}

static void help_line(FILE *out, const char *name, const char *argument, const char *help)
{
	char left[64];
	snprintf(
	    left, sizeof left, "--%s%s%s", name, argument ? "=" : "", argument ? argument : "");
	fprintf(out, "  %-28s %s\n", left, help);
}

static void help_setting(FILE *out, const par_conf_key *k)
{
	fprintf(out, "  %-28s %s", k->key, k->help);
	if (k->choices && k->type == PAR_CONF_CHOICE)
		fprintf(out, " (%s)", k->choices);
	if (k->otherwise)
		fprintf(out, " [%s]", k->otherwise);
	fprintf(out, "\n");
}

void app_options_help(const app_program *p, FILE *out)
{
	fprintf(out, "Usage: [mpirun -n RANKS] entrepot-%s [OPTION]...\n%s\n\nOptions\n", p->name,
	    p->purpose);
	for (int i = 0; i < app_settings_count; i++)
		if (offered(p, &app_settings[i]))
			help_line(out, app_settings[i].option, argument_of(&app_settings[i]),
			    app_settings[i].help);
	for (int i = 0; i < COMMON; i++)
		help_line(out, common[i].option.name, common[i].argument, common[i].help);
	const char *const sections[] = {p->name, "run", p->lines};
	for (int s = 0; s < 3 && sections[s]; s++) {
		fprintf(out, "\nSettings of section [%s], for --config and --set [default]\n",
		    sections[s]);
		for (int i = 0; i < app_settings_count; i++)
			if (strcmp(app_settings[i].section, sections[s]) == 0)
				help_setting(out, &app_settings[i]);
	}
	fprintf(out,
	    "\nExit status: 0 done and published, 64 usage, 65 bad data, 66 no input, 69 package\n"
	    "missing, 70 our bug, 71 memory, 73 cannot create, 74 I/O, 75 checkpoint advanced "
	    "(run\n"
	    "again with --resume), 76 an input checker died, 78 configuration, 80 hang ended,\n"
	    "81 the quality gate refused.\n");
}
