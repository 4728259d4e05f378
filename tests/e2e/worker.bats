#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Workers of one's own, and how stint deals with those that misbehave.

load helpers

# worker BODY: makes the program ./worker of Python, with what all of them need; every start adds a line
# to the file starts.
worker() {
	{
		cat <<-'END'
			#!/usr/bin/env python3
			import json, os, sys, time
			with open("starts", "a") as file:
			    print(os.getpid(), file=file)
			def send(**fields):
			    data = (json.dumps(fields) + "\n").encode()
			    while data:
			        data = data[os.write(1, data):]
			def messages():
			    for line in open(0, "rb"):
			        yield json.loads(line)
			def answer(message, **record):
			    send(type="result", task=message["task"], attempt=message["attempt"],
			         record={"status": "ok", "wall": 0.001, **record})
		END
		cat
	} >worker
	chmod +x worker
	rm -f starts
}

# hopeless TEXT: with ./worker, the run ends with status 3, after a bounded number of starts.
hopeless() {
	echo '{"repeat": 30, "shell": "touch ran"}' >job.jsonl
	stint run -j 2 --worker ./worker -o results job.jsonl
	[ "$status" -eq 3 ]
	has err "$1"
	grep -q '^stint: .*worker' err
	[ "$(wc -l <err)" -lt 20 ]
	[ ! -e starts ] || [ "$(wc -l <starts)" -le 20 ]
	[ ! -e ran ]
	nothing_left
}

simple() {
	worker <<-'END'
		send(type="hello", version=1, pid=os.getpid())
		for message in messages():
		    with open("log", "a") as file:
		        print(json.dumps(message), file=file)
		    if message["type"] == "task":
		        send(type="output", task=message["task"], attempt=message["attempt"], stream="stdout",
		             text="from " + message["id"] + "\n")
		        send(type="output", task=message["task"], attempt=message["attempt"], stream="stdout",
		             base64="/woA")
		        answer(message, value={"spec": message["spec"]}, unknown="passed over", id="forged", attempt=7)
		    elif message["type"] == "shutdown":
		        send(type="bye")
		        break
	END
}

@test "a worker without capabilities, by --worker and by STINT_WORKER" {
	simple
	echo '{"id": "first", "name": "n", "timeout": 5, "shell": "touch ran"}' >job.jsonl
	echo '{"id": "steps", "steps": [{"sleep": 1}, {"cpu": {"loop": 3}}]}' >>job.jsonl
	stint run -j 1 --worker ./worker -o results job.jsonl
	[ "$status" -eq 0 ]
	[ ! -e ran ]
	records results 'r["first"]["value"]["spec"]["shell"] == "touch ran"' 'r["first"]["wall"] == 0.001' \
		'r["steps"]["value"]["spec"]["steps"] == [{"sleep": 1}, {"cpu": {"loop": 3}}]' \
		'"unknown" not in r["first"] and r["first"]["name"] == "n" and r["first"]["attempt"] == 1'
	has out 'from first'
	LC_ALL=C grep -qaP '\xff' out
	python3 -c 'import json; print(json.dumps([json.loads(l) for l in open("log")]))' >log.json
	json log.json '[e["type"] for e in v] == ["setup", "task", "task", "shutdown"]' 'v[0]["version"] == 1 and v[0]["worker"] == 0' \
		'not any(e["attempt"] != 1 or "step" in e or "carry" in e for e in v[1:3])' \
		'"id" not in v[1]["spec"] and "name" not in v[1]["spec"] and v[1]["spec"]["timeout"] == 5'
	rm -f log
	STINT_WORKER=./worker stint run -j 1 -o results job.jsonl
	[ "$status" -eq 0 ]
	[ -s log ]
	STINT_WORKER=/nowhere stint run -j 1 --worker ./worker job.jsonl
	[ "$status" -eq 0 ]
}

