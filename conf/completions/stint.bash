# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Completion of stint and stintd for bash. What there is to choose from the programs say themselves,
# by -h, and the jobs by `stint jobs`; nothing of it is repeated here.

# __stint_help PROGRAM COMMAND: what it says of its options; map has those of run, too.
__stint_help()
{
	case ${1##*/}:$2 in
	stintd:*) "$1" -h ;;
	*:map) "$1" map -h && "$1" run -h ;;
	*) "$1" "$2" -h ;;
	esac 2>/dev/null
}

# __stint_options HELP: the words that begin with dashes.
__stint_options()
{
	sed -nE 's/^  (   |(-.),) (--[a-z-]+).*/\2 \3/p' <<<"$1"
}

# __stint_option HELP OPTION: the name of its value, and the rest of its line.
__stint_option()
{
	sed -nE "s/^  ($2, --[a-z-]+|(   |-.,) $2) ([A-Z][^ ]*) +/\3 /p" <<<"$1" | head -n 1
}

# __stint_choice TEXT: `when: group line none; default: raw` says group, line, none and raw.
__stint_choice()
{
	sed -E 's/; default: / /; s/[,;].*//; s/^.*: //; s/ or / /' <<<"$1"
}

# __stint_jobs PROGRAM: numbers, and the names that are one word.
__stint_jobs()
{
	"$1" jobs 2>/dev/null | awk 'NR > 1 { print $1; if (NF == 7 && $7 !~ /[^[:alnum:]_.-]|\.\.\.$/) print $7 }'
}

# __stint_value PROGRAM HELP OPTION CURRENT: of an option.
__stint_value()
{
	local name text
	read -r name text <<<"$(__stint_option "$2" "$3")"
	case $name in
	'') return 1 ;;
	WHEN | HOW | MODEL | STATE | CLASS | WHAT) mapfile -t COMPREPLY < <(compgen -W "$(__stint_choice "$text")" -- "$4") ;;
	FORMAT) mapfile -t COMPREPLY < <(compgen -W "$(sed -nE 's/^  ([a-z]+) +\.[a-z]+ .*/\1/p' <<<"$2")" -- "$4") ;;
	JOB | JOBS) mapfile -t COMPREPLY < <(compgen -W "$(__stint_jobs "$1")" -- "$4") ;;
	FILE) mapfile -t COMPREPLY < <(compgen -f -- "$4") ;;
	DIR) mapfile -t COMPREPLY < <(compgen -d -- "$4") ;;
	PROGRAM | COMMAND) mapfile -t COMPREPLY < <(compgen -c -- "$4") ;;
	esac
}

# __stint_operand PROGRAM COMMAND HELP CURRENT
__stint_operand()
{
	local usage
	usage=$(grep '^usage:' <<<"$3")
	case $2:$usage in
	help:*) mapfile -t COMPREPLY < <(compgen -W "$(__stint_commands "$1")" -- "$4") ;;
	import:*) mapfile -t COMPREPLY < <(compgen -f -W wfcommons -- "$4") ;;
	map:*) mapfile -t COMPREPLY < <(compgen -c -f -- "$4") ;;
	*)
		usage=${usage//--job JOB/}
		[[ $usage != *JOB* ]] || mapfile -t COMPREPLY < <(compgen -W "$(__stint_jobs "$1")" -- "$4")
		[[ $usage != *@(FILE|RESULTS)* ]] || mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$4")
		;;
	esac
}

__stint_commands()
{
	"$1" -h 2>/dev/null | sed -nE 's/^  ([a-z]+)  .*/\1/p'
}

_stint()
{
	local program=$1 current=$2 before=$3 command='' help word i
	COMPREPLY=()
	case ${program##*/} in
	stintd) ;;
	*)
		if [ "$COMP_CWORD" -eq 1 ]; then
			mapfile -t COMPREPLY < <(compgen -W "$(__stint_commands "$program")" -- "$current")
			return
		fi
		command=${COMP_WORDS[1]}
		;;
	esac
	compopt -o filenames 2>/dev/null
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [ "${COMP_WORDS[i]}" = -- ]; then # what stands behind it is another program's
			[ "$before" = -- ] && word=-c || word=-f
			mapfile -t COMPREPLY < <(compgen $word -- "$current")
			return
		fi
	done
	[ "$current" != = ] || current='' # --option=value is three words
	[ "$before" != = ] || before=${COMP_WORDS[COMP_CWORD - 2]}
	help=$(__stint_help "$program" "$command") || return
	case $before in
	-*) ! __stint_value "$program" "$help" "$before" "$current" || return ;;
	esac
	case $current in
	-*)
		compopt +o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -W "$(__stint_options "$help")" -- "$current")
		;;
	*) __stint_operand "$program" "$command" "$help" "$current" ;;
	esac
}

complete -F _stint stint stintd
