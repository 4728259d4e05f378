# SPDX-License-Identifier: ISC
# What TAB offers in zsh: completions.zsh LINE PATTERN...; fails unless it shows each pattern.
# Needs FPATH with the function, and the programs in PATH.
zmodload zsh/zpty

line=$1
shift
zpty shell zsh -f -i
zpty -w shell 'PS1=; autoload -U compinit; compinit -u -D; LISTMAX=1000; bindkey "^I" list-choices; echo rea""dy'
zpty -r shell shown '*ready*' || exit 1
shown=
zpty -w -n shell $line$'\t'
for pattern in "$@"; do # in any order
	if [[ $shown != *$pattern* ]]; then
		zpty -r shell more "*$pattern*" || exit 1
		shown+=$more
	fi
done
zpty -d shell
