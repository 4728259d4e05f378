#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# needs: what waits for what, what is skipped and why, and what a dependent sees of repeats,
# matrices, retries, --resume and --halt.

load helpers

# before FIRST SECOND: the line FIRST is in the log before SECOND.
before() {
	[ "$(grep -nxF "$1" log | cut -d: -f1)" -lt "$(grep -nxF "$2" log | cut -d: -f1)" ] || {
		echo "$1 is not before $2:" && cat log
		return 1
	}
}

# order COUNT PAIR...: the log has so many lines, and in each pair of words the first is before.
order() {
	if [ "$(sort -u log | wc -l)" -ne "$1" ] || [ "$(wc -l <log)" -ne "$1" ]; then
		cat log
		return 1
	fi
	shift
	for pair in "$@"; do
		before "${pair% *}" "${pair#* }"
	done
}

@test "a task begins when all that it needs has ended, wherever that is in the file" {
	cat >job.json <<-'END'
		{"tasks": [
		 {"id": "d", "needs": ["b", "c"], "shell": "echo d >>log"},
		 {"id": "b", "needs": ["a"], "shell": "until [ -e c.ended ]; do sleep 0.02; done; echo b >>log"},
		 {"id": "c", "needs": ["a"], "shell": "echo c >>log; touch c.ended"},
		 {"id": "e", "needs": ["d", "w"], "print": "e"},
		 {"id": "w", "needs": ["d"], "sleep": 0.05},
		 {"id": "a", "shell": "echo a >>log"}]}
	END
	for model in hybrid sync processes; do
		rm -f log c.ended
		# sync runs nothing beside b
		[ "$model" != sync ] || touch c.ended
		stint run -m "$model" -o results job.json
		[ "$status" -eq 0 ]
		order 4 'a b' 'a c' 'b d' 'c d'
		same out e
		records results 'len(all) == 6 and all[-1]["id"] == "e"'
	done
}

@test "many tasks in layers: each layer after the one before, and all cores at work" {
	python3 - >job.json <<-'END'
		import json
		print(json.dumps({"tasks": [
		    {"id": f"{layer}-{i}", "needs": [f"{layer - 1}-{j}" for j in range(20)] if layer else [],
		     "steps": [{"sleep": 0.001}, {"cpu": {"loop": 10}}]}
		    for layer in reversed(range(10)) for i in range(20)]}))
	END
	stint run -q -o results job.json
	[ "$status" -eq 0 ]
	records results 'len(all) == 200' \
		'[e["id"].split("-")[0] for e in all] == sorted(e["id"].split("-")[0] for e in all)'
}

@test "a chain of many tasks runs from its end to its beginning" {
	python3 - "$(full 3000 100000)" >job.json <<-'END'
		import json, sys
		n = int(sys.argv[1])
		print(json.dumps({"tasks": [{"id": f"t{i}", "needs": [f"t{i + 1}"] if i < n else [], "sleep": 0}
		                            for i in range(1, n + 1)]}))
	END
	stint run --json job.json
	[ "$status" -eq 0 ]
	json out "v['ok'] == v['tasks'] == $(full 3000 100000)"
}

@test "what needs a failed task is skipped at once, all the way, and says because of which" {
	cat >job.json <<-'END'
		{"tasks": [
		 {"id": "bad", "shell": "exit 3"},
		 {"id": "x", "needs": ["other", "bad"], "shell": "echo x >>log"},
		 {"id": "y", "needs": ["x"], "shell": "echo y >>log"},
		 {"id": "z", "needs": ["y", "bad"], "needs_any_status": true, "shell": "echo z >>log"},
		 {"id": "end", "needs": ["z"], "shell": "touch end"},
		 {"id": "other", "shell": "until [ -e end ]; do sleep 0.02; done"}]}
	END
	stint run -o results job.json
	[ "$status" -eq 1 ]
	same log z
	records results 'len(all) == 6' '[e["id"] for e in all][-1] == "other"' \
		'r["x"]["status"] == r["y"]["status"] == "skipped"' '"attempt" not in r["x"]' \
		'r["x"]["error"] == "needs \"bad\", which failed"' \
		'r["y"]["error"] == "needs \"x\", which was skipped"' \
		'r["z"]["status"] == r["end"]["status"] == "ok"'
	has err '6 tasks: 3 ok, 1 failed, 2 skipped'
	has err 'skipped y: needs "x", which was skipped'
}

