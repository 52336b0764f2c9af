#!/bin/bash
# Clothing: 3,781 photographs of garments in 10 categories, 64 x 64 in colour, with the split of its
# makers. Source: DATA_DIR/gan/clothing64 (Grigorev 2020, CC0).
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
recipe_begin "$@"
mkdir "$work/pictures"
unpack gan/clothing64/images64.tar.gz | tar -xf - -C "$work/pictures"
unpack gan/clothing64/index.csv | awk -F, '
	BEGIN { print "file,category,split" }
	NR > 1 { printf "%05d.jpg,%s,%s\n", $1, $3, $2 }' >"$work/pictures/index.csv"
picture_config "$out/pictures"
[ ! -e "$out/pictures" ] || [ -e "$out/clothing.ini" ] || die 73 "$out/pictures is not from this recipe"
rm -rf -- "${out:?}/pictures"
recipe_end
