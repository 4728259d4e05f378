#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stint report: each format from results, from several and from a pipe; --report of run and map; what
# it says when it cannot; that nothing in results can reach the terminal as more than text.

load helpers
load tmux

check_trace() {
	python3 "$TOP/tests/e2e/trace_check.py" "$@"
}

only_ascii() {
	if LC_ALL=C grep -n '[^ -~]' "$1"; then return 1; fi
}

# A run with all that pictures have: needs, attempts that failed, both classes, one that is skipped.
run_all() {
	cat >job.jsonl <<-'END'
		{"id": "a", "shell": "echo out of a; test -e tried || { touch tried; exit 3; }", "retries": 1}
		{"id": "b", "name": "waits", "sleep": 0.3}
		{"id": "c", "needs": ["b"], "cpu": {"spin": 0.1}}
		{"id": "d", "needs": ["a", "b"], "shell": "echo why >&2; exit 4"}
		{"id": "e", "needs": ["d"], "sleep": 0.1}
		{"id": "f", "steps": [{"cpu": {"spin": 0.05}}, {"sleep": 0.1}]}
	END
	stint run -o results --summary summary "$@" job.jsonl
	[ "$status" -eq 1 ]
}

# record ID START WALL [MEMBERS]: a line of results.
record() {
	echo "{\"id\":\"$1\",\"status\":\"ok\",\"start\":$2,\"wall\":$3,\"user\":0.5,\"sys\":0,\"attempt\":1,\"worker\":0${4:-}}"
}

@test "json: all that results and summary say" {
	run_all --report run.json
	stint report -f json --summary summary results
	[ "$status" -eq 0 ]
	json out 'len(v["runs"]) == 1' 'v["runs"][0]["label"] == "results"'
	for file in out run.json; do
		json $file 'v["runs"][0]["measured"]' \
			'[t["id"] for t in v["runs"][0]["tasks"]][-1] == "e"' \
			'{t["id"]: t["status"] for t in v["runs"][0]["tasks"]} == dict(a="ok", b="ok", c="ok", d="failed", e="skipped", f="ok")' \
			'{t["id"]: t.get("needs") for t in v["runs"][0]["tasks"]} == dict(a=None, b=None, c=["b"], d=["a", "b"], e=["d"], f=None)' \
			'{t["id"]: t for t in v["runs"][0]["tasks"]}["a"]["earlier"][0]["status"] == "failed"' \
			'{t["id"]: t for t in v["runs"][0]["tasks"]}["a"]["stdout"] == "out of a\n"' \
			'{t["id"]: t for t in v["runs"][0]["tasks"]}["b"]["name"] == "waits"' \
			'{t["id"]: t for t in v["runs"][0]["tasks"]}["d"]["exit"] == 4'
	done
	python3 - <<-'END'
		import json
		summary = json.load(open("summary"))
		for name in ("out", "run.json"):
		    seen = json.load(open(name))["runs"][0]["summary"]
		    for key, value in summary.items():
		        if key not in ("failures", "began", "verdict"): # these name the path, too
		            assert seen[key] == value, (name, key, value, seen[key])
		    assert abs(seen["began"] - summary["began"]) < 1e-5
	END
}

@test "json and trace: the areas are as large as the sums of the run, within 1 %" {
	run_all --report run.trace
	stint report -f json --summary summary results
	json out 'v["runs"][0]["areas"]["interval"] > 0'
	python3 - <<-'END'
		import json
		run, summary = json.load(open("out"))["runs"][0], json.load(open("summary"))
		areas = run["areas"]
		for series, seconds in (("cores", summary["user"] + summary["sys"]), ("tasks", summary["task_wall"])):
		    area = sum(areas[series]) * areas["interval"]
		    assert abs(area - seconds) <= 0.01 * seconds, (series, area, seconds)
	END
	check_trace run.trace summary results
}

