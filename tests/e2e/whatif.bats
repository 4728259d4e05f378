#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stint whatif: predictions from job files and from results; nothing is run.

load helpers

# The walls of the rows, in tenths of a second.
walls() {
	python3 -c 'import json; print(*(round(10 * r["wall"]) for r in json.load(open("out"))["rows"]))'
}

write_job() {
	cat >job.json <<-'END'
		{"tasks": [
		  {"id": "a", "cpu": {"spin": 100}},
		  {"id": "c", "cpu": {"spin": 200}, "needs": ["a"]},
		  {"id": "f", "sleep": 300, "needs": ["c"]},
		  {"id": "other", "repeat": 10, "cpu": {"spin": 150}}]}
	END
}

@test "whatif: a job file, a row for each number of workers, the knee in words" {
	write_job
	stint whatif job.json
	[ "$status" -eq 0 ] && [ ! -s err ]
	has out 'job.json: 13 tasks, 1800.000 s to compute, longest chain 600.000 s'
	[ "$(awk '$3 == "s" { print $1 }' out | tr '\n' ' ')" = '1 2 3 4 ' ]
	has out 'past 3 workers nothing is gained: the critical path is a -> c -> f (600.000 s)'
	stint whatif --json -j 1,2-4,13 job.json
	json out '[r["workers"] for r in v["rows"]] == [1, 2, 3, 4, 13]' \
		'[round(r["wall"], -1) for r in v["rows"]] == [1800, 900, 600, 600, 600]' \
		'[round(r["parallelism"], 2) for r in v["rows"]] == [1, 2, 3, 3, 3]' \
		'[round(r["concurrency"], 1) for r in v["rows"]][:3] == [1.2, 2.3, 3.5]' \
		'v["knees"][0]["workers"] == 3 and v["knees"][0]["why"] == "path"' \
		'v["path"] == "a -> c -> f" and v["tasks"] == 13 and v["unknown"] == 0'
}

@test "whatif: a stream from stdin or a pipe; needs, matrix and repeats" {
	cat >job.jsonl <<-'END'
		{"id": "m", "matrix": {"x": [1, 2, 3]}, "sleep": 2}
		{"id": "r", "repeat": 4, "cpu": {"spin": 1}, "needs": ["m"]}
		{"sleep": 3, "needs": ["r"]}
	END
	for source in - <(cat job.jsonl) job.jsonl; do
		stint whatif --json -j 1,2,4 "$source" <job.jsonl
		[ "$status" -eq 0 ]
		[ "$(walls)" = '90 70 60' ]
	done
	stint whatif --json -j 1 --scale 0.1 job.jsonl
	[ "$(walls)" = 9 ]
}

@test "whatif: limits of waiting tasks, resources, memory, priorities, cpus" {
	echo '{"repeat": 30, "sleep": 1}' >job.jsonl
	stint whatif --json -j 2 --waiting 5,10,1000 job.jsonl
	[ "$(walls)" = '60 30 10' ]
	json out '[k["waiting"] for k in v["knees"]] == [5, 10, 1000]' \
		'[k["why"] for k in v["knees"]] == ["waiting", "waiting", "longest"]'
	stint whatif --waiting 5 job.jsonl
	has out '5 waiting: past 1 worker nothing is gained: no more tasks may wait at once'
	cat >job.json <<-'END'
		{"resources": {"gpu": 2, "memory": "4G"}, "tasks": [
		  {"repeat": 6, "sleep": 1, "uses": {"gpu": 1}},
		  {"repeat": 6, "sleep": 1, "memory": "1G"}]}
	END
	stint whatif --json -j 8 job.json
	[ "$(walls)" = 30 ]
	json out 'v["knees"][0]["why"] == "resources"'
	cat >job.json <<-'END'
		{"tasks": [
		  {"cpu": {"spin": 1}},
		  {"repeat": 3, "cpu": {"spin": 1}},
		  {"id": "first", "priority": 5, "cpu": {"spin": 0.9}},
		  {"sleep": 4, "needs": ["first"]}]}
	END
	stint whatif --json -j 1 job.json
	[ "$(walls)" = 49 ]
	echo '{"repeat": 4, "cpus": 2, "cpu": {"spin": 1}}' >job.jsonl
	stint whatif --json -j 1,2,4 job.jsonl
	[ "$(walls)" = '40 40 20' ]
}

