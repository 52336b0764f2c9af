#!/bin/bash
# M4 competition, weekly (359 series) and hourly (414), with the test that was held out: run as
# m4_weekly.sh or m4_hourly.sh, or as m4.sh for OUT_DIR/weekly and OUT_DIR/hourly. Source: DATA_DIR/forecast/m4 (Makridakis, Spiliotis, Assimakopoulos
# 2020). The series have no common calendar; here all end together, weekly ones in the week of
# 2019-12-30, hourly ones with 2019-12-31 23:00, so that the test follows for all of them.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
case $recipe in
m4) all_parts weekly hourly -- "$@" ;;
m4_weekly) name=Weekly frequency=week step=7 last=18260 horizon=13 date='day' ;;
m4_hourly) name=Hourly frequency=hour step=1 last=438287 horizon=48 date='hour' ;;
*) die 64 "run m4.sh, m4_weekly.sh or m4_hourly.sh" ;;
esac
recipe_begin "$@"

# rows FILE ANCHOR: ID,v1,v2,... becomes one row a value; ANCHOR end: the last one is at `last`,
# start: the first one follows it
rows() {
	unpack "forecast/m4/$1.csv.xz" | awk -F, -v anchor="$2" -v step=$step -v last=$last "$dates"'
		BEGIN { print "sku,market,date,units" }
		NR > 1 {
			gsub(/["\r]/, "")
			n = NF
			while (n > 1 && $n == "") n--
			for (i = 2; i <= n; i++) {
				t = last + step * (anchor == "end" ? i - n : i - 1)
				print $1 ",all," '$date'(t) "," $i
			}
		}'
}
rows $name-train end >"$work/sales.csv"
rows $name-test start >"$work/actual.csv"
config $horizon $frequency
recipe_end
