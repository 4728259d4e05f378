#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `stint run`: what it does with tasks, what it prints, and what it records.

load helpers

models='sync async threads gil processes hybrid'

@test "count.json under async: the waits overlap" {
	stint run -m async "$TOP/conf/examples/count.json"
	[ "$status" -eq 0 ]
	diff "$TOP/tests/golden/count.overlapping" out
}

@test "count.json under sync: one after the other" {
	stint run -m sync "$TOP/conf/examples/count.json"
	[ "$status" -eq 0 ]
	diff "$TOP/tests/golden/count.sync" out
}

@test "every action, in a document" {
	cat >job.json <<-'END'
		{"stint": 1, "name": "everything", "tasks": [
			{"id": "sleep", "sleep": 0.01},
			{"id": "text", "sleep": "10ms"},
			{"id": "cpu", "cpu": {"loop": 1000}},
			{"id": "exec", "exec": ["printf", "%s|", "a b", "", "*"]},
			{"id": "shell", "shell": "printf '%s|' $((6 * 7)) \"$STINT_JOB\""},
			{"id": "print", "print": "printed"},
			{"id": "steps", "steps": [{"print": "a"}, {"sleep": 0}, {"exec": ["echo", "b"]},
				{"cpu": {"loop": 2}}, {"shell": "echo c"}, {"cpu": {"loop": 3}}]}
		]}
	END
	stint run -o results job.json
	[ "$status" -eq 0 ]
	records results 'len(all) == 7' '{e["status"] for e in all} == {"ok"}' \
		'r["cpu"]["value"] == 1000' 'r["exec"]["stdout"] == "a b||*|" and r["exec"]["exit"] == 0' \
		'r["shell"]["stdout"] == "42|everything|"' 'r["print"]["stdout"] == "printed\n"' \
		'r["steps"]["stdout"] == "a\nb\nc\n"' 'r["steps"]["value"] == 3' 'r["steps"]["exit"] == 0' \
		'r["sleep"]["wall"] >= 0.01 and r["text"]["wall"] >= 0.01'
	has out 'a b||*|'
	has out '42|everything|'
	has out printed
}

@test "the first step that fails ends a task" {
	echo '{"steps":[{"print":"a"},{"shell":"exit 7"},{"print":"b"}]}' >job.jsonl
	stint run -o results job.jsonl
	[ "$status" -eq 1 ]
	same out a
	records results 'all[0]["status"] == "failed"' 'all[0]["exit"] == 7' 'all[0]["stdout"] == "a\n"'
}

@test "a print appears at once, in the midst of its task" {
	for how in group line raw; do
		echo '{"steps":[{"print":"early"},{"sleep":600},{"print":"late"}]}' >job.jsonl
		start run --output "$how" job.jsonl
		until_true 20 grep -q early out
		kill -KILL "$background"
		finish
		hasnt out late
	done
}

@test "a task of steps that waits lets others run on the only worker" {
	cat >job.jsonl <<-'END'
		{"id": "waits", "timeout": 60, "steps": [{"sleep": 0.1}, {"cpu": {"loop": 1}}, {"shell": "until [ -e one -a -e two ]; do sleep 0.02; done"}]}
		{"id": "computes", "steps": [{"cpu": {"spin": 0.05}}, {"shell": "touch one"}]}
		{"id": "steps", "steps": [{"sleep": 0.01}, {"cpu": {"loop": 1}}, {"shell": "touch two"}]}
	END
	for model in async threads gil hybrid; do
		rm -f one two
		stint run -j 1 -m "$model" -o results job.jsonl
		[ "$status" -eq 0 ]
		records results 'len(all) == 3' '{e["status"] for e in all} == {"ok"}' # else "waits" never sees the others
	done
}

