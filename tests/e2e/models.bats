#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The six models: what overlaps in each, and that they all come to the same; `stint compare`.

load helpers

models='sync async threads gil processes hybrid'

@test "the same job has the same records in all models" {
	echo 'input' >input
	cat >job.json <<-'END'
		{"name": "same", "defaults": {"env": {"A": "a"}}, "tasks": [
			{"id": "sleep", "repeat": 5, "sleep": 0.01},
			{"id": "none", "repeat": 5, "sleep": 0},
			{"id": "primes", "cpu": {"primes": 100000}},
			{"id": "pi", "cpu": {"pi": 100}},
			{"id": "matmul", "cpu": {"matmul": 50}},
			{"id": "loop", "repeat": 20, "cpu": {"loop": 1000}},
			{"id": "echo", "name": "echo", "exec": ["echo", "a", "b"]},
			{"id": "fails", "repeat": 3, "shell": "echo $A $STINT_TASK_ID; echo err >&2; exit 9"},
			{"id": "killed", "shell": "kill -USR1 $$"},
			{"id": "missing", "exec": ["surely-not-there"]},
			{"id": "reads", "stdin": "input", "exec": ["cat"]},
			{"id": "cut", "max_output": 3, "exec": ["echo", "longer"]},
			{"id": "late", "timeout": 0.05, "sleep": 600},
			{"id": "long", "timeout": 0.05, "cpu": {"spin": 600}},
			{"id": "hangs", "timeout": 0.05, "exec": ["sleep", "600"]},
			{"id": "print", "print": "p"},
			{"id": "steps", "repeat": 3, "steps": [{"print": "1"}, {"sleep": 0.01}, {"cpu": {"primes": 100}},
				{"shell": "echo $A; echo e >&2"}, {"sleep": 0.01}, {"cpu": {"loop": 3}}, {"print": "2"}, {"exec": ["true"]}]},
			{"id": "half", "steps": [{"cpu": {"loop": 1}}, {"print": "1"}, {"exec": ["false"]}, {"print": "2"}]}
		]}
	END
	for model in $models; do
		stint run -q -m "$model" -o "$model" job.json
		[ "$status" -eq 1 ]
		python3 - "$model" >"$model.same" <<-'END'
			import json, sys
			keys = "id name status exit signal value stdout stderr truncated error attempt hash".split()
			for record in sorted(map(json.loads, open(sys.argv[1])), key=lambda record: record["id"]):
			    print({key: record.get(key) for key in keys})
		END
		[ "$(wc -l <"$model.same")" -eq 49 ]
		diff sync.same "$model.same"
	done
	records hybrid '{e["value"] for e in all if e["id"].startswith("steps")} == {3}' \
		'{e["stdout"] for e in all if e["id"].startswith("steps")} == {"1\na\n2\n"}' \
		'r["half"]["stdout"] == "1\n" and r["half"]["exit"] == 1 and r["half"]["value"] == 1'
}

@test "sync and processes: one task at a time in a worker" {
	cat >job.jsonl <<-'END'
		{"repeat": 16, "shell": "mkdir lock.$STINT_WORKER && sleep 0.03 && rmdir lock.$STINT_WORKER"}
		{"repeat": 4, "steps": [{"shell": "mkdir lock.$STINT_WORKER"}, {"sleep": 0.03}, {"cpu": {"loop": 1}}, {"sleep": 0.01}, {"shell": "rmdir lock.$STINT_WORKER"}]}
	END
	for model in sync processes; do
		stint run -q -j 3 -m "$model" -o results job.jsonl
		[ "$status" -eq 0 ]
	done
	# The lock would tell.
	stint run -q -j 1 -m async -o results job.jsonl
	[ "$status" -eq 1 ]
}

