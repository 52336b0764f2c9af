# What tests of the network share; sourced, not run.
# shellcheck shell=bash

# days N FIRST LAST: sales.csv and future.csv of N days of SKUs FIRST up to before LAST in 8 markets: a week, a price that
# halves now and then and doubles what is sold, known 14 days ahead
# shellcheck disable=SC2154 # tmp and bin are tap.sh's
days() {
	awk -v n="$1" -v from="$2" -v to="$3" -v sales="$tmp/sales.csv" -v future="$tmp/future.csv" 'BEGIN {
		print "sku,market,date,units,price" >sales
		print "sku,market,date,price" >future
		for (s = from; s < to; s++)
			for (m = 0; m < 8; m++) {
				srand(100 * s + m)
				for (d = 0; d < n + 14; d++) {
					day = strftime("%Y-%m-%d", 1672574400 + 86400 * d, 1)
					cheap = (d + 3 * s + 5 * m) % 23 < 3
					units = int((2 + s + m) * (1 + (d % 7 < 2)) * (1 + cheap) + 2 * rand())
					if (d < n)
						printf "S%d,M%d,%s,%d,%d.00\n", s, m, day, units, cheap ? 5 : 10 >sales
					else
						printf "S%d,M%d,%s,%d.00\n", s, m, day, cheap ? 5 : 10 >future
				}
			}
	}'
}

# forecast RANKS FOLDER OPTIONS...: of catalog.h5, to FOLDER/f.h5
forecast() {
	local n=$1 out=$2
	shift 2
	mkdir -p "$tmp/$out"
	ranks "$n" "$bin/entrepot-forecast" --in "$tmp/catalog.h5" --horizon 14 --out "$tmp/$out/f.h5" \
		--set forecast.pictures=0 --json "$@"
}

# stop SIGNAL PAUSE FOLDER OPTIONS...: start a forecast on 2 ranks and send it the signal so long after its network said
# something
stop() {
	local signal=$1 pause=$2 out=$3 pid
	shift 3
	mkdir -p "$tmp/$out"
	: >"$tmp/err" # whose lines the run before left
	validation/mpi -n 2 "$bin/entrepot-forecast" --in "$tmp/catalog.h5" --horizon 14 --out "$tmp/$out/f.h5" \
		--set forecast.pictures=0 "$@" >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	for _ in $(seq 3000); do
		grep -q 'network: .*loss' "$tmp/err" 2>/dev/null && break
		sleep 0.01
	done
	sleep "$pause"
	case $signal in
	KILL) end_all "$pid" ;;
	*) kill "-$signal" "$pid" ;;
	esac
	wait "$pid" 2>/dev/null
	# shellcheck disable=SC2034 # for the tests
	status=$?
}

# end_all PID: the launcher and what it started, at once
end_all() {
	local all=$1 child
	for child in $(pgrep -P "$1"); do all="$all $child $(pgrep -P "$child")"; done
	# shellcheck disable=SC2086 # a list
	kill -KILL $all
}
