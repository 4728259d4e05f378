# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# A terminal of any size that shows what a program draws, for tests that load it.

# terminal COLUMNS LINES COMMAND: runs the shell command in a terminal of its own to its end. What it
# showed, also what scrolled away, is in the files shown and, with its colours, colored.
terminal() {
	local tmux=(tmux -u -L t -f /dev/null)

	export TMUX_TMPDIR=$BATS_TEST_TMPDIR
	unset TMUX
	"${tmux[@]}" new-session -d -x "$1" -y "$2" \
		"$3; ${tmux[*]} wait-for -S ended; ${tmux[*]} wait-for shown" 3>&- 4>&-
	timeout 240 "${tmux[@]}" wait-for ended
	"${tmux[@]}" capture-pane -p -S - | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >shown
	"${tmux[@]}" capture-pane -p -e -S - >colored
	"${tmux[@]}" kill-server || :
}