@test "a record has every key that applies, and no other" {
	cat >job.jsonl <<-'END'
		{"id": "command", "name": "kind", "shell": "echo out; echo err >&2; exit 3"}
		{"id": "killed", "shell": "kill -TERM $$"}
		{"id": "cpu", "cpu": {"loop": 5}}
		{"id": "sleep", "sleep": 0.001}
		{"id": "spin", "cpu": {"spin": 0.1}}
	END
	stint run -j 1 -o results job.jsonl
	[ "$status" -eq 1 ]
	records results \
		'set(r["command"]) - {"maxrss"} == set("id name status exit start wall user sys class stdout stderr error attempt worker hash".split())' \
		'set(r["killed"]) - {"maxrss"} == set("id status signal start wall user sys class error attempt worker hash".split())' \
		'set(r["cpu"]) == set("id status value start wall user sys class attempt worker hash".split())' \
		'set(r["sleep"]) == set("id status start wall user sys class attempt worker hash".split())' \
		'r["command"]["name"] == "kind" and r["command"]["exit"] == 3' \
		'r["command"]["stdout"] == "out\n" and r["command"]["stderr"] == "err\n"' \
		'"exit status 3" in r["command"]["error"] and "err" in r["command"]["error"]' \
		'r["killed"]["signal"] == 15 and "TERM" in r["killed"]["error"]' \
		'r["sleep"]["class"] == "wait"' \
		'[e["class"] for e in all] == ["cpu" if u >= 0.8 else "wait" if u <= 0.2 else "mixed" for e in all for u in [(e["user"] + e["sys"]) / e["wall"]]]' \
		'[e["attempt"] for e in all] == [1] * 5 and [e["worker"] for e in all] == [0] * 5' \
		're.fullmatch("[0-9a-f]{16}", r["cpu"]["hash"])' \
		'r["command"]["hash"] != r["killed"]["hash"]' \
		'0 <= min(e["wall"] for e in all) and max(e["wall"] for e in all) < 60' \
		'max(time.time() - e["start"] for e in all) < 60' \
		'min(time.time() - e["start"] for e in all) >= 0'
	# Six decimal places, all of them.
	[ "$(grep -cE '"start":[0-9]+\.[0-9]{6},"wall":[0-9]+\.[0-9]{6},"user":[0-9]+\.[0-9]{6},"sys":[0-9]+\.[0-9]{6}[,}]' results)" -eq 5 ]
}

@test "cpu actions have known values" {
	cat >job.jsonl <<-'END'
		{"id": "primes", "cpu": {"primes": 10000000}}
		{"id": "pi", "cpu": {"pi": 20}}
		{"id": "one", "cpu": {"matmul": 1}}
		{"id": "none", "cpu": {"matmul": 0}}
		{"id": "loop", "cpu": {"loop": 123456}}
		{"id": "spin", "cpu": {"spin": 0.02}}
	END
	stint run -o results job.jsonl
	[ "$status" -eq 0 ]
	records results 'r["primes"]["value"] == 664579' 'r["pi"]["value"] == "3.14159265358979323846"' \
		'r["loop"]["value"] == 123456' '0.02 <= r["spin"]["value"] < 1' \
		'r["none"]["value"] == 0 and isinstance(r["one"]["value"], (int, float))'
}

@test "repeat makes tasks with ids of their own" {
	cat >job.json <<-'END'
		{"tasks": [
			{"id": "a", "repeat": 3, "shell": "echo $STINT_TASK_ID"},
			{"repeat": 2, "print": "b"},
			{"repeat": 1, "print": "c"},
			{"print": "d"}
		]}
	END
	stint run -k -o results job.json
	[ "$status" -eq 0 ]
	records results 'set(r) == {"a.1", "a.2", "a.3", "2.1", "2.2", "3", "4"}'
	same out a.1 a.2 a.3 b b c d
}

@test "defaults hold for tasks that do not say otherwise, env variable by variable" {
	mkdir folder other
	cat >job.json <<-'END'
		{"defaults": {"name": "usual", "cwd": "folder", "env": {"A": "1", "B": "2"}, "max_output": 8, "timeout": 0.2},
		 "tasks": [
			{"id": "all", "shell": "echo $A$B; pwd | sed 's,.*/,,' >where; echo $A$B | cat - - >&2"},
			{"id": "own", "name": "other", "cwd": "other", "env": {"B": "3", "C": "4"}, "max_output": 100,
			 "timeout": "1m", "shell": "echo $A$B$C; pwd | sed 's,.*/,,'; echo a long line of output"},
			{"id": "gone", "env": {"A": null}, "shell": "echo ${A-unset}$B"},
			{"id": "long", "sleep": 600}
		]}
	END
	stint run -o results job.json
	[ "$status" -eq 1 ]
	[ "$(cat folder/where)" = folder ]
	records results 'r["all"]["stdout"] == "12\n" and r["all"]["name"] == "usual"' \
		'r["own"]["stdout"] == "134\nother\na long line of output\n" and r["own"]["name"] == "other"' \
		'r["gone"]["stdout"] == "unset2\n"' \
		'r["gone"].get("truncated") is None' 'r["long"]["status"] == "timeout"'
}

