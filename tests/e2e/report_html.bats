#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# stint report -f html: the page, and what it does in a real browser (tests/browser/check.js).

load helpers

# in_browser TOPIC ARG...: where Chromium and what drives it are not to be had, the test is skipped,
# but not in CI.
in_browser() {
	local modules=$TOP/build/browser/node_modules missing=

	[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || missing='chromium (Debian: apt-get install chromium)'
	command -v node >/dev/null || missing='node'
	[ -d "$modules/playwright-core" ] || missing='playwright-core (make installs it from npm)'
	if [ -n "$missing" ]; then
		[ "${CI:-}" != true ] || {
			echo "CI must run this, but there is no $missing"
			return 1
		}
		skip "the tests in a browser need $missing"
	fi
	NODE_PATH=$modules E2E_MARK=$mark timeout -k 5 240 node "$TOP/tests/browser/check.js" "$@" 3>&- 4>&-
}

# record ID STATUS START WALL CPU WORKER [MEMBERS]: a line of results.
record() {
	printf '{"id":"%s","status":"%s","start":170000000%s,"wall":%.6f,"user":%.6f,"sys":0.000000,"attempt":1,"worker":%d%s}\n' \
		"$1" "$2" "$3" "$4" "$5" "$6" "${7:+,$7}"
}

# Six tasks, two of which compute, one of which failed.
six() {
	{
		record wait.9 ok 0.0 0.5 0.001 0 '"name":"wait"'
		record wait.10 ok 0.0 0.8 0.001 1 '"name":"wait"'
		record compute.1 ok 0.01 0.25 0.249 0 '"name":"compute","stdout":"said by compute.1\n"'
		record compute.2 ok 0.02 0.24 0.24 1 '"name":"compute"'
		record broken failed 0.3 0.1 0.001 0 '"exit":1,"error":"exit status 1: it is broken"'
		record wait.2 ok 0.3 0.3 0.001 1 '"name":"wait"'
	} >six.out
	stint report -o six.html six.out
	[ "$status" -eq 0 ]
}

# many: 100,000 tasks on 8 workers, some of which failed, with needs, names and output.
many() {
	python3 - >many.out <<-'END'
		import json
		free = [1700000000.0] * 8
		for i in range(100000):
		    worker, wall = i % 8, 0.001 * (1 + i * 7919 % 37)
		    record = {"id": "frames/frame-%06d.png" % i, "name": "encode", "status": "failed" if i % 997 == 0 else "ok",
		              "start": round(free[worker], 6), "wall": round(wall, 6), "user": round(wall * (i % 11) / 10, 6),
		              "sys": 0.0001, "maxrss": 4194304 + i * 13 % 1000 * 4096, "attempt": 1, "worker": worker,
		              "stdout": "frame %d is done\n" % i}
		    if i > 100:
		        record["needs"] = ["frames/frame-%06d.png" % (i - 9 - i % 80)]
		    free[worker] += wall + 0.0002
		    print(json.dumps(record))
	END
	stint report -o many.html many.out
	[ "$status" -eq 0 ]
}

@test "report: the page holds all it needs, and allows nothing else" {
	six
	python3 - six.html <<-'END'
		import base64, hashlib, json, re, sys
		page = open(sys.argv[1], encoding="utf-8").read()
		policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
		assert policy.startswith("default-src 'none'"), policy
		assert "unsafe" not in policy and "http" not in policy, policy
		for kind, tag in (("style", "style"), ("script", "script")):
		    source = re.search(f"<{tag}>(.*?)</{tag}>", page, re.S).group(1)
		    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
		    assert f"{kind}-src 'sha256-{digest}'" in policy, (kind, digest, policy)
		assert not re.search(r'(src|href)="(?!#)', page), "something from elsewhere"
		assert not re.search(r' on[a-z]+=| style=', page.split("<script")[0]), "inline"
		data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S).group(1))
		assert data["runs"][0]["count"] == 6
	END
}

