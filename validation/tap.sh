# TAP for shell tests; sourced, not run. A test is a script validation/FOLDER/test-NAME that prints TAP.
# BUILD is the folder of the programs under test (build/release unless set); $bin its programs;
# $tmp a folder of the test's own, removed at the end.
# shellcheck shell=bash
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 1
# shellcheck disable=SC2034 # for the tests that source this
bin=$(cd "${BUILD:-build/release}/bin" && pwd) || exit 1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tap_count=0 tap_failed=0

# ok STATUS SENTENCE...: one claim; STATUS 0 means it holds
ok() {
	local status=$1
	shift
	tap_count=$((tap_count + 1))
	if [ "$status" = 0 ]; then
		echo "ok $tap_count - $*"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $*"
	fi
}

# is GOT WANTED SENTENCE...
is() {
	local got=$1 want=$2
	shift 2
	[ "$got" = "$want" ]
	ok $? "$*"
	[ "$got" = "$want" ] || printf 'got:    %s\nwanted: %s\n' "$got" "$want" | sed 's/^/# /'
}

# skip REASON: a check that cannot run here
skip() {
	tap_count=$((tap_count + 1))
	echo "ok $tap_count # SKIP $*"
}

# ranks N COMMAND...: run under mpirun for at most 60 s; output in $tmp/out and $tmp/err, status in $status
ranks() {
	local n=$1
	shift
	timeout -k 5 "${TAP_TIMEOUT:-60}" "$top/validation/mpi" -n "$n" "$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
}

tap_end() {
	echo "1..$tap_count"
	[ "$tap_failed" = 0 ]
}
