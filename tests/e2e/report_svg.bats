#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stint report -f svg: a picture that is XML, has what the results have, and shows what overlapped.

load helpers

# svg FILE EXPRESSION...: each must be true, see svg.py.
svg() {
	python3 "$TOP/tests/e2e/svg.py" "$@"
}

# record ID START WALL CPU WORKER [MORE]: a line of results.
record() {
	printf '{"id":"%s","status":"ok","start":17000000%s,"wall":%s,"user":%s,"sys":0,"attempt":1,"worker":%s%s}\n' \
		"$1" "$2" "$3" "$4" "$5" "${6:-}"
}

@test "the tasks of a run, each in the lane of its worker, as long as they took" {
	cat >job.json <<-'END'
		{"name": "a job", "tasks": [{"id": "w", "repeat": 4, "sleep": 0.2}, {"id": "c", "cpu": {"spin": 0.1}}]}
	END
	stint run -q -j 1 -o results.jsonl job.json
	stint report -o out.svg results.jsonl
	[ "$status" -eq 0 ]
	[ ! -s out ]
	svg out.svg 'len(runs) == 1' 'runs[0].tracks == 1' \
		'sorted(t.id for t in runs[0].tasks) == ["c", "w.1", "w.2", "w.3", "w.4"]' \
		'{t.kind for t in runs[0].tasks if t.id[0] == "w"} == {"wait"}' \
		'max(t.x for t in runs[0].tasks if t.id[0] == "w") < min(t.x + t.width for t in runs[0].tasks if t.id[0] == "w")' \
		'"worker 0" in runs[0].words' '"waits" in words and "computes" in words' \
		'marks[0] == "0" and all(m.endswith(" s") or m.endswith(" ms") for m in marks[1:])' \
		'title and "5 tasks on 1 core" in desc'
	stint report -f svg results.jsonl
	cmp out out.svg
}

@test "tasks that overlap stack, one after the other they share a row" {
	{
		record a 01.0 2 2 0
		record b 01.5 2 0 0
		record c 03.0 1 1 0
		record d 01.0 3 1 1
	} >r
	stint report -f svg r
	svg out 'runs[0].tracks == 2' 'len(runs[0].tasks) == 4' \
		'[t.kind for t in runs[0].tasks] == ["cpu", "mixed", "wait", "cpu"]'
	python3 - <<-END
		import sys
		sys.path.insert(0, "$TOP/tests/e2e")
		from svg import load
		t = {t.id: t for t in load("out")["runs"][0].tasks}
		assert t["a"].y == t["c"].y < t["b"].y < t["d"].y
		assert t["b"].y >= t["a"].y + t["a"].height
		assert t["a"].x == t["d"].x < t["b"].x < t["c"].x
		assert abs(t["b"].x - t["a"].x - t["a"].width / 4) < 1
	END
}

@test "what did not end ok, and earlier attempts, are marked, and what never began is told of" {
	cat >job.json <<-'END'
		{"tasks": [{"id": "bad", "exec": ["false"]}, {"id": "never", "needs": ["bad"], "sleep": 1},
			{"id": "twice", "retries": 1, "shell": "test $STINT_ATTEMPT = 2"}, {"id": "good", "sleep": 0.01}]}
	END
	stint run -q -j 1 -o r job.json
	[ "$status" -eq 1 ]
	stint report -f svg r
	svg out '[t.id for t in runs[0].tasks if t.bad] == ["bad"]' 'len(runs[0].tasks) == 3' \
		'[t.id for t in runs[0].attempts] == ["twice"]' '"failed" in runs[0].attempts[0].says' \
		'"did not end ok" in words' '"an earlier attempt" in words' \
		'"1 failed" in desc and "1 skipped" in desc' 'any("2 not ok" in w for w in words)'
	record a 01.0 2 2 0 >r
	stint report -f svg r
	svg out '"did not end ok" not in words' '"an earlier attempt" not in words'
}

@test "whatever ids, tags and files are called, the picture is what it is" {
	id='</title><script>alert(1)</script>&amp;]]>\u0001\ud83d\ude00\u00e4'
	record "$id" 01.0 2 2 0 ",\"tag\":\"<!--\\\"'\"" >'<b>&".jsonl'
	stint report -f svg '<b>&".jsonl'
	svg out 'runs[0].tasks[0].id.startswith("</title><script>alert(1)</script>&amp;]]>")' \
		'"\U0001f600\u00e4" in runs[0].tasks[0].says' "'(<!--\"\\')' in runs[0].tasks[0].says" \
		"title == '<b>&\".jsonl'" 'tags <= set("svg title desc style defs pattern rect path g text tspan".split())' \
		'"<script" not in text' '"href" not in text' 'text.isascii()'
}

@test "a night between two runs is left out, and seen to be" {
	{
		record a 01.0 2 2 0
		record b 01.0 2 2 0 | sed 's/1700000001/1700040003/'
	} >r
	stint report -f svg r
	svg out 'text.count("class=\"gap\"") == 1' '"11.1 h in which nothing ran" in text' \
		'abs(runs[0].tasks[1].x - runs[0].tasks[0].x - runs[0].tasks[0].width) < 2'
}

@test "several runs are one above the other, on one axis" {
	record a 01.0 1 1 0 >one.jsonl
	record a 51.0 4 4 0 >four.jsonl
	stint report -f svg one.jsonl four.jsonl
	[ "$status" -eq 0 ]
	svg out '[r.label for r in runs] == ["one.jsonl", "four.jsonl"]' 'runs[0].tasks[0].y < runs[1].tasks[0].y' \
		'runs[0].tasks[0].x == runs[1].tasks[0].x' \
		'abs(runs[1].tasks[0].width / runs[0].tasks[0].width - 4) < 0.05' \
		'"1.00 s" in runs[0].words and "4.00 s" in runs[1].words' 'any("2 runs" in w for w in words)'
}

@test "100,000 tasks are less than a megabyte, and a failure among them is seen" {
	python3 - >many <<-'END'
		import random
		random.seed(1)
		for i in range(100000):
		    cpu = random.choice((0, 0.01, 0.02))
		    status = "failed" if i == 77777 else "ok"
		    print('{"id":"%d","status":"%s","start":%f,"wall":0.02,"user":%f,"sys":0,"attempt":1,"worker":%d}'
		          % (i, status, 1.7e9 + random.random() * 50, cpu, i % 64))
	END
	stint report -f svg many
	[ "$status" -eq 0 ]
	svg out 'size < 1e6' 'not runs[0].tasks' '"failed" in runs[0].density' \
		'{k.split()[0] for k in runs[0].density} == {"cpu", "mixed", "wait", "failed"}' '"100000 tasks on 64 cores" in desc'
	sed 's/failed/ok/' many >fine
	stint report -f svg fine
	svg out '"failed" not in runs[0].density'
}

@test "nothing to show is a picture, too" {
	: >empty
	echo '{"id":"a","status":"skipped","wall":0,"user":0,"sys":0,"error":"needs b"}' >never
	for file in empty never; do
		stint report -f svg "$file"
		[ "$status" -eq 0 ]
		svg out 'runs[0].tasks == []' 'marks[0] == "0"'
	done
	stint report -f svg empty never
	svg out 'len(runs) == 2'
}
