/* np: 1 3 6, apps: plan */
#include "plan/orders/boxes.h"

#include "../tap.h"

#include <math.h>
#include <string.h>

/* Three SKUs, of 1, 2 and 0.5 m3 a unit; a lane with containers of 5 m3 at 10 an m3, a loose one, and one with
 * containers of 2 m3; two periods. Worked by hand:
 *
 *	lane 0, period 0	3 x 1 + 2 x 2 + 8 x 0.5 = 11 m3, 3 containers, 4 m3 empty: 40
 *	lane 0, period 1	1 x 1 + 0 x 2 + 2 x 0.5 =  2 m3, 1 container,  3 m3 empty: 30
 *	lane 2, period 1	1 x 1 + 1 x 2 + 2 x 0.5 =  4 m3, 2 containers, full */
enum { SKUS = 3, COLUMNS = 5, PERIODS = 2, LANES = 3 };
static const double volume_of[SKUS] = {1, 2, 0.5};
static const double shipped[SKUS][COLUMNS] = {{3, 1, 7, 1, 9}, {2, 0, 7, 1, 9}, {8, 2, 7, 2, 9}};
/* SKU 2 sends two units, 1 m3, a period later */
static const double later[COLUMNS] = {6, 4, 7, 2, 9};

static double volume(const void *own, int64_t k)
{
	(void)own;
	return volume_of[k];
}

static flow columns[COLUMNS] = {
    {.kind = FLOW_SHIPMENT, .lane = 0, .period = 0},
    {.kind = FLOW_SHIPMENT, .lane = 0, .period = 1},
    {.kind = FLOW_SHIPMENT, .lane = 1, .period = 0},
    {.kind = FLOW_PURCHASE, .lane = 2, .period = 1}, /* of a supplier that sends by a lane */
    {.kind = FLOW_STOCK, .lane = -1, .period = 0},
};
static flow *flows[] = {columns};
static lane_load loads[LANES] = {{LANE_SEA, 5, 10}, {LANE_ROAD, 0, 10}, {LANE_RAIL, 2, 3}};
static const pattern one_pattern = {.columns = COLUMNS};
static const uint8_t class[SKUS];

static model small_model(const par_world *w)
{
	return (model){.lane = {.n = LANES},
	    .periods = PERIODS,
	    .flow = flows,
	    .problem = {.blocks = SKUS, .patterns = 1, .pattern = &one_pattern, .class = class},
	    .deal = {.world = w},
	    .volume = volume,
	    .load = loads};
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static void needs(void)
{
	ok(boxes_needed(0, 5) == 0 && boxes_needed(0.01, 5) == 1 && boxes_needed(5, 5) == 1 &&
		boxes_needed(5.01, 5) == 2 && boxes_needed(0.1 + 0.2, 0.3) == 1,
	    "a container more for the first m3 beyond full ones, none for what rounding adds");
	ok(boxes_needed(7, 0) == 0, "loose goods need none");
	ok(near(boxes_unfilled(&loads[0], 11), 40) && boxes_unfilled(&loads[0], 10) == 0 &&
		boxes_unfilled(&loads[1], 11) == 0,
	    "empty space costs the lane's rate");
}

/* what the ranks add up to is the same, whoever has which SKU */
static void adds(boxes *b, const par_world *w)
{
	for (int first = 0; first < SKUS; first++) {
		for (int k = 0; k < SKUS; k++)
			if ((k + first) % w->size == w->rank)
				boxes_add(b, k, shipped[k]);
		double cost = boxes_finish(b);
		const double *v = b->now;
		ok(near(cost, 70) && near(v[0], 11) && near(v[1], 2) && near(v[5], 4),
		    "containers cost 70 more than what is in them (%g), dealt way %d", cost, first);
	}
}

static void slopes(boxes *b)
{
	double cost[COLUMNS] = {0}, part = 0.2;
	boxes_begin(b, 2, 1);
	boxes_price(b, 1, cost);
	ok(near(cost[0], 2 * 10 * (2 * (1 - part) - 1)) && cost[2] == 0 && cost[4] == 0,
	    "the first m3 of a container cost more than the rate, loose goods nothing");
	ok(near(boxes_change(b, 2, shipped[2], later), -8),
	    "with p = 2, moving the last m3 of a container to an open one saves 8");
	boxes_begin(b, 400, 1);
	ok(near(boxes_change(b, 2, shipped[2], later), -50),
	    "with a large p, all that it saves: 4 m3 there and 1 m3 here");
	boxes_take(b);
	ok(near(boxes_change(b, 2, later, shipped[2]), 50), "and to take it back costs as much");
	boxes_begin(b, 2, 2);
	ok(near(boxes_change(b, 2, shipped[2], later), -2),
	    "of two shards, each sees the change of both and takes half of it");
	boxes_begin(b, 1, 1);
	ok(near(boxes_change(b, 2, shipped[2], later), 0), "with p = 1 nothing is charged");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	par_world w;
	boxes b;
	ok(par_world_open(&w, MPI_COMM_WORLD) == PAR_OK, "a world opens");
	model m = small_model(&w);
	needs();
	ok(boxes_open(&b, &m) == PAR_OK && b.any, "there are containers");
	adds(&b, &w);
	slopes(&b);
	boxes_close(&b);
	par_world_close(&w);
	return tap_end();
}