@test "a worker that cannot queue has one computing task at a time, and any number of waiting ones" {
	worker <<-'END'
		send(type="hello", version=1, pid=os.getpid(), capabilities=[])
		waiting = []
		for message in messages():
		    if message["type"] == "task" and "sleep" in message["spec"]:
		        waiting.append(message)
		        if len(waiting) == 10:
		            for each in waiting:
		                answer(each)
		    elif message["type"] == "task":
		        import select
		        time.sleep(0.02)
		        more = select.select([0], [], [], 0)[0]
		        answer(message, value=bool(more))
		    elif message["type"] == "shutdown":
		        send(type="bye")
		        break
	END
	echo '{"repeat": 10, "sleep": 1}' >job.jsonl
	stint run -j 1 --worker ./worker -o results job.jsonl
	[ "$status" -eq 0 ]
	echo '{"repeat": 10, "cpu": {"loop": 1}}' >job.jsonl
	stint run -j 1 --worker ./worker -o results job.jsonl
	[ "$status" -eq 0 ]
	records results '{e["value"] for e in all[:-1]} == {False}'
}

@test "the worker in stint-worker(7) works" {
	python3 - "$TOP/man/stint-worker.7" >worker <<-'END'
		import re, sys
		page = open(sys.argv[1]).read()
		found = re.search(r"^\.Bd[^\n]*\n(#!/usr/bin/env python3\n.*?)^\.Ed", page, re.S | re.M)
		print(found.group(1).replace("\\en", "\\n").replace("\\e", "\\").replace("\\&", ""), end="")
	END
	chmod +x worker
	cat >job.jsonl <<-'END'
		{"id": "good", "exec": ["echo", "from Python"]}
		{"id": "env", "shell": "echo $STINT_TASK_ID; echo err >&2; exit 3"}
		{"id": "late", "timeout": "200ms", "exec": ["sleep", "600"]}
		{"id": "missing", "exec": ["surely-not-there"]}
		{"id": "sleep", "sleep": 1}
		{"id": "waits", "class": "wait", "repeat": 5, "shell": "sleep 0.05"}
	END
	stint run -j 2 --worker ./worker -o results job.jsonl
	[ "$status" -eq 1 ]
	has out 'from Python'
	records results 'len(all) == 10' 'r["good"]["status"] == "ok" and r["good"]["stdout"] == "from Python\n"' \
		'r["env"]["exit"] == 3 and r["env"]["stdout"] == "env\n"' 'r["late"]["status"] == "timeout"' \
		'r["missing"]["status"] == "failed" and r["sleep"]["status"] == "failed"' 'r["waits.5"]["status"] == "ok"'
	nothing_left
	echo '{"class": "wait", "shell": "touch begun; sleep 600"}' >job.jsonl
	start run -j 1 --worker ./worker -o results job.jsonl
	until_true 20 test -e begun
	kill -TERM "$background"
	finish
	[ "$status" -eq 143 ]
	nothing_left
}

@test "the real worker, driven by hand as stint-worker(7) shows" {
	real=$(dirname "$STINT")/stint-worker
	cat >in <<-'END'
		{"type":"setup","version":1,"worker":0,"model":"hybrid","cores":2,"output":"group","unknown":[1]}
		{"attempt":1,"id":"render-3","spec":{"cpu":{"loop":5}},"task":17,"type":"task"}
		{"type":"shutdown"}
	END
	mkfifo pipe
	exec 9<>pipe # end of file would mean that it has to stop
	cat in >&9
	timeout 240 "$real" <pipe >out
	head -n 1 out | grep -q '^{"type":"hello","version":1,"pid":[0-9]*,"capabilities":\["queue","recall","steps","measure","suspend"\]}$'
	grep -q '"type":"result","task":17,"attempt":1,"record":{"status":"ok".*"value":5' out
	[ "$(tail -n 1 out)" = '{"type":"bye"}' ]
	# One byte at a time.
	python3 -c '
import sys, time
for byte in open("in", "rb").read():
    sys.stdout.buffer.write(bytes([byte]))
    sys.stdout.buffer.flush()' >&9 &
	timeout 240 "$real" <pipe >slow
	wait $!
	exec 9>&-
	grep -q '"value":5' slow
	# End of file before it was told to end, and what it cannot understand.
	run -1 timeout 240 "$real" < <(head -n 1 in)
	run -1 timeout 240 "$real" < <(echo '{"type":"task"}')
	run -1 timeout 240 "$real" < <(echo 'garbage')
	run -1 timeout 240 "$real" < <(sed 's/"version":1/"version":2/' in)
	[[ $output == *version* ]]
	run -2 timeout 240 "$real" something
}

# by_hand: starts the real worker with the messages of the file in; it goes on while 9 is open. File out.
by_hand() {
	mkfifo pipe
	exec 9<>pipe
	cat in >&9
	E2E_MARK=$mark timeout 240 "$(dirname "$STINT")/stint-worker" <pipe >out 9>&- 3>&- 4>&- &
	background=$!
}

