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

# all_parts PART... -- DATA_DIR OUT_DIR: every part of the set by its own recipe, into OUT_DIR/PART
all_parts() {
	local parts=() part
	while [ "$1" != -- ]; do
		parts+=("$1")
		shift
	done
	shift
	[ $# = 2 ] || die 64 "usage: inputs/$recipe.sh DATA_DIR OUT_DIR"
	for part in "${parts[@]}"; do
		"$(dirname "$0")/${recipe}_$part.sh" "$1" "$2/$part"
	done
	exit 0
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

# awk functions: day(n) is the ISO date n days after 1970-01-01 (Hinnant's civil_from_days), hour(n)
# the hour n hours after it, month(n) the first of the month n months after it
# shellcheck disable=SC2034 # the recipes use it
dates='
function day(n,  z, era, doe, yoe, doy, mp, d, m) {
	z = n + 719468; era = int(z / 146097); doe = z - era * 146097
	yoe = int((doe - int(doe / 1460) + int(doe / 36524) - int(doe / 146096)) / 365)
	doy = doe - (365 * yoe + int(yoe / 4) - int(yoe / 100))
	mp = int((5 * doy + 2) / 153); d = doy - int((153 * mp + 2) / 5) + 1
	m = mp < 10 ? mp + 3 : mp - 9
	return sprintf("%04d-%02d-%02d", yoe + era * 400 + (m <= 2), m, d)
}
function hour(n) { return sprintf("%s %02d:00", day(int(n / 24)), n % 24) }
function month(n) { return sprintf("%04d-%02d-01", 1970 + int(n / 12), n % 12 + 1) }
'

# config HORIZON [FREQUENCY]: NAME.ini, the settings of a night over the tables made so far. Paths are
# those of OUT_DIR as it was given.
config() {
	local t
	{
		printf '# settings for inputs/%s.sh\n[ingest]\n' "$recipe"
		for t in sales orders catalog calendar future; do
			for f in "$work/$t".csv "$work/$t".csv.*; do
				[ ! -e "$f" ] || printf '%s = %s/%s\n' "$t" "$out" "${f##*/}"
			done
			[ ! -e "$work/$t.schema.ini" ] ||
				printf '%s_schema = %s/%s.schema.ini\n' "$t" "$out" "$t"
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

# picture_config IMAGES: NAME.ini for a picture catalog; pictures come from elsewhere or from $out
picture_config() {
	{
		printf '# settings for inputs/%s.sh\n[ingest]\nimages = %s\n' "$recipe" "$1"
		[ ! -e "$work/names.txt" ] || printf 'image_names = %s/names.txt\n' "$out"
		printf 'out = %s/pictures.h5\n' "$out"
	} >"$work/$recipe.ini"
}

# model_config MODEL DATA [TEST]: settings for entrepot-train, those of models/MODEL.ini over the samples made so
# far, appended to NAME.ini
model_config() {
	local config=$work/$recipe.ini
	{
		printf '\n# settings for inputs/%s.sh, with the model of inputs/models/%s.ini\n' "$recipe" "$1"
		sed -n '/^\[train\]/,$p' "$(dirname "$0")/models/$1.ini" |
			awk -v data="$2" -v test="${3:-}" -v out="$out/model.h5" '
			{ print }
			$0 == "[train]" {
				print "data = " data
				if (test != "") print "test = " test
				print "out = " out
			}'
	} >>"$config"
}
