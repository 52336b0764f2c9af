/* np: 1 2; apps: plan */
#include "plan/lp/mps.h"

#include "../tap.h"
#include "io/file.h"
#include "plan/lp/lp_format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* a text and 16 bytes beyond it, as the readers want */
static par_err read_it(lp *m, bool lp_format, const char *text)
{
	static char room[4096];
	size_t n = strlen(text);
	memset(room, 0, sizeof room);
	memcpy(room, text, n + 1);
	*m = (lp){0};
	return lp_format ? lp_format_read(m, "t", room, n) : mps_read(m, "t", room, n);
}

/* the number of a name, with the bytes beyond it that a dictionary may read */
static int number_of(const par_dict *d, const char *name)
{
	char room[64] = {0};
	size_t n = strlen(name);
	memcpy(room, name, n + 1);
	return par_dict_find(d, room, n);
}

static double entry(const lp *m, const char *row, const char *column)
{
	int i = number_of(&m->row_name, row), j = number_of(&m->column_name, column);
	for (int64_t e = j < 0 ? 0 : m->first[j]; j >= 0 && e < m->first[j + 1]; e++)
		if (m->row[e] == i)
			return m->value[e];
	return 0;
}

static int column(const lp *m, const char *name)
{
	return number_of(&m->column_name, name);
}

static bool row_is(const lp *m, int i, double low, double high)
{
	return m->row_lower[i] == low && m->row_upper[i] == high;
}

static bool column_is(const lp *m, const char *name, double low, double high)
{
	int j = column(m, name);
	return j >= 0 && m->lower[j] == low && m->upper[j] == high;
}

#define HEAD "NAME T\nROWS\n N C\n E E1\n E E2\n L L1\n G G1\nCOLUMNS\n"
#define COLS " X C 1 E1 2\n X E2 3 L1 4\n X G1 5\n Y C -1.5e0 L1 1\n"

static void meaning(void)
{
	lp m;
	ok(read_it(&m, false,
	       "* remark\n" HEAD COLS
	       "RHS\n R E1 10 E2 20\n R L1 30 G1 40\n R C -7\nRANGES\n G E1 2 E2 -3\n"
	       " G L1 5 G1 6\nBOUNDS\n UP B X 4\n MI B Y\nENDATA\n") == PAR_OK,
	    "free MPS is read");
	ok(m.rows == 4 && m.columns == 2 && entry(&m, "E2", "X") == 3 && entry(&m, "L1", "Y") == 1,
	    "rows, columns and entries stand where the file has them");
	ok(m.constant == 7, "the objective's constant is minus its right side");
	ok(row_is(&m, 0, 10, 12) && row_is(&m, 1, 17, 20),
	    "a range widens an equality to the side of its sign");
	ok(row_is(&m, 2, 25, 30) && row_is(&m, 3, 40, 46), "and an inequality to its other side");
	ok(column_is(&m, "X", 0, 4) && column_is(&m, "Y", -INFINITY, INFINITY), "bounds are kept");
	lp_drop(&m);
	ok(read_it(&m, false, HEAD COLS "RHS\nBOUNDS\n UP B X -2\nENDATA\n") == PAR_OK &&
		column_is(&m, "X", -INFINITY, -2) && m.warnings,
	    "a negative upper bound alone takes the lower one away, with a warning");
	lp_drop(&m);
	ok(read_it(&m, false, HEAD COLS "BOUNDS\n UP B X -2\n LO B X -3\nENDATA\n") == PAR_OK &&
		column_is(&m, "X", -3, -2) && !m.warnings,
	    "and with a lower one it does not, without a warning");
	lp_drop(&m);
	ok(read_it(&m, false, HEAD COLS "BOUNDS\n LO B X -3\n UP B X -2\nENDATA\n") == PAR_OK &&
		column_is(&m, "X", -3, -2) && !m.warnings,
	    "wherever it stands");
	lp_drop(&m);
	ok(read_it(&m, false,
	       HEAD COLS "RHS\n R L1 30 G1 40\nRANGES\n G L1 -5 G1 -6\nBOUNDS\n UP B X 1e30\n"
			 " LO B Y -2e31\nENDATA\n") == PAR_OK &&
		row_is(&m, 2, 25, 30) && row_is(&m, 3, 40, 46),
	    "the range of an inequality has no sign");
	ok(column_is(&m, "X", 0, INFINITY) && column_is(&m, "Y", -INFINITY, INFINITY),
	    "a bound of 1e30 is none");
	lp_drop(&m);
	ok(read_it(&m, false, HEAD COLS "BOUNDS\n FR B X\n FX B Y 3\nENDATA\n") == PAR_OK &&
		column_is(&m, "X", -INFINITY, INFINITY) && column_is(&m, "Y", 3, 3),
	    "columns are freed and fixed");
	lp_drop(&m);
	ok(read_it(&m, false,
	       HEAD COLS
	       "RHS\n R E1 10\n S E1 90\nBOUNDS\n UP B X 4\n UP A X 2\nENDATA\n") == PAR_OK &&
		row_is(&m, 0, 10, 10) && column_is(&m, "X", 0, 4) && m.warnings &&
		strstr(m.warnings, "several sets in RHS") &&
		strstr(m.warnings, "several sets in BOUNDS"),
	    "the first of several sets counts, which is told");
	lp_drop(&m);
}

