# SPDX-License-Identifier: ISC
# Completion of stint and stintd for fish. What there is to choose from the programs say themselves,
# by -h, and the jobs by `stint jobs`; nothing of it is repeated here.

function __stint_commands
    stint -h 2>/dev/null | string replace -rf '^  ([a-z]+)  +(.*)' '$1\t$2'
end

# What they say of their options; map has those of run, too.
function __stint_help
    set -l words (commandline -opc)
    switch "$words[1] $words[2]"
        case '*stintd *'
            stintd -h
        case '* map'
            stint map -h
            stint run -h
        case '*'
            stint $words[2] -h
    end 2>/dev/null
end

# The words that begin with dashes, with what they are for.
function __stint_options
    string replace -rf '^  (?:   |(-.),) (--[a-z-]+)(?: [A-Z]\S*)? +(.*)' '$1\t$3\n$2\t$3' -- $argv |
        string match -r '^-.*'
end

# The line of one option: the name of its value, and what is said of it.
function __stint_option
    set -l name (string escape --style=regex -- $argv[1])
    string replace -rf "^  (?:$name, --[a-z-]+|(?:   |-.,) $name)"' ([A-Z]\S*) +(.*)' '$1\n$2' -- $argv[2..] |
        head -n 2
end

# `when: group line none; default: raw` says group, line, none and raw.
function __stint_choice
    string replace '; default: ' ' ' -- $argv[1] | string replace -r '[,;].*' '' |
        string replace -r '^.*: ' '' | string replace ' or ' ' ' | string split ' '
end

function __stint_jobs
    stint jobs 2>/dev/null | string replace -rf '^ *(\d+)  (\S+).*  (\S.*)' '$1\t$3, $2'
end

function __stint_value
    switch $argv[1]
        case WHEN HOW MODEL STATE CLASS WHAT
            __stint_choice $argv[2]
        case FORMAT
            string replace -rf '^  ([a-z]+) +\.[a-z]+ +(.*)' '$1\t$2' -- $argv[3..]
        case JOB JOBS
            __stint_jobs
        case FILE
            __fish_complete_path (commandline -ct)
        case DIR
            __fish_complete_directories (commandline -ct) ''
        case PROGRAM COMMAND
            __fish_complete_command
    end
end

function __stint_operand
    set -l usage (string match 'usage:*' -- $argv[2..] | string replace -a -- '--job JOB' '')
    switch "$argv[1]: $usage"
        case 'help:*'
            __stint_commands
        case 'map:*'
            __fish_complete_command
            __fish_complete_path (commandline -ct)
        case 'import:*'
            echo wfcommons
            __fish_complete_path (commandline -ct)
        case '*'
            string match -q '*JOB*' -- $usage; and __stint_jobs
            string match -qr 'FILE|RESULTS' -- $usage; and __fish_complete_path (commandline -ct)
    end
end

function __stint_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    if set -l at (contains -i -- -- $words) # what stands behind it is another program's
        if test $at -eq (count $words)
            __fish_complete_command
        else
            __fish_complete_path $current
        end
        return
    end
    set -l help (__stint_help)
    set -l option $words[-1]
    set -l inside (string match -r '^(--[a-z-]+)=' -- $current) # --option=value
    and set option $inside[2]
    if string match -q -- '-*' $option
        set -l value (__stint_option $option $help)
        if set -q value[1]
            __stint_value $value $help | string replace -r -- '^' "$inside[1]"
            return
        end
    end
    if string match -q -- '-*' $current
        __stint_options $help
    else if not string match -q '*stintd' $words[1]
        __stint_operand $words[2] $help
    end
end

complete -c stint -f -n __fish_use_subcommand -a '(__stint_commands)'
complete -c stint -f -n 'not __fish_use_subcommand' -a '(__stint_complete)'
complete -c stintd -f -a '(__stint_complete)'
