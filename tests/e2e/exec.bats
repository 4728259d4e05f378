#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Commands: what they get, and what is recorded of them.

load helpers

# one TASK [OPTION...]: runs a single task, under a record of it in the file results.
one() {
	echo "$1" >job.jsonl
	shift
	stint run -q -o results "$@" job.jsonl
}

@test "exit status" {
	one '{"repeat": 1, "shell": "exit 42"}'
	[ "$status" -eq 1 ]
	records results 'all[0]["status"] == "failed" and all[0]["exit"] == 42 and "signal" not in all[0]' \
		'"42" in all[0]["error"]'
	one '{"exec": ["true"]}'
	[ "$status" -eq 0 ]
	records results 'all[0]["status"] == "ok" and all[0]["exit"] == 0 and "error" not in all[0]'
}

@test "ended by a signal" {
	for number in 1 2 3 6 9 11 13 14 15; do
		echo "{\"id\": \"$number\", \"shell\": \"ulimit -c 0; kill -$number \$\$\"}"
	done >job.jsonl
	stint run -q -o results job.jsonl
	[ "$status" -eq 1 ]
	records results 'len(all) == 9' \
		'[e["id"] for e in all if e["signal"] != int(e["id"]) or "exit" in e or e["status"] != "failed"] == []' \
		'"SIGSEGV" in r["11"]["error"] and "SIGKILL" in r["9"]["error"]'
}

@test "the last line of stderr is in the error" {
	one '{"shell": "echo first >&2; echo the reason >&2; echo >&2; echo out; exit 1"}'
	records results '"the reason" in all[0]["error"] and "first" not in all[0]["error"]' \
		'"out" not in all[0]["error"]' 'all[0]["stderr"] == "first\nthe reason\n\n"'
	# Also if it is long, is not text, or has no end.
	one '{"shell": "head -c 100000 /dev/zero | tr \"\\\\0\" a >&2; printf \" \\\\377end\" >&2; exit 1"}'
	[ "$status" -eq 1 ]
	records results '"exit status 1" in all[0]["error"] and len(all[0]["error"]) < 5000' \
		'"end" in all[0]["error"]'
}

@test "not found is 127, not executable 126: failed records, and the worker goes on" {
	[ "${SANITIZE-}" != thread ] || skip "the sanitizer makes vfork a fork, which cannot say why exec failed"
	echo 'not executable' >plain
	mkdir folder
	cat >job.jsonl <<-'END'
		{"id": "not found", "exec": ["surely-not-there"]}
		{"id": "no file", "exec": ["./surely-not-there"]}
		{"id": "no folder", "exec": ["plain/x"]}
		{"id": "plain", "exec": ["./plain"]}
		{"id": "folder", "exec": ["./folder"]}
		{"id": "shell", "shell": "surely-not-there"}
		{"id": "path", "env": {"PATH": "/nowhere"}, "exec": ["ls"]}
		{"id": "good", "exec": ["echo", "good"]}
	END
	for model in sync threads hybrid; do
		stint run -q -j 1 -m "$model" -o results job.jsonl
		[ "$status" -eq 1 ]
		records results '{i: e.get("exit") for i, e in r.items()} == {"not found": 127, "no file": 127,
			"no folder": 127, "plain": 126, "folder": 126, "shell": 127, "path": 127, "good": 0}' \
			'{e["status"] for e in all if e["id"] != "good"} == {"failed"}' \
			'r["good"]["status"] == "ok"' '{e["attempt"] for e in all} == {1}' \
			'"surely-not-there" in r["not found"]["error"]' '"Permission denied" in r["plain"]["error"]'
	done
}

@test "a script without #! is run by the shell" {
	[ "${SANITIZE-}" != thread ] || skip "the sanitizer makes vfork a fork, which cannot say why exec failed"
	# shellcheck disable=SC2016 # for the script
	echo 'echo "$0 got $*"' >script
	chmod +x script
	one '{"exec": ["./script", "a b", "c"]}'
	[ "$status" -eq 0 ]
	same out './script got a b c'
	mkdir bin
	cp script bin/
	one "{\"env\": {\"PATH\": \"$PWD/bin:$PATH\"}, \"exec\": [\"script\", \"x\"]}"
	[ "$status" -eq 0 ]
	has out 'got x'
}

@test "a program is looked up in the PATH of the task" {
	mkdir bin
	printf '#!/bin/sh\necho mine\n' >bin/own-program
	chmod +x bin/own-program
	one "{\"env\": {\"PATH\": \"$PWD/bin\"}, \"exec\": [\"own-program\"]}"
	[ "$status" -eq 0 ]
	same out mine
}

