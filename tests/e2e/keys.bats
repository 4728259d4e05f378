#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The keys of job files as a user notices them, their manual and its examples.

load helpers

@test "every key is in the schema and has its place in stint-jobs(5)" {
	python3 - "$TOP" <<-'END'
		import json, re, sys
		top = sys.argv[1]
		defs = json.load(open(top + "/conf/stint.schema.json"))["$defs"]
		page = open(top + "/man/stint-jobs.5").read()
		rows = re.findall(r"^KEY\((\w+), (\w+), \w+\)", open(top + "/ipc/task_keys.def").read(), re.M)
		actions = re.findall(r"^ACTION\((\w+),", open(top + "/ipc/actions.def").read(), re.M)
		assert len(rows) > 20 and len(actions) > 5
		for name in [row[0] for row in rows] + actions:
		    assert name in defs["task"]["properties"], name + " is not in the schema"
		    assert re.search(rf"^\.It Cm {name} :", page, re.M), name + " is not in the manual"
		defaults = {name for name, place in rows if place == "ANYWHERE"}
		assert defaults == set(defs["defaults"]["properties"]), defaults ^ set(defs["defaults"]["properties"])
	END
}

# What is displayed there and begins with a brace is a document, a task, or JSON Lines.
@test "the examples of stint-jobs(5) are job files" {
	python3 - "$TOP/man/stint-jobs.5" <<-'END'
		import json, re, sys
		shown = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed", open(sys.argv[1]).read(), re.S | re.M)
		shown = [text.replace("\\e", "\\").replace("\\&", "") for text in shown if text.startswith("{")]
		assert len(shown) >= 9, len(shown)
		for number, text in enumerate(shown):
		    try:
		        text = json.dumps(json.loads(text))  # of one task it makes a line
		    except ValueError:
		        pass
		    with open(f"example.{number}", "w") as file:
		        print(text, file=file)
	END
	stint check example.*
	[ "$status" -eq 0 ]
	[ "$(grep -c ok out)" -eq "$(find . -name 'example.*' | wc -l)" ]
}

@test "the example of a pipeline: needs, retries, tidied up in the end" {
	stint run -o results "$TOP/conf/examples/pipeline.json"
	[ "$status" -eq 0 ]
	[ ! -e pipeline.tmp ]
	records results 'len(all) == 9' 'all[0]["id"] == "folder" and [e["id"] for e in all[-2:]] == ["size", "tidy"]' \
		'r["fetch.part=two"]["attempt"] == 2 and r["pack.part=two"]["attempt"] == 1'
}

@test "the example of a sweep: a matrix, and no GPU given twice" {
	stint run -o results "$TOP/conf/examples/sweep.json"
	[ "$status" -eq 0 ]
	records results 'len(all) == 7' 'all[-1]["stdout"] == "all are trained, GPUs 0,1 are free\n"' \
		'r["train.lr=0.01,seed=2"]["stdout"][:-2] == "rate 0.01, seed 2, on GPU "' \
		'{e["stdout"][-2] for e in all[:-1]} <= {"0", "1"}' \
		'not any(a["start"] < b["start"] < a["start"] + a["wall"] for a in all[:-1] for b in all[:-1] if a["stdout"][-2] == b["stdout"][-2])'
}

@test "needs: what did not end ok is named, and everything behind it is skipped" {
	for form in document stream; do
		cat >job <<-'END'
			{"id": "bad", "shell": "exit 1"}
			{"id": "b", "needs": ["bad"], "shell": "touch ran"}
			{"id": "c", "needs": ["b"], "repeat": 2, "shell": "touch ran"}
			{"id": "d", "needs": ["c"], "shell": "touch ran"}
			{"id": "any", "needs": ["d", "bad"], "needs_any_status": true, "print": "report"}
			{"id": "m", "needs": ["any"], "matrix": {"x": [1, 2]}, "sleep": 0}
		END
		[ "$form" = stream ] || sed -i '1s/^/{"tasks": [/; $!s/$/,/; $s/$/]}/' job
		stint run -o results job
		[ "$status" -eq 1 ]
		[ ! -e ran ]
		records results 'len(all) == 8' 'r["b"]["status"] == "skipped" and r["b"]["error"] == "needs \"bad\", which failed"' \
			'{r[i]["status"] for i in ("b", "c.1", "c.2", "d")} == {"skipped"}' 'r["d"]["error"] == "needs \"c\", which was skipped"' \
			'{r[i]["status"] for i in ("any", "m.x=1", "m.x=2")} == {"ok"}'
	done
}