@test "report: 100,000 tasks take 12 MB at most" {
	many
	[ "$(wc -c <many.html)" -le $((12 * 1000 * 1000)) ]
	# Nor do they where each has failed twice, in its own words, and needed many others.
	python3 - >bad.out <<-'END'
		import json
		name = lambda i: "build/module-%05d/target-%06d" % (i * 7 % 1000, i)
		for i in range(100000):
		    start = 1700000000 + i * 0.0031
		    print(json.dumps({
		        "id": name(i), "name": "n%d" % (i % 50), "status": "failed", "exit": 1 + i % 100,
		        "start": round(start, 6), "wall": 0.01 + i * 7919 % 1000 / 1e5, "user": i * 31 % 1000 / 1e5,
		        "sys": i * 17 % 1000 / 1e6, "maxrss": 4096 * i, "attempt": 2, "worker": i % 64,
		        "error": "exit status 1: %d: something went wrong in this and in that place" % i,
		        "stderr": "x%d\n" % i * 50, "needs": [name(i - k) for k in range(1, 25) if i >= k],
		        "earlier": [{"status": "failed", "worker": (i + 1) % 64, "start": round(start - 0.0001, 6), "wall": 0.0001}]}))
	END
	stint report -o bad.html bad.out
	[ "$(wc -c <bad.html)" -le $((12 * 1000 * 1000)) ]
}

@test "report in a browser: it opens without complaint, its areas hold what the summary says" {
	six
	in_browser opens six.html
	stint run -o run.out --summary run.json "$TOP/conf/examples/mixed.json"
	stint report --summary run.json -o run.html run.out
	in_browser opens run.html
}

@test "report in a browser: zoom by wheel, buttons, keys and a stretch of time" {
	six
	in_browser zooms six.html
}

@test "report in a browser: pan by keys and by dragging" {
	six
	in_browser pans six.html
}

@test "report in a browser: hovering and the keys show the record" {
	six
	in_browser hovers six.html
}

@test "report in a browser: search and filters" {
	six
	in_browser searches six.html
}

@test "report in a browser: the table sorts" {
	six
	in_browser sorts six.html
}

@test "report in a browser: dark as the system has it, or as chosen" {
	six
	in_browser darkens six.html
}

@test "report in a browser: it prints" {
	six
	in_browser prints six.html six.pdf
}

@test "report in a browser: earlier attempts, needs, the critical path" {
	{
		record first ok 0.0 0.1 0.001 0
		record twice ok 0.4 0.2 0.001 0 \
			'"needs":["first"],"earlier":[{"status":"failed","worker":1,"start":1700000000.1,"wall":0.2}]'
	} >twice.out
	stint report -o twice.html twice.out
	in_browser retries twice.html
}

@test "report in a browser: several runs on one axis" {
	record a ok 0.0 0.5 0.4 0 >one.out
	record b ok 0.0 1.5 0.4 0 >other.out
	stint report -o both.html one.out other.out
	in_browser several both.html
}

@test "report in a browser: what tasks said stays text" {
	# shellcheck disable=SC2016 # nothing is to be expanded
	record '</script><script>document.title=1</script>' failed 0.0 0.5 0.4 0 \
		'"name":"<img src=x onerror=alert(1)>","error":"<b>&amp;</b>\u2028","stdout":"</script><img src=x onerror=document.title='"'got'"'><!-- <script>\u2028\u2029 ]]> ${1} {{data}}"' >bad.out
	stint report -o bad.html bad.out
	in_browser injected bad.html
	in_browser policed bad.html
	cp bad.out "<img src=x onerror=alert(2)>.out" # its name is the title
	stint report -o title.html "<img src=x onerror=alert(2)>.out"
	in_browser injected title.html
}

@test "report in a browser: 100,000 tasks" {
	many
	in_browser large many.html
	# As many at once: no row of them could be seen.
	awk 'BEGIN {
		for (i = 1; i <= 100000; i++) {
			printf("{\"id\":\"%d\",\"status\":\"ok\",\"start\":1700000000.%06d,\"wall\":1.0," \
			    "\"user\":0.0,\"sys\":0.0,\"attempt\":1,\"worker\":%d}\n", i, i, i % 2)
		}
	}' >sleeps.out
	stint report -o sleeps.html sleeps.out
	in_browser large sleeps.html
}

@test "report in a browser: names, contrast and order for those who do not see it or use no mouse" {
	six
	in_browser accessible six.html
}
