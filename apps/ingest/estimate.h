/* Estimate: what a run of ingest would take, told without reading more than the beginning of its
 * tables.
 *
 * Rows are the file's bytes over those of a row, as its first 64 KiB have them. A packed file says
 * nothing of that, and its size is the packed one: it is taken for 12 times as much text in rows of 80
 * bytes. Memory is what rows take if none of them fall into one sum. Seconds come from rates measured
 * on cores of 2.1 GHz: 300 MB of text a second and rank, 10 MB of packed bytes a second on the one rank
 * that unpacks, 200 MB of pixels a second and rank. */
#ifndef APPS_INGEST_ESTIMATE_H
#define APPS_INGEST_ESTIMATE_H

#include "common/app.h"

/* collective | log lines, and bytes, packed_bytes, rows, pictures, memory_bytes (a rank) and seconds in
 * the report. fails: PAR_E_INPUT when a folder of pictures cannot be listed */
par_err estimate_tell(app *a);

#endif
