#!/bin/bash
# Walmart store sales: 45 stores x 81 departments, 143 weeks from 2010-02-05, in dollars a week. Source:
# DATA_DIR/forecast/walmart2014 (Kaggle 2014; research use). Weeks with a net return are negative.
#   HOLDOUT=N   keep the last N weeks as actual.csv (39, as the contest did; 0: none)
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
holdout=${HOLDOUT:-39}
[[ $holdout =~ ^[0-9]+$ && $holdout -lt 100 ]] || die 64 "HOLDOUT is a number of weeks below 100"
recipe_begin "$@"

# the week in which the test begins: 143 weeks are there, every one in some series
start=$(unpack forecast/walmart2014/train.csv.xz | cut -d, -f3 | grep '^2' | sort -u |
	tail -n "$((holdout + 1))" | sed -n '2p')
unpack forecast/walmart2014/train.csv.xz | awk -F, -v start="${start:-9999}" \
	-v train="$work/sales.csv" -v test="$work/actual.csv" '
	BEGIN { print "sku,market,date,units" >train }
	NR == 1 { next }
	$3 < start { printf "D%02d,S%02d,%s,%s\n", $2, $1, $3, $4 >train; next }
	!opened++ { print "sku,market,date,units" >test }
	{ printf "D%02d,S%02d,%s,%s\n", $2, $1, $3, $4 >test }'
unpack forecast/walmart2014/features.csv.xz | awk -F, '
	BEGIN { print "market,date,event,type" }
	$NF ~ /TRUE/ { printf "S%02d,%s,holiday week,holiday\n", $1, $2 }' >"$work/calendar.csv"
# the schema that is built in, but for the least value of units
sed '/^\[units\]/,/^$/{/^min/d}' "$(dirname "$0")/schemas/sales.ini" >"$work/sales.schema.ini"
cat >"$work/hierarchy.ini" <<'INI'
[levels]
total =
market = market
sku = sku
INI
config "$((holdout > 0 ? holdout : 39))" week
recipe_end