@test "trace: rows, arrows, attempts and failures, of several runs" {
	run_all
	stint report -f trace --summary summary results
	[ "$status" -eq 0 ]
	check_trace out summary results
	json out 'any(e["ph"] == "i" and e["args"]["id"] == "d" and e["name"] == "failed" for e in v["traceEvents"])' \
		'any(e["ph"] == "B" and e["args"]["id"] == "a" and e["args"]["attempt"] == 1 and "failure" in e["cat"] for e in v["traceEvents"])' \
		'any(e["ph"] == "M" and e["args"].get("name") == "worker 0" for e in v["traceEvents"])'
	cp results other
	stint report -o both.trace results other
	check_trace both.trace
	json both.trace '{e["args"]["name"] for e in v["traceEvents"] if e["ph"] == "M" and e["name"] == "process_name"} == {"results", "other"}'
}

@test "trace: thousands that overlap on one worker, and none at all" {
	for i in $(seq 2000); do
		echo "{\"id\":\"$i\",\"status\":\"ok\",\"start\":$((1700000000 + i % 7)).5,\"wall\":0.$i,\"user\":0,\"sys\":0,\"worker\":0,\"attempt\":1}"
	done >results
	stint report -f trace results
	check_trace out
	: >empty
	stint report -f trace empty
	[ "$status" -eq 0 ]
	check_trace out
}

@test "joblog: as --joblog writes it, but for the command" {
	stint map -q -o results --joblog joblog 'sleep 0.0{}; exit {}' ::: 3 0 2
	stint report -f joblog results
	[ "$status" -eq 0 ]
	cut -f 9 out | sort | diff - <(printf '%s\n' 0 2 3 Command)
	diff <(cut --complement -f 9 joblog | sort -n) <(cut --complement -f 9 out | sort -n)
	stint report -f joblog results results
	[ "$status" -eq 2 ]
	has err 'one results file at a time'
}

@test "csv: a line a task, quoted where it must be" {
	run_all
	stint report -o out.csv results
	python3 - <<-'END'
		import csv
		rows = list(csv.DictReader(open("out.csv", newline="")))
		assert len(rows) == 6 and {row["run"] for row in rows} == {"results"}, rows
		assert {row["id"]: row["status"] for row in rows}["d"] == "failed"
		assert "\"d\"" in [row for row in rows if row["id"] == "e"][0]["error"]
	END
}

@test "text: what is in the run is in the picture" {
	run_all
	LC_ALL=C.UTF-8 stint report --summary summary results
	[ "$status" -eq 0 ]
	has out 'results: 6 tasks: 4 ok, 1 failed, 1 skipped'
	has out 'worker 0    │'
	has out '✗'
	has out '↻'
	has out 'in progress │'
	has out 'parallelism'
	has out 'failed d, '
	has out 'exit status 4'
	has out 'skipped e: needs "d", which failed'
	hasnt out 'estimates'
	LC_ALL=C stint report results
	has out 'estimates'
	only_ascii out
}

@test "text: several runs on one axis" {
	{ record a 1700000000 8 && record b 1700000000 8; } >long
	record a 1700001000 2 >short
	LC_ALL=C stint report long short
	[ "$status" -eq 0 ]
	[ "$(grep -c '^worker 0 ' out)" -eq 2 ]
	[ "$(grep -c -- '+---' out)" -eq 1 ]
	python3 - <<-'END'
		lines = [line for line in open("out") if line.startswith("worker 0")]
		long, short = [len(line.rstrip()) - 13 for line in lines]
		assert abs(long - 4 * short) <= 4, (long, short)
	END
}

@test "text: too many to stack become graphs, too many workers share lanes" {
	for i in $(seq 300); do
		record "$i" "170000000$((i % 8))" 1 | sed "s/\"worker\":0/\"worker\":$((i % 100))/"
	done >results
	LC_ALL=C stint report results
	[ "$status" -eq 0 ]
	has out 'wk 0-3'
	has out 'up to'
	[ "$(wc -l <out)" -lt 100 ]
	[ "$(wc -L <out)" -le 80 ]
}