@test "a need that timed out, crashed or was killed is a reason too" {
	cat >job.json <<-'END'
		{"tasks": [
		 {"id": "slow", "timeout": 0.05, "sleep": 600}, {"id": "after slow", "needs": ["slow"], "print": "a"},
		 {"id": "bomb", "retry": "failed", "shell": "kill -9 $PPID"}, {"id": "after bomb", "needs": ["bomb"], "print": "b"},
		 {"id": "no program", "exec": ["./nowhere"]}, {"id": "after none", "needs": ["no program"], "print": "c"}]}
	END
	stint run -q -o results job.json
	[ "$status" -eq 1 ]
	[ ! -s out ]
	records results 'r["after slow"]["error"] == "needs \"slow\", which ran out of time"' \
		'r["after bomb"]["error"] == "needs \"bomb\", which crashed"' \
		'r["after none"]["error"] == "needs \"no program\", which failed"'
	nothing_left
}

@test "needs that cannot be met are named before anything runs" {
	refused() {
		stint run -o results job.json
		[ "$status" -eq 2 ]
		[ ! -e ran ] && [ ! -e results ]
		terse
		has err "$1"
	}
	echo '{"tasks": [{"id": "pack", "shell": "touch ran"}, {"id": "b", "needs": ["pakc"], "print": "b"}]}' >job.json
	refused 'job.json:1: tasks[1].needs[0]: no task "pakc", did you mean "pack"?'
	echo '{"tasks": [{"shell": "touch ran"}, {"id": "a", "needs": ["b"], "print": "a"}, {"id": "b", "needs": [1, "c"], "print": "b"}, {"id": "c", "needs": ["a"], "print": "c"}]}' >job.json
	refused 'job.json:1: tasks[1].needs: circular, each needs the next: a -> b -> c -> a'
	echo '{"tasks": [{"shell": "touch ran"}, {"id": "a", "needs": ["a"], "print": "a"}]}' >job.json
	refused 'circular, each needs the next: a -> a'
	echo '{"tasks": [{"id": "a", "repeat": 2, "shell": "touch ran"}, {"needs": ["a.1"], "print": "a"}]}' >job.json
	refused 'a task needs the repeats as a whole: write "a"'
	echo '{"tasks": [{"id": "a", "shell": "touch ran"}, {"needs": ["a", "a"], "print": "a"}]}' >job.json
	refused 'needs: has "a" twice'
}

@test "repeats and a matrix are needed as a whole, one of a matrix by its id" {
	cat >job.json <<-'END'
		{"tasks": [
		 {"id": "fit", "matrix": {"lr": [1, 2], "s": ["a", "b"]}, "shell": "echo fit-{lr}-{s} >>log"},
		 {"id": "one", "needs": ["fit.lr=1,s=b"], "shell": "echo one >>log"},
		 {"id": "rep", "repeat": 3, "needs": ["fit"], "shell": "echo $STINT_TASK_ID >>log"},
		 {"id": "end", "needs": ["rep"], "shell": "echo end >>log"}]}
	END
	stint run -q -o results job.json
	[ "$status" -eq 0 ]
	order 9 'fit-1-b one' 'fit-1-a rep.1' 'fit-2-b rep.2' 'fit-2-a rep.3' 'rep.1 end' 'rep.2 end' 'rep.3 end'
	sed -i 's/echo fit-{lr}/[ {lr} = 1 ] || exit 1; &/' job.json
	rm log
	stint run -q -o results job.json
	same <(sort log) fit-1-a fit-1-b one
	records results '[r[f"rep.{i}"]["status"] for i in (1, 2, 3)] == ["skipped"] * 3' 'r["end"]["status"] == "skipped"' \
		're.fullmatch("needs \"fit.lr=2,s=[ab]\", which failed", r["rep.2"]["error"])'
}

@test "a dependent waits for the last attempt of what it needs" {
	cat >job.json <<-'END'
		{"tasks": [
		 {"id": "after", "needs": ["flaky"], "shell": "echo after >>log"},
		 {"id": "flaky", "retries": 2, "backoff": "10ms", "shell": "echo $STINT_ATTEMPT >>log; [ $STINT_ATTEMPT = 3 ]"}]}
	END
	stint run -q -o results job.json
	[ "$status" -eq 0 ]
	same log 1 2 3 after
	sed -i 's/= 3/= 4/' job.json
	rm log
	stint run -q -o results job.json
	[ "$status" -eq 1 ]
	same log 1 2 3
	records results 'len(all) == 2 and r["after"]["status"] == "skipped" and r["flaky"]["attempt"] == 3'
}

