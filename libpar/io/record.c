#include "io/record.h"

#include "comm/timing.h"
#include "io/build.h"
#include "io/json.h"
#include "io/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* how the text of every run.json begins, so that no other file is replaced */
#define MARK "{\n  \"entrepot\": \"run record\""
#define HOST 64
/* how long another job's turn may take */
#define TURN_S 10
#define POLL_MS 20

struct par_record {
	const par_world *world;
	json_t *stage, *inputs, *outputs; /* rank 0; the lists belong to the stage */
	double begun;
	char result[PATH_MAX];
};

static double now_s(void)
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static json_t *utc(double s)
{
	char text[32];
	time_t t = (time_t)s;
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

/* names of the nodes, each once, in rank order; rank 0 */
static par_err hosts_of(const par_world *w, json_t **out)
{
	char mine[HOST] = "";
	gethostname(mine, sizeof mine - 1);
	char *all = calloc(w->rank == 0 ? (size_t)w->size : 1, HOST);
	json_t *hosts = *out = json_array();
	par_err e = par_agree(
	    w, all && hosts ? PAR_OK : par_fail(PAR_E_MEMORY, "run.json: no memory to begin it"));
	if (!all || e != PAR_OK) {
		free(all);
		return e;
	}
	MPI_Gather(mine, HOST, MPI_CHAR, all, HOST, MPI_CHAR, 0, w->comm);
	for (int r = 0; w->rank == 0 && r < w->size; r++) {
		int k = 0;
		while (k < r && strcmp(all + k * HOST, all + r * HOST) != 0)
			k++;
		if (k == r)
			json_array_append_new(hosts, json_string(all + r * HOST));
	}
	free(all);
	return PAR_OK;
}

static json_t *words(int argc, char *const *argv)
{
	json_t *list = json_array();
	for (int i = 0; i < argc; i++)
		json_array_append_new(list, json_string(argv[i]));
	return list;
}

static json_t *text_or_null(const char *s)
{
	return s ? json_string(s) : json_null();
}

static void describe(par_record *r, const par_record_stage *what)
{
	r->stage = json_object();
	r->inputs = json_array();
	r->outputs = json_array();
	const char *slash = strrchr(r->result, '/');
	json_object_set_new(r->stage, "stage", json_string(what->stage));
	json_object_set_new(r->stage, "result", json_string(slash ? slash + 1 : r->result));
	json_object_set_new(r->stage, "version", json_string(par_build_version()));
	json_object_set_new(r->stage, "commit", json_string(par_build_commit()));
	json_object_set_new(r->stage, "compiler", json_string(par_build_compiler()));
	json_object_set_new(r->stage, "mpi", json_string(par_build_mpi()));
	json_object_set_new(r->stage, "hdf5", json_string(par_build_hdf5()));
	json_object_set_new(r->stage, "kernel_set", text_or_null(what->kernel_set));
	json_object_set_new(r->stage, "command", words(what->argc, what->argv));
	json_object_set_new(r->stage, "config", text_or_null(what->config));
	json_object_set_new(r->stage, "seed", json_integer(what->seed));
	json_object_set_new(r->stage, "ranks", json_integer(r->world->size));
	json_object_set_new(r->stage, "start", utc(r->begun));
	json_object_set_new(r->stage, "inputs", r->inputs);
	json_object_set_new(r->stage, "outputs", r->outputs);
}

par_err par_record_begin(par_record **out, const par_world *w, const par_record_stage *what)
{
	par_record *r = *out = calloc(1, sizeof *r);
	par_err e = par_agree(
	    w, r ? PAR_OK : par_fail(PAR_E_MEMORY, "run.json: no memory to begin it"));
	if (!r || e != PAR_OK) {
		free(r);
		*out = NULL;
		return e;
	}
	r->world = w;
	r->begun = now_s();
	snprintf(r->result, sizeof r->result, "%s", what->result);
	json_t *hosts = NULL;
	e = hosts_of(w, &hosts);
	if (e == PAR_OK && w->rank == 0) {
		describe(r, what);
		json_object_set(r->stage, "hosts", hosts);
	}
	json_decref(hosts);
	if (e != PAR_OK) {
		par_record_drop(r);
		*out = NULL;
	}
	return e;
}

void par_record_kernels(par_record *r, const char *kernel_set)
{
	if (r->world->rank == 0)
		json_object_set_new(r->stage, "kernel_set", json_string(kernel_set));
}

void par_record_report(par_record *r, const json_t *report)
{
	if (r->world->rank == 0 && json_object_size(report) > 0)
		json_object_set_new(r->stage, "report", json_deep_copy(report));
}

static par_err name_file(par_record *r, json_t *list, const char *path, par_fingerprint *out)
{
	struct stat st;
	par_fingerprint f = {.bytes = -1};
	bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
	if (par_world_max(r->world, folder) == 0)
		PAR_TRY(par_fingerprint_file(&f, r->world, path));
	if (out)
		*out = f;
	if (r->world->rank != 0)
		return PAR_OK;
	json_t *entry = json_object();
	json_object_set_new(entry, "path", json_string(path));
	if (f.bytes >= 0) {
		json_object_set_new(entry, "bytes", json_integer(f.bytes));
		json_object_set_new(entry, "xxh3_128", json_string(f.sum));
	}
	json_array_append_new(list, entry);
	return PAR_OK;
}

par_err par_record_input(par_record *r, const char *path, par_fingerprint *f)
{
	return name_file(r, r->inputs, path, f);
}

par_err par_record_output(par_record *r, const char *path)
{
	return name_file(r, r->outputs, path, NULL);
}

static json_t *timing_rows(const par_world *w)
{
	const par_timing_row *rows;
	int n = par_timing_gather(w, &rows);
	json_t *list = json_array();
	for (int i = 0; i < n; i++)
		json_array_append_new(
		    list, json_pack("{s:s,s:f,s:f,s:f,s:f}", "phase", rows[i].name, "least_s",
			      rows[i].least, "mean_s", rows[i].mean, "most_s", rows[i].most,
			      "share", rows[i].share));
	return list;
}

/* the record that stands there, or a new one; a damaged one is begun anew */
static json_t *read_record(const char *path, double begun)
{
	json_t *record = NULL;
	if (access(path, F_OK) == 0)
		par_json_read(&record, path);
	if (json_is_array(json_object_get(record, "stages")))
		return record;
	json_decref(record);
	char id[48];
	snprintf(id, sizeof id, "%lld-%ld", (long long)begun, (long)getpid());
	return json_pack("{s:s,s:i,s:s,s:[]}", "entrepot", "run record", "format_version", 1, "run",
	    id, "stages");
}

static bool same_stage(const json_t *a, const json_t *b)
{
	return json_equal(json_object_get(a, "stage"), json_object_get(b, "stage")) &&
	       json_equal(json_object_get(a, "result"), json_object_get(b, "result"));
}

/* put the stage where its last attempt was, or at the end */
static void place_stage(json_t *record, json_t *stage)
{
	json_t *stages = json_object_get(record, "stages"), *old;
	size_t i;
	json_int_t attempt = 1;
	json_array_foreach(stages, i, old) if (same_stage(old, stage)) break;
	old = json_array_get(stages, i);
	if (old && json_integer_value(json_object_get(old, "status")) != 0)
		attempt += json_integer_value(json_object_get(old, "attempt"));
	json_object_set_new(stage, "attempt", json_integer(attempt));
	if (old)
		json_array_set(stages, i, stage);
	else
		json_array_append(stages, stage);
}

static char *finish(par_record *r, const char *path, int status)
{
	double end = now_s();
	json_object_set_new(r->stage, "end", utc(end));
	json_object_set_new(r->stage, "seconds", json_real(end - r->begun));
	json_object_set_new(r->stage, "status", json_integer(status));
	json_object_set_new(r->stage, "state", json_string(status == 0 ? "done" : "failed"));
	json_t *record = read_record(path, r->begun);
	place_stage(record, r->stage);
	char *text = json_dumps(
	    record, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6));
	json_decref(record);
	return text;
}

