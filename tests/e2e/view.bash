# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# What the tests of the live view share: a real terminal, that of tmux(1), what is on it, and whether
# it is afterwards what it was. Loaded behind helpers.bash; a teardown kills the terminal's server.

# A server for each terminal: one that is about to end takes no new one.
terminals=0

tm() {
	TMUX='' TMUX_TMPDIR=$BATS_TEST_TMPDIR tmux -L "t$terminals" -f /dev/null "$@"
}

# on_terminal COLUMNS ROWS [-e NAME=VALUE]... COMMAND: a script on a terminal of its own. It leaves
# the settings of the terminal before and after COMMAND, and its exit status.
on_terminal() {
	local size=(-x "$1" -y "$2") environment=(-e LC_ALL=C.UTF-8)

	terminals=$((terminals + 1))
	shift 2
	while [ "$1" = -e ]; do
		environment+=(-e "$2")
		shift 2
	done
	cat >script <<-END
		trap : INT QUIT TERM HUP
		echo before the view
		stty -g >before
		$*
		echo \$? >status.new
		stty -g >after
		mv status.new status
		echo after the view
		while :; do sleep 600; done
	END
	tm new-session -d "${size[@]}" "${environment[@]}" \
		-e "E2E_MARK=${mark:?}" -e "XDG_STATE_HOME=$XDG_STATE_HOME" -e "STINT=$STINT" 'exec bash script'
}

keys() {
	tm send-keys "$@"
}

looks() {
	tm capture-pane -p >shown
	grep -qE -- "$1" shown
}

# shows REGEX...: the screen does, soon.
shows() {
	local regex

	for regex in "$@"; do
		until_true 20 looks "$regex" || {
			echo "not shown: $regex; but:"
			cat shown
			return 1
		}
	done
}

hides() {
	until_true 20 not_looks "$1" || {
		cat shown
		return 1
	}
}

not_looks() {
	! looks "$1"
}

# ended_so STATUS: COMMAND has, and the terminal is as it was.
ended_so() {
	until_true 30 test -e status || {
		looks .
		cat shown
		return 1
	}
	[ "$(cat status)" = "$1" ] || {
		cat status
		return 1
	}
	cmp before after
	shows 'after the view'
	[ "$(tm display -p '#{alternate_on} #{cursor_flag}')" = '0 1' ]
}

# restored STATUS: likewise, with what was on the screen before.
restored() {
	ended_so "$1"
	looks 'before the view'
}