@test "waits overlap in all models but sync, and but one a core in processes" {
	# Each task waits for all others.
	cat >job.jsonl <<-'END'
		{"repeat": 4, "timeout": "10s", "shell": "touch at.$STINT_TASK_ID; until [ -e at.1.1 -a -e at.1.2 -a -e at.1.3 -a -e at.1.4 ]; do sleep 0.02; done"}
	END
	sed 's/{/{"class": "wait", /' job.jsonl >told.jsonl
	for model in 'async -j 1' 'threads -j 1' 'gil -j 1' 'processes -j 4' 'hybrid -j 1' 'hybrid -j 2'; do
		rm -f at.*
		# shellcheck disable=SC2086 # words
		stint run -q -m $model told.jsonl
		[ "$status" -eq 0 ]
	done
	sed 's/10s/300ms/' job.jsonl >short.jsonl
	for model in 'sync' 'processes -j 2'; do
		rm -f at.*
		# shellcheck disable=SC2086 # words
		stint run -q -m $model -o results short.jsonl
		[ "$status" -eq 1 ]
		records results 'all[0]["status"] == "timeout"'
	done
}

@test "threads: when some have nothing to do, more tasks than those still have one each" {
	# Three have been, and are idle, when four come that each wait for all others.
	cat >job.jsonl <<-'END'
		{"id": "first", "repeat": 3, "sleep": 0.01}
		{"id": "at", "needs": ["first"], "repeat": 4, "timeout": "10s", "shell": "touch $STINT_TASK_ID; until [ -e at.1 -a -e at.2 -a -e at.3 -a -e at.4 ]; do sleep 0.02; done"}
	END
	for model in threads gil; do
		rm -f at.*
		stint run -q -m "$model" -j 1 job.jsonl
		[ "$status" -eq 0 ]
	done
}

@test "what computes overlaps in threads, processes and hybrid" {
	[ "$(nproc)" -ge 2 ] || skip 'one core'
	echo '{"repeat": 4, "cpu": {"spin": 0.1}}' >job.jsonl
	for model in threads processes hybrid; do
		stint run --json -j 2 -m "$model" job.jsonl
		json out 'v["ok"] == 4' 'v["peak"] >= 2'
	done
	for model in sync gil async; do
		stint run --json -j 2 -m "$model" job.jsonl
		json out 'v["ok"] == 4' 'v["wall"] >= 0.4' 'v["parallelism"] < 1.1'
	done
}

@test "hybrid: no more commands that compute than cores" {
	# They say that they compute, so at most two are there at a time.
	cat >job.jsonl <<-'END'
		{"repeat": 10, "class": "cpu", "shell": "mkdir slot.a 2>/dev/null && s=a || { mkdir slot.b && s=b; } || exit 1; python3 -c 'import time\nwhile time.process_time() < 0.03: pass'; rmdir slot.$s"}
	END
	stint run -q -j 2 -m hybrid job.jsonl
	[ "$status" -eq 0 ]
}

@test "hybrid: while a task computes, timers, commands and output go on" {
	cat >job.jsonl <<-'END'
		{"id": "computes", "timeout": 300, "cpu": {"spin": 600}}
		{"id": "steps", "steps": [{"sleep": 0.05}, {"print": "printed"}, {"sleep": 0.05}]}
		{"id": "command", "class": "wait", "shell": "echo from the command"}
		{"id": "late", "timeout": 0.1, "sleep": 600}
	END
	start run -j 1 -m hybrid -o results job.jsonl
	until_true 10 lines_in results 3
	has out printed
	has out 'from the command'
	records results 'set(r) == {"steps", "command", "late"}' 'r["late"]["status"] == "timeout"'
	kill -TERM "$background"
	finish
	records results 'r["computes"]["status"] == "cancelled"'
}

@test "hybrid: sees for itself that commands wait" {
	# Each waits for all others, so they end only if all are in progress; nothing says that they wait.
	cat >job.jsonl <<-'END'
		{"repeat": 8, "timeout": "30s", "shell": "touch at.$STINT_TASK_ID; until [ -e at.1.1 -a -e at.1.2 -a -e at.1.3 -a -e at.1.4 -a -e at.1.5 -a -e at.1.6 -a -e at.1.7 -a -e at.1.8 ]; do sleep 0.05; done"}
	END
	for cores in 2 1; do
		rm -f at.*
		stint run --no-history --json -m hybrid -j "$cores" job.jsonl
		[ "$status" -eq 0 ]
		json out 'v["ok"] == v["peak"] == 8' "v['workers'] == $cores"
	done
}

