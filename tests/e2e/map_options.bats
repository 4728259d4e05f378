#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `stint map` with the options of `stint run`: results, going on, limits, stopping; its examples.
# shellcheck disable=SC1083,SC2016 # braces and $ are for stint and its commands

load helpers

@test "map --resume goes on after kill -9: each argument is done, what was recorded only once" {
	seq 40 >in
	start map -qk -o results --resume -a in 'echo {} >>ran; [ {} -lt 12 ] || [ -e go ] || sleep 600; echo {}'
	until_true 20 lines_in results 11
	kill -KILL "$background"
	finish
	nothing_left
	sort -n <ran | head -n 11 | cmp - <(seq 11)
	mv ran before
	touch go
	stint map -k -o results --resume -a in 'echo {} >>ran; [ {} -lt 12 ] || [ -e go ] || sleep 600; echo {}'
	[ "$status" -eq 0 ]
	cmp out <(seq 12 40)
	sort -n ran | cmp - <(seq 12 40)
	has err '11 done before'
	records results 'len(all) == 40' 'len({x["id"] for x in all}) == 40' \
		'{(x["id"], x["tag"]) for x in all} == {(str(i), str(i)) for i in range(1, 41)}'
}

@test "map --resume: the command and its arguments tell whether it was done, not its place alone" {
	stint map -q -o results --resume echo ::: a b c
	stint map -qk -o results --resume echo ::: a X c d
	[ "$status" -eq 0 ]
	same out X d
	stint map -qk -o results --resume echo ::: a X c d
	[ ! -s out ]
	stint map -qk -o results --resume printf '%s\n' ::: a X
	same out a X
	stint map -q -o results 'test -e {}' ::: f g
	[ "$status" -eq 1 ]
	touch f g
	stint map -q -o results --retry-failed 'test -e {}' ::: f g h
	records results '[x["status"] for x in all] == ["ok", "ok"]'
}

@test "map --joblog, --results-dir, --tag, -o: what each shows of a command" {
	stint map -qk --tag --joblog log --results-dir kept -o results sh -c 'echo "<$1>"; echo e >&2; exit "$2"' sh \
		{1} {2} ::: 'a b' "it's" ::: 0 3
	[ "$status" -eq 1 ]
	same out $'a b 0\t<a b>' $'a b 3\t<a b>' $'it\'s 0\t<it\'s>' $'it\'s 3\t<it\'s>'
	cut -f 1,7,10,11 log | tail -n +2 | sort >columns
	same columns $'1\t0\t1\tok' $'2\t3\t2\tfailed' $'3\t0\t3\tok' $'4\t3\t4\tfailed'
	has log "sh 'a b' 3"
	same kept/3/stdout "<it's>"
	same kept/3/stderr e
	records results 'r["4"]["tag"] == "it'"'"'s 3"' 'r["4"]["stdout"] == "<it'"'"'s>\n"' 'r["4"]["exit"] == 3'
	json kept/4/record.json 'v["id"] == "4"'
}

@test "map: who failed is named by number and arguments, whatever is in them" {
	stint map -j1 -o results --summary summary sh -c 'exit $1' sh ::: 0 3
	[ "$status" -eq 1 ]
	has err 'failed 2 (3): exit status 3'
	json summary 'v["failures"][0]["id"] == "2"' 'v["failures"][0]["tag"] == "3"'
	records results 'r["1"]["tag"] == "0"'
	printf 'é%.0s' {1..100} >in
	printf '\0\e[31m\0\xff y\0' >>in
	stint map -0 -n0 -a in -o results sh -c 'exit 1'
	has err "failed 1 ($(printf 'é%.0s' {1..30})…): exit status 1"
	has err 'failed 2 (?[31m): exit status 1'
	has err 'failed 3 (? y): exit status 1'
	records results 'r["1"]["tag"] == "é" * 100' 'r["3"]["tag_base64"] == "/yB5"'
}

