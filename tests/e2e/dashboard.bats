#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The dashboard of stintd, over real sockets and in a real browser (tests/browser/dashboard.js).

load helpers
load daemon

# dashboard [MEMBERS]: a stintd with a dashboard, at $url, whose token is $token.
dashboard() {
	port=$(python3 "$TOP/tests/e2e/dashboard.py" port)
	url=http://127.0.0.1:$port
	configure "\"http\": \"127.0.0.1:$port\"${1:+, $1}"
	daemon_here
	token=$(cat "$queue/token")
}

# get PATH ARG...: with the token; the body is in the file out, its headers in head; $code.
get() {
	local path=$1

	shift
	code=$(curl -sS --max-time 60 -D head -o out -w '%{http_code}' -H "Authorization: Bearer $token" "$@" "$url$path")
	echo "$path: $code" && head -c 300 out
}

post() {
	local path=$1 body=$2

	shift 2
	get "$path" -H 'Content-Type: application/json' -d "$body" "$@"
}

# over_sockets WHAT ARG...: see dashboard.py.
over_sockets() {
	E2E_MARK=$mark timeout -k 5 240 python3 "$TOP/tests/e2e/dashboard.py" "$1" "$port" "$token" "${@:2}" 3>&- 4>&-
}

# submit ARG...: leaves the job's number in $job.
submit() {
	stint submit "$@"
	[ "$status" -eq 0 ]
	job=$(cat out)
}

# in_progress COUNT: so many tasks of the job are.
in_progress() {
	get "/api/v1/running?job=$job" && json out "len(v['running']) == $1"
}

no_reader() {
	get /metrics && has out 'stint_http_event_readers 0'
}

is_broken() {
	[ "$(curl -sS -o out -w '%{http_code}' "$url/healthz")" = 503 ]
}

no_report() {
	! pgrep -P "$daemon" -x stint-report
}

has_line() {
	grep -qx -- "$2" "$1" 2>/dev/null
}

# in_browser TOPIC: where Chromium and what drives it are not to be had, the test is skipped, but not
# in CI.
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
	NODE_PATH=$modules E2E_MARK=$mark STINT=$STINT timeout -k 5 240 node "$TOP/tests/browser/dashboard.js" "$1" \
		"$url/" "$token" "${@:2}" 3>&- 4>&-
}

# hostile_job: ids, names and output that would be harmful if they were ever HTML. $job; it ends.
hostile_job() {
	# shellcheck disable=SC2016 # nothing is to be expanded
	printf '%s\n' '{"id":"<img src=x onerror=window.pwned=1>","name":"<b onclick=window.pwned=2>n</b>","shell":"echo \"<script>window.pwned=3</script>\"; echo \"<img src=x onerror=window.pwned=4>\" >&2; exit 3"}' \
		'{"id":"</script><script>window.pwned=5</script>","print":"</pre><svg onload=window.pwned=6>"}' >hostile.jsonl
	submit --name '<img src=x onerror=window.pwned=7>' hostile.jsonl
	stint wait "$job"
	[ "$status" -eq 1 ]
}

@test "dashboard: off unless the configuration has it" {
	daemon_here
	[ ! -e "$queue/token" ]
	has "$log" 'ready:'
	hasnt "$log" 'dashboard:'
}

@test "dashboard: the log says where it is; the token is the user's alone" {
	dashboard
	has "$log" "dashboard: $url/, its token is in $queue/token"
	[ "$(stat -c %a "$queue/token")" = 600 ]
	[ "${#token}" -eq 64 ]
	hasnt "$log" "$token"
	stop_daemon
	daemon_here # the same token
	[ "$(cat "$queue/token")" = "$token" ]
	get /api/v1/status
	[ "$code" = 200 ]
}

