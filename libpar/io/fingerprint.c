#include "io/fingerprint.h"

#include "io/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#define BLOCK ((int64_t)4 << 20)
#define SUM_BYTES ((int)sizeof(XXH128_canonical_t))

/* blocks lo, lo + 1, ... hi - 1; sums[] begins with block 0 */
static par_err sum_blocks(
    int fd, int64_t bytes, int64_t lo, int64_t hi, XXH128_canonical_t *sums, const char *path)
{
	char *block = malloc((size_t)BLOCK);
	par_err e = block ? PAR_OK
			  : par_fail(PAR_E_MEMORY, "%s: no memory for its fingerprint", path);
	for (int64_t k = lo; k < hi && e == PAR_OK; k++) {
		int64_t n = bytes - k * BLOCK < BLOCK ? bytes - k * BLOCK : BLOCK;
		e = par_file_read(fd, block, (size_t)n, k * BLOCK, path);
		XXH128_canonicalFromHash(&sums[k], XXH3_128bits(block, (size_t)n));
		par_world_alive();
	}
	free(block);
	return e;
}

static void share(const par_world *w, int64_t blocks, XXH128_canonical_t *sums, int *counts)
{
	for (int r = 0; r < w->size; r++) {
		int64_t lo = blocks * r / w->size, hi = blocks * (r + 1) / w->size;
		counts[r] = (int)(hi - lo) * SUM_BYTES;
		counts[w->size + r] = (int)lo * SUM_BYTES;
	}
	MPI_Allgatherv(
	    MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, sums, counts, counts + w->size, MPI_BYTE, w->comm);
}

static void spell(char *out, XXH128_hash_t h)
{
	snprintf(
	    out, 33, "%016llx%016llx", (unsigned long long)h.high64, (unsigned long long)h.low64);
}

par_err par_fingerprint_file(par_fingerprint *f, const par_world *w, const char *path)
{
	int fd;
	par_err e = par_file_open(path, &fd, &f->bytes);
	/* another node may see another length of a file that is being written */
	int64_t longest = par_world_max(w, e == PAR_OK ? f->bytes : 0);
	if (e == PAR_OK && f->bytes != longest)
		e = par_fail(PAR_E_DATA,
		    "%s: its length differs between ranks; is it still being written?", path);
	int64_t blocks = (longest + BLOCK - 1) / BLOCK;
	XXH128_canonical_t *sums = calloc((size_t)blocks + 1, sizeof *sums);
	int *counts = malloc(2 * (size_t)w->size * sizeof *counts);
	if (e == PAR_OK && (!sums || !counts || blocks > INT_MAX / SUM_BYTES))
		e = par_fail(PAR_E_MEMORY, "%s: no memory for its fingerprint", path);
	if (e == PAR_OK)
		e = sum_blocks(fd, f->bytes, blocks * w->rank / w->size,
		    blocks * (w->rank + 1) / w->size, sums, path);
	e = par_agree(w, e);
	if (e == PAR_OK) {
		share(w, blocks, sums, counts);
		spell(f->sum, XXH3_128bits(sums, (size_t)blocks * sizeof *sums));
	}
	free(sums);
	free(counts);
	if (fd >= 0)
		close(fd);
	return e;
}