@test "map: models, limits and classes are those of run" {
	for model in sync async threads gil processes hybrid; do
		stint map -qk -m $model -j2 echo ::: a b c
		same out a b c
	done
	stint map -qk --waiting 2 --class wait --cpus 1 --memory 100M --sync none 'echo {}' ::: a b
	same out a b
	echo 1 >cores
	stint map -qk -j @cores echo ::: a b
	same out a b
	stint map -q -o - echo ::: a
	json out 'v["stdout"] == "a\n"' 'v["tag"] == "a"'
}

@test "map: limits, stopping, retries" {
	stint map -q --retries 2 --backoff 0 'echo {} >>tries; [ "$(wc -l <tries)" -ge 3 ]' ::: x
	[ "$status" -eq 0 ]
	lines_in tries 3
	stint map -q --timeout 0.1 -o results sleep ::: 0 600
	[ "$status" -eq 1 ]
	records results 'r["1"]["status"] == "ok"' 'r["2"]["status"] == "timeout"'
	stint map -qk -j1 -m processes --halt soon,fail=1 'echo {}; exit {}' ::: 0 1 0 0
	[ "$status" -eq 1 ]
	same out 0 1
	stint map -q --fail-fast -o results ::: 'touch begun; sleep 600' 'until [ -e begun ]; do sleep 0.01; done; false'
	[ "$status" -eq 1 ]
	records results 'r["1"]["status"] == "cancelled"'
	stint map -q -n0 --nice 7 nice ::: 1
	same out 7
	stint map -q --explain --no-history true ::: a
	[ "$status" -eq 0 ]
	[ -s err ]
	stint map -q --output none --summary summary echo ::: a b
	[ ! -s out ]
	json summary 'v["tasks"] == 2'
	E2E_MARK=$mark "$STINT" map -q cat ::: /dev/stdin <<<'not for it' >out
	[ ! -s out ]
}

@test "100,000 arguments, and lines of all sorts" {
	stint map -q --output none --joblog log -m processes --shell ':' < <(seq "$(full 3000 100000)")
	[ "$status" -eq 0 ]
	[ "$(wc -l <log)" -eq $(($(full 3000 100000) + 1)) ]
	stint map -qX -j1 echo < <(seq 100000)
	tr ' ' '\n' <out | cmp - <(seq 100000)
	# One that no command can have fails alone, though others would have been with it.
	stint map -qkX -j1 -o results printf '%s\n' < <(seq 50 && head -c 200000 /dev/zero | tr '\0' x && echo && seq 51 100)
	[ "$status" -eq 1 ]
	cmp out <(seq 100)
	records results '[x["status"] for x in all].count("failed") == 1' \
		'"one of 200000 bytes" in [x for x in all if x["status"] == "failed"][0]["error"]'
	printf '\n-n\n--help\n \n\ttab\r\n{}\n{1}\n%%s\nlast' >in
	stint map -qk -a in printf '<%s>\n'
	[ "$status" -eq 0 ]
	sed 's/.*/<&>/' in | cmp <(cat out) <(cat - && echo)
}

@test "stint-map(1): the examples" {
	mkdir bin
	ln -s "$STINT" bin/stint
	for program in flac convert curl ./simulate ./encode ./train; do
		[[ $program = ./* ]] && to=$program || to=bin/$program
		printf '#!/bin/sh\necho "$@"\n' >"$to"
		chmod +x "$to"
	done
	echo main >a.txt && cp a.txt 'b c.txt' && cp a.txt a.c && cp a.txt x.jpg && cp a.txt s.wav
	echo error | gzip >a.log.gz
	echo http://localhost/ >urls.txt
	cp urls.txt videos
	touch one.conf two.conf
	echo 'echo hello' >commands
	# All but the one that never ends.
	sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/s/^\$ //p' "$TOP/man/stint-map.1" |
		sed 's/\\e/\\/g; /tail -f/d' >examples
	lines_in examples 15
	while read -r command; do
		rm -f -- *.txt.gz
		E2E_MARK=$mark PATH=$PWD/bin:$PATH timeout 240 bash -c \
			'twice() { echo "$1" "$1"; }; export -f twice; eval "$1"' bash "$command" </dev/null >out 2>err || {
			echo "$command"
			cat err
			false
		}
		hasnt err 'stint: '
	done <examples
	[ -e a.log.count ]
	[ -s night.jsonl ]
}