@test "dashboard: a token that others can read, a link, or a port in use: it says so and does not start" {
	dashboard
	stop_daemon
	chmod 644 "$queue/token"
	status=0
	E2E_MARK=$mark timeout 240 "$stintd" -f >out 2>err || status=$?
	[ "$status" -eq 3 ]
	has err 'others can read it'
	mv "$queue/token" elsewhere && chmod 600 elsewhere && ln -s "$PWD/elsewhere" "$queue/token"
	status=0
	E2E_MARK=$mark timeout 240 "$stintd" -f >out 2>err || status=$?
	[ "$status" -eq 3 ]
	has err 'symbolic link'
	rm "$queue/token"
	python3 -c 'import socket, sys; s = socket.create_server(("127.0.0.1", int(sys.argv[1]))); print("bound", flush=True); sys.stdin.read()' \
		"$port" < <(until [ -e over ]; do sleep 0.05; done) >bound &
	until_true 10 has_line bound bound
	status=0
	E2E_MARK=$mark timeout 240 "$stintd" -f >out 2>err || status=$?
	touch over
	[ "$status" -eq 3 ]
	has err "cannot listen on 127.0.0.1:$port"
}

@test "dashboard: hostile Host, Origin, URI, methods, headers: refused, without effect (case 41)" {
	dashboard '"http_write": true, "http_hosts": ["stint.example"]'
	over_sockets hostile
	get /healthz
	[ "$code" = 200 ]
}

@test "dashboard: a request in single bytes, HEAD, HTTP/1.0, one behind another" {
	dashboard '"http_write": true'
	over_sockets odd
	get /api/v1/status
	json out 'not v["paused"]'
}

@test "dashboard: 30 MB of body or header: 413, 431, and no memory (case 41)" {
	dashboard '"http_write": true'
	before=$(of_daemon VmHWM)
	over_sockets large
	[ $((${before% kB} + 8192)) -ge "$(of_daemon VmHWM | tr -dc 0-9)" ] || [ -n "${SANITIZE:-}" ]
}

@test "dashboard: slow clients are dropped, others answered (case 41)" {
	dashboard
	over_sockets slow
}

@test "dashboard: too many connections: 503, and well again afterwards" {
	dashboard
	over_sockets crowd
}

@test "dashboard: healthz needs no token, and says when nothing is taken any more" {
	dashboard
	[ "$(curl -sS "$url/healthz")" = '{"ok":true}' ]
	[ "$(curl -sS -o out -w '%{http_code}' "$url/api/v1/status")" = 401 ]
	has out '{"error":"'
	pkill -KILL -P "$daemon" -f 'store' || skip 'the process of the store has another name here'
	until_true 20 is_broken
	json out 'list(v) == ["error"] and len(v["error"]) > 10'
}

