#!/bin/bash
# Intents: what customers of a bank wrote, by what they want: the ten intents with most training texts of
# Banking77's 77. Tables train.csv and test.csv, columns text and category.
# Source: DATA_DIR/intents (Casanueva and others 2020, CC BY 4.0).
#   INTENTS=N   the N intents with most texts (10)
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
intents=${INTENTS:-10}
[[ $intents =~ ^[0-9]+$ && $intents -ge 2 && $intents -le 77 ]] || die 64 "INTENTS is a number from 2 to 77"
recipe_begin "$@"

# shellcheck disable=SC2016
# a row that goes over several lines becomes one; its last field, the category, has no quotes
one_line='{
	sub(/\r$/, "")
	row = row (row == "" ? "" : " ") $0
	if (gsub(/"/, "\"", row) % 2 == 0) { print row; row = "" }
}'
mkdir "$work/.rows"
for part in train test; do
	unpack "intents/banking77_$part.csv.xz" | awk "$one_line" >"$work/.rows/$part"
done
sed '1d; s/.*,//' "$work/.rows/train" | sort | uniq -c | sort -k1,1nr -k2,2 |
	awk -v n="$intents" 'NR <= n { print $2 }' >"$work/.rows/kept"
for part in train test; do
	awk -F, 'FNR == NR { kept[$1]; next } FNR == 1 || $NF in kept' \
		"$work/.rows/kept" "$work/.rows/$part" >"$work/$part.csv"
done
rm -r "$work/.rows"
model_config text_rnn "$out/train.csv" "$out/test.csv"
recipe_end