@test "cwd" {
	mkdir -p there/further
	one '{"cwd": "there/further", "shell": "pwd; echo x >file"}'
	[ "$status" -eq 0 ]
	same out "$(cd there/further && pwd -P)"
	[ -e there/further/file ]
	one '{"cwd": "nowhere", "exec": ["true"]}'
	[ "$status" -eq 1 ]
	records results 'all[0]["status"] == "failed"' '"nowhere: No such file" in all[0]["error"]'
	one '{"cwd": "job.jsonl", "exec": ["true"]}'
	[ "$status" -eq 1 ]
	records results '"Not a directory" in all[0]["error"]'
}

@test "env: set, replaced, emptied and removed" {
	cat >job.jsonl <<-'END'
		{"env": {"NEW": "a=b c", "OLD": "replaced", "EMPTY": "", "GONE": null, "NEVER": null, "Ü.x": "odd"},
		 "exec": ["env"]}
	END
	tr -d '\n' <job.jsonl >one.jsonl
	OLD=old GONE=here KEPT=kept LC_ALL=C stint run -q one.jsonl
	[ "$status" -eq 0 ]
	grep -E '^(NEW|OLD|EMPTY|GONE|NEVER|KEPT|Ü.x)=' out | LC_ALL=C sort >sorted
	same sorted EMPTY= KEPT=kept 'NEW=a=b c' OLD=replaced 'Ü.x=odd'
}

@test "STINT_ variables and OMP_NUM_THREADS" {
	cat >job.json <<-'END'
		{"name": "the job", "tasks": [{"id": "the task", "shell": "env | grep -E '^(STINT_|OMP_)' | sed 's/RUN=.*/RUN=/' | sort"}]}
	END
	STINT_OTHER=x STINT_TASK_ID=wrong stint run -q -j 1 job.json
	same out OMP_NUM_THREADS=1 STINT_ATTEMPT=1 STINT_JOB='the job' STINT_RUN= STINT_SLOT=1 STINT_TASK_ID='the task' STINT_WORKER=0
	# A job without a name has that of its file.
	# shellcheck disable=SC2016 # for the task
	echo '{"shell": "echo $STINT_JOB $STINT_TASK_ID $OMP_NUM_THREADS"}' >nightly.jsonl
	OMP_NUM_THREADS=7 stint run -q nightly.jsonl
	same out 'nightly 1 7'
	stint run -q - <nightly.jsonl
	same out 'stdin 1 1'
	# The task's own wins.
	# shellcheck disable=SC2016 # for the task
	one '{"env": {"STINT_JOB": "own", "OMP_NUM_THREADS": "3", "STINT_TASK_ID": null}, "shell": "echo $STINT_JOB $OMP_NUM_THREADS ${STINT_TASK_ID-none}"}'
	same out 'own 3 none'
}

@test "stdin is /dev/null, or a file" {
	echo 'from the file' >input
	cat >job.jsonl <<-'END'
		{"exec": ["readlink", "/proc/self/fd/0"]}
		{"shell": "cat; echo end"}
		{"stdin": "input", "exec": ["cat"]}
		{"stdin": "missing", "exec": ["cat"]}
	END
	stint run -q -k -o results - <job.jsonl
	[ "$status" -eq 1 ]
	same out /dev/null end 'from the file'
	records results 'r["4"]["status"] == "failed" and "missing: No such file" in r["4"]["error"]'
}

@test "stdout and stderr to files, and one to the other" {
	mkdir folder
	echo 'much that was there before' >files
	cat >job.jsonl <<-'END'
		{"id": "files", "stdout": "files", "stderr": "errors", "shell": "echo out; echo err >&2"}
		{"id": "joined", "stderr": "stdout", "shell": "echo a; echo b >&2; echo c"}
		{"id": "both", "stdout": "both", "stderr": "stdout", "shell": "echo a; echo b >&2; echo c"}
		{"id": "only", "stderr": "only", "shell": "echo a; echo b >&2"}
		{"id": "there", "cwd": "folder", "stdout": "there", "exec": ["echo", "there"]}
		{"id": "nowhere", "stdout": "nowhere/file", "exec": ["echo"]}
	END
	stint run -q -k -o results job.jsonl
	[ "$status" -eq 1 ]
	same files out
	same errors err
	same both a b c
	same only b
	same folder/there there
	same out a b c a
	records results '"stdout" not in r["files"] and "stderr" not in r["files"]' \
		'r["joined"]["stdout"] == "a\nb\nc\n" and "stderr" not in r["joined"]' \
		'"stdout" not in r["both"]' 'r["only"]["stdout"] == "a\n"' \
		'r["nowhere"]["status"] == "failed" and "nowhere/file: No such file" in r["nowhere"]["error"]'
}