static void variants(void)
{
	lp m;
	ok(read_it(&m, false,
	       "NAME T\nOBJSENSE\n    MAX\n"
	       "ROWS\n N C\n N D\n L L1\nCOLUMNS\n M 'MARKER' 'INTORG'\n X C 1 "
	       "L1 1\n Y D 1 L1 1\n N 'MARKER' 'INTEND'\n Z L1 1\nRHS\n L1 5\nBOUNDS\n UP Y "
	       "9\nENDATA\nmore\n") == PAR_OK,
	    "sense, markers, more free rows and sets without names are read");
	ok(m.maximise && m.rows == 1 && row_is(&m, 0, -INFINITY, 5),
	    "... the sense and the right side");
	ok(m.integer[0] && m.integer[1] && !m.integer[2] && column_is(&m, "X", 0, 1) &&
		column_is(&m, "Y", 0, 9),
	    "... integer columns without bounds are within 0 and 1");
	ok(m.warnings && strstr(m.warnings, "ENDATA"), "... text after ENDATA is told");
	lp_drop(&m);
	ok(read_it(&m, false,
	       "NAME          T\nROWS\n N  COST\n L  LIM 1\nCOLUMNS\n"
	       "    X 1       COST               1.0   LIM 1              2.0\n"
	       "RHS\n    RHS       LIM 1              4.0\nENDATA\n") == PAR_OK &&
		entry(&m, "LIM 1", "X 1") == 2,
	    "names with blanks are read where the file is fixed MPS");
	lp_drop(&m);
	double v;
	ok(read_it(&m, false, HEAD " X C .1 E1 1e-7\n Y C 123456789012345678 E1 4.35\nENDATA\n") ==
		    PAR_OK &&
		(v = m.cost[0]) == .1 && m.cost[1] == 123456789012345678. &&
		entry(&m, "E1", "X") == 1e-7 && entry(&m, "E1", "Y") == 4.35,
	    "numbers are those that the compiler makes of them");
	lp_drop(&m);
	ok(read_it(&m, false,
	       HEAD
	       " X C 632979068556.13715 E1 1e23\n Y C 123e-24 E1 8.5e22\nENDATA\n") == PAR_OK &&
		m.cost[0] == 632979068556.13715 && m.cost[1] == 123e-24 &&
		entry(&m, "E1", "X") == 1e23 && entry(&m, "E1", "Y") == 8.5e22,
	    "also those of more digits or larger powers than doubles hold");
	lp_drop(&m);
}

static void lp_meaning(void)
{
	lp m;
	ok(read_it(&m, true,
	       "\\ remark\nMAXIMIZE\n obj: 3 x - - 2.5y + 7\nsubject to\n c1: x + y\n >= 2 \\ "
	       "more\n -1 <= x - y <= 4\n"
	       " c3: 2 x + 3 x = 5\nBounds\n x <= 4\n -3 <= y <= 8\n z free\n w = 2\nGeneral\n "
	       "x\nBinary\n b\nEnd\n") == PAR_OK,
	    "LP format is read");
	ok(m.maximise && m.constant == 7 && m.cost[0] == 3 && m.cost[1] == 2.5,
	    "... its objective, with several signs");
	ok(m.rows == 3 && row_is(&m, 0, 2, INFINITY) && row_is(&m, 1, -1, 4) && row_is(&m, 2, 5, 5),
	    "... its rows, over lines and between two numbers");
	ok(entry(&m, "c3", "x") == 5 && entry(&m, "R2", "y") == -1,
	    "... terms of one column add up");
	ok(column_is(&m, "x", 0, 4) && column_is(&m, "y", -3, 8) && column_is(&m, "w", 2, 2) &&
		column_is(&m, "z", -INFINITY, INFINITY) && column_is(&m, "b", 0, 1),
	    "... its bounds");
	ok(m.integer[column(&m, "x")] && m.integer[column(&m, "b")] && !m.integer[column(&m, "y")],
	    "... its marks");
	lp_drop(&m);
}

static void refused(bool lp_format, const char *text, const char *message)
{
	lp m;
	par_err e = read_it(&m, lp_format, text);
	ok(e == PAR_E_DATA && strncmp(par_err_why(), message, strlen(message)) == 0 &&
		m.columns == 0,
	    "refused: %s", message);
	if (e == PAR_OK)
		lp_drop(&m);
}

static void mistakes(void)
{
	refused(false, HEAD " X C 1 E1\nENDATA\n", "t:9:10: the line ends");
	refused(false, HEAD COLS "RHS\n R E1 1 E1 2 3\nENDATA\n", "t:14:2: 6 fields");
	refused(false, HEAD " M 'MARKER' 'INTEND'\nENDATA\n", "t:9:13: marker 'INTEND'");
	refused(false, HEAD COLS "BOUNDS\n SC B X 4\nENDATA\n", "t:14:2: bound type SC");
	refused(false, HEAD COLS "OBJSENSE\n MAX\nENDATA\n", "t:13:1: OBJSENSE comes too late");
	refused(true, "min\n x * y\nend\n", "t:2:4: character *");
	refused(true, "min\n x y\nend\n", "t:2:4: y; wanted a sign");
	refused(true, "min\n x\nst\n a: x > 1\n a: x < 2\nend\n", "t:5:2: row a is there");
	refused(true, "min\n x\nst\n x > 1\nbounds\n x > 3\n x < 2\nend\n", "t:7:2: column x has");
	refused(true, "min\n x\nst\n x + 1\nend\n", "t:5:1: end; wanted a relation");
	refused(true, "min\n x\nst\n x > 1\nsos\nend\n", "t:5:1: sos; wanted");
}

int main(int argc, char **argv)
{
	tap_begin(&argc, &argv);
	meaning();
	variants();
	lp_meaning();
	mistakes();
	return tap_end();
}