@test "dashboard: the interface: jobs, a job, results, output, a task" {
	dashboard
	printf '%s\n' '{"id":"a b/c","name":"first","print":"One"}' \
		'{"id":"bad","shell":"echo out; echo err >&2; exit 3"}' >two.jsonl
	submit --name two --priority 5 two.jsonl
	stint wait "$job"
	submit --hold --name later two.jsonl
	get /api/v1/status
	json out 'v["jobs"] == {"held": 1, "queued": 0, "running": 0, "ended": 1}' 'v["outcomes"]["failed"] == 1' \
		'v["tasks"]["ok"] == 1 and v["tasks"]["failed"] == 1' 'v["cores"] >= 1' 'v["up"] > 0' \
		'set(v) >= {"release", "paused", "draining", "workers", "computing", "waiting", "ready", "asked", "wall", "cpu"}'
	get /api/v1/jobs
	json out '[j["job"] for j in v["jobs"]] == [1, 2]' 'list(v) == ["jobs"]'
	get '/api/v1/jobs?limit=1'
	json out '[j["job"] for j in v["jobs"]] == [1]' 'v["after"] == 1'
	get '/api/v1/jobs?limit=1&after=1'
	json out '[j["job"] for j in v["jobs"]] == [2]' 'list(v) == ["jobs"]'
	get '/api/v1/jobs?before=9&limit=1'
	json out '[j["job"] for j in v["jobs"]] == [2]' 'v["before"] == 2'
	get '/api/v1/jobs?phase=held'
	json out '[j["name"] for j in v["jobs"]] == ["later"]'
	get '/api/v1/jobs?phase=nothing'
	[ "$code" = 400 ]
	get '/api/v1/jobs?limit=-1'
	[ "$code" = 400 ]
	get /api/v1/jobs/1
	json out 'v["job"] == 1' 'v["name"] == "two"' 'v["phase"] == "ended"' 'v["outcome"] == "failed"' 'v["priority"] == 5' \
		'v["total"] == 2' 'v["tasks"]["ok"] == 1' 'v["ended"] >= v["began"] >= v["submitted"] > 1.7e9' \
		'v["running"] == 0 and v["weight"] >= 1 and not v["paused"]' 'v["bytes"] > 0 and v["result_bytes"] > 0' \
		'v["file"].endswith("two.jsonl") and v["directory"]'
	get /api/v1/jobs/77
	[ "$code" = 404 ]
	get /api/v1/jobs/1/results
	has head 'application/jsonl'
	records out 'len(all) == 2' 'r["a b/c"]["stdout"] == "One\n"' 'r["bad"]["exit"] == 3'
	get /api/v1/jobs/1/output
	has head 'text/plain; charset=utf-8'
	sort out | same - One err out
	get '/api/v1/jobs/1/output?task=bad&stream=stderr'
	same out err
	get '/api/v1/jobs/1/output?stream=all'
	[ "$code" = 400 ]
	get /api/v1/jobs/1/tasks/a%20b%2Fc
	json out 'v["id"] == "a b/c"' 'v["name"] == "first"' 'v["status"] == "ok"'
	get /api/v1/jobs/1/tasks/none
	[ "$code" = 404 ]
	get /api/v1/jobs/1/tasks/%ff
	[ "$code" = 400 ]
	get /api/v1/running
	json out 'v == {"running": [], "more": False}'
}

@test "dashboard: what runs, and a client that goes in the midst of it" {
	dashboard
	printf '%s\n' '{"id":"sleeper","name":"sleeps","sleep":300}' >one.jsonl
	submit one.jsonl
	until_true 20 in_progress 1
	json out 'v["running"][0]["task"] == "sleeper"' 'v["running"][0]["computes"] is False' 'v["running"][0]["for"] >= 0'
	submit - <<<'{"id":"spinner","cpu":{"spin":300}}'
	until_true 20 in_progress 1
	get "/api/v1/running?limit=1" # what computes comes first
	json out 'v["running"][0]["task"] == "spinner"' 'v["more"]'
	for _ in 1 2 3 4 5; do
		curl -sS --max-time 0.05 -H "Authorization: Bearer $token" "$url/api/v1/events" >out 2>err || :
		curl -sS --max-time 0.02 -H "Authorization: Bearer $token" "$url/jobs/$job/report" >out 2>err || :
	done
	get /healthz
	[ "$code" = 200 ]
	until_true 10 no_reader
	until_true 10 no_report
}

@test "dashboard: it only shows, unless http_write lets it change things" {
	dashboard
	submit --hold -- true
	post "/api/v1/jobs/$job/resume" '{}'
	[ "$code" = 403 ]
	has out http_write
	stop_daemon
	dashboard '"http_write": true'
	post "/api/v1/jobs/$job/resume" '{}'
	[ "$code" = 200 ]
	same out '{"ok":true}'
	stint wait "$job"
	[ "$status" -eq 0 ]
	post /api/v1/pause ''
	[ "$code" = 200 ]
	get /api/v1/status
	json out 'v["paused"] is True'
	post /api/v1/resume '{}'
	get /api/v1/status
	json out 'v["paused"] is False'
	printf '%s\n' '{"id":"x","sleep":300}' '{"id":"y","sleep":300}' >two.jsonl
	submit two.jsonl
	until_true 20 in_progress 2
	post "/api/v1/jobs/$job/cancel" '{"task":"x","kill":true}'
	[ "$code" = 200 ]
	post "/api/v1/jobs/$job/cancel" '{"task":"y"'
	[ "$code" = 400 ]
	post "/api/v1/jobs/$job/cancel" '{}'
	[ "$code" = 200 ]
	stint wait "$job"
	[ "$status" -eq 1 ]
	post "/api/v1/jobs/$job/pause" '{}'
	[ "$code" = 409 ] # it has ended
	has out '{"error":"'
	post "/api/v1/jobs/77/cancel" '{}'
	[ "$code" = 404 ]
}