# phase TASK WORD: was it told for the task, with a use?
phase() {
	grep -q '"type":"phase","task":'"$1"',"attempt":1,"phase":"'"$2"'","use":[0-9]' out
}

@test "a command that waits gives the slot to the next, and goes on; one that computes keeps it" {
	cat >in <<-'END'
		{"type":"setup","version":1,"worker":0,"model":"hybrid"}
		{"type":"task","task":1,"attempt":1,"id":"1","spec":{"shell":"touch sleeps; sleep 600; :"}}
		{"type":"task","task":2,"attempt":1,"id":"2","spec":{"shell":"touch spins; while [ ! -e stop ]; do :; done"}}
		{"type":"task","task":3,"attempt":1,"id":"3","spec":{"shell":"touch waits"}}
	END
	by_hand
	until_true 20 phase 1 wait
	until_true 20 phase 2 cpu
	[ -e sleeps ]
	[ -e spins ]
	[ ! -e waits ]
	touch stop
	until_true 20 grep -q '"type":"result","task":3,.*"status":"ok"' out
	grep -q '"type":"result","task":2,.*"status":"ok"' out
	echo '{"type":"cancel","task":1,"attempt":1}' >&9
	until_true 20 grep -q '"type":"result","task":1,.*"status":"cancelled"' out
	echo '{"type":"shutdown"}' >&9
	exec 9>&-
	finish
	[ "$status" -eq 0 ]
	nothing_left
}

@test "a command that is sent to run beside the others does, and is measured, its descendants too" {
	cat >in <<-'END'
		{"type":"setup","version":1,"worker":0,"model":"hybrid"}
		{"type":"task","task":1,"attempt":1,"id":"1","spec":{"shell":"while [ ! -e stop ]; do :; done"}}
		{"type":"task","task":2,"attempt":1,"id":"2","spec":{"shell":"touch waits"}}
		{"type":"task","task":3,"attempt":1,"id":"3","beside":1,"spec":{"shell":"sh -c 'while [ ! -e stop ]; do :; done; :'; :"}}
		{"type":"task","task":4,"attempt":1,"id":"4","beside":1,"spec":{"steps":[{"exec":["sleep","1"]},{"cpu":{"loop":1}}]}}
		{"type":"task","task":5,"attempt":1,"id":"5","spec":{"class":"wait","shell":"while [ ! -e go ]; do sleep 0.05; done; while [ ! -e stop ]; do :; done"}}
	END
	by_hand
	until_true 20 phase 3 cpu
	until_true 20 phase 4 wait
	until_true 20 phase 5 wait
	until_true 20 grep -q '"type":"yield","task":4,"attempt":1,"step":1' out
	[ ! -e waits ]
	touch go
	until_true 20 phase 5 cpu
	[ ! -e waits ]
	touch stop
	echo '{"type":"shutdown"}' >&9
	until_true 20 grep -q '"type":"bye"' out
	exec 9>&-
	finish
	[ "$status" -eq 0 ]
	[ -e waits ]
}

@test "the timeout of a task message goes before that of the task" {
	cat >in <<-'END'
		{"type":"setup","version":1,"worker":0,"model":"hybrid"}
		{"type":"task","task":1,"attempt":1,"id":"1","timeout":100000,"spec":{"timeout":600,"exec":["sleep","600"]}}
		{"type":"task","task":2,"attempt":1,"id":"2","timeout":0,"spec":{"timeout":0.01,"exec":["sleep","0.2"]}}
		{"type":"task","task":3,"attempt":1,"id":"3","timeout":100000,"spec":{"sleep":600}}
		{"type":"shutdown"}
	END
	by_hand
	until_true 20 grep -q '"type":"bye"' out
	exec 9>&-
	finish
	grep -q '"task":1,.*"status":"timeout".*timed out after 0.1 s' out
	grep -q '"task":2,.*"status":"ok"' out
	grep -q '"task":3,.*"status":"timeout"' out
}

@test "a worker that is not there, or cannot be executed" {
	echo '{"shell": "touch ran"}' >job.jsonl
	echo x >plain
	for program in ./missing ./plain . ''; do
		stint run --worker "$program" -o results job.jsonl
		[ "$status" -eq 3 ] || [ "$status" -eq 2 ]
		[ "$(grep -c '^stint: ' err)" -eq 1 ]
		[ ! -e ran ]
	done
	stint run --worker ./missing job.jsonl
	has err './missing: No such file or directory'
}

