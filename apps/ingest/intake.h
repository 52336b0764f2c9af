/* Intake: the tables of demand (sales, orders, future) as they come in, each rank its part.
 *
 * Sales and future rows are kept as facts of 24 bytes. Order lines are added up at once, so that what
 * is kept grows with the sums and not with the lines. Until all tables are read nobody knows the
 * sorted identifiers; series are numbered as this rank met them. */
#ifndef APPS_INGEST_INTAKE_H
#define APPS_INGEST_INTAKE_H

#include "common/app.h"
#include "ingest/axis.h"
#include "ingest/sums.h"
#include "io/keys.h"
#include "io/table.h"

#define INTAKE_NO_PRICE (-1)
#define INTAKE_EXACT 16777216.0 /* f32, which units are kept as, holds all whole numbers up to it */

typedef struct {
	uint32_t series;
	int32_t hour;      /* then the period */
	float units;       /* NaN in future rows */
	int32_t price;     /* minor units, INTAKE_NO_PRICE */
	uint64_t at_promo; /* file offset << 8 | promo */
} intake_fact;

typedef struct {
	__int128 value; /* units times price, minor units; meaningful when whole */
	par_table table;
	par_schema schema;
	par_dict pairs; /* 8 bytes each: the table's sku and market numbers, as intake_pair says */
	intake_fact *fact; /* owned */
	int64_t facts, room;
	sums sums;      /* owned */
	sums_row *line; /* owned: a batch of orders on its way into sums */
	int64_t line_room;
	int64_t returns, free_rows; /* rows with units below 0, with price 0 or less */
	int64_t inexact;            /* rows with units beyond INTAKE_EXACT that f32 rounds */
	/* after intake_settle, over all ranks: */
	int64_t orders_met, value_high, value_low; /* value = high * 10^12 + low */
	axis_dates dates;
	par_frequency frequency;                                     /* orders are summed to it */
	int sku, market, date, units, price, currency, promo, order; /* schema columns, -1: none */
	bool open, orders;                                           /* orders: lines are summed */
	bool whole; /* all units are whole numbers up to INTAKE_EXACT */
} intake;

/* collective | read table "sales", "orders" or "future" from the setting of that name; nothing when it
 * is not set. Orders need the frequency. Leaves the table open for later messages.
 * fails: as par_table_open and par_table_read */
par_err intake_read(intake *in, app *a, const char *name, par_frequency frequency);

/* collective | totals over the ranks. fails: PAR_E_DATA when money comes in several currencies */
par_err intake_settle(intake *in, const app *a, char currency[4]);

/* sku and market numbers of one table as one number */
static inline uint64_t intake_pair(int32_t sku, int32_t market)
{
	return (uint64_t)(uint32_t)sku << 32 | (uint32_t)market;
}

/* local | the schema's scale of prices; 2 without */
int intake_scale(const intake *in);

void intake_drop(intake *in);

#endif
