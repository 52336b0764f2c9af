# What the recipes share; sourced, not run.
#
# A recipe is inputs/NAME.sh DATA_DIR OUT_DIR. It makes its files in a hidden folder inside OUT_DIR and
# moves them into place at the end, so OUT_DIR never holds half a table. Statuses: 64 usage, 66 the
# data are not in DATA_DIR, 69 a package is missing, 73 OUT_DIR cannot be made.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C
umask 027
recipe=${0##*/}
recipe=${recipe%.sh}

die() { # STATUS MESSAGE
	printf 'inputs/%s: error: %s\n' "$recipe" "$2" >&2
	exit "$1"
}

# recipe_begin ARGS...: check the command line, make $work (write here) and set $data and $out
recipe_begin() {
	[ $# = 2 ] || die 64 "usage: inputs/$recipe.sh DATA_DIR OUT_DIR"
	data=$1 out=$2
	mkdir -p -- "$out" || die 73 "$out cannot be made"
	work=$(mktemp -d -- "$out/.making.XXXXXX") || die 73 "$out cannot be written"
	trap 'rm -rf -- "$work"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# recipe_end: everything is well, the files appear; says what came out
recipe_end() {
	local f made=
	for f in "$work"/*; do
		mv -f -- "$f" "$out/"
		made+=" ${f##*/}"
	done
	printf '%s:%s\n' "$recipe" "$made"
}

# need COMMAND PACKAGE
need() {
	command -v "$1" >/dev/null || die 69 "$1 is missing; apt-get install --no-install-recommends $2"
}

# data_file PATH: sets $file to DATA_DIR/PATH, which must be readable
data_file() {
	file=$data/$1
	[ -r "$file" ] || die 66 "$file cannot be read; set DATA_DIR to the folder that holds ${1%%/*}/"
}

# unpack PATH: the plain bytes of DATA_DIR/PATH on standard output
unpack() {
	data_file "$1"
	case $1 in
	*.xz) need xz xz-utils && xz -dc -- "$file" ;;
	*.zst) need zstd zstd && zstd -dcq -- "$file" ;;
	*.gz) gzip -dc -- "$file" ;;
	*) cat -- "$file" ;;
	esac
}

# config HORIZON [FREQUENCY]: NAME.ini, the settings of a night over the tables made so far. Paths are
# those of OUT_DIR as it was given.
config() {
	local t
	{
		printf '# settings for inputs/%s.sh\n[ingest]\n' "$recipe"
		for t in sales orders catalog calendar future; do
			for f in "$work/$t".csv "$work/$t".csv.zst; do
				[ -e "$f" ] && printf '%s = %s/%s\n' "$t" "$out" "${f##*/}"
			done
		done
		[ -z "${2:-}" ] || printf 'frequency = %s\n' "$2"
		printf 'out = %s/catalog.h5\n' "$out"
		printf '\n[forecast]\nin = %s/catalog.h5\nhorizon = %s\n' "$out" "$1"
		[ ! -e "$work/hierarchy.ini" ] || printf 'hierarchy = %s/hierarchy.ini\n' "$out"
		printf 'out = %s/forecast.h5\n' "$out"
		[ ! -e "$work/actual.csv" ] || score_section
	} >"$work/$recipe.ini"
}

score_section() {
	printf '\n[score]\nhistory = %s/catalog.h5\nactual = %s/actual.csv\nforecast = %s/forecast.h5\n' \
		"$out" "$out" "$out"
	[ ! -e "$work/hierarchy.ini" ] || printf 'hierarchy = %s/hierarchy.ini\n' "$out"
}
