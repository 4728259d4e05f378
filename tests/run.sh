#!/bin/bash
# Runs tests, called by `make check`: tests/run.sh BUILD FILE...
# FILE is tests/test_X.c (its Check program is BUILD/tests/test_X) or a .bats file.
# From the environment: STINT, TOP, SANITIZE. The last line is the count.
set -u

build=$1
shift
mkdir -p "$build/tests"
passed=0 failed=0 skipped=0 bats=()

# A test that hangs fails in the end; one on a busy machine is only slow.
export BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-900}
export CK_TIMEOUT_MULTIPLIER=${CK_TIMEOUT_MULTIPLIER:-5}

# Sanitizers: a report is a failure; slower programs get more time.
if [ -n "${SANITIZE:-}" ]; then
	CK_TIMEOUT_MULTIPLIER=$((4 * CK_TIMEOUT_MULTIPLIER))
	export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}
	export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
	export TSAN_OPTIONS=${TSAN_OPTIONS:-die_after_fork=0}
fi

# ThreadSanitizer cannot place its shadow where addresses are randomised by more than 28 bits.
if [ "${SANITIZE:-}" = thread ] && [ -z "${STINT_SETARCH:-}" ] &&
	[ "$(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0)" -gt 28 ] &&
	setarch -R true 2>/dev/null; then
	STINT_SETARCH=1 exec setarch -R "$0" "$build" "$@"
fi

# unit PROGRAM: run it, count by Check's own line; its output is shown when something failed.
unit()
{
	local log=$1.log status counts
	"$1" >"$log" 2>&1
	status=$?
	counts=$(awk '/^[0-9]+%: Checks: / {
		gsub(/[^0-9 ]/, ""); checks += $2; bad += $3 + $4
	} END { print checks + 0, bad + 0 }' "$log")
	local checks=${counts% *} bad=${counts#* }
	if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ] || [ "$checks" -eq 0 ]; then
		bad=$((bad + 1)) # it died, or tested nothing
		checks=$((checks + 1))
		echo "exit status $status" >>"$log"
	fi
	passed=$((passed + checks - bad))
	failed=$((failed + bad))
	if [ "$bad" -ne 0 ]; then
		cat "$log"
		echo "FAIL ${1##*/}: $bad of $checks"
	else
		echo "ok   ${1##*/}: $checks"
	fi
}

# whole FILE...: bats, several files at a time: most tests wait for something most of the time.
whole()
{
	local log=$build/tests/bats.log status counts planned good bad skips
	mkdir -p "$build/tests"
	bats --formatter tap --jobs $((2 * $(nproc))) --no-parallelize-within-files "$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	counts=$(awk '/^1\.\.[0-9]+$/ { planned += substr($0, 4) }
		/^not ok / { bad++ }
		/^ok / { if (/ # skip/) skips++; else good++ }
		END { print planned + 0, good + 0, bad + 0, skips + 0 }' "$log")
	read -r planned good bad skips <<<"$counts"
	if [ $((good + bad + skips)) -lt "$planned" ] || { [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; }; then
		echo "bats ended with status $status after $((good + bad + skips)) of $planned tests"
		bad=$((bad + 1))
	fi
	passed=$((passed + good))
	failed=$((failed + bad))
	skipped=$((skipped + skips))
}

for file in "$@"; do
	case $file in
	*.bats) bats+=("$file") ;;
	*) file=${file%.c} && unit "$build/tests/${file##*/}" ;;
	esac
done
if [ ${#bats[@]} -gt 0 ]; then
	whole "${bats[@]}"
fi

if [ $((passed + failed)) -eq 0 ]; then
	echo "no test was run"
	failed=1
fi
line="$passed passed, $failed failed"
[ "$skipped" -eq 0 ] || line="$line, $skipped skipped"
echo "$line"
[ "$failed" -eq 0 ]
