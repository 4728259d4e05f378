#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stint(1) keeps what it says: its options are those that there are, its examples run.

load helpers

@test "every option of -h is explained in stint(1) or the page of its command" {
	for command in run map compare report import whatif top submit jobs status wait results output cancel retry \
		pause resume drain priority rm ping shutdown; do
		stint "$command" -h
		grep -oE '^  (-.,|   ) --[a-z-]*' out | grep -o -- '--.*' >>options
	done
	[ "$(wc -l <options)" -gt 45 ]
	sort -u options | while read -r option; do
		name=${option#--}
		grep -qE -- "^\.It Fl (.* )?-$name( |\$)" "$TOP/man/stint.1" ||
			grep -qE -- "^\.(It )?Fl (.* )?-$name( |\$)" "$TOP"/man/stint-{map,report,import,whatif,top,submit,queue}.1 || {
			echo "$option is not in the manual"
			exit 1
		}
	done
}

@test "every message and field is in stint-worker(7)" {
	sed -n 's/^FIELD(\([a-z_]*\),.*/\1/p; s/^MESSAGE(\([a-z_]*\),.*/\1/p' "$TOP/ipc/messages.def" | while read -r name; do
		grep -qE "^(\.It )?\.?(It )?Cm (.* )?$name( |\$)" "$TOP/man/stint-worker.7" || {
			echo "$name is not in the manual"
			exit 1
		}
	done
}

@test "every request and member is in stint-protocol(7)" {
	sed -n 's/^FIELD(\([a-z_]*\),.*/\1/p; s/^REQUEST(\([a-z_]*\),.*/\1/p' "$TOP/supervisor/requests.def" | while read -r name; do
		grep -qE "^(\.It )?\.?(It )?Cm (.* )?$name( |\$)" "$TOP/man/stint-protocol.7" || {
			echo "$name is not in the manual"
			exit 1
		}
	done
}

# examples PAGE COUNT: runs them; there are at least so many.
examples() {
	mkdir -p bin share/stint/examples
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$STINT" >bin/stint
	printf '#!/bin/sh\n' >bin/pkill # of others, too
	chmod +x bin/*
	echo '[{"print": "mixed"}]' | sed 's/.*/{"tasks": &}/' >share/stint/examples/mixed.json
	PATH=$PWD/bin:$PATH E2E_MARK=$mark python3 "$TOP/tests/e2e/examples.py" "$TOP/man/$1" "$2"
}

@test "the examples of stint(1) do what they say" {
	examples stint.1 14
}

@test "the examples of stint-report(1) do what they say" {
	examples stint-report.1 6
}
