/* np: 1 2 3 4 */
#include "io/record.h"
#include "../tap.h"
#include "io/fingerprint.h"
#include "io/json.h"
#include "scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>
#include <xxhash.h>

#define BLOCK ((size_t)4 << 20)

/* the definition, by hand: XXH3-128 over the XXH3-128 of each 4 MiB */
static void fingerprint_by_hand(char out[33], const char *x, size_t n)
{
	XXH128_canonical_t sums[8];
	size_t blocks = 0;
	for (size_t at = 0; at < n; at += BLOCK)
		XXH128_canonicalFromHash(
		    &sums[blocks++], XXH3_128bits(x + at, n - at < BLOCK ? n - at : BLOCK));
	XXH128_hash_t h = XXH3_128bits(sums, 16 * blocks);
	snprintf(
	    out, 33, "%016llx%016llx", (unsigned long long)h.high64, (unsigned long long)h.low64);
}

static void fingerprints(const par_world *w)
{
	static const size_t sizes[] = {0, 1, 4 << 20, (4 << 20) + 1, 11000001};
	char *x = malloc(sizes[4]), want[33];
	for (size_t i = 0; i < sizes[4]; i++)
		x[i] = (char)(i * 2654435761u >> 13);
	for (int k = 0; k < 5; k++) {
		const char *path = scratch_path("data");
		if (w->rank == 0) {
			FILE *f = fopen(path, "we");
			fwrite(x, 1, sizes[k], f);
			fclose(f);
		}
		MPI_Barrier(w->comm);
		par_fingerprint f;
		fingerprint_by_hand(want, x, sizes[k]);
		ok(par_fingerprint_file(&f, w, path) == PAR_OK && f.bytes == (int64_t)sizes[k] &&
			strcmp(f.sum, want) == 0,
		    "%zu bytes have the fingerprint of the definition", sizes[k]);
		MPI_Barrier(w->comm);
	}
	free(x);
	par_fingerprint f;
	ok(par_fingerprint_file(&f, w, scratch_path("nix")) == PAR_E_INPUT,
	    "a missing file is told");
	ok(par_fingerprint_file(&f, w, scratch) == PAR_E_INPUT, "a folder has none");
}

static par_err run_stage(const par_world *w, const char *stage, int status)
{
	char *command[] = {(char[]){"entrepot-test"}, (char[]){"--seed=7"}}, out[512];
	snprintf(out, sizeof out, "%s", scratch_path("data"));
	par_record_stage what = {stage, out, 2, command, "[test]\nseed = 7\n", "plain", 7};
	par_record *r;
	PAR_TRY(par_record_begin(&r, w, &what));
	par_err e = par_record_input(r, out, NULL);
	if (e == PAR_OK)
		e = par_record_input(r, scratch, NULL);
	if (e == PAR_OK)
		e = par_record_output(r, out);
	json_t *report = json_pack("{s:i}", "found", 7);
	par_record_report(r, report);
	json_decref(report);
	if (e == PAR_OK)
		return par_record_end(r, status);
	par_record_drop(r);
	return e;
}

static int held;
static bool let_go;

static void release(int signal_number)
{
	(void)signal_number;
	close(held);
	let_go = true;
}

/* another job writes the record for the next 300 ms */
static void takes_turns(const par_world *w)
{
	let_go = w->rank != 0;
	if (w->rank == 0) {
		signal(SIGALRM, release);
		held = open(scratch, O_RDONLY | O_CLOEXEC);
		if (flock(held, LOCK_EX) != 0)
			perror(scratch);
		setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0, 300000}}, NULL);
	}
	par_err e = run_stage(w, "score", 0);
	ok(e == PAR_OK && let_go, "a record waits for the job that is writing it");
	json_t *j = NULL;
	e = par_json_read(&j, scratch_path("run.json"));
	ok(e == PAR_OK && json_array_size(json_object_get(j, "stages")) == 3, "and adds to it");
	json_decref(j);
}

static void records(par_world *w)
{
	json_t *j = NULL, *s;
	par_phase(w, "working", 0);
	ok(run_stage(w, "ingest", 0) == PAR_OK && run_stage(w, "forecast", 74) == PAR_OK &&
		run_stage(w, "forecast", 0) == PAR_OK,
	    "three runs of two stages are recorded");
	ok(w->rank != 0 || scratch_entries() == 2, "in one file");
	par_err e = par_json_read(&j, scratch_path("run.json"));
	json_t *stages = json_object_get(j, "stages");
	ok(e == PAR_OK && json_array_size(stages) == 2, "which strict JSON reading takes");
	s = json_array_get(stages, 1);
	ok(json_integer_value(json_object_get(s, "attempt")) == 2 &&
		strcmp(json_string_value(json_object_get(s, "state")), "done") == 0,
	    "a stage run again after a failure is its second attempt");
	ok(json_integer_value(json_object_get(s, "ranks")) == w->size &&
		json_array_size(json_object_get(s, "hosts")) == 1 &&
		json_array_size(json_object_get(s, "inputs")) == 2 &&
		json_array_size(json_object_get(s, "timing")) >= 1 &&
		json_integer_value(json_object_get(s, "peak_memory_bytes")) > 1 << 20,
	    "ranks, hosts, inputs, timing and memory are there");
	ok(json_integer_value(json_object_get(json_object_get(s, "report"), "found")) == 7,
	    "so is what the program reported");
	s = json_array_get(json_object_get(s, "outputs"), 0);
	ok(json_integer_value(json_object_get(s, "bytes")) == 11000001 &&
		strlen(json_string_value(json_object_get(s, "xxh3_128"))) == 32,
	    "outputs have size and fingerprint");
	json_decref(j);
	takes_turns(w);
	MPI_Barrier(w->comm);
	if (w->rank == 0) {
		FILE *f = fopen(scratch_path("run.json"), "we");
		fputs("{\"mine\": 1}\n", f);
		fclose(f);
	}
	ok(run_stage(w, "ingest", 0) == PAR_E_CREATE, "a run.json that is not ours stays");
}

static void strict_json(void)
{
	static const struct {
		const char *text, *where;
	} bad[] = {{"{\"a\": 1, \"a\": 2}", "x.json:1:"}, {"[1,\n2,\n 3 4]", "x.json:3:"},
	    {"[\"\\u0000\"]", "x.json:1:"}, {"{\"a\": 1}}", "x.json:1:"}, {"", "x.json:1:1:"},
	    {"[[", "x.json:1:"}, {"nan", "x.json:1:"}, {"\xef\xbb\xbf{}", "x.json:1:"}};
	json_t *j;
	for (int i = 0; i < 8; i++)
		ok(par_json_parse(&j, "x.json", bad[i].text, strlen(bad[i].text)) == PAR_E_CONFIG &&
			!j && strstr(par_err_why(), bad[i].where) == par_err_why(),
		    "bad JSON %d is refused with its line", i);
	char deep[140];
	for (int depth = 64; depth <= 65; depth++) {
		memset(deep, '[', (size_t)depth);
		memset(deep + depth, ']', (size_t)depth);
		par_err e = par_json_parse(&j, "x.json", deep, (size_t)(2 * depth));
		ok((e == PAR_OK) == (depth == 64), "%d levels are %s", depth,
		    depth == 64 ? "fine" : "too many");
		json_decref(j);
	}
	ok(strstr(par_err_why(), "x.json:1:65:") == par_err_why(), "and the message says where");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	par_world_open(&w, MPI_COMM_WORLD);
	scratch_begin();
	fingerprints(&w);
	records(&w);
	strict_json();
	scratch_end();
	par_world_close(&w);
	return tap_end();
}
