#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `stint import`: from a recording to a job file that runs, and what it says of what it cannot take.

load helpers

# Recorded workflows are data, not part of the project; the tests of them need a folder of them.
recordings=${WFINSTANCES:-$TOP/../shared/data/wfinstances}

# small: a diamond that took 5 seconds, of which 3 were computing, on two cores at best.
small() {
	cat <<-'END'
		{"name": "small", "schemaVersion": "1.5", "workflow": {
		  "specification": {"tasks": [
		    {"id": "split_ID1", "name": "split_ID1", "parents": [], "children": ["left_ID2", "right_ID3"]},
		    {"id": "left_ID2", "name": "left_ID2", "parents": ["split_ID1"], "children": ["join_ID4"]},
		    {"id": "right_ID3", "name": "right_ID3", "parents": ["split_ID1"], "children": ["join_ID4"]},
		    {"id": "join_ID4", "name": "join_ID4", "parents": ["left_ID2", "right_ID3"], "children": []}
		  ]},
		  "execution": {"makespanInSeconds": 5, "executedAt": "2024-01-01", "tasks": [
		    {"id": "split_ID1", "runtimeInSeconds": 1, "avgCPU": 100, "memoryInBytes": 70000000000,
		     "command": {"program": "sh", "arguments": ["-c", "echo split > parts"]}},
		    {"id": "left_ID2", "runtimeInSeconds": 2, "avgCPU": 50, "memoryInBytes": 1000,
		     "command": {"program": "sh", "arguments": ["-c", "cat parts > left"]}},
		    {"id": "right_ID3", "runtimeInSeconds": 3, "avgCPU": 0,
		     "command": {"program": "cat parts > right; echo", "arguments": ["it's right"]}},
		    {"id": "join_ID4", "runtimeInSeconds": 1, "coreCount": 1,
		     "command": {"program": "cat", "arguments": ["left", "right"]}}
		  ]}
		}}
	END
}

@test "a workflow becomes a job file, which is run" {
	small >small.json
	stint import --scale 0.01 -o job.json wfcommons small.json
	[ "$status" -eq 0 ]
	[ ! -s out ] && [ ! -s err ]
	json job.json 'v["name"] == "small"' \
		'[t["id"] for t in v["tasks"]] == ["split_ID1", "left_ID2", "right_ID3", "join_ID4"]' \
		'[t["name"] for t in v["tasks"]] == ["sh", "sh", "right", "cat"]' \
		'[t.get("needs", []) for t in v["tasks"]] == [[], ["split_ID1"], ["split_ID1"], ["left_ID2", "right_ID3"]]' \
		'[t["steps"][0]["cpu"]["spin"] for t in v["tasks"]] == [0.01, 0.01, 0, 0.01]' \
		'[t["steps"][1]["sleep"] for t in v["tasks"]] == [0, 0.01, 0.03, 0]'
	stint check job.json
	[ "$status" -eq 0 ]
	# One of them took more memory than there may be here: it is not held back for that.
	stint run -o results job.json
	[ "$status" -eq 0 ]
	records results 'len(all) == 4' '{e["status"] for e in all} == {"ok"}' \
		'r["left_ID2"]["needs"] == ["split_ID1"]' 'all[-1]["id"] == "join_ID4"'
}

@test "from a pipe, into a pipe" {
	small | timeout 240 "$STINT" import wfcommons - | timeout 240 "$STINT" check -
}

@test "the commands that were recorded are run" {
	small >small.json
	stint import wfcommons --as exec small.json
	[ "$status" -eq 0 ]
	mv out job.json
	hasnt job.json memory
	stint run -k job.json
	[ "$status" -eq 0 ]
	same out "it's right" split split
}

@test "--bound: as long as no schedule can go below" {
	small >small.json
	stint import wfcommons --bound 500ms -j 1 small.json # the path is 1 + 3 + 1 s, the work 3 s
	[ "$status" -eq 0 ]
	json out '[t["steps"][0]["cpu"]["spin"] for t in v["tasks"]] == [0.1, 0.1, 0, 0.1]'
	sed -i 's/"avgCPU": 50/"avgCPU": 100/; s/"runtimeInSeconds": 3/"runtimeInSeconds": 1.5/' small.json
	stint import wfcommons --bound 4s -j 1 small.json # the path is 4 s, the work 4 s
	json out 'v["tasks"][0]["steps"][0]["cpu"]["spin"] == 1'
	sed -i 's/"avgCPU": 0/"avgCPU": 100/' small.json
	stint import wfcommons --bound 5.5 -j 1 small.json # and now the work 5.5 s
	json out 'v["tasks"][0]["steps"][0]["cpu"]["spin"] == 1'
	stint import wfcommons --bound 4s -j 2 small.json
	json out 'v["tasks"][0]["steps"][0]["cpu"]["spin"] == 1'
	sed -i -E 's/"runtimeInSeconds": [0-9.]*/"runtimeInSeconds": 0/' small.json
	stint import wfcommons --bound 1 small.json
	[ "$status" -eq 2 ] && terse
	has err 'take no time, whatever the scale'
}

