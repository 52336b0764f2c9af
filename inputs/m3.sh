#!/bin/bash
# M3 competition, all 3,003 series by frequency, with the test that was held out: run as m3_yearly.sh
# (645 series, 6 ahead), m3_quarterly.sh (756, 8), m3_monthly.sh (1,428, 18) or m3_other.sh (174, 8), or as m3.sh
# for OUT_DIR/yearly and so on.
# Source: DATA_DIR/forecast/m3 (Makridakis and Hibon 2000; R package Mcomp). Here all series end
# together, in December 2000 or the quarter that holds it, so that the test follows for all of them.
# Yearly ones end with 2020, since dates begin in 1970; those of "other" have no season and no known
# step and stand as years that end with 2100.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
case $recipe in
m3) all_parts yearly quarterly monthly other -- "$@" ;;
m3_yearly) name=YEARLY frequency=year step=12 last=600 horizon=6 ;;
m3_quarterly) name=QUARTERLY frequency=quarter step=3 last=369 horizon=8 ;;
m3_monthly) name=MONTHLY frequency=month step=1 last=371 horizon=18 ;;
m3_other) name=OTHER frequency=year step=12 last=1560 horizon=8 ;;
*) die 64 "run m3_yearly.sh, m3_quarterly.sh, m3_monthly.sh or m3_other.sh" ;;
esac
recipe_begin "$@"

# three lines a series: id,PERIOD,frequency,TYPE,n,h,year,period then x,values then xx,test
unpack forecast/m3/m3.txt.xz | awk -F, -v name=$name -v step=$step -v last=$last \
	-v train="$work/sales.csv" -v test="$work/actual.csv" "$dates"'
	BEGIN { print "sku,market,date,units" >train; print "sku,market,date,units" >test }
	NR % 3 == 1 { id = $1; type = tolower($4); wanted = $2 == name; next }
	!wanted { next }
	$1 == "x" { for (i = 2; i <= NF; i++) print id "," type "," month(last + step * (i - NF)) "," $i >train }
	$1 == "xx" { for (i = 2; i <= NF; i++) print id "," type "," month(last + step * (i - 1)) "," $i >test }'
config $horizon $frequency
recipe_end