# fits COLUMNS: no line is wider, and the whole of the report is there.
fits() {
	[ "$(LC_ALL=C.UTF-8 wc -L <shown)" -le "$1" ]
	has shown 'worker 0 '
	has shown 'parallelism'
	has shown 'failed d, '
}

@test "a terminal of 80x24 and of 200x50, UTF-8 and ASCII, with and without colours" {
	run_all
	for size in '80 24' '200 50'; do
		for locale in C.UTF-8 C; do
			# shellcheck disable=SC2086 # columns and lines
			terminal $size "env -u NO_COLOR LC_ALL=$locale '$STINT' report --summary summary results"
			fits "${size% *}"
			has colored $'\033[32m'
			if [ $locale = C ]; then only_ascii shown; else has shown '└──'; fi
			# shellcheck disable=SC2086
			terminal $size "env NO_COLOR=1 LC_ALL=$locale '$STINT' report --summary summary results"
			fits "${size% *}"
			hasnt colored $'\033['
		done
	done
}

@test "wide characters and long ids take the columns that there are" {
	id=$(printf '漢字%.0s' {1..60})
	{
		record "$id" 1700000000 1 | sed 's/"ok"/"failed"/'
		record "$(printf 'x%.0s' {1..300})" 1700000000 2 ',"tag":"a long tag of several words, é"' | sed 's/"ok"/"failed"/'
	} >"${id::60}"
	LC_ALL=C.UTF-8 stint report "${id::60}"
	[ "$status" -eq 0 ]
	[ "$(LC_ALL=C.UTF-8 wc -L <out)" -le 80 ]
	has out '漢字'
	has out '…'
}

@test "what results hold cannot reach the terminal" {
	evil='\u001b[31m\u001b]0;owned\u0007\u009b31m\r\b\u202e\u2066\ufeff\u007f\n\t'
	record "id$evil" 1700000000 1 ",\"tag\":\"tag$evil\",\"name\":\"name$evil\",\"error\":\"error$evil\",\"stdout\":\"out$evil\"" |
		sed 's/"status":"ok"/"status":"failed"/' >results
	record "need$evil" 1700000001 1 ",\"needs\":[\"id$evil\"]" >>results
	cp results $'name\033[31m\n'
	for locale in C C.UTF-8; do
		for file in results $'name\033[31m\n'; do
			LC_ALL=$locale stint report --color always "$file"
			[ "$status" -eq 0 ]
			python3 - <<-'END'
				import re
				text = open("out", encoding="utf-8", newline="").read()
				assert "id?" in text and "error?" in text
				text = re.sub(r"\033\[[0-9]*m", "", text.replace("?[31m", ""))
				bad = [c for c in text if ord(c) < 32 and c != "\n" or 127 <= ord(c) < 160
				       or 0x200b <= ord(c) <= 0x200f or 0x202a <= ord(c) <= 0x202e
				       or 0x2060 <= ord(c) <= 0x206f or ord(c) == 0xfeff]
				assert not bad, bad
			END
			LC_ALL=$locale stint report --color never "$file"
			hasnt out $'\033'
		done
	done
	for format in json trace; do
		stint report -f $format results
		json out 'v'
	done
}

@test "a file name that is not UTF-8" {
	record a 1700000000 1 >$'r\xff' || skip 'the file system takes no such name'
	for format in text json trace csv; do
		stint report -f $format $'r\xff'
		[ "$status" -eq 0 ]
		iconv -f UTF-8 -t UTF-8 out >/dev/null
		has out 'r?'
	done
}