@test "a stream runs while it is still being written" {
	mkfifo pipe
	exec 9<>pipe # both, so that neither side waits for the other to open it
	start run -o results - <pipe
	echo '{"id":"first","exec":["echo","from the first"]}' >&9
	until_true 20 lines_in results 1
	has out 'from the first'
	records results 'all[0]["id"] == "first" and all[0]["status"] == "ok"'
	echo '{"id":"second","cpu":{"loop":1}}' >&9
	until_true 20 lines_in results 2
	printf '{"id":"third",' >&9
	echo '"sleep":0}' >&9
	until_true 20 lines_in results 3
	printf '{"id":"fourth","sleep":0}' >&9 # without a newline
	exec 9>&-
	finish
	[ "$status" -eq 0 ]
	records results 'sorted(r) == ["first", "fourth", "second", "third"]'
}

@test "the header of a stream holds for its tasks" {
	cat >job.jsonl <<-'END'
		{"name": "streamed", "defaults": {"env": {"A": "header"}}}

		{"shell": "echo $A $STINT_JOB $STINT_TASK_ID"}
	END
	stint run -q job.jsonl
	[ "$status" -eq 0 ]
	same out 'header streamed 1'
}

@test "a bad line in a stream becomes a failed record; the others run" {
	cat >job.jsonl <<-'END'
		{"print": "one"}
		{"slep": 1}

		{"print": "three"
		{"print": "four"}
		{"id": "1", "print": "five"}
	END
	stint run -o results job.jsonl
	[ "$status" -eq 1 ]
	has err 'stint: job.jsonl:2: slep: unknown key, did you mean "sleep"?'
	has err 'stint: job.jsonl:4: '
	records results 'len(all) == 5' 'set(r) == {"1", "2", "3", "4", "5"}' \
		'[r[i]["status"] for i in "12345"] == ["ok", "failed", "failed", "ok", "failed"]' \
		'r["2"]["error"] == "job.jsonl:2: slep: unknown key, did you mean \"sleep\"?"' \
		'r["3"]["error"].startswith("job.jsonl:4: ")' 'r["5"]["error"].startswith("job.jsonl:6: id: ")'
	[ "$(sort out | tr '\n' ' ')" = 'four one ' ]
}

@test "--strict: a bad line ends the run, what ran is recorded" {
	printf '{"sleep": 0.2}\n{"slep": 1}\n{"shell": "touch ran"}\n' >job.jsonl
	stint run --strict -o results job.jsonl
	[ "$status" -eq 2 ]
	has err 'job.jsonl:2: slep'
	[ ! -e ran ]
	records results 'r["2"]["status"] == "failed"' '"3" not in r' 'set(r) <= {"1", "2"}'
	# What was in progress has ended, and was not thrown away.
	mkfifo pipe
	exec 9<>pipe
	start run --strict -o results - <pipe
	echo '{"id": "runs", "shell": "touch begun; sleep 0.3"}' >&9
	until_true 20 test -e begun
	echo '{"bad": 1}' >&9
	finish
	exec 9>&-
	[ "$status" -eq 2 ]
	records results 'r["runs"]["status"] == "ok"'
}

@test "-o -: records on stdout, in place of output" {
	printf '{"print": "a"}\n{"shell": "echo b; echo c >&2"}\n' >job.jsonl
	stint run -o - job.jsonl
	[ "$status" -eq 0 ]
	records out 'len(all) == 2' 'r["2"]["stdout"] == "b\n" and r["2"]["stderr"] == "c\n"'
	run ! grep -qx c err
	has err '2 tasks: 2 ok'
}

@test "--json: one JSON value on stdout and nothing else" {
	printf '{"print": "a"}\n{"shell": "echo b; exit 4"}\n{"sleep": 0.05}\n' >job.jsonl
	stint run --json -j 2 job.jsonl
	[ "$status" -eq 1 ]
	json out 'v["tasks"] == 3 and v["ok"] == 2 and v["failed"] == 1' 'v["model"] == "hybrid"' \
		'v["job"] == "job" and v["cores"] == 2' 'v["wall"] >= 0.05' \
		'set(v) >= {"parallelism", "concurrency", "bound", "efficiency", "peak", "verdict"}' \
		'[f["id"] for f in v["failures"]] == ["2"]' '"exit status 4" in v["failures"][0]["error"]'
	[ ! -s err ]
}

@test "--summary: the same in a file, beside the output" {
	printf '{"print": "a"}\n{"sleep": 0.05}\n' >job.jsonl
	stint run -q --summary summary job.jsonl
	[ "$status" -eq 0 ]
	same out a
	[ ! -s err ]
	json summary 'v["tasks"] == 2 and v["ok"] == 2' 'v["concurrency"] <= 2.01' \
		'v["efficiency"] <= 1.01' 'v["parallelism"] <= v["concurrency"] + 0.1'
}

@test "the summary names failed tasks, with their reason and last line of stderr" {
	cat >job.jsonl <<-'END'
		{"id": "good", "shell": "echo fine >&2"}
		{"id": "broken", "shell": "echo first >&2; echo 'disk on fire' >&2; exit 5"}
	END
	stint run job.jsonl
	[ "$status" -eq 1 ]
	grep -q 'broken.*exit status 5.*disk on fire' err
	has err '2 tasks: 1 ok, 1 failed'
	grep -q 'parallelism [0-9.]* of [0-9]* cores\?, concurrency [0-9.]*' err
	grep -qE '^(Parallel|Concurrent|Neither)' err
}

@test "the verdict tells parallel from concurrent" {
	echo '{"repeat": 20, "sleep": 0.3}' >waits.jsonl
	echo '{"repeat": 3, "cpu": {"spin": 0.1}}' >computes.jsonl
	stint run -m hybrid waits.jsonl
	grep -q '^Concurrent, not parallel' err
	stint run -m sync computes.jsonl
	grep -q '^Neither parallel nor concurrent' err
}

@test "--dry-run: tasks are printed, nothing runs" {
	cat >job.json <<-'END'
		{"tasks": [{"id": "a", "shell": "touch ran"}, {"repeat": 2, "exec": ["touch", "ran"]}, {"sleep": 5}]}
	END
	stint run --dry-run -o results --summary summary job.json
	[ "$status" -eq 0 ]
	[ ! -e ran ] && [ ! -e results ] && [ ! -e summary ]
	[ "$(cut -f 1 out | tr '\n' ' ')" = 'a 2.1 2.2 3 ' ]
	grep -q '^a	.*shell.*touch ran' out
	grep -q '^3	.*sleep.*5' out
	printf '{"sleep": 1}\n{"bad": 1}\n' >bad.jsonl
	stint run --dry-run bad.jsonl
	[ "$status" -eq 2 ]
	has err 'bad.jsonl:2: bad'
}

@test "an empty list of tasks runs nothing, successfully" {
	echo '{"tasks": []}' >job.json
	stint run -o results job.json
	[ "$status" -eq 0 ]
	[ -e results ] && [ ! -s results ] && [ ! -s out ]
}

@test "--output group: what a command wrote stays together" {
	# shellcheck disable=SC2016 # for the tasks
	echo '{"repeat": 8, "class": "wait", "shell": "for i in 1 2 3 4; do echo $STINT_TASK_ID; sleep 0.01; done"}' >job.jsonl
	stint run -q job.jsonl
	[ "$status" -eq 0 ]
	[ "$(wc -l <out)" -eq 32 ]
	[ "$(uniq out | wc -l)" -eq 8 ]
	# Nothing before the command has ended.
	echo '{"shell": "echo shown; touch begun; until [ -e go ]; do sleep 0.02; done"}' >slow.jsonl
	start run -q slow.jsonl
	until_true 20 test -e begun
	[ ! -s out ]
	touch go
	finish
	same out shown
}

@test "--output line: whole lines, as they come" {
	cat >job.jsonl <<-'END'
		{"shell": "printf 'whole\\nhalf'; touch begun; until [ -e go ]; do sleep 0.02; done; echo ' and half'; printf end"}
	END
	start run -q --output line job.jsonl
	until_true 20 grep -q whole out
	same out whole
	touch go
	finish
	[ "$status" -eq 0 ]
	same out whole 'half and half' end
}

@test "--output raw: bytes, as they come" {
	cat >job.jsonl <<-'END'
		{"shell": "printf half; until [ -e go ]; do sleep 0.02; done; printf ' and \\377half'"}
	END
	start run -q --output raw job.jsonl
	until_true 20 grep -q half out
	touch go
	finish
	[ "$status" -eq 0 ]
	cmp out <(printf 'half and \377half')
}

@test "--output none: nothing, but records have it" {
	printf '{"print": "a"}\n{"shell": "echo b; echo c >&2"}\n' >job.jsonl
	stint run -q --output none -o results job.jsonl
	[ "$status" -eq 0 ]
	[ ! -s out ] && [ ! -s err ]
	records results 'r["2"]["stdout"] == "b\n"'
}

@test "stdout to stdout, stderr to stderr" {
	for how in group line raw; do
		echo '{"shell": "echo to stdout; echo to stderr >&2"}' >job.jsonl
		stint run -q --output "$how" job.jsonl
		same out 'to stdout'
		same err 'to stderr'
	done
}

@test "-k: in the order of the file, though tasks end in reverse" {
	# Each waits for the record of the one behind it.
	cat >job.jsonl <<-'END'
		{"class": "wait", "shell": "echo one; until grep -qs 'id.:.2.,' results; do sleep 0.01; done; echo uno"}
		{"class": "wait", "shell": "echo two; until grep -qs 'id.:.3.,' results; do sleep 0.01; done; echo due"}
		{"class": "wait", "shell": "echo three; until grep -qs 'id.:.4.,' results; do sleep 0.01; done; echo tre"}
		{"steps": [{"print": "four"}, {"sleep": 0}, {"shell": ":"}, {"print": "quattro"}]}
	END
	for how in group line raw; do
		rm -f results
		stint run -q -k --output "$how" -o results job.jsonl
		[ "$status" -eq 0 ]
		same out one uno two due three tre four quattro
		records results '[e["id"] for e in all] == ["4", "3", "2", "1"]'
	done
}

@test "--tag: the id and a tab before each line" {
	cat >job.jsonl <<-'END'
		{"id": "first", "shell": "echo a; echo b; echo c >&2"}
		{"shell": "printf end"}
		{"id": "third", "print": "d"}
	END
	for how in group line; do
		stint run -q -k --tag --output "$how" job.jsonl
		[ "$status" -eq 0 ]
		same out $'first\ta' $'first\tb' $'2\tend' $'third\td'
		same err $'first\tc'
	done
}

@test "-q: no summary" {
	echo '{"sleep": 0}' >job.jsonl
	stint run -q job.jsonl
	[ "$status" -eq 0 ] && [ ! -s err ]
	stint run job.jsonl
	has err '1 task: 1 ok'
}

@test "no progress where there is no terminal, unless asked for" {
	echo '{"sleep": 0.5}' >job.jsonl
	stint run job.jsonl
	hasnt err running
	hasnt err $'\033'
	[ "$(wc -l <err)" -eq 3 ]
	stint run --progress job.jsonl
	[ "$status" -eq 0 ]
	hasnt err $'\033'
	hasnt err $'\r'
}

@test "progress on a terminal: one line, out of the way of the output" {
	cat >job.jsonl <<-'END'
		{"id": "fails", "shell": "exit 1"}
		{"steps": [{"sleep": 0.8}, {"print": "a line of output"}, {"sleep": 0.5}]}
	END
	E2E_MARK=$mark python3 "$TOP/tests/e2e/on_terminal.py" seen "$STINT" run job.jsonl
	[ "$(cat status)" -eq 1 ]
	grep -q 'running' seen
	grep -q '1 failed' seen
	# What a terminal would show at the end: the progress has gone, output stands alone.
	python3 "$TOP/tests/e2e/screen.py" seen >screen
	grep -qx 'a line of output' screen
	hasnt screen running
	has screen '2 tasks: 1 ok, 1 failed'
	# No line of progress is broken over two.
	E2E_MARK=$mark COLUMNS='' python3 "$TOP/tests/e2e/on_terminal.py" -c 44 seen "$STINT" run job.jsonl
	python3 "$TOP/tests/e2e/screen.py" -c 44 seen >screen
	hasnt screen running
}

@test "--no-progress on a terminal shows none; -q likewise" {
	echo '{"sleep": 0.6}' >job.jsonl
	for option in --no-progress -q; do
		python3 "$TOP/tests/e2e/on_terminal.py" seen "$STINT" run "$option" job.jsonl
		hasnt seen running
	done
}

@test "colour: on a terminal, not with NO_COLOR, never, or elsewhere; always if asked for" {
	echo '{"shell": "exit 1"}' >job.jsonl
	esc=$'\033['
	python3 "$TOP/tests/e2e/on_terminal.py" seen "$STINT" run --no-progress job.jsonl
	has seen "$esc"
	NO_COLOR=1 python3 "$TOP/tests/e2e/on_terminal.py" seen "$STINT" run --no-progress job.jsonl
	hasnt seen "$esc"
	NO_COLOR='' python3 "$TOP/tests/e2e/on_terminal.py" seen "$STINT" run --no-progress job.jsonl
	has seen "$esc"
	python3 "$TOP/tests/e2e/on_terminal.py" seen "$STINT" run --no-progress --color never job.jsonl
	hasnt seen "$esc"
	TERM=dumb python3 "$TOP/tests/e2e/on_terminal.py" seen "$STINT" run --no-progress job.jsonl
	hasnt seen "$esc"
	NO_COLOR=1 python3 "$TOP/tests/e2e/on_terminal.py" seen "$STINT" run --no-progress --color always job.jsonl
	has seen "$esc"
	stint run job.jsonl
	hasnt err "$esc"
	stint run --color always job.jsonl
	has err "$esc"
}

@test "--waiting: at most so many waiting tasks at once" {
	echo '{"repeat": 12, "sleep": 0.1}' >job.jsonl
	for model in async threads gil hybrid; do
		stint run --json -m "$model" --waiting 3 job.jsonl
		[ "$status" -eq 0 ]
		json out 'v["ok"] == 12' 'v["peak"] == 3' 'v["concurrency"] <= 3.05' 'v["wall"] >= 0.4'
		stint run --json -m "$model" job.jsonl
		json out 'v["peak"] == 12'
	done
}

@test "-j: so many workers, all of which get tasks" {
	# All must be there at the same time, or none comes to its end.
	cat >job.jsonl <<-'END'
		{"repeat": 3, "class": "cpu", "timeout": 30, "shell": "touch at.$STINT_WORKER; until [ -e at.0 -a -e at.1 -a -e at.2 ]; do sleep 0.02; done"}
	END
	for model in processes hybrid; do
		rm -f at.*
		stint run -j 3 -m "$model" -o results job.jsonl
		[ "$status" -eq 0 ]
		records results 'sorted(e["worker"] for e in all) == [0, 1, 2]'
	done
	# shellcheck disable=SC2016 # for the tasks
	echo '{"repeat": 6, "shell": "echo $STINT_WORKER"}' >job.jsonl
	for model in sync async threads gil; do
		stint run -j 3 -m "$model" -o results job.jsonl
		[ "$(sort -u out)" = 0 ]
		records results '{e["worker"] for e in all} == {0}'
	done
}

@test "timeouts in every model: sleep, cpu, command, and all the steps together" {
	cat >job.jsonl <<-'END'
		{"id": "sleep", "timeout": 0.1, "sleep": 600}
		{"id": "spin", "timeout": "100ms", "cpu": {"spin": 600}}
		{"id": "primes", "timeout": 0.1, "cpu": {"primes": 1000000000000}}
		{"id": "pi", "timeout": 0.1, "cpu": {"pi": 1000000}}
		{"id": "matmul", "timeout": 0.1, "cpu": {"matmul": 8192}}
		{"id": "loop", "timeout": 0.1, "cpu": {"loop": 9007199254740992}}
		{"id": "exec", "timeout": 0.1, "exec": ["sleep", "600"]}
		{"id": "tree", "timeout": 0.1, "shell": "sleep 600 & sleep 600; :"}
		{"id": "steps", "timeout": 0.3, "steps": [{"sleep": 0.2}, {"cpu": {"loop": 1}}, {"sleep": 0.2}, {"shell": "touch ran"}]}
		{"id": "enough", "timeout": "1m", "steps": [{"sleep": 0.01}, {"exec": ["true"]}]}
	END
	for model in $models; do
		stint run -m "$model" -o results job.jsonl
		[ "$status" -eq 1 ]
		records results 'len(all) == 10' \
			'{i: e["status"] for i, e in r.items() if i != "enough" and e["status"] != "timeout"} == {}' \
			'r["enough"]["status"] == "ok"' '"0.1 s" in r["sleep"]["error"]' \
			'r["sleep"]["wall"] >= 0.1 and r["steps"]["wall"] >= 0.3'
		[ ! -e ran ]
		nothing_left
	done
}

@test "--timeout is for tasks that have none" {
	cat >job.jsonl <<-'END'
		{"id": "none", "sleep": 600}
		{"id": "own", "timeout": 60, "sleep": 0.4}
	END
	stint run --timeout 0.2 -o results job.jsonl
	[ "$status" -eq 1 ]
	records results 'r["none"]["status"] == "timeout"' 'r["own"]["status"] == "ok"'
	echo '{"defaults": {"timeout": 60}, "tasks": [{"sleep": 0.4}]}' >job.json
	stint run --timeout 200ms job.json
	[ "$status" -eq 0 ]
}

@test "results that cannot be opened: exit 2, and nothing ran" {
	echo '{"shell": "touch ran"}' >job.jsonl
	for path in missing/results . /dev/null/x; do
		stint run -o "$path" job.jsonl
		[ "$status" -eq 2 ]
		[ ! -e ran ]
		has err "stint: $path: "
		terse
	done
}

@test "results that cannot be written: exit 3 with a message" {
	[ -c /dev/full ] || skip 'no /dev/full'
	echo '{"repeat": 20, "shell": "echo output"}' >job.jsonl
	stint run -o /dev/full job.jsonl
	[ "$status" -eq 3 ]
	has err 'stint: /dev/full: No space left on device'
	[ "$(grep -c /dev/full err)" -eq 1 ]
	nothing_left
}

@test "output that cannot be written: exit 3 with a message" {
	[ -c /dev/full ] || skip 'no /dev/full'
	echo '{"repeat": 20, "print": "output"}' >job.jsonl
	for options in '' '-o -' '--json'; do
		status=0
		# shellcheck disable=SC2086 # words
		"$STINT" run $options job.jsonl >/dev/full 2>err || status=$?
		[ "$status" -eq 3 ]
		has err 'No space left on device'
	done
	stint run --summary /dev/full job.jsonl
	[ "$status" -eq 3 ]
	has err '/dev/full: No space left on device'
}

@test "the results file is emptied first, once the job file is good" {
	echo old >results
	echo '{"sleep": 0}' >job.jsonl
	stint run -o results job.jsonl
	[ "$status" -eq 0 ]
	records results 'len(all) == 1'
}

@test "100,000 tasks: one record each" {
	awk 'BEGIN { for (i = 0; i < 100000; i++) print "{\"cpu\":{\"loop\":0}}" }' >job.jsonl
	stint run -q -o results - <job.jsonl
	[ "$status" -eq 0 ]
	[ "$(grep -c '"status":"ok"' results)" -eq 100000 ]
	[ "$(cut -d'"' -f4 results | sort -nu | wc -l)" -eq 100000 ]
}
