#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stint compare --report: the models beside each other, in a picture.

load helpers

svg() {
	python3 "$TOP/tests/e2e/svg.py" "$@"
}

job() {
	echo '{"name": "some <job>", "tasks": [{"id": "w", "repeat": 3, "sleep": 0.1}, {"id": "c", "cpu": {"spin": 0.02}}]}' >job.json
}

@test "compare --report: the six models, with their records, and what each is" {
	job
	stint compare -j 2 --report out.svg job.json
	[ "$status" -eq 0 ]
	grep -qE '^sync +[0-9.]+ +1\.00 ' out
	[ ! -s err ]
	svg out.svg 'title == "some <job>"' \
		'[r.label for r in runs] == "sync async threads gil processes hybrid".split()' \
		'[r.tracks for r in runs] == [1, 1, 1, 1, 2, 2]' \
		'all(sorted(t.id for t in r.tasks) == ["c", "w.1", "w.2", "w.3"] for r in runs)' \
		'"nothing overlaps" in runs[0].words' '"waits overlap," in runs[1].words' \
		'len({t.y for t in runs[0].tasks}) == 1' 'len({t.y for t in runs[1].tasks}) > 1'
}

@test "compare --report: in every format that can show several runs, by the name of the file" {
	job
	stint compare -j 1 -m sync,hybrid --json --report out.csv job.json
	[ "$status" -eq 0 ]
	json out 'len(v) == 2'
	[ "$(grep -c '^sync,' out.csv)" -eq 4 ]
	[ "$(grep -c '^hybrid,' out.csv)" -eq 4 ]
}

@test "compare --report: tasks that fail are in it" {
	echo '{"tasks": [{"id": "bad", "exec": ["false"]}, {"id": "next", "needs": ["bad"], "sleep": 1}]}' >job.json
	stint compare -m sync,hybrid --report out.svg job.json
	[ "$status" -eq 1 ]
	svg out.svg '[[t.bad for t in r.tasks] for r in runs] == [[True], [True]]' '"1 failed, 1 skipped" in runs[0].words'
}

@test "compare --report: what cannot be is said before anything runs" {
	echo '{"tasks": [{"shell": "touch ran"}]}' >job.json
	for file in out.pdf out none/out.svg . ''; do
		stint compare --report "$file" job.json
		[ "$status" -eq 2 ]
		terse
	done
	stint compare --report out.unknown job.json
	has err '.svg'
	cp job.json job.svg
	stint compare --report job.svg job.svg
	[ "$status" -eq 2 ]
	terse
	cmp job.json job.svg
	[ ! -e ran ]
	[ ! -e out.pdf ]
}
