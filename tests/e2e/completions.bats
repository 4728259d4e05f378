#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What the shells offer at TAB, of stint and stintd. Each shell is asked itself; a shell that is not here is passed over.

load helpers
load daemon

# The candidates for the last word of a line, one a line.
# shellcheck disable=SC2016 # for other shells
offered_by_bash() {
	bash --norc -c '
		. "$1"
		read -ra COMP_WORDS <<<"$2"
		[[ $2 != *" " ]] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_stint "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		printf "%s\n" "${COMPREPLY[@]}"' - "$TOP/conf/completions/stint.bash" "$1"
}

# shellcheck disable=SC2016 # likewise
offered_by_fish() {
	HOME=$PWD fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$TOP/conf/completions/stint.fish" "$1"
}

# offers SHELL LINE WORD...: these are among what is offered.
offers() {
	local shell=$1 line=$2 word

	shift 2
	if [ "$shell" = zsh ]; then
		FPATH=$TOP/conf/completions:$(zsh -f -c 'echo $FPATH') timeout 240 \
			zsh -f "$TOP/tests/e2e/completions.zsh" "$line" "$@" || { echo "zsh, $line: not $*" && return 1; }
		return
	fi
	"offered_by_$shell" "$line" >offered 2>err
	[ ! -s err ] || { cat err && return 1; }
	for word in "$@"; do
		grep -qE -- "(^|=|	)$word($|	|,)" offered || {
			echo "$shell, $line: no $word in"
			cat offered
			return 1
		}
	done
}

# offered_in SHELL: what is there to choose from.
offered_in() {
	command -v "$1" >/dev/null || skip "there is no $1"
	PATH=${STINT%/*}:$PATH
	touch finished.out
	offers "$1" 'stint su' submit
	offers "$1" 'stint help res' results resume
	offers "$1" 'stint run --s' --strict --summary --sync
	offers "$1" 'stint run --sync ' batch each none
	offers "$1" 'stint run --class ' cpu wait
	offers "$1" 'stint run -m ' hybrid gil
	offers "$1" 'stint run --summary fi' finished.out
	offers "$1" 'stint map --color a' always auto
	offers "$1" 'stint report -f ' html trace
	offers "$1" 'stint report fi' finished.out
	offers "$1" 'stint import ' wfcommons
	offers "$1" 'stint jobs --state h' held
	offers "$1" 'stint submit -- mkf' mkfifo
	offers "$1" 'stint submit -- cat fi' finished.out
	offers "$1" 'stintd --f' --foreground
	offers "$1" 'stintd -c fi' finished.out
	[ ! -e "$socket" ] # looking starts no stintd
	daemon_here
	stint submit --wait --name nightly -- true
	# shellcheck disable=SC2016 # a name that would be a command where it is not quoted
	stint submit --wait --name '$(touch${IFS}evil)`touch${IFS}evil`' -- true
	offers "$1" 'stint wait ' nightly
	offers "$1" 'stint top ' nightly
	offers "$1" 'stint report --job ' nightly
	[ ! -e evil ]
}

@test "bash" {
	offered_in bash
	offers bash 'stint run --output = g' group # as bash divides it
	# shellcheck disable=SC2016 # typed
	python3 "$TOP/tests/e2e/on_terminal.py" -i '. "$TOP/conf/completions/stint.bash"; '"PATH=$PATH"'
stint sub	-h
exit
' seen bash --norc -i
	has seen 'usage: stint submit'
}

@test "zsh" {
	offered_in zsh
	offers zsh 'stint run --output=g' group
}

@test "fish" {
	offered_in fish
	offers fish 'stint run --output=g' group
}