@test "a worker that exits at once" {
	worker </dev/null
	echo 'sys.exit(0)' >>worker
	hopeless 'its workers end before they have'
	worker <<<'sys.exit(7)'
	hopeless 'exit status 7'
	worker <<<'os.kill(os.getpid(), 11)'
	hopeless 'SIGSEGV'
}

@test "a worker that exits at once is not the fault of the only task" {
	worker <<<'sys.exit(7)'
	echo '{"shell": "touch ran"}' >job.jsonl
	stint run --worker ./worker -o results job.jsonl
	[ "$status" -eq 3 ]
	has err 'its workers end before they have'
	hasnt err poisoned
}

@test "a worker that says hello and does no more: ends, closes its stdout, or says bye" {
	for body in 'sys.exit(4)' 'os.close(1); time.sleep(600)' 'send(type="bye", error="I do not want to")'; do
		worker <<-END
			send(type="hello", version=1, pid=os.getpid())
			$body
		END
		echo '{"repeat": 2, "shell": "touch ran"}' >job.jsonl
		stint run -j 2 --worker ./worker -o results job.jsonl
		[ "$status" -eq 1 ] || [ "$status" -eq 3 ]
		[[ $body != *error=* ]] || has err 'I do not want to'
		has err worker
		[ "$(wc -l <starts)" -le 12 ]
		[ ! -e ran ]
		records results '{e["status"] for e in all} <= {"poisoned"}'
		nothing_left
	done
}

@test "a worker that speaks another version" {
	worker <<-'END'
		send(type="hello", version=2, pid=os.getpid())
		for message in messages():
		    pass
	END
	hopeless 'version'
}

@test "a worker that sends garbage" {
	for text in 'b"garbage\n"' 'b"{\"type\":1}\n"' 'b"{\"type\":\"hello\"}\n"' 'b"\x1b[31m\n"' 'bytes(1000) + b"[" * 1000000 + b"\n"' \
		'b"{\"type\":\"setup\",\"version\":1,\"worker\":0}\n"' \
		'b"{\"type\":\"result\",\"task\":1,\"attempt\":1,\"record\":{\"status\":\"ok\",\"wall\":0}}\n"'; do
		worker <<-END
			os.write(1, $text)
			for message in messages():
			    pass
		END
		hopeless 'not to be understood'
		hasnt err $'\033'
		[ "$(wc -c <err)" -lt 10000 ]
	done
}

@test "a worker whose answers to a task are garbage: killed, and the task is poisoned in the end" {
	for record in '{"status": "ok"}' '{"status": "fine", "wall": 0}' '{"status": "ok", "wall": -1}' \
		'{"status": "ok", "wall": 1e999}' '[]' '{"status": "ok", "wall": 0, "stdout": 5}' '{"status": "poisoned", "wall": 0}'; do
		worker <<-END
			send(type="hello", version=1, pid=os.getpid())
			for message in messages():
			    if message["type"] == "task":
			        os.write(1, b'{"type":"result","task":%d,"attempt":%d,"record":$record}\n'
			                 % (message["task"], message["attempt"]))
			    elif message["type"] == "shutdown":
			        send(type="bye")
			        break
		END
		echo '{"cpu": {"loop": 1}}' >job.jsonl
		stint run -j 1 --worker ./worker -o results job.jsonl
		[ "$status" -eq 1 ] || [ "$status" -eq 3 ]
		has err 'not to be understood'
		[ "$(wc -l <starts)" -le 10 ]
		records results 'all == [] or all[0]["status"] == "poisoned"'
	done
}

@test "a worker that sends an oversized line" {
	worker <<-'END'
		try:
		    for i in range(64):
		        data = b"a" * (1 << 20)
		        while data:
		            data = data[os.write(1, data):]
		except OSError:
		    pass
		time.sleep(600)
	END
	hopeless 'worker'
	[ "$(wc -c <err)" -lt 10000 ]
}

