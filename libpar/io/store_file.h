/* The store's object. Private to the store. */
#ifndef PAR_IO_STORE_FILE_H
#define PAR_IO_STORE_FILE_H

#include "io/publish.h"
#include "io/store_layout.h"

struct par_store {
	const par_world *world; /* borrowed */
	char path[4096];        /* as messages call it */
	int fd;                 /* the file itself, on every rank */
	store_var *vars;        /* scales among them */
	int n, room;
	par_publish publish;  /* writing */
	store_layout *layout; /* writing, rank 0 */
	bool broken;          /* writing: a write failed, only discard is legal */
	int64_t h5; /* reading: HDF5's file; rank 0 opens it at once, others when they must */
};

/* local | the variable, or NULL */
store_var *store_find(const par_store *s, const char *name);
/* local | add one to the list; NULL when memory ran out */
store_var *store_append(par_store *s, const store_var *v);
/* local | frees the object and closes its file */
void store_free(par_store *s);

/* collective | write all bytes of v: this rank brings [lo, hi) of them, in rank order without gaps
 */
par_err store_write_bytes(
    par_store *s, const store_var *v, int64_t lo, int64_t hi, const void *data);

#endif
