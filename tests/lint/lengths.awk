# Files over 500 lines and functions over 60 (from the `{` to the `}` in column 1): prints each,
# exits 1. The first file read lists those that may be longer, and why: see long.txt.

FNR == NR {
	if ($0 !~ /^[ \t]*(#|$)/) {
		allowed[$1] = 1
		if (NF < 2)
			complain(FILENAME ":" FNR ": " $1 " is listed without a reason")
	}
	next
}

FNR == 1 {
	end_of_file()
	file = FILENAME
	name = ""
	start = 0
}

{
	lines = FNR
}

/^[A-Za-z_].*\(/ {
	name = $0
	sub(/[ \t]*\(.*/, "", name)
	sub(/.*[ \t*]/, "", name)
	if (name ~ /^START_(LOOP_)?TEST$/) {
		name = $0
		sub(/^[^(]*\(/, "", name)
		sub(/[^A-Za-z0-9_].*/, "", name)
	}
}

/^\{/ {
	start = FNR
}

/^\}/ && start {
	check(file ":" name, file ":" start ": " name "()", FNR - start + 1, 60)
	start = 0
}

END {
	end_of_file()
	for (what in allowed)
		if (!(what in used))
			complain("tests/lint/long.txt: " what " is not too long any more: remove its line")
	exit bad
}

function end_of_file()
{
	if (file != "")
		check(file, file, lines, 500)
}

function check(what, shown, length_, limit)
{
	if (length_ <= limit)
		return
	if (what in allowed)
		used[what] = 1
	else
		complain(shown " has " length_ " lines, more than " limit)
}

function complain(text)
{
	print text
	bad = 1
}
