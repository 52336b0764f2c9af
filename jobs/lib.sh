# What the job scripts share; sourced, not run.
# shellcheck shell=bash

die() { # STATUS MESSAGE
	printf '%s: error: %s\n' "${0##*/}" "$2" >&2
	exit "$1"
}

# plain NAME VALUE: a value that may stand in a script or a path; anything else ends with 78
plain() {
	[[ $2 =~ ^[A-Za-z0-9._/-]+$ ]] || die 78 \
		"$1 is $(printf %q "${2:0:80}"); wanted letters, digits, dot, underscore, slash and hyphen"
}

# clean_environment: what could change how programs run, unless we said so, goes; files come out
# without rights for others; the folder for temporary files must be a real one that is ours
clean_environment() {
	umask 027
	local name
	for name in $(compgen -e); do
		case $name in
		LD_* | HDF5_* | OMPI_MCA_* | PMIX_MCA_* | OPENBLAS_* | GCONV_PATH | BASH_ENV | ENV | IFS)
			unset -v "$name" ;;
		esac
	done
	[ -z "${TMPDIR-}" ] && return
	if [ -L "$TMPDIR" ] || [ ! -d "$TMPDIR" ] || [ ! -w "$TMPDIR" ] ||
		{ [ ! -O "$TMPDIR" ] && [ ! -k "$TMPDIR" ]; }; then
		die 73 "TMPDIR $(printf %q "${TMPDIR:0:80}"): wanted a folder of our own, not a link"
	fi
}

# site_load FILE: launcher and OMPI_ settings, one NAME=VALUE a line; nothing of it is executed
site_load() {
	local line name
	launcher=mpirun
	[ -r "$1" ] || die 66 "$1 cannot be read; choose one of jobs/sites"
	while IFS= read -r line || [ "$line" ]; do
		case $line in '' | '#'*) continue ;; esac
		name=${line%%=*}
		[[ $line =~ ^[A-Za-z_]+=[A-Za-z0-9._/,:-]+$ ]] || die 78 "$1: line $(printf %q "$line")"
		case $name in
		launcher) launcher=${line#*=} ;;
		OMPI_*) export "${line?}" ;;
		*) die 78 "$1: $name; wanted launcher or OMPI_..." ;;
		esac
	done <"$1"
	case $launcher in mpirun | srun) ;; *) die 78 "$1: launcher $launcher; wanted mpirun or srun" ;; esac
}

# launch RANKS PROGRAM ARGS...: run it in the background of this shell and wait, passing a signal that
# asks us to stop on as USR1, at which ranks checkpoint and leave with 75. (mpirun answers TERM by
# killing its ranks after 2 s.) Returns the program's status.
launch() {
	local ranks=$1 pid status signalled
	shift
	case $launcher in
	mpirun) mpirun -q -n "$ranks" "$@" & ;;
	srun) srun --mpi=pmix -n "$ranks" "$@" & ;;
	esac
	pid=$!
	trap 'signalled=yes; kill -USR1 "$pid" 2>/dev/null' USR1 TERM
	# a signal ends the wait with a status of its own; the next wait tells the program's
	while :; do
		signalled=no status=0
		wait "$pid" || status=$?
		if [ $signalled = no ] || [ "$status" -le 128 ]; then
			break
		fi
	done
	trap - USR1 TERM
	return "$status"
}

# again STATUS: what to do about it. "free": the checkpoint advanced, go on as often as it does;
# "retry": a node, a link or the watchdog, worth a few tries; "stop": trying again would not help
again() {
	case $1 in
	75) echo free ;;
	80 | 205 | 129 | 13[0-9] | 14[0-9] | 15[0-9]) echo retry ;;
	*) echo stop ;;
	esac
}