@test "retries: the last attempt counts, and only what retry names is tried again" {
	cat >job.jsonl <<-'END'
		{"id": "third", "retries": 5, "backoff": "1ms", "shell": "echo $STINT_ATTEMPT; [ $STINT_ATTEMPT = 3 ]"}
		{"id": "all", "retries": 2, "shell": "echo $STINT_ATTEMPT; exit 7"}
		{"id": "none", "shell": "exit 1"}
		{"id": "never", "retries": 3, "retry": "never", "shell": "exit 1"}
		{"id": "late", "retries": 1, "retry": "timeout", "timeout": "100ms", "shell": "sleep 60"}
		{"id": "other", "retries": 1, "retry": ["timeout", "crash"], "shell": "exit 1"}
	END
	stint run -o results job.jsonl
	records results 'len(all) == 6' 'r["third"]["status"] == "ok" and r["third"]["stdout"] == "3\n"' \
		'r["all"]["status"] == "failed" and r["all"]["exit"] == 7 and r["all"]["stdout"] == "3\n"' \
		'{i: e["attempt"] for i, e in r.items()} == {"third": 3, "all": 3, "none": 1, "never": 1, "late": 2, "other": 1}' \
		'r["late"]["status"] == "timeout"'
}

@test "a key of the task goes before defaults, and these before the command line" {
	cat >job.jsonl <<-'END'
		{"defaults": {"retries": 1, "env": {"A": "default", "B": "default"}, "class": "wait"}}
		{"id": "own", "retries": 0, "env": {"B": "own"}, "shell": "echo $A $B; exit 1"}
		{"id": "default", "shell": "exit 1"}
	END
	stint run --retries 3 -o results job.jsonl
	records results 'r["own"]["attempt"] == 1 and r["own"]["stdout"] == "default own\n"' 'r["default"]["attempt"] == 2'
	echo '{"id": "slow", "exec": ["sleep", "60"]}' >job.jsonl
	stint run --retries 1 --timeout 100ms -o results job.jsonl
	records results 'r["slow"]["attempt"] == 2 and r["slow"]["status"] == "timeout"'
}

@test "a timeout in percent of what others of the name took" {
	cat >job.jsonl <<-'END'
		{"id": "a", "name": "n", "repeat": 3, "sleep": 0.01}
		{"id": "other", "name": "o", "needs": ["a"], "timeout": "200%", "sleep": 0.3}
		{"id": "late", "name": "n", "needs": ["a"], "timeout": "200%", "sleep": 60}
	END
	stint run -o results job.jsonl
	records results 'r["other"]["status"] == "ok" and r["late"]["status"] == "timeout"'
	sed -n 's/.*"a".*/{"id": "again", "name": "n", "timeout": "200%", "sleep": 60}/p' job.jsonl >again.jsonl
	stint run -o results again.jsonl # it was learned before
	records results 'r["again"]["status"] == "timeout"'
}

@test "a matrix: values are words, whatever is in them" {
	cat >job.json <<-'END'
		{"tasks": [{"id": "m", "matrix": {"x": ["a b", "it's", "$HOME", "*", ""], "n": [1]},
		  "needs": [2], "shell": "printf '[%s]' {x} 'pre {x} {n}' \"d {x}$(({n}+1))\" \"$(printf %s '{x}')\" ${x-${n-none}}; echo {{x}}"},
		 {"sleep": 0}]}
	END
	stint run -q -k job.json
	[ "$status" -eq 0 ]
	# shellcheck disable=SC2016 # as they are
	same out '[a b][pre a b 1][d a b2][a b][none]{x}' "[it's][pre it's 1][d it's2][it's][none]{x}" \
		'[$HOME][pre $HOME 1][d $HOME2][$HOME][none]{x}' '[*][pre * 1][d *2][*][none]{x}' '[][pre  1][d 2][][none]{x}'
}
