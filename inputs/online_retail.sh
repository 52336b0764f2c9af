#!/bin/bash
# Online Retail: a year of order lines of a wholesaler of gifts in the United Kingdom, 541,909 rows to 38
# countries, 2010-12-01 to 2011-12-09. Source: DATA_DIR/retail (UCI; Chen, Sain, Guo 2012; CC BY 4.0).
# The lines go in as they are, by a schema that knows their columns.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
recipe_begin "$@"
data_file retail/online_retail.csv.xz
cp -- "$file" "$work/orders.csv.xz"
cp -- "$(dirname "$0")/schemas/online_retail.ini" "$work/orders.schema.ini"
cat >"$work/hierarchy.ini" <<'INI'
[levels]
total =
market = market
sku = sku
INI
config 28 day
recipe_end
