#!/bin/bash
# torture.sh - break things at random for a long time
#
# usage: torture.sh [seconds]
#
# Runs the suites that cut connections, kill programs, lose power and let calls
# of libc go wrong, again and again, each time with another seed and more of
# everything than make check. Stops at the first failure and says where its log is, or
# after that many seconds, else after $TORTURE_SECONDS, else after an hour.
# CHAT_SEED in the environment is the first seed: with the one of a failure it
# does the same again, as far as the system's timing allows.

set -u
here=$(cd "$(dirname "$0")" && pwd) || exit 2
seconds=${1:-${TORTURE_SECONDS:-3600}}
[[ $seconds =~ ^[0-9]+$ ]] || {
	echo "usage: torture.sh [seconds]" >&2
	exit 2
}

# What is run: a suite that takes its seed from CHAT_SEED is added here, and
# what makes it do more below.
suites=(cuts kill fault mishap disk upgrade powerloss model cluster)
files=("${suites[@]/#/$here/}")
files=("${files[@]/%/.bats}")

# The cuts, kills and losses of power of a test, up to which call of a function
# one fails, the seeds of the model, how often the leader of etcd is killed, and
# how many more mishaps there are of nodes over it.
export CHAT_CUTS=${CHAT_CUTS:-300}
export CHAT_KILLS=${CHAT_KILLS:-200}
export CHAT_CALLS=${CHAT_CALLS:-20}
export CHAT_LOSSES=${CHAT_LOSSES:-1000}
export CHAT_SEEDS=${CHAT_SEEDS:-300}
export CHAT_LEADERS=${CHAT_LEADERS:-50}
export CHAT_MISHAPS=${CHAT_MISHAPS:-100}

log=$(mktemp "${TMPDIR:-/tmp}/torture.XXXXXX") || exit 2
# The suites are in the foreground, so an interrupt ends them as well.
trap 'rm -f "$log"; echo; echo "interrupted after $rounds rounds"; exit 130' INT
trap 'rm -f "$log"; exit 2' HUP TERM

rounds=0
export CHAT_SEED=${CHAT_SEED:-$SRANDOM}
until [ "$SECONDS" -ge "$seconds" ]; do
	echo "round $((rounds + 1)): CHAT_SEED=$CHAT_SEED"
	if ! "$here/run.sh" "${files[@]}" >"$log" 2>&1; then
		grep -A 40 '^not ok' "$log"
		echo "failed with CHAT_SEED=$CHAT_SEED: $log"
		exit 1
	fi
	tail -n 1 "$log"
	rounds=$((rounds + 1))
	CHAT_SEED=$SRANDOM
done
rm -f "$log"
echo "$rounds rounds in $SECONDS seconds"