/* Jobs that end in one folder take turns, so that each adds to what the other wrote. Where folders cannot
 * be locked the later one wins. *lock is to be closed, -1 none. */
static par_err take_turn(const char *path, int *lock)
{
	char folder[PATH_MAX + 2];
	const char *slash = strrchr(path, '/');
	snprintf(folder, sizeof folder, "%.*s.", slash ? (int)(slash - path + 1) : 0, path);
	*lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (int waited = 0; *lock >= 0 && flock(*lock, LOCK_EX | LOCK_NB) != 0; waited++) {
		if (errno != EWOULDBLOCK)
			return PAR_OK;
		if (waited == TURN_S * 1000 / POLL_MS)
			return par_fail(PAR_E_CREATE,
			    "%s: another job has been writing it for %d s; is it stuck? end it "
			    "and run again",
			    path, TURN_S);
		par_world_alive();
		usleep(POLL_MS * 1000);
	}
	return PAR_OK;
}

/* rank 0 */
static par_err spell(par_record *r, const char *path, int status, int *lock, char **text)
{
	PAR_TRY(take_turn(path, lock));
	*text = finish(r, path, status);
	return *text ? PAR_OK : par_fail(PAR_E_MEMORY, "%s: no memory to write it", path);
}

par_err par_record_end(par_record *r, int status)
{
	const par_world *w = r->world;
	char path[PATH_MAX];
	int lock = -1;
	const char *slash = strrchr(r->result, '/');
	int folder = slash ? (int)(slash - r->result + 1) : 0;
	snprintf(path, sizeof path, "%.*srun.json", folder, r->result);
	json_t *timing = timing_rows(w);
	int64_t peak = par_timing_peak_memory(w);
	char *text = NULL;
	par_err e = PAR_OK;
	if (w->rank == 0) {
		json_object_set(r->stage, "timing", timing);
		json_object_set_new(r->stage, "peak_memory_bytes", json_integer(peak));
		e = spell(r, path, status, &lock, &text);
	}
	json_decref(timing);
	e = par_agree(w, e);
	if (e == PAR_OK)
		e = par_publish_text(w, path, text, strlen(MARK));
	if (lock >= 0)
		close(lock);
	free(text);
	par_record_drop(r);
	return e;
}

void par_record_drop(par_record *r)
{
	if (!r)
		return;
	json_decref(r->stage);
	free(r);
}
