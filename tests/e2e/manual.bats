#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stint(1) keeps what it says: its options are those that there are, its examples run.

load helpers

@test "every option of -h is explained in stint(1) or the page of its command" {
	for command in run map compare report import whatif top; do
		stint "$command" -h
		grep -oE '^  (-.,|   ) --[a-z-]*' out | grep -o -- '--.*' >>options
	done
	[ "$(wc -l <options)" -gt 45 ]
	sort -u options | while read -r option; do
		name=${option#--}
		grep -qE -- "^\.It Fl (.* )?-$name( |\$)" "$TOP/man/stint.1" ||
			grep -qE -- "^\.(It )?Fl (.* )?-$name( |\$)" "$TOP"/man/stint-{map,report,import,whatif,top}.1 || {
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

# What is displayed behind "$ " is run, what follows it is its output, or the file that it shows.
# examples PAGE COUNT: runs them; there are at least so many.
examples() {
	mkdir -p bin share/stint/examples
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$STINT" >bin/stint
	printf '#!/bin/sh\n' >bin/pkill # of others, too
	chmod +x bin/*
	echo '[{"print": "mixed"}]' | sed 's/.*/{"tasks": &}/' >share/stint/examples/mixed.json
	PATH=$PWD/bin:$PATH E2E_MARK=$mark python3 - "$TOP/man/$1" "$2" <<-'END'
		import re, shutil, subprocess, sys
		page = open(sys.argv[1]).read().split(".Sh EXAMPLES")[1]
		ran = 0
		for shown in re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", page, re.S | re.M):
		    shown = shown.replace("\\e\n", "\\\n").replace("\\e", "\\").replace("\\&", "")
		    for command, output in re.findall(r"^\$ ((?:.*\\\n)*.*\n)((?:(?!\$ ).*\n)*)", shown, re.M):
		        if command.startswith("cat "):
		            open(command.split()[1], "w").write(output)
		            continue
		        if "jq" in command and not shutil.which("jq"):
		            continue
		        done = subprocess.run(["bash", "-c", command], text=True, capture_output=True, timeout=60)
		        assert done.returncode == 0, (command, done)
		        assert output in ("", done.stdout), (command, output, done)
		        ran += 1
		assert ran >= int(sys.argv[2]), ran
	END
}

@test "the examples of stint(1) do what they say" {
	examples stint.1 14
}

@test "the examples of stint-report(1) do what they say" {
	examples stint-report.1 6
}