# record ID WALL CPU [MORE]
record() {
	printf '{"id":"%s","status":"ok","attempt":1,"worker":0,"start":%d.5,"wall":%s,"user":%s,"sys":0,"maxrss":1%s}\n' \
		"$1" $((1700000000 + ${1//[^0-9]/})) "$2" "$3" "${4:-}"
}

@test "whatif: results; commands by what they were measured to do" {
	{
		record a1 100 100 ',"exit":0'
		record a2 100 99.5 ',"exit":0'
		record b3 300 0.01 ',"exit":0'
		record b4 300 0.01 ',"exit":0'
		record c5 100 50
		record d6 100 100 ',"needs":["a1","b3"]'
		printf '{"id":"e","status":"skipped","wall":0,"user":0,"sys":0}\n'
	} >results
	stint whatif --json -j 1,2,8 results
	[ "$status" -eq 0 ]
	has err 'stint: results: left out, since they never began: 1 task'
	json out '[round(r["wall"], -1) for r in v["rows"]] == [400, 400, 400]' \
		'v["path"] == "b3 -> d6" and v["left_out"] == 1 and v["tasks"] == 6' \
		'abs(v["cpu"] - 349.52) < 0.1' 'v["ran_workers"] >= 1 and v["ran"] > 0'
	stint whatif results
	has out 'the run itself: '
	stint whatif --scale 2 --json -j 1 results
	json out 'round(v["rows"][0]["wall"], -1) == 800' '"ran" not in v'
}

@test "whatif: commands that had to share cores take as long as with one each" {
	{
		record a1 100 100 ',"exit":0'
		for id in a2 a3 a4 a5; do record $id 200 100 ',"exit":0'; done
	} >results
	stint whatif --json -j 1,8 results
	json out '[round(r["wall"], -1) for r in v["rows"]] == [500, 100]'
	sed 's/"wall":100/"wall":300/' results >never-alone
	stint whatif --json -j 8 never-alone
	json out 'v["rows"][0]["wall"] > 290'
}

@test "whatif: what a run has written is what it reads" {
	echo '{"tasks": [{"id": "a", "sleep": 0.2}, {"id": "b", "needs": ["a"], "exec": ["sleep", "0.2"]}, {"id": "c", "cpu": {"spin": 0.01}}]}' >job.json
	stint run -q -o results job.json
	stint whatif --json -j 2 results
	json out 'v["path"] == "a -> b" and v["tasks"] == 3' '0.4 < v["rows"][0]["wall"] < v["path_wall"] + 0.1'
	# And what it taught is known of the job file, too.
	stint whatif --json -j 2 job.json
	[ ! -s err ]
	json out 'v["unknown"] == 0 and 0.4 < v["path_wall"] < 5'
}

@test "whatif: lengths that nobody knows" {
	printf '%s\n' '{"exec": ["true"]}' '{"cpu": {"primes": 1000}}' >job.jsonl
	stint whatif job.jsonl
	[ "$status" -eq 2 ] && terse
	has err 'run them once: stint run -o results FILE, then stint whatif results'
	printf '%s\n' '{"sleep": 4}' '{"sleep": 2}' >>job.jsonl
	stint whatif --json -j 1 job.jsonl
	[ "$status" -eq 0 ] && terse
	has err 'nobody knows how long 2 of 4 tasks take: they are taken for the average of the others, 3.000 s'
	json out 'v["unknown"] == 2 and round(v["assumed"], 2) == 3' '5.9 < v["rows"][0]["wall"] < 6.2'
	mkdir -p state/stint
	echo '{"program":"true","use":1000,"tasks":5,"walls":[7,7,7]}' >state/stint/history.jsonl
	echo '{"name":"n","use":1000,"tasks":5,"walls":[5,5,5]}' >>state/stint/history.jsonl
	printf '%s\n' '{"exec": ["true"]}' '{"name": "n", "cpu": {"primes": 1000}}' >job.jsonl
	stint whatif --json -j 1,2 job.jsonl
	[ ! -s err ]
	[ "$(walls)" = '120 70' ]
}

@test "whatif: errors name what is wrong" {
	bad() { # TEXT ARG...
		local text=$1
		shift
		stint whatif "$@"
		[ "$status" -eq 2 ] && [ ! -s out ] && terse && has err "$text"
	}
	write_job
	bad 'which results, or which job file?'
	bad 'one file at a time' job.json job.json
	bad 'nowhere.json: No such file or directory' nowhere.json
	bad '.: is a folder' .
	for list in 0 '' '1,' ,1 1,x 100001 4-2 1-5000 1.5 -1; do
		bad '-j: "' -j "$list" job.json
		has err 'must be whole numbers from 1 to 100000, as in 1,2,4 or 1-8'
	done
	bad '--waiting: "0"' --waiting 0 job.json
	for scale in 0 -1 x 1e99 nan ''; do
		bad '--scale: "' --scale "$scale" job.json
	done
	bad 'did you mean --waiting?' --wating 3 job.json
	echo '{"tasks": [{"slep": 1}]}' >bad.json
	bad 'did you mean "sleep"?' bad.json
	printf '%s\n' '{"sleep": 1}' '{"slep": 1}' >bad.jsonl
	bad 'bad.jsonl:2: ' bad.jsonl
	record a1 1 1 >results
	echo '{"sleep": 1}' >>results
	bad 'results:2: not a record of results' results
	printf '{"id":"e","status":"skipped","wall":0,"user":0,"sys":0}\n' >results
	stint whatif results
	[ "$status" -eq 2 ] && has err 'results: no task in it has run'
	printf '' >empty
	bad 'no tasks: the input is empty' empty
	echo '{"tasks": []}' >none.json
	bad 'none.json: no tasks in it' none.json
	stint whatif job.json >/dev/full 2>err || true
}

@test "whatif: its options and examples are in its page" {
	stint whatif -h
	grep -oE '^  (-.,|   ) --[a-z-]*' out | grep -o -- '--.*' | while read -r option; do
		[ "$option" = --help ] ||
			grep -qE -- "^\.It Fl (.* )?-${option#--}( |\$)" "$TOP/man/stint-whatif.1"
	done
	mkdir bin
	printf '#!/bin/sh\nexec "%s" "$@"\n' "$STINT" >bin/stint
	chmod +x bin/stint
	PATH=$PWD/bin:$PATH E2E_MARK=$mark python3 - "$TOP/man/stint-whatif.1" <<-'END'
		import re, shutil, subprocess, sys
		page = open(sys.argv[1]).read().split(".Sh EXAMPLES")[1]
		ran = 0
		for shown in re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", page, re.S | re.M):
		    for command, output in re.findall(r"^\$ (.*\n)((?:(?!\$ ).*\n)*)", shown, re.M):
		        if command.startswith("cat "):
		            open(command.split()[1], "w").write(output)
		            continue
		        if "jq" in command and not shutil.which("jq"):
		            continue
		        done = subprocess.run(["bash", "-c", command], text=True, capture_output=True, timeout=60)
		        assert done.returncode == 0, (command, done)
		        assert output in ("", done.stdout), (command, output, done.stdout)
		        ran += 1
		assert ran >= 3, ran
	END
}
