# the scorer under test; sourced after ../tap.sh
# shellcheck shell=bash disable=SC2034,SC2154
here=$top/validation/score
pack=("$top/validation/mpi" -n 1 "$bin/../validation/tools/pack")
/usr/bin/python3 -c 'import numpy' 2>/dev/null || {
	skip "python3-numpy is not here"
	tap_end
	exit
}

# score RANKS FOLDER FORECAST [OPTION...]: report in $tmp/out
score() {
	ranks "$1" "$bin/entrepot-score" --history "$2/catalog.h5" --actual "$2/actual.csv" \
		--forecast "$2/$3" --json "${@:4}"
}

# value KEYS FORMAT [REPORT]: one entry of a report, as measures.mase or levels.-1.mase
value() {
	/usr/bin/python3 -c 'import functools, json, sys
keys, form, path = sys.argv[1:]
entry = lambda x, k: x[int(k)] if isinstance(x, list) else x[k]
print(form % functools.reduce(entry, keys.split("."), json.load(open(path))))' "$1" "$2" "${3:-$tmp/out}"
}