@test "--resume: what was ok counts as ended, what was skipped runs now" {
	cat >job.json <<-'END'
		{"tasks": [
		 {"id": "a", "shell": "echo a >>log"},
		 {"id": "b", "needs": ["a"], "shell": "echo b >>log; [ -e go ]"},
		 {"id": "c", "needs": ["b", "a"], "shell": "echo c >>log"}]}
	END
	stint run -q -o results job.json
	same log a b
	rm log && touch go
	stint run --resume -o results job.json
	[ "$status" -eq 0 ]
	same log b c
	records results 'len(all) == 3' '{e["status"] for e in all} == {"ok"}'
	rm log && grep -v '^{"id":"b"' results >less
	stint run -q --resume -o less job.json
	same log b
}

@test "--halt: what waits for others is not started, and a resumed run does it" {
	cat >job.json <<-'END'
		{"tasks": [
		 {"id": "a", "shell": "[ -e go ]"}, {"id": "b", "needs": ["c"], "shell": "echo b >>log"},
		 {"id": "c", "class": "wait", "shell": "[ -e go ] || sleep 600"}, {"id": "d", "needs": ["b"], "shell": "echo d >>log"}]}
	END
	stint run --halt now,fail=1 -o results job.json
	[ "$status" -eq 1 ]
	[ ! -e log ]
	has err '2 tasks: 0 ok, 1 failed, 1 cancelled, 2 not started'
	touch go
	stint run -q --resume -o results job.json
	[ "$status" -eq 0 ]
	same log b d
	records results 'len(all) == 4'
	nothing_left
}

@test "the critical path is named in the summary" {
	cat >job.json <<-'END'
		{"tasks": [
		 {"id": "long", "sleep": 0.2}, {"id": "mid", "needs": ["long"], "sleep": 0.1}, {"id": "end", "needs": ["mid", "short"], "sleep": 0.1},
		 {"id": "short", "needs": ["long"], "sleep": 0.01}, {"id": "alone", "sleep": 0.25}]}
	END
	stint run --summary summary job.json
	has err 'long -> mid -> end'
	json summary 'v["path"] == "long -> mid -> end"' '0.4 <= v["path_wall"] <= v["wall"]' 'v["bound"] >= v["path_wall"]'
}

@test "a stream: needs name earlier lines only" {
	cat >job.jsonl <<-'END'
		{"id": "a", "shell": "echo a >>log"}
		{"id": "b", "needs": ["c"], "shell": "echo b >>log"}
		{"id": "c", "needs": ["a"], "shell": "echo c >>log"}
		{"id": "d", "needs": ["b", "c"], "shell": "echo d >>log"}
		{"id": "e", "needs": ["e"], "shell": "echo e >>log"}
	END
	stint run -o results job.jsonl
	[ "$status" -eq 1 ]
	same log a c
	has err 'job.jsonl:2: needs[0]: no earlier task "c"; in a stream, needs may name earlier lines only'
	has err 'job.jsonl:5: needs[0]: no earlier task "e"'
	records results 'len(all) == 5' 'r["2"]["status"] == r["5"]["status"] == "failed"' \
		'r["d"]["status"] == "skipped" and r["d"]["error"] == "needs \"b\", which failed"'
}

@test "an open stream: what is needed may have ended long ago, well or badly" {
	mkfifo jobs
	start run -o results jobs
	exec 9>'jobs'
	printf '%s\n' '{"id": "a", "shell": "echo a >>log"}' '{"id": "bad", "shell": "exit 1"}' '{"id": "rep", "repeat": 2, "print": "r"}' >&9
	until_true 20 lines_in results 4
	printf '%s\n' '{"id": "b", "needs": ["a", "rep"], "shell": "echo b >>log"}' >&9
	until_true 20 lines_in log 2
	printf '%s\n' '{"id": "c", "needs": ["b", "bad"], "shell": "echo c >>log"}' >&9
	until_true 20 grep -q skipped results
	printf '%s\n' '{"id": "d", "needs": ["c"], "needs_any_status": true, "shell": "echo d >>log"}' \
		'{"id": "e", "needs": ["d"], "shell": "echo e >>log"}' >&9
	exec 9>&-
	finish
	[ "$status" -eq 1 ]
	same log a b d e
	records results 'len(all) == 8' 'r["c"]["error"] == "needs \"bad\", which failed"'
}