@test "dashboard: events: a job seen from its submission to its end" {
	dashboard
	over_sockets events >seen 2>&1 &
	reader=$!
	until_true 20 has_line seen ready
	submit "$TOP/conf/examples/count.json"
	wait "$reader" || {
		cat seen
		return 1
	}
}

@test "dashboard: events: what a task writes, while it runs" {
	dashboard
	# shellcheck disable=SC2016 # the task's shell expands it
	printf '{"id":"talker","shell":"until [ -e %s/over ]; do echo and on; sleep 0.1; done"}\n' "$PWD" >talk.jsonl
	submit talk.jsonl
	over_sockets output "$job" >seen 2>&1 || {
		cat seen
		return 1
	}
	touch over
	stint wait "$job"
	[ "$status" -eq 0 ]
}

@test "dashboard: events: nothing is told, nor done, when nothing happens" {
	dashboard
	curl -sSN --max-time 3 -H "Authorization: Bearer $token" "$url/api/v1/events" >out 2>err || :
	[ "$(grep -c '^event:' out)" -le 2 ]
}

@test "dashboard: a reader that takes nothing of a long answer is dropped" {
	dashboard
	seq 50000 | sed 's/.*/{"id":"&","print":"a line that is there to take up some room, again and again"}/' >many.jsonl
	submit many.jsonl
	stint wait "$job"
	[ "$status" -eq 0 ]
	over_sockets lazy
	get /api/v1/jobs/1/results
	[ "$(wc -l <out)" -eq 50000 ]
}

@test "dashboard: metrics are as promtool wants them" {
	dashboard
	submit "$TOP/conf/examples/count.json"
	stint wait "$job"
	get /metrics
	has head 'text/plain; version=0.0.4'
	for line in 'stint_build_info{version="' 'stint_jobs{phase="ended"} 1' 'stint_tasks_total{status="ok"} 3' \
		'stint_tasks_in_progress 0' 'stint_queue_depth 0' 'stint_cores_asked 0'; do
		has out "$line"
	done
	sed -n 's/^# HELP \([a-z_]*\) .*/\1/p' out >names
	[ "$(wc -l <names)" -ge 20 ]
	while read -r name; do
		has "$TOP/man/stint-dashboard.7" "$name"
	done <names
	if ! command -v promtool >/dev/null; then
		[ "${CI:-}" != true ] || {
			echo 'CI must run this, but there is no promtool'
			return 1
		}
		skip 'promtool is not here (Debian: apt-get install prometheus)'
	fi
	promtool check metrics <out
}

@test "dashboard: every path that it answers is in the manual" {
	sed -n 's/^ROUTE(\([A-Z]*\), "\([^"]*\)".*/\1 \2/p' "$TOP/supervisor/http_routes.def" |
		sed 's/#/N/; s/@/ID/' >paths
	[ "$(wc -l <paths)" -ge 15 ]
	mandoc -T ascii "$TOP/man/stint-dashboard.7" | col -b >manual
	while read -r method path; do
		grep -qE "$method $path( |\$)" manual || {
			echo "not in the manual: $method $path"
			return 1
		}
	done <paths
}

