#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# `stint map`: what commands it makes of what arguments, and that it runs them as `stint run` would.
# shellcheck disable=SC1083,SC2016,SC1003 # braces, $ and backslashes are for stint and its commands

load helpers

# map ARG...: stint map with output in order and no summary. Arguments come from stdin.
map() {
	status=0
	E2E_MARK=$mark timeout -k 5 240 "$STINT" map -qk "$@" >out 2>err 3>&- 4>&- || status=$?
	{ echo "stint map $*: exit status $status" && head -n 5 err; } | cut -c 1-300
}

needs_parallel() {
	if ! parallel --version 2>/dev/null | grep -q '^GNU parallel'; then
		skip 'GNU parallel is not installed'
	fi
}

# as_parallel ARG...: what is printed is what GNU parallel prints.
as_parallel() {
	cat >in
	parallel --will-cite -j1 -k "$@" <in >expected
	map "$@" <in
	diff expected out
}

@test "a command for each line, the argument in the place of {} or at the end" {
	map echo '<{}>' < <(printf '%s\n' 'a b' c)
	[ "$status" -eq 0 ]
	same out '<a b>' '<c>'
	map echo x < <(printf '%s\n' 'a b' c)
	same out 'x a b' 'x c'
}

@test "arguments of the command line, of files, and both" {
	printf 'p\nq\n' >names
	map echo ::: a 'b c' ''
	same out a 'b c' ''
	map -a names echo
	same out p q
	map echo {2}{1} :::: names ::: 1 2
	same out 1p 2p 1q 2q
	map echo {1}{2} :::: names - < <(printf '1\n2\n')
	same out p1 p2 q1 q2
	map echo ::: a b c :::+ 1 2
	same out 'a 1' 'b 2'
	map --link -a names echo ::: 1 2 3
	same out 'p 1' 'q 2' 'p 3'
	map echo ::: a :::+ 1 ::: x y
	same out 'a 1 x' 'a 1 y'
}