@test "max_output bounds what the record keeps, and says so" {
	cat >job.jsonl <<-'END'
		{"id": "cut", "max_output": 10, "shell": "printf 0123456789abc; printf ABCDEFGHIJKL >&2"}
		{"id": "fits", "max_output": 10, "shell": "printf 0123456789"}
		{"id": "none", "max_output": 0, "shell": "echo x"}
		{"id": "usual", "shell": "head -c 1500000 /dev/zero | tr '\\0' x"}
		{"id": "most", "max_output": 4194304, "shell": "head -c 5000000 /dev/zero | tr '\\0' x"}
		{"id": "binary", "max_output": 4194304, "shell": "head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2"}
		{"id": "silent", "max_output": 0, "exec": ["true"]}
	END
	stint run -q --output none -o results job.jsonl
	[ "$status" -eq 0 ]
	records results 'r["cut"]["stdout"] == "0123456789" and r["cut"]["stderr"] == "ABCDEFGHIJ" and r["cut"]["truncated"] is True' \
		'r["fits"]["stdout"] == "0123456789" and "truncated" not in r["fits"]' \
		'"stdout" not in r["none"] and r["none"]["truncated"] is True' \
		'len(r["usual"]["stdout"]) == 1048576 and r["usual"]["truncated"] is True' \
		'len(r["most"]["stdout"]) == 4194304 and r["most"]["truncated"] is True' \
		'len(r["binary"].get("stdout") or r["binary"]["stdout_base64"]) >= 4194304' \
		'"truncated" not in r["silent"]'
}

@test "what is not UTF-8 goes to stdout_base64" {
	cat >job.jsonl <<-'END'
		{"id": "binary", "shell": "printf 'a\\377\\000b'; printf '\\200' >&2"}
		{"id": "text", "shell": "printf 'äöü \\001\\t\"\\\\\\\\ \\360\\237\\230\\200'"}
	END
	stint run -q -o results job.jsonl
	[ "$status" -eq 0 ]
	records results 'r["binary"]["stdout_base64"] == "Yf8AYg=="' 'r["binary"]["stderr_base64"] == "gA=="' \
		'"stdout" not in r["binary"] and "stderr" not in r["binary"]' \
		'r["text"]["stdout"] == "äöü \x01\t\"\\\\ \U0001F600" and "stdout_base64" not in r["text"]'
	# On the way to our stdout nothing is changed.
	echo '{"shell": "head -c 100000 /dev/urandom | tee copy"}' >job.jsonl
	for how in group raw; do
		stint run -q --output "$how" job.jsonl
		cmp copy out
	done
}

@test "a command has fds 0, 1 and 2 and no others" {
	cat >job.jsonl <<-'END'
		{"repeat": 6, "class": "wait", "timeout": 30, "shell": "touch at.$STINT_TASK_ID; until [ $(ls at.* | wc -l) -eq 6 ]; do sleep 0.02; done; i=0; while [ $i -lt 300 ]; do [ ! -e /proc/$$/fd/$i ] || echo $i; i=$((i + 1)); done"}
	END
	exec 5</dev/null 77</dev/null 250</dev/null
	for model in async threads hybrid; do
		rm -f at.*
		stint run -q -m "$model" job.jsonl
		[ "$status" -eq 0 ]
		[ "$(sort out | uniq -c | tr -s ' \n' ' ')" = ' 6 0 6 1 6 2 ' ]
	done
}

@test "a command's limit of open files is ours, not the worker's" {
	(
		ulimit -Sn 333
		one '{"shell": "ulimit -Sn"}'
		same out 333
	)
}

@test "stint started with fds 0, 1, 2 closed keeps its own files apart" {
	echo '{"shell": "echo out; echo err >&2"}' >job.jsonl
	for model in sync hybrid; do
		"$STINT" run -m "$model" -o results job.jsonl <&- >&- 2>&- || :
		records results 'all[0]["stdout"] == "out\n" and all[0]["stderr"] == "err\n"'
	done
}

@test "a session of its own" {
	one '{"exec": ["cut", "-d ", "-f1,5,6", "/proc/self/stat"]}'
	grep -qE '^([0-9]+) \1 \1$' out
	one '{"shell": "exec 2>&1; : </dev/tty"}'
	[ "$status" -eq 1 ]
}

