#!/bin/bash
# Shoppers: 12,330 visits of a web shop and whether they ended in a purchase (15.5 % did). Tables train.csv and
# test.csv, every fifth row in the test; months and kinds of visitor as columns of 0 and 1.
# Source: DATA_DIR/shoppers (Sakar, Polat, Katircioglu, Kastro 2019, CC BY 4.0).
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
recipe_begin "$@"
unpack shoppers/online_shoppers_intention.csv.xz | awk -F, -v OFS=, \
	-v train="$work/train.csv" -v test="$work/test.csv" '
	BEGIN {
		n = split("Feb Mar May June Jul Aug Sep Oct Nov Dec", month, " ")
		k = split("New_Visitor Returning_Visitor Other", visitor, " ")
	}
	{ sub(/\r$/, "") }
	NR == 1 {
		line = "id"
		for (i = 1; i <= 10; i++) line = line OFS $i
		for (i = 1; i <= n; i++) line = line OFS month[i]
		for (i = 1; i <= k; i++) line = line OFS visitor[i]
		print line, "weekend", "purchase" >train
		print line, "weekend", "purchase" >test
		next
	}
	{
		line = NR - 1
		for (i = 1; i <= 10; i++) line = line OFS $i
		for (i = 1; i <= n; i++) line = line OFS ($11 == month[i])
		for (i = 1; i <= k; i++) line = line OFS ($16 == visitor[i])
		print line, ($17 == "TRUE"), ($18 == "TRUE" ? "yes" : "no") >(NR % 5 ? train : test)
	}'
model_config logistic "$out/train.csv" "$out/test.csv"
recipe_end