@test "replacement strings mean what they mean to GNU parallel" {
	needs_parallel
	printf '%s\n' .bashrc a/b.c /x a/ a. a.b/c a/b.tar.gz .. . '' / // //a a//b a/b// ./x.y \
		/a/b/../c.d x/.y ... a..b "it's" 'a b.c d' >names
	for what in {} {.} {/} {//} {/.} {#} {1.} {-1/}; do
		as_parallel echo "$what" <names
		as_parallel echo "x${what}y" <names
	done
	as_parallel echo {2}{1} {-1} {1.} {2/} ::: a.b c.d ::: e/f g </dev/null
	as_parallel -n2 echo ':{}:' {2} {1} ::: a b c </dev/null
	as_parallel -N2 echo ':{}:' {2} {1} ::: a b c </dev/null
	as_parallel -N3 echo {.} ::: a.b c.d e.f g.h </dev/null
	as_parallel -j1 -X echo ':{}:' ::: a b c </dev/null
	as_parallel -n0 echo hello ::: 1 2 </dev/null
	as_parallel -I @ echo @ {} {.} ::: a.b </dev/null
	as_parallel -C , echo {2} {1} {} <<<$'a,b\nc\n,d'
	as_parallel --colsep '\t' echo {2} <<<$'a\tb\nc\td e'
	as_parallel --colsep ' +' echo {2} <<<'a   b'
	as_parallel -r echo ':{}:' <<<$'a\n\n  \nb'
	as_parallel -d , echo ':{}:' < <(printf 'a,b\n')
	as_parallel -0 echo ':{}:' < <(printf 'a\0b\nc\0')
	as_parallel --link echo ::: a b c ::: 1 2 </dev/null
	as_parallel echo {1}-{2}-{3}-{#} ::: a b :::+ 1 2 ::: x y </dev/null
	as_parallel echo {3.} {1/} {} ::: a b ::: p/q r ::: s.t :::+ u.v </dev/null
	as_parallel echo {-1} {-2/.} ::: a/b.c d ::: e f g :::+ 1 2 3 </dev/null
	as_parallel -N2 echo {2} {1} {#} ::: a b c d e </dev/null
	as_parallel --link echo {1}{2}{3} ::: a b c ::: 1 2 ::: x </dev/null
	as_parallel --tag echo {1} ::: 'a b' c ::: d </dev/null
	as_parallel <<<$'echo a | tr a b\necho "c  d"'
}

@test "arguments reach the command as they are, whatever bytes they have" {
	python3 -c '
import random
random.seed(7)
for i in range(300):
    print(end="".join(chr(random.randrange(1, 256)) for _ in range(random.randrange(20))) + "\0")' |
		iconv -f utf-8 -t latin1 >in
	map -0 -j2 printf '%s\0' <in
	[ "$status" -eq 0 ]
	cmp in out
	map -0 --shell "printf '%s\\0' {}" <in
	cmp in out
	map -0 --shell 'x={}; printf "%s\0" "$x"' <in
	cmp in out
	map -0 -X printf '%s\0' {} <in
	cmp in out
	map -0 -n 7 printf '%s\0' <in
	cmp in out
}

@test "in a shell command, each place is quoted for where it stands" {
	cat >names <<-'END'
		a b
		it's
		"x"
		$(touch hacked)
		`touch hacked`
		a;touch hacked
		$HOME \ * #
		-n
	END
	for command in 'printf "%s\n" {}' 'printf "%s\n" "{}"' "printf '%s\\n' '{}'" \
		'printf "%s\n" "$(printf %s {})"' 'printf "%s\n" "$(printf %s "{}")"' \
		'(printf "%s\n" {})' 'for i in {}; do printf "%s\n" "$i"; done' \
		'case {} in x) ;; *) printf "%s\n" "{}";; esac' 'true # it'"'s"'
		printf "%s\n" {}'; do
		map "$command" <names
		[ "$status" -eq 0 ]
		diff names out
	done
	[ ! -e hacked ]
}

@test "a place that cannot be quoted is refused, with a way out" {
	# shellcheck disable=SC2016 # for the shell of the task
	for command in 'echo `echo {}`' 'echo $(({} + 1))' 'echo ${x:-{}} y'; do
		map "$command" ::: 1
		[ "$status" -eq 2 ]
		terse
		has err 'put it into a variable'
	done
	map 'x={}; echo $((x + 1))' ::: 1 2
	same out 2 3
}

@test "one word with a blank in it is a shell command; several run without a shell" {
	map 'echo {} | tr a-z A-Z' ::: a b
	same out A B
	map echo 'a  b' '$HOME' '*' ::: x
	same out 'a  b $HOME * x'
	map echo '|' wc ::: x
	same out '| wc x'
	has err '--shell'
	map ::: 'echo a | tr a b' 'echo c; echo d'
	same out b c d
}

@test "--dry-run prints commands that do the same when they are pasted" {
	printf '%s\n' 'a b' "it's" '$x' '' '*' ';' >in
	map --dry-run printf '<%s>\n' {} 'x{}' <in
	[ "$status" -eq 0 ]
	sh out >pasted
	map printf '<%s>\n' {} 'x{}' <in
	diff pasted out
	map --dry-run 'cat {} | wc' ::: 'a b'
	same out "cat 'a b' | wc"
}

@test "--jobfile prints what stint run runs with the same result" {
	printf '%s\0' 'a b' $'\xff\xfe' $'x\ny' '' '"\' $'\x01' >in
	map -0 --tag echo {#} {} <in
	mv out expected
	map -0 --tag --jobfile echo {#} {} <in
	[ "$status" -eq 0 ]
	cp out jobs.jsonl
	lines_in jobs.jsonl 6
	stint check jobs.jsonl
	[ "$status" -eq 0 ]
	stint run -qk --tag - <jobs.jsonl
	cmp expected out
	map -0 --jobfile --shell 'echo {} | cat' <in
	cp out jobs.jsonl
	stint run -qk jobs.jsonl
	mv out expected
	map -0 --shell 'echo {} | cat' <in
	cmp expected out
}

@test "arguments run as they come, and a command waits for all of its own" {
	mkfifo pipe
	start map -q -n 2 -a pipe echo
	exec 7>pipe
	echo a >&7
	echo b >&7
	until_true 20 grep -qx 'a b' out
	echo c >&7
	exec 7>&-
	finish
	[ "$status" -eq 0 ]
	same out 'a b' c
}

@test "two pipes are read in turn" {
	mkfifo one two
	start map -qk -a one --link -a two echo
	exec 7>one 8>two
	echo a >&7
	echo 1 >&8
	until_true 20 grep -qx 'a 1' out
	echo 2 >&8
	echo b >&7
	until_true 20 grep -qx 'b 2' out
	exec 7>&- 8>&-
	finish
	[ "$status" -eq 0 ]
}

@test "{%} is a number that no other command has at the same time" {
	map -m processes -j2 'mkdir lock.{%} && echo {%} && sleep 0.01 && rmdir lock.{%}' < <(seq 12)
	[ "$status" -eq 0 ]
	lines_in out 12
	run ! grep -vx '[12]' out
	map 'mkdir lock.{%} && sleep 0.1 && rmdir lock.{%}' < <(seq 20)
	[ "$status" -eq 0 ]
	map -j1 -m processes echo '<{%} {}>' ::: a "it's" 'b  c'
	same out '<1 a>' "<1 it's>" '<1 b  c>'
}

@test "-X deals all arguments out to the cores, and keeps to the system's limit" {
	map -X -j3 echo ::: {1..10}
	same out '1 2 3 4' '5 6 7' '8 9 10'
	map -X -n 4 -j1 echo ::: {1..10}
	same out '1 2 3 4' '5 6 7 8' '9 10'
	map -X -j1 echo < <(seq 300000)
	[ "$status" -eq 0 ]
	[ "$(wc -l <out)" -ge 2 ]
	tr ' ' '\n' <out | diff <(seq 300000) -
	map -X -j1 --shell 'echo {}' < <(seq 60000)
	[ "$status" -eq 0 ]
	tr ' ' '\n' <out | diff <(seq 60000) -
}

@test "no arguments, no commands" {
	map echo </dev/null
	[ "$status" -eq 0 ]
	[ ! -s out ]
	map echo :::
	[ "$status" -eq 0 ]
	[ ! -s out ]
	map echo ::: a ::: </dev/null
	[ ! -s out ]
}

@test "an argument that no command can have is a failed task, and the others run" {
	map -o results echo < <(printf 'a\nb\0c\nd\n')
	[ "$status" -eq 1 ]
	same out a d
	has err NUL
	records results 'r["2"]["status"] == "failed"' 'len(all) == 3'
	map -o results echo < <(python3 -c 'print("a"); print("b" * 200000); print("c" * 17000000); print("d")')
	[ "$status" -eq 1 ]
	same out a d
	records results 'r["2"]["status"] == r["3"]["status"] == "failed"' 'len(all) == 4'
}

@test "options of run are options of map" {
	map -o results --timeout 60 -j1 sh -c 'exit {}' ::: 0 3
	[ "$status" -eq 1 ]
	records results 'r["1"]["status"] == "ok"' 'r["2"]["exit"] == 3'
	E2E_MARK=$mark "$STINT" map -k --json true ::: 1 2 >out
	json out 'v["tasks"] == 2' 'v["job"] == "true"'
}

@test "wrong usage is said in one line" {
	local usage=(
		'-a' 'nofile echo' 'nofile: No such file'
		'-n' 'x echo' 'whole number'
		'-d' 'ab echo' 'one byte'
		'-C' '( echo' 'regular expression'
		'--shelll' 'x' 'did you mean --shell'
		'--shell' 'x echo' 'which of the two'
		'echo' ':::+ a' 'no source before it'
		'echo' '::::' 'which file'
		'echo' '{3} ::: a ::: b' 'only 2 sources'
		'echo' ':::: - -' 'only one'
	)
	for ((i = 0; i < ${#usage[@]}; i += 3)); do
		# shellcheck disable=SC2086 # several words
		map "${usage[i]}" ${usage[i + 1]} </dev/null
		[ "$status" -eq 2 ]
		terse
		has err "${usage[i + 2]}"
	done
	echo a >names
	map -a names -o names echo
	[ "$status" -eq 2 ]
	same names a
}

@test "arguments that are typed in are asked for" {
	E2E_MARK=$mark python3 "$TOP/tests/e2e/on_terminal.py" seen "$STINT" map -q echo ::: a
	hasnt seen 'end with Ctrl-D'
	E2E_MARK=$mark python3 "$TOP/tests/e2e/on_terminal.py" -i $'hello\n\004' seen \
		"$STINT" map -q echo '<{}>'
	has seen 'end with Ctrl-D'
	has seen '<hello>'
}