@test "dashboard: the page, its policy, the way in and out" {
	dashboard
	code=$(curl -sS -D head -o out -w '%{http_code}' "$url/")
	[ "$code" = 401 ]
	has out 'Log in'
	hasnt out 'id="jobs"'
	code=$(curl -sS -D head -o out -w '%{http_code}' -H 'Content-Type: application/json' -d '{"token":"wrong"}' "$url/login")
	[ "$code" = 401 ]
	run ! grep -qi '^set-cookie' head
	code=$(curl -sS -c jar -D head -o out -w '%{http_code}' -H 'Content-Type: application/json' -d "{\"token\":\"$token\"}" "$url/login")
	[ "$code" = 200 ]
	grep -i '^set-cookie' head | grep 'HttpOnly' | grep 'SameSite=Strict' | grep "stint_$port="
	hasnt jar "$token"
	curl -sS -b jar -D head "$url/" >out
	has out 'id="jobs"'
	python3 - head out <<-'END'
		import base64, hashlib, re, sys
		policy = re.search(r"(?im)^content-security-policy: (.*)$", open(sys.argv[1]).read()).group(1)
		page = open(sys.argv[2], encoding="utf-8").read()
		for tag in ("style", "script"):
		    source = re.search(f"<{tag}>(.*?)</{tag}>", page, re.S).group(1)
		    digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
		    assert f"{tag}-src 'sha256-{digest}'" in policy, policy
		assert "unsafe" not in policy and "default-src 'none'" in policy
		assert not re.search(r' on[a-z]+=| style=', page.split("<script")[0]), "inline"
		assert not re.search(r'innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(', page)
	END
	code=$(curl -sS -b jar -o out -w '%{http_code}' "$url/api/v1/status")
	[ "$code" = 200 ]
	curl -sS -b jar -c jar -H 'Content-Type: application/json' -d '{}' "$url/logout" >out
	same out '{"ok":true}'
	code=$(curl -sS -b jar -o out -w '%{http_code}' "$url/api/v1/status")
	[ "$code" = 401 ]
}

@test "dashboard: the timeline of a job is the report's" {
	dashboard
	submit "$TOP/conf/examples/mixed.json"
	stint wait "$job"
	get "/jobs/$job/report"
	[ "$code" = 200 ]
	python3 - head out <<-'END'
		import json, re, sys
		page = open(sys.argv[2], encoding="utf-8").read()
		policy = re.search(r"(?im)^content-security-policy: (.*)$", open(sys.argv[1]).read()).group(1)
		assert "frame-ancestors 'none'" in policy and "unsafe" not in policy, policy
		data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S).group(1))
		assert data["runs"][0]["count"] == 20 and data["title"] == "job 1: mixed", data["title"]
	END
	get /jobs/99/report
	[ "$code" = 404 ]
	until_true 10 no_report
}

@test "dashboard in a browser: the way in by form and by address, and out" {
	dashboard
	in_browser enters
}

@test "dashboard in a browser: jobs come, go on and end while one looks" {
	dashboard
	in_browser lives "$TOP/conf/examples"
}

@test "dashboard in a browser: a job, its failures, the log of a task, the timeline" {
	dashboard
	printf '%s\n' '{"id":"good","name":"works","print":"said by good"}' \
		'{"id":"bad","shell":"echo said by bad; echo complained >&2; exit 3"}' >two.jsonl
	submit --name two two.jsonl
	stint wait "$job"
	in_browser explores
}

@test "dashboard in a browser: what a running task writes" {
	dashboard
	printf '{"id":"talker","shell":"until [ -e %s/over ]; do echo and on; sleep 0.1; done"}\n' "$PWD" >talk.jsonl
	submit talk.jsonl
	in_browser follows "$PWD/over"
}

@test "dashboard in a browser: what tasks and clients say stays text" {
	dashboard
	hostile_job
	in_browser injected
}

@test "dashboard in a browser: changes, where they are allowed" {
	dashboard '"http_write": true'
	submit --hold --name held -- true
	in_browser changes
}

@test "dashboard in a browser: keys, filter" {
	dashboard
	submit --name alpha -- true
	submit --name beta -- false
	stint wait 1 2
	in_browser keys
}

@test "dashboard in a browser: dark as the system has it, or as chosen" {
	dashboard
	in_browser darkens
}

@test "dashboard in a browser: names, contrast and order for those who do not see it or use no mouse" {
	dashboard
	hostile_job
	in_browser accessible
}
