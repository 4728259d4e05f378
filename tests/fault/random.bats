#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Faults of all kinds at random moments of a batch that is resumed until it is done, see schedule.py.

load ../e2e/helpers

@test "a random schedule of deaths: the batch is completed, no attempt runs twice, nothing is left" {
	seed=${FAULT_SEED:-$RANDOM$RANDOM}
	for ((i = 0; i < $(full 1 40); i++)); do
		mkdir "$i"
		(cd "$i" && E2E_MARK=$mark python3 "$TOP/tests/fault/schedule.py" "$STINT" "$(full 6 20)" "$(full 80 400)" "$((seed + i))") ||
			{ tail -n 5 "$i/err" && false; }
	done
	nothing_left
}
