#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The pictures of the README: there, made by `make docs`, and still what that makes.

load helpers

@test "the pictures that README.md shows are there" {
	grep -oE '!\[[^]]*\]\([^)]*\)' "$TOP/README.md" | sed 's/.*(//; s/)//' >pictures
	[ "$(head -n 1 pictures)" = conf/pictures/compare.svg ]
	while read -r picture; do
		python3 "$TOP/tests/e2e/svg.py" "$TOP/$picture" 'title and desc' 'size < 200000'
	done <pictures
}

@test "made anew, the picture has the same runs, lanes, tasks and words" {
	mkdir examples
	sed 's/"sleep": 1 /"sleep": 0.1 /; s/"spin": 0.5 /"spin": 0.05 /' "$TOP/conf/examples/models.json" >examples/models.json
	run -1 cmp -s examples/models.json "$TOP/conf/examples/models.json"
	E2E_MARK=$mark "$TOP/conf/pictures/make.sh" "$STINT" examples . 3>&- 4>&-
	python3 - <<-END
		import sys
		sys.path.insert(0, "$TOP/tests/e2e")
		from svg import load, structure
		kept, made = load("$TOP/conf/pictures/compare.svg"), load("compare.svg")
		assert structure(kept) == structure(made), (structure(kept), structure(made))
		for picture in kept, made:
		    for run in picture["runs"]:
		        kinds = {t.id: t.kind for t in run.tasks}
		        assert all(kinds["One-Two.%d" % i] == "wait" for i in (1, 2, 3)), kinds
		        assert set(kinds.values()) <= {"cpu", "mixed", "wait"}
	END
}

@test "the picture shows what the README says of it" {
	python3 - <<-END
		import sys
		sys.path.insert(0, "$TOP/tests/e2e")
		from svg import load
		span = {}
		for run in load("$TOP/conf/pictures/compare.svg")["runs"]:
		    kinds = {t.kind for t in run.tasks if t.id.startswith("compute")}
		    assert kinds == ({"mixed"} if run.label in ("gil", "threads") else {"cpu"}), (run.label, kinds)
		    for what in "One-Two", "compute":
		        boxes = [t for t in run.tasks if t.id.startswith(what)]
		        span[run.label, what] = max(t.x + t.width for t in boxes) - min(t.x for t in boxes)
		second = span["async", "One-Two"]
		for label, waits, computes in (("sync", 3, 2), ("async", 1, 2), ("threads", 1, 1), ("gil", 1, 2),
		                               ("processes", 2, 1), ("hybrid", 1, 1)):
		    assert abs(span[label, "One-Two"] / second - waits) < 0.1, (label, span)
		    assert abs(span[label, "compute"] / second - computes) < 0.15, (label, span)
	END
}
