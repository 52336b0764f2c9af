/* Table: the columns of a CSV file that [train] names, on their way to samples. */
#ifndef APPS_TRAIN_TABLE_H
#define APPS_TRAIN_TABLE_H

#include "io/table.h"
#include "train/samples.h"

enum { TABLE_INPUTS = PAR_SCHEMA_COLUMNS - 1 };

typedef struct {
	const reading *how; /* borrowed */
	const coding *c;    /* borrowed */
	par_schema schema;
	par_table file;
	int inputs; /* columns 0 to inputs - 1 are numbers, or column 0 is text */
	bool text;
	int truth;          /* column, -1: none */
	int64_t rows, room; /* here */
	int32_t *id;        /* owned: of each row's text in the column's dictionary */
	float *number;      /* owned: rows x inputs */
	void *answer;       /* owned: int32 in the label's dictionary, or float */
} table;

/* collective | read the columns inputs or text, and label or target. fails: as par_table_read,
 * PAR_E_CONFIG about the columns, PAR_E_DATA about a label that the coding does not have */
par_err table_read(table *t, app *a, const char *path, const reading *how, const coding *c);
void table_drop(table *t);

#endif
