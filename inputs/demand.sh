#!/bin/bash
# Demand: weekly sales of orange juice, 11 brands in 83 stores, with what they may depend on: logarithms of the
# brand's own price and of the mean price of its rivals, deal and feature, the brand. Tables train.csv (weeks 40
# to 136) and test.csv (137 to 160). Source: DATA_DIR/pricing (Dominick's, research use; Montgomery 1997).
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
recipe_begin "$@"
unpack pricing/orangejuice_yx.csv.xz | awk -F, -v OFS=, \
	-v train="$work/train.csv" -v test="$work/test.csv" '
	NR == 1 {
		line = "store,brand,week,log_units,log_price,log_rivals,deal,feature"
		for (b = 2; b <= 11; b++) line = line OFS "brand" b
		print line >train
		print line >test
		next
	}
	{
		sum = 0
		for (b = 1; b <= 11; b++) sum += $(5 + b)
		own = $(5 + $2)
		line = $1 OFS $2 OFS $3 OFS $4 OFS sprintf("%.6f", log(own)) \
			OFS sprintf("%.6f", log((sum - own) / 10)) OFS $17 OFS $18
		for (b = 2; b <= 11; b++) line = line OFS ($2 == b)
		print line >($3 <= 136 ? train : test)
	}'
model_config linear "$out/train.csv" "$out/test.csv"
recipe_end
