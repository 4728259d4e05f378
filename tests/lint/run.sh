#!/bin/bash
# All of `make lint`: tests/lint/run.sh COMPILE-FLAG...
# Every check is a function below or a script beside this one; it prints what it finds and fails.
set -u
cd "$(dirname "$0")/../.." || exit 1

flags=("$@")
jobs=$(nproc)
mapfile -t c_files < <(find ipc worker supervisor tests -name '*.c' | sort)
mapfile -t c_and_h < <(find ipc worker supervisor tests -name '*.[ch]' | sort)
mapfile -t bats_files < <(find tests -name '*.bats' -o -name '*.bash' | sort)
mapfile -t scripts < <(find .ci conf tests -type f ! -name '*.bats' \
	-exec awk 'FNR == 1 && (/^#!.*[\/ ](ba)?sh( |$)/ || FILENAME ~ /^conf.*\.bash$/) { print FILENAME }' {} + | sort)
mapfile -t js_files < <(find supervisor tests -name '*.js' | sort)
mapfile -t manuals < <(find man -name '*.[1-8]' | sort)
failed=0

format()
{
	clang-format --dry-run -Werror "${c_and_h[@]}"
}

tidy()
{
	printf '%s\n' "${c_files[@]}" |
		xargs -P "$jobs" -I{} clang-tidy -quiet {} -- "${flags[@]}" 2>&1 |
		grep -vE 'warnings?.* (generated|treated as errors)|^Error while processing'
	return "${PIPESTATUS[1]}"
}

cppcheck_all()
{
	# It reads no system headers, and takes the word template for that of C++.
	cppcheck --quiet -j "$jobs" --error-exitcode=1 --std=c11 --inline-suppr -I. -D__linux__ \
		--include=tests/lint/queue.h -Dtemplate=template_ \
		--enable=warning,performance,portability --suppress=missingIncludeSystem \
		--template='{file}:{line}: {severity}: {message} [{id}]' "${c_files[@]}"
}

scripts()
{
	local ok=0
	[ ${#scripts[@]} -eq 0 ] || shellcheck "${scripts[@]}" || ok=1
	# A bats test is a subshell that a failing command ends; `run` sets variables.
	[ ${#bats_files[@]} -eq 0 ] || shellcheck -s bats -e SC2030,SC2031,SC2154,SC2164 "${bats_files[@]}" || ok=1
	return $ok
}

# javascript: the pages and their tests parse, are of our lengths, and make no HTML of text.
javascript()
{
	local ok=0 file
	for file in "${js_files[@]}"; do
		! command -v node >/dev/null || node --check "$file" || ok=1
		[ "$(wc -l <"$file")" -le 500 ] || { echo "$file: over 500 lines"; ok=1; }
	done
	grep -nE 'innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function' \
		supervisor/report_page/*.js supervisor/dashboard_page/*.js && ok=1
	return $ok
}

manuals()
{
	mandoc -T lint -W warning "${manuals[@]}"
}

# layers: worker/ and supervisor/ stand on ipc/ and never include each other.
layers()
{
	local found=0
	grep -rnE '#[[:space:]]*include[[:space:]]*["<]supervisor/' worker ipc && found=1
	grep -rnE '#[[:space:]]*include[[:space:]]*["<]worker/' supervisor ipc && found=1
	grep -rnE '#[[:space:]]*include[[:space:]]*"(\.\./|[^/]*")' ipc worker supervisor && found=1
	[ $found -eq 0 ] || echo 'these includes are forbidden: see "layers" in tests/lint/run.sh'
	return $found
}

# licence: every source opens with its SPDX line.
licence()
{
	awk 'FNR == 1 && $0 != "/* SPDX-License-Identifier: ISC */" {
		print FILENAME ": does not open with the SPDX line"; bad = 1
	} END { exit bad }' "${c_and_h[@]}"
}

banned()
{
	awk -f tests/lint/banned.awk "${c_and_h[@]}"
}

lengths()
{
	awk -f tests/lint/lengths.awk tests/lint/long.txt "${c_and_h[@]}"
}

# white: no white space at a line's end, no Windows line ends.
white()
{
	! find . -type f ! -path './.git/*' ! -path './build/*' ! -path './tests/golden/*' \
		! -path './tests/corpus/*' ! -path './tests/fuzz/corpus/*' -exec grep -InE $'[ \t\r]+$' {} +
}

# check NAME FUNCTION COUNT: run it, unless there is nothing to look at
check()
{
	local out started=$SECONDS
	[ "$3" -gt 0 ] || return 0
	if out=$("$2" 2>&1); then
		printf '  ok    %s (%d s)\n' "$1" $((SECONDS - started))
	else
		printf '%s\n  FAIL  %s (%d s)\n' "$out" "$1" $((SECONDS - started))
		failed=$((failed + 1))
	fi
}

check 'clang-format' format ${#c_and_h[@]}
check 'layers' layers 1
check 'SPDX lines' licence ${#c_and_h[@]}
check 'banned functions' banned ${#c_and_h[@]}
check 'lengths' lengths ${#c_and_h[@]}
check 'white space' white 1
check 'shellcheck' scripts 1
check 'JavaScript' javascript ${#js_files[@]}
check 'mandoc' manuals ${#manuals[@]}
check 'cppcheck' cppcheck_all ${#c_files[@]}
check 'clang-tidy' tidy ${#c_files[@]}

[ $failed -eq 0 ] || echo "lint: $failed checks failed"
[ $failed -eq 0 ]