@test "a worker that does not read, and one that does not answer, are ended with the run" {
	for body in 'pass' 'for message in messages(): pass'; do
		worker <<-END
			send(type="hello", version=1, pid=os.getpid(), capabilities=["queue"])
			$body
			import signal
			signal.signal(signal.SIGTERM, signal.SIG_IGN)
			time.sleep(600)
		END
		# More than the pipe holds.
		awk 'BEGIN { for (i = 0; i < 5000; i++) printf "{\"sleep\":0,\"env\":{\"A\":\"%0200d\"}}\n", i }' >job.jsonl
		start run -j 2 --worker ./worker -o results job.jsonl
		until_true 20 has_workers 2
		until_true 20 lines_in starts 2
		kill -INT "$background"
		until_true 20 grep -q 'no more' err
		kill -INT "$background"
		until_true 20 grep -q 'ending' err
		kill -INT "$background"
		finish
		[ "$status" -eq 130 ]
		nothing_left
	done
}

@test "a worker that dies before it could say all: no command that it had is taken for not begun" {
	# It ends in the middle of the result of one, when it may have begun the next; or before it says a word.
	worker <<-'END'
		starts = len(open("starts").readlines())
		if starts == 1:
		    sys.exit(1)
		send(type="hello", version=1, pid=os.getpid(), capabilities=["queue", "recall"])
		special = []
		for message in messages():
		    if message["type"] == "shutdown":
		        send(type="bye")
		        break
		    if message["type"] != "task":
		        continue
		    if starts == 2 and message["id"] in ("x", "y"):
		        special.append(message["id"])
		        if len(special) == 2:
		            os.write(1, b'{"type":"result","task":')
		            os._exit(1)
		    else:
		        answer(message, user=0.001)
	END
	{
		echo '{"repeat": 200, "class": "cpu", "retry": "never", "exec": ["true"]}'
		echo '{"id": "x", "class": "cpu", "retry": "never", "exec": ["true"]}'
		echo '{"id": "y", "class": "cpu", "retry": "never", "exec": ["true"]}'
	} >job.jsonl
	stint run -q -j 1 --worker ./worker -o results job.jsonl
	[ "$status" -eq 1 ]
	[ "$(wc -l <starts)" -eq 3 ]
	records results 'len(all) == 202' '{i: e["status"] for i, e in r.items() if e["status"] != "ok"} == dict.fromkeys("xy", "interrupted")'
}

@test "late and foreign answers are dropped" {
	worker <<-'END'
		send(type="hello", version=1, pid=os.getpid())
		for message in messages():
		    if message["type"] == "task":
		        send(type="result", task=message["task"] + 1000, attempt=1, record={"status": "failed", "wall": 0})
		        send(type="result", task=message["task"], attempt=9, record={"status": "failed", "wall": 0})
		        send(type="result", task=message["task"], attempt=0, record={"status": "failed", "wall": 0})
		        send(type="started", task=10**15, attempt=1)
		        answer(message)
		        answer(message, status="failed")
		    elif message["type"] == "shutdown":
		        send(type="bye")
		        break
	END
	echo '{"repeat": 20, "cpu": {"loop": 1}}' >job.jsonl
	stint run -j 2 --worker ./worker -o results job.jsonl
	[ "$status" -eq 0 ]
	records results 'len(all) == 20' '{e["status"] for e in all} == {"ok"}'
}

@test "a worker that dies now and then costs only what it had in hand" {
	worker <<-'END'
		send(type="hello", version=1, pid=os.getpid())
		done = 0
		for message in messages():
		    if message["type"] == "task":
		        if done == 3:
		            os.kill(os.getpid(), 9)
		        done += 1
		        answer(message, value=message["attempt"])
		    elif message["type"] == "shutdown":
		        send(type="bye")
		        break
	END
	echo '{"repeat": 20, "cpu": {"loop": 1}}' >job.jsonl
	stint run -j 2 --worker ./worker -o results job.jsonl
	[ "$status" -eq 0 ]
	records results 'len(all) == 20' '{e["status"] for e in all} == {"ok"}' \
		'max(e["attempt"] for e in all) == 2'
}

@test "what a worker writes to stderr is its log" {
	worker <<-'END'
		send(type="hello", version=1, pid=os.getpid())
		print("a line of the log", file=sys.stderr, flush=True)
		for message in messages():
		    if message["type"] == "task":
		        answer(message)
		    elif message["type"] == "shutdown":
		        send(type="bye")
		        break
	END
	echo '{"cpu": {"loop": 1}}' >job.jsonl
	stint run -q -j 1 --worker ./worker job.jsonl
	[ "$status" -eq 0 ]
	same err 'a line of the log'
	[ ! -s out ]
}