@test "a bad recording: one line with file, line and place; nothing is written" {
	small | sed 's/\["left_ID2", "right_ID3"\], "children": \[\]/["left_ID2", "rihgt_ID3"], "children": []/' >bad.json
	echo kept >job.json
	stint import wfcommons bad.json -o job.json
	[ "$status" -eq 2 ] && terse
	has err 'stint: bad.json:6: workflow.specification.tasks[3].parents[1]: no task "rihgt_ID3", did you mean "right_ID3"?'
	same job.json kept
	small | head -c 700 >bad.json
	stint import wfcommons bad.json -o job.json
	[ "$status" -eq 2 ] && terse
	has err 'stint: bad.json:10: column 45: not valid JSON'
	same job.json kept
	stint import wfcommons -o job.json "$TOP/conf/examples/count.json"
	[ "$status" -eq 2 ] && terse
	has err 'count.json:1: not WfFormat: "schemaVersion" is missing'
	small | sed 's/"runtimeInSeconds": 3/"runtimeInSeconds": 1e12/' >bad.json
	stint import wfcommons bad.json -o job.json
	[ "$status" -eq 2 ] && terse
	has err 'task "right_ID3" takes longer than ten years'
	same job.json kept
	{
		printf '{"schemaVersion": "1.5", "workflow": '
		head -c 1000000 /dev/zero | tr '\0' '['
	} >bad.json
	stint import wfcommons bad.json
	[ "$status" -eq 2 ] && terse
	[ ! -s out ]
}

@test "a file that cannot be read, or written" {
	stint import wfcommons missing.json
	[ "$status" -eq 2 ] && terse
	has err 'missing.json: No such file'
	mkdir folder
	stint import wfcommons folder
	[ "$status" -eq 2 ] && terse
	has err 'folder: Is a directory'
	small >small.json
	stint import wfcommons small.json -o nowhere/job.json
	[ "$status" -eq 3 ] && terse
	stint import wfcommons small.json -o ./small.json
	[ "$status" -eq 2 ] && terse
	has err 'is what is imported; name another'
	small | diff - small.json
	status=0
	"$STINT" import wfcommons small.json >/dev/full 2>err || status=$?
	[ "$status" -eq 3 ] && terse
}

@test "a command line that is wrong" {
	small >small.json
	while IFS='|' read -r args message; do
		# shellcheck disable=SC2086 # several words
		stint import $args
		[ "$status" -eq 2 ] && terse
		has err "$message"
	done <<-'END'
		|from which format?
		wfcommon small.json|FORMAT: "wfcommon": did you mean "wfcommons"?
		nothing small.json|FORMAT: "nothing": must be one of wfcommons
		wfcommons|which file?
		wfcommons small.json small.json|one file at a time
		wfcommons small.json --scale 0|--scale: "0": must be a number above 0
		wfcommons small.json --scale -1|--scale: "-1": must be a number above 0
		wfcommons small.json --scale nan|--scale: "nan": must be a number above 0
		wfcommons small.json --scale 1s|--scale: "1s": must be a number above 0
		wfcommons small.json --bound 0|--bound: "0": must be a time above 0
		wfcommons small.json --bound 1 --scale 1|one or the other
		wfcommons small.json --as exec --scale 2|--scale: commands take as long as they take
		wfcommons small.json --as tasks|--as: "tasks": must be one of steps, exec
		wfcommons small.json -j 2|-j: is for --bound
		wfcommons small.json --summary x|--summary: unknown option
	END
}

@test "recorded workflows: each is a job file, and the same as the benchmarks make of it" {
	[ -d "$recordings" ] || skip "there is no folder of recorded workflows: WFINSTANCES names one"
	for file in "$recordings"/*.json; do
		stint import wfcommons --bound 3s -j 2 -o job.json "$file"
		[ "$status" -eq 0 ]
		stint check job.json
		[ "$status" -eq 0 ]
		python3 "$TOP/tests/bench/workflow.py" "$file" 2 3 >expected.json
		python3 - <<-'END'
			import json
			def load(path):
			    return {task["id"]: (task["steps"], sorted(task.get("needs", [])))
			            for task in json.load(open(path))["tasks"]}
			assert load("job.json") == load("expected.json")
		END
		stint import wfcommons --as exec -o job.json "$file"
		[ "$status" -eq 0 ]
		stint check job.json
		[ "$status" -eq 0 ]
	done
}

@test "a recorded workflow is run" {
	file=$recordings/bwa-chameleon-small-002.json
	[ -e "$file" ] || skip "there is no folder of recorded workflows: WFINSTANCES names one"
	stint import wfcommons --bound 1s -o job.json "$file"
	[ "$status" -eq 0 ]
	stint run -o results --summary summary job.json
	[ "$status" -eq 0 ]
	records results 'len(all) == 104' '{e["status"] for e in all} == {"ok"}' \
		'{e["name"] for e in all} == {"fastq_reduce", "bwa_index", "bwa", "cat_bwa", "cat"}'
}

@test "stint-import(1) explains every option, and its examples do what they say" {
	stint import -h
	grep -oE '^  (-.,|   ) --[a-z-]*' out | grep -o -- '--.*' | grep -vx -- --help | while read -r option; do
		grep -qE -- "^\.It Fl (.* )?-${option#--}( |\$)" "$TOP/man/stint-import.1" || {
			echo "$option is not in the manual"
			exit 1
		}
	done
	mkdir bin
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$STINT" >bin/stint
	chmod +x bin/stint
	sed -n '/^\$ cat w.json/,/^\]}}/p' "$TOP/man/stint-import.1" | tail -n +2 >w.json
	sed -n '/^\$ stint import .* w.json$/,/^\.Ed/p' "$TOP/man/stint-import.1" | sed '1d;$d' >expected
	for command in 1 2; do
		sed -n 's/^\$ \(stint .*\)/\1/p' "$TOP/man/stint-import.1" | sed -n "${command}p" >command.sh
		[ -s command.sh ]
		PATH=$PWD/bin:$PATH E2E_MARK=$mark bash -e -o pipefail command.sh >"out.$command"
	done
	diff expected out.1
}