@test "hybrid: what computes does not wait behind a busy worker while a core is idle" {
	# Many short ones and then two long ones; both long ones must be under way together.
	{
		echo '{"id": "short", "repeat": 200, "cpu": {"loop": 10}}'
		echo '{"id": "long", "repeat": 2, "cpu": {"spin": 0.4}}'
		echo '{"id": "more", "repeat": 200, "cpu": {"loop": 10}}'
	} >job.jsonl
	stint run -q -j 2 -o results job.jsonl
	[ "$status" -eq 0 ]
	records results 'r["long.1"]["worker"] != r["long.2"]["worker"]' \
		'max(r[i]["start"] for i in ("long.1", "long.2")) < min(r[i]["start"] + r[i]["wall"] for i in ("long.1", "long.2"))'
}

@test "compare: a row a model" {
	echo '{"name": "some", "tasks": [{"repeat": 3, "sleep": 0.05}, {"cpu": {"spin": 0.02}}]}' >job.json
	stint compare -j 2 job.json
	[ "$status" -eq 0 ]
	grep -q '^some: 4 tasks on 2 cores' out
	grep -qE '^model +wall s +speed-up +parallelism +concurrency +efficiency$' out
	for model in $models; do
		[ "$(grep -cE "^$model +[0-9]+\.[0-9]{3} +[0-9.]+ +[0-9.]+ +[0-9.]+ +[0-9]+ %" out)" -eq 1 ]
	done
	grep -qE '^sync +[0-9.]+ +1\.00 ' out
	[ "$(tail -n 1 out | wc -w)" -ge 5 ]
	hasnt out $'\033'
	[ ! -s err ]
}

@test "compare --json: six rows for machines" {
	echo '{"tasks": [{"repeat": 3, "sleep": 0.3}, {"print": "not shown"}]}' >job.json
	stint compare --json -j 2 job.json
	[ "$status" -eq 0 ]
	json out 'len(v) == 6' \
		'[row["model"] for row in v] == "sync async threads gil processes hybrid".split()' \
		'{row["tasks"] for row in v} == {4} and {row["ok"] for row in v} == {4}' \
		'v[0]["speedup"] == 1 and v[1]["speedup"] > 1.5' \
		'[row["workers"] for row in v] == [1, 1, 1, 1, 2, 2]'
	[ ! -s err ]
}

@test "compare -m: the models asked for, in that order" {
	echo '{"tasks": [{"sleep": 0.01}]}' >job.json
	stint compare --json -m hybrid,sync job.json
	json out '[row["model"] for row in v] == ["hybrid", "sync"]'
	stint compare -m sync,fast job.json
	[ "$status" -eq 2 ]
	has err '"fast"'
	terse
}

@test "compare: tasks that fail give exit status 1, a bad file 2, stdin is refused" {
	echo '{"tasks": [{"exec": ["false"]}]}' >job.json
	stint compare -m sync,hybrid job.json
	[ "$status" -eq 1 ]
	echo '{"tasks": [{"exe": ["false"]}]}' >bad.json
	stint compare bad.json
	[ "$status" -eq 2 ]
	terse
	stint compare - <job.json
	[ "$status" -eq 2 ]
	terse
}

@test "compare on a terminal has bars, that fit its width" {
	echo '{"tasks": [{"repeat": 3, "sleep": 0.03}, {"cpu": {"spin": 0.02}}]}' >job.json
	for columns in 60 80 200; do
		LC_ALL=C.UTF-8 python3 "$TOP/tests/e2e/on_terminal.py" -c "$columns" seen "$STINT" compare job.json
		[ "$(cat status)" -eq 0 ]
		python3 "$TOP/tests/e2e/screen.py" -c 1000 seen | grep -aE '^(sync|async|threads|gil|processes|hybrid) +[0-9]' >rows
		[ "$(wc -l <rows)" -eq 6 ]
		[ "$(LC_ALL=C.UTF-8 wc -L <rows)" -le "$columns" ] || [ "$columns" -eq 60 ]
	done
	grep -aq '░' rows
}