@test "signals are at their defaults and not blocked, however stint was started" {
	echo '{"exec": ["cat", "/proc/self/status"]}' >job.jsonl
	for model in sync threads hybrid; do
		sh -c 'trap "" HUP INT QUIT PIPE ALRM TERM USR1 USR2 CHLD; exec "$0" "$@"' \
			timeout 240 "$STINT" run -q -m "$model" job.jsonl >out
		[ "$(grep -cE '^Sig(Blk|Ign|Cgt):.0{16}$' out)" -eq 3 ]
		timeout 240 python3 -c '
import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
os.execv(sys.argv[1], sys.argv[1:])' "$STINT" run -q -m "$model" job.jsonl >out
		[ "$(grep -cE '^Sig(Blk|Ign|Cgt):.0{16}$' out)" -eq 3 ]
	done
}

@test "umask and locale are passed on" {
	(
		umask 027
		export LC_ALL=C.UTF-8
		# shellcheck disable=SC2016 # for the task
		one '{"shell": "umask; echo $LC_ALL; touch made; mkdir -p folder; stat -c %a made folder"}'
		same out 0027 C.UTF-8 640 750
	)
}

@test "a strange locale, umask and environment do no harm" {
	(
		umask 777
		LC_ALL=de_DE.UTF-8 LANG=xx PATH=/usr/bin:/bin TERM='' COLUMNS=-1 one '{"steps": [{"sleep": 0.001}, {"shell": "echo fine"}]}' || :
		[ "$status" -eq 0 ]
		same out fine
	) || {
		chmod -R u+rw . && false
	}
	chmod u+rw results
	grep -qE '"wall":[0-9]+\.[0-9]{6},' results
}

@test "a descendant that keeps stdout open does not hold the result back" {
	for model in async threads hybrid; do
		one '{"shell": "echo said; sleep 600 & exit 0"}' -m "$model"
		[ "$status" -eq 0 ]
		same out said
		records results 'all[0]["status"] == "ok" and all[0]["wall"] < 60'
		nothing_left
	done
}

@test "nor one in a session of its own, and nothing of it is left after the run" {
	for model in async threads hybrid; do
		one '{"shell": "echo said; setsid sleep 600 & sleep 0.1"}' -m "$model"
		[ "$status" -eq 0 ]
		same out said
		nothing_left
	done
}

@test "a timeout ends a descendant in a session of its own" {
	one '{"timeout": 0.3, "shell": "setsid sleep 600 & setsid sh -c \"setsid sleep 600\" & sleep 600"}'
	[ "$status" -eq 1 ]
	records results 'all[0]["status"] == "timeout"'
	nothing_left
}

@test "a timeout sends TERM, which a command may use to tidy up" {
	cat >job.jsonl <<-'END'
		{"id": "listens", "timeout": 0.3, "shell": "trap 'echo tidied; exit 3' TERM; while :; do sleep 0.05; done"}
		{"id": "stopped", "timeout": 0.3, "shell": "kill -STOP $$; sleep 600"}
	END
	stint run -q -o results job.jsonl
	[ "$status" -eq 1 ]
	records results '{e["status"] for e in all} == {"timeout"}' \
		'r["listens"]["stdout"] == "tidied\n" and r["listens"]["exit"] == 3' \
		'r["stopped"]["signal"] == 15'
	nothing_left
}

@test "user, sys and maxrss are those of the command and its children" {
	cat >job.jsonl <<-'END'
		{"id": "busy", "exec": ["python3", "-c", "import time\nwhile time.process_time() < 0.3: pass"]}
		{"id": "child", "shell": "python3 -c 'import time\nwhile time.process_time() < 0.3: pass'; :"}
		{"id": "big", "exec": ["python3", "-c", "x = b'x' * 100000000"]}
		{"id": "idle", "exec": ["sleep", "0.2"]}
	END
	stint run -q -o results job.jsonl
	[ "$status" -eq 0 ]
	records results '0.25 <= r["busy"]["user"] + r["busy"]["sys"] <= r["busy"]["wall"] + 0.1' \
		'r["child"]["user"] + r["child"]["sys"] >= 0.25' \
		'100000000 <= r["big"]["maxrss"] < 400000000' \
		'r["idle"]["user"] + r["idle"]["sys"] < 0.1 and r["idle"]["class"] == "wait"' \
		'r["idle"].get("maxrss", 0) < 50000000'
}

@test "an argument list that is too long for the system is a failed record" {
	[ "${SANITIZE-}" != thread ] || skip "the sanitizer makes vfork a fork, which cannot say why exec failed"
	python3 -c 'import json; print(json.dumps({"exec": ["echo", "x" * 3000000]}))' >job.jsonl
	echo '{"exec": ["echo", "good"]}' >>job.jsonl
	stint run -q -o results job.jsonl
	[ "$status" -eq 1 ]
	records results 'r["1"]["status"] == "failed" and "too long" in r["1"]["error"].lower()' 'r["2"]["status"] == "ok"'
}
