# TAP for shell tests; sourced. Counts stay in the sourcing shell.
# shellcheck shell=bash
tap_count=0 tap_bad=0
ok() { # STATUS CLAIM: 0 is well
	tap_count=$((tap_count + 1))
	if [ "$1" = 0 ]; then
		printf 'ok %d - %s\n' $tap_count "$2"
	else
		tap_bad=1
		printf 'not ok %d - %s\n' $tap_count "$2"
	fi
}
is() { # GOT WANTED CLAIM
	local same=0
	[ "$1" = "$2" ] || same=1
	ok $same "$3"
	[ $same = 0 ] || printf '# got %q, wanted %q\n' "${1:0:200}" "${2:0:200}"
}
skip() { # WHY
	tap_count=$((tap_count + 1))
	printf 'ok %d # SKIP %s\n' $tap_count "$1"
}
tap_end() {
	printf '1..%d\n' $tap_count
	exit $tap_bad
}