@test "results from a pipe, from a file as stdin, and among others" {
	run_all
	stint report -f csv results
	sed 's/^results,/stdin,/' out >expected
	# shellcheck disable=SC2002 # a pipe is wanted
	cat results | stint report -f csv -
	diff out expected
	stint report -f csv - <results
	diff out expected
	cp results others
	stint report -f csv - others <results
	[ "$(wc -l <out)" -eq 13 ]
	stint report - - <results
	[ "$status" -eq 2 ]
	has err 'only once'
}

@test "a last line that was torn off is passed over" {
	record a 1700000000 1 >results
	record b 1700000001 1 | head -c 40 >>results
	stint report -f csv results
	[ "$status" -eq 0 ]
	[ "$(wc -l <out)" -eq 2 ]
}

@test "parts that lie hours apart: the pause is left out, and said" {
	record a 1700000000 2 >results
	record b 1700000001 3 >>results
	record c 1700036000 4 >>results
	LC_ALL=C stint report results
	has out '; 8.000 s on 1 core'
	has out '1 pause in which nothing ran, 600 min in all'
	grep -qE '^ +\+[-+]*~[-+]*$' out
	stint report -f json results
	json out 'v["runs"][0]["summary"]["wall"] == 8' 'v["runs"][0]["gaps"] == [{"at": 4, "cut": 35996}]' \
		'[t["start"] for t in v["runs"][0]["tasks"]] == [0, 1, 4]'
	stint report -f joblog results
	[ "$(cut -f 3 out | tail -n 1)" = 1700036000.000 ]
	echo '{"job":"j","cores":2,"began":1700035999,"wall":5,"peak":1,"idle":{"needs":7}}' >summary
	stint report -f json --summary summary results
	[ "$status" -eq 0 ]
	has err 'of its last part only'
	json out 'v["runs"][0]["summary"]["wall"] == 8' 'not v["runs"][0]["measured"]'
}

@test "a pause that a summary knows of, and one before another try, are no gaps" {
	record a 1700000000 2 >results
	record b 1700000302 2 ',"earlier":[{"status":"failed","worker":0,"start":1700000001,"wall":1}]' >>results
	stint report -f json results
	json out 'v["runs"][0]["summary"]["wall"] == 304' '"gaps" not in v["runs"][0]'
	{ record a 1700000000 2 && record b 1700000302 2; } >results
	echo '{"job":"j","cores":2,"began":1700000000,"wall":304,"peak":1,"idle":{}}' >summary
	stint report -f json --summary summary results
	json out 'v["runs"][0]["summary"]["wall"] == 304' 'v["runs"][0]["measured"]'
}

@test "no records: a word, and status 0" {
	: >empty
	for format in text json trace joblog csv; do
		stint report -f $format empty
		[ "$status" -eq 0 ]
		has err 'empty: there are no records in it'
	done
	stint report -f json empty
	json out 'v["runs"][0]["tasks"] == []'
}

@test "what is no results file is refused with a reason" {
	refused() {
		stint report "${@:2}"
		[ "$status" -eq 2 ]
		terse
		has err "$1"
	}
	echo '{"exec": ["true"]}' >stream
	printf '{\n "tasks": [{"sleep": 1}]\n}\n' >document
	mkdir folder
	refused 'stream: is a job file' stream
	refused 'stint run -o RESULTS document' document
	refused 'folder: Is a directory' folder
	refused 'nowhere: No such file' nowhere
	refused 'not a record of results' "$STINT"
	record a 1700000000 1 >results
	echo oops >>results
	record b 1700000000 1 >>results
	refused 'results:2: not a record' results
	refused 'which results?'
	refused 'the name of a results file is empty' ''
	refused 'must be one of' -f yaml results
	refused 'the name tells no format' -o out.yaml results
	refused 'is what the report is made of' -f csv -o results results
	sed -i 2d results
	refused '--summary: stream: not a summary' --summary stream results
	refused 'several results files' --summary stream results results
	[ "$(wc -l <results)" -eq 2 ]
}

