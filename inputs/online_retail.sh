#!/bin/bash
# Online Retail: a year of order lines of a wholesaler of gifts in the United Kingdom, 541,909 rows to 38
# countries, 2010-12-01 to 2011-12-09. Source: DATA_DIR/retail (UCI; Chen, Sain, Guo 2012; CC BY 4.0).
# An invoice's rows are numbered to give the key (order, line); rows keep their order.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
recipe_begin "$@"

# the last three columns hold no quotes, so the quoted description lies between fields 2 and NF - 5
unpack retail/online_retail.csv.xz | awk -F, '
	BEGIN { print "order,line,sku,market,date,units,price,currency" }
	NR > 1 {
		sub(/\r$/, "")
		print $1 "," ++line[$1] "," $2 "," $NF "," $(NF - 3) "," $(NF - 4) "," $(NF - 2) ",GBP"
	}' >"$work/orders.csv"
cat >"$work/hierarchy.ini" <<'INI'
[levels]
total =
market = market
sku = sku
INI
config 28 day
recipe_end
