#!/bin/bash
# Refrigerated orange juice at 83 stores of Dominick's Finer Foods, weeks of 1990-06-14 to 1992-10-01,
# from Debian's r-cran-bayesm; DATA_DIR is not used ("-" will do).
#   HOLDOUT=N   keep the last N weeks as actual.csv, with their prices and deals in future.csv (0)
# The package gives ounces and dollars an ounce; here are packages sold and cents a package, which the
# ounces divide into without rest (largest 4e-6 of a package).
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
recipe_begin "$@"
need Rscript r-cran-bayesm
holdout=${HOLDOUT:-0}
[[ $holdout =~ ^[0-9]+$ && $holdout -lt 100 ]] || die 64 "HOLDOUT is a number of weeks below 100"

Rscript --vanilla - "$work" "$holdout" <<'R' || die 69 "R could not read the panel; see above"
arg <- commandArgs(trailingOnly = TRUE)
holdout <- as.integer(arg[2])
load(file.path(find.package("bayesm"), "data", "orangeJuice.rda"))
yx <- orangeJuice$yx

brand <- data.frame(
	sku = c("TROP-PREM-64", "TROP-PREM-96", "FL-NATURAL-64", "TROPICANA-64", "MINUTE-MAID-64",
		"MINUTE-MAID-96", "CITRUS-HILL-64", "TREE-FRESH-64", "FL-GOLD-64", "DOMINICKS-64",
		"DOMINICKS-128"),
	name = c("Tropicana Premium 64 oz", "Tropicana Premium 96 oz", "Florida's Natural 64 oz",
		"Tropicana 64 oz", "Minute Maid 64 oz", "Minute Maid 96 oz", "Citrus Hill 64 oz",
		"Tree Fresh 64 oz", "Florida Gold 64 oz", "Dominicks 64 oz", "Dominicks 128 oz"),
	maker = c("Tropicana", "Tropicana", "Florida's Natural", "Tropicana", "Minute Maid",
		"Minute Maid", "Citrus Hill", "Tree Fresh", "Florida Gold", "Dominicks", "Dominicks"),
	tier = rep(c("premium", "national", "store"), c(3, 6, 2)),
	ounces = c(64, 96, 64, 64, 64, 96, 64, 64, 64, 64, 128))

ounces <- brand$ounces[yx$brand]
packages <- exp(yx$logmove) / ounces
stopifnot(nrow(yx) == 106139, max(abs(packages - round(packages))) < 1e-4)
price <- as.matrix(yx[paste0("price", 1:11)])[cbind(seq_len(nrow(yx)), yx$brand)] * ounces

# week 1 of the Dominick's calendar is Thursday 1989-09-14
sales <- data.frame(
	sku = brand$sku[yx$brand],
	market = sprintf("S%03d", yx$store),
	date = format(as.Date("1989-09-14") + 7 * (yx$week - 1)),
	units = as.integer(round(packages)),
	price = sprintf("%.2f", price),
	currency = "USD",
	promo = yx$deal + 2L * (yx$feat > 0))

table_out <- function(rows, name)
	write.csv(rows, file.path(arg[1], name), row.names = FALSE, quote = FALSE)
later <- yx$week > max(yx$week) - holdout
table_out(sales[!later, ], "sales.csv")
if (holdout > 0) {
	table_out(sales[later, c("sku", "market", "date", "units")], "actual.csv")
	table_out(sales[later, c("sku", "market", "date", "price", "currency", "promo")], "future.csv")
}

# volume from fluid ounces, weight at 1.045 g a cm3 of juice, cost as the median of price less margin
cost <- tapply(price * (1 - yx$profit / 100), yx$brand, median)
table_out(data.frame(
	sku = brand$sku, name = brand$name, category = brand$tier, department = "orange juice",
	brand = brand$maker,
	weight_g = round(brand$ounces * 29.5735 * 1.045), volume_cm3 = round(brand$ounces * 29.5735),
	cost = sprintf("%.2f", cost), currency = "USD"), "catalog.csv")
R

cat >"$work/hierarchy.ini" <<'INI'
; levels from the whole down to the series; an empty list is the sum of everything
[levels]
total =
market = market
category = category
sku = sku
category_market = category, market
INI
config "$((holdout > 0 ? holdout : 8))" week
recipe_end