@test "a report that cannot be written: status 3, and the reason" {
	record a 1700000000 1 >results
	stint report -f csv -o nowhere/out.csv results
	[ "$status" -eq 3 ]
	has err 'nowhere/out.csv: No such file'
	[ -w /dev/full ] || skip 'there is no /dev/full'
	stint report -f csv -o /dev/full results
	[ "$status" -eq 3 ]
	has err 'No space left'
}

@test "formats are in -h, within 80 columns" {
	stint report -h
	[ "$status" -eq 0 ]
	[ "$(wc -L <out)" -le 80 ]
	sed -n 's/^REPORT(\([a-z]*\),.*/\1/p' "$TOP/supervisor/reports.def" | while read -r format; do
		grep -qE "^  $format +(\.[a-z]+)? +[a-z]" out
		grep -qE "^\.Ss $format\$" "$TOP/man/stint-report.1"
	done
}

@test "run --report, map --report: every format, by its suffix" {
	for suffix in txt json trace joblog csv; do
		stint map -q --report "r.$suffix" --output none echo ::: one two
		[ "$status" -eq 0 ]
	done
	has r.csv two
	has r.joblog two
	check_trace r.trace
	json r.json 'len(v["runs"][0]["tasks"]) == 2' 'v["runs"][0]["summary"]["job"] == "echo"'
	has r.txt 'with hybrid'
}

@test "run --report: of this run's tasks alone, also after --resume and after a failure" {
	echo '{"id": "a", "shell": "test -e there"}' >job
	echo '{"id": "b", "sleep": 0}' >>job
	stint run -q -o results --report r.json job
	[ "$status" -eq 1 ]
	json r.json 'len(v["runs"][0]["tasks"]) == 2'
	touch there
	stint run -q -o results --resume --report r.json job
	[ "$status" -eq 0 ]
	json r.json '[t["id"] for t in v["runs"][0]["tasks"]] == ["a"]'
	stint run -q -o results --resume --report r.json job
	[ "$status" -eq 0 ]
	json r.json 'v["runs"][0]["tasks"] == []'
}

@test "run --report: what cannot be is said before anything runs" {
	echo '{"shell": "touch ran"}' >job
	refused() {
		stint run "${@:2}" job
		[ "$status" -eq 2 ]
		terse
		has err "$1"
		[ ! -e ran ]
	}
	refused 'the name tells no format' --report r.yaml
	refused 'nowhere/r.json: No such file' --report nowhere/r.json
	mkdir d.json
	refused 'd.json: Is a directory' --report d.json
	refused 'is the file of -o, too' -o r.json --report r.json
	refused 'is the file of --summary, too' --summary r.json --report r.json
	refused 'is the file of --joblog, too' --joblog r.csv --report ./r.csv
	mv job job.json
	stint run --report job.json job.json
	[ "$status" -eq 2 ]
	has err 'is the job file itself'
	grep -q touch job.json
	echo one >args.csv
	stint map --report args.csv touch ran :::: args.csv
	[ "$status" -eq 2 ]
	[ ! -e ran ]
	grep -qx one args.csv
}

@test "run --report: one that cannot be written in the end is status 3, its results are complete" {
	[ -w /dev/full ] || skip 'there is no /dev/full'
	ln -s /dev/full r.json
	echo '{"id": "a", "sleep": 0}' >job
	stint run -q -o results --report r.json job
	[ "$status" -eq 3 ]
	has err '--report: r.json: No space left'
	records results 'r["a"]["status"] == "ok"'
}

@test "run --report: a run that is stopped has one, too" {
	echo '{"id": "a", "exec": ["sleep", "600"]}' >job
	start run --report r.json -o results job
	until_true 10 has_workers 1
	until_true 10 pgrep -f 'sleep 600' -P "$(workers | head -n 1)" >/dev/null
	kill -TERM "$background"
	finish
	[ "$status" -eq 143 ]
	json r.json 'v["runs"][0]["tasks"][0]["status"] in ("cancelled", "interrupted")'
}
