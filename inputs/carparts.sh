#!/bin/bash
# Car parts (2,674 slow-moving parts, 51 months from January 1998) and, as hospital.sh, patient counts
# (767 series, 84 months from January 2000). Source: DATA_DIR/forecast/intermittent, from R's expsmooth
# (Hyndman, Koehler, Ord, Snyder 2008). Missing months are left out; names that repeat get a number.
#   HOLDOUT=N   keep the last N months as actual.csv (12, the usual test; 0: none)
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
holdout=${HOLDOUT:-12}
[[ $holdout =~ ^[0-9]+$ && $holdout -lt 40 ]] || die 64 "HOLDOUT is a number of months below 40"
case $recipe in
carparts) first=336 ;;
hospital) first=360 ;;
*) die 64 "run carparts.sh or hospital.sh" ;;
esac
recipe_begin "$@"
unpack "forecast/intermittent/$recipe.csv.xz" | awk -F, -v first=$first -v holdout="$holdout" \
	-v train="$work/sales.csv" -v test="$work/actual.csv" "$dates"'
	BEGIN {
		print "sku,market,date,units" >train
		if (holdout > 0) print "sku,market,date,units" >test
	}
	{
		sub(/\r$/, "")
		id = $1 (met[$1]++ ? "-" met[$1] : "")
		for (i = 2; i <= NF; i++)
			if ($i != "NA")
				print id ",all," month(first + i - 2) "," $i >(i > NF - holdout ? test : train)
	}'
config "$((holdout > 0 ? holdout : 12))" month
recipe_end
