/* np: 1 */
#include "base/spill.h"
#include "../tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BYTES ((size_t)64 << 20)

/* bytes of files that stand in this process's memory */
static size_t resident(void)
{
	long all = 0, in = 0, shared = 0;
	FILE *f = fopen("/proc/self/statm", "r");
	if (f && fscanf(f, "%ld %ld %ld", &all, &in, &shared) != 3)
		shared = 0;
	if (f)
		fclose(f);
	return (size_t)shared * (size_t)sysconf(_SC_PAGESIZE);
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_spill *s = NULL, *other = NULL;
	char plain[100] = "as it was";
	ok(par_spill_open(&s, "spilt.h5", BYTES) == PAR_OK &&
		par_spill_open(&other, "spilt.h5", 100) == PAR_OK,
	    "arrays open beside a file that is not there");
	size_t before = resident();
	unsigned char *at = par_spill_at(s), *there = par_spill_at(other);
	int zero = 1, same = 1;
	for (size_t i = 0; i < BYTES; i += 4096) {
		zero &= at[i] == 0;
		at[i] = (unsigned char)(i / 4096 % 251);
		if (i % (1 << 20) == 0)
			par_spill_rest(at, i);
	}
	ok(zero, "zero at first");
	there[0] = 7;
	par_spill_rest(at, BYTES);
	par_spill_rest(plain, sizeof plain);
	ok(resident() < before + (BYTES >> 2), "what is done with leaves memory");
	for (size_t i = 0; i < BYTES; i += 4096)
		same &= at[i] == (unsigned char)(i / 4096 % 251);
	ok(same && there[0] == 7 && strcmp(plain, "as it was") == 0, "and comes back as it was");
	ok(resident() > before + (BYTES >> 1), "into memory again");
	par_spill_close(s);
	par_spill_close(other);
	par_spill_close(NULL);
	ok(par_spill_open(&s, "no/such/folder/x.h5", 10) == PAR_E_IO &&
		strstr(par_err_why(), "no/such/folder/x.h5"),
	    "a folder that is not there is told");
	par_spill_close(s);
	return tap_end();
}
