# Functions that the project does not use, outside comments and strings: prints each call, exits 1.
# They overrun buffers, hide errors, start a shell, or (signal, rand) behave unlike their namesakes
# elsewhere. Use strlcpy, strlcat, snprintf, strsep, strtonum, sigaction, arc4random_uniform.

BEGIN {
	names = "strcpy|strcat|sprintf|vsprintf|gets|strtok|system|popen|atoi|atol|alloca|rand|signal"
	call = "(^|[^A-Za-z0-9_])(" names ")[ \t]*\\("
}

FNR == 1 {
	comment = 0
}

{
	code = strip($0)
	if (code ~ call) {
		print FILENAME ":" FNR ": banned function: " $0
		bad = 1
	}
}

END {
	exit bad
}

# The line without comments and the contents of strings; `comment` is kept from line to line.
function strip(line,    out, i, c, quote)
{
	out = ""
	quote = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (comment) {
			if (substr(line, i, 2) == "*/") {
				comment = 0
				i++
			}
		} else if (quote != "") {
			if (c == "\\")
				i++
			else if (c == quote)
				quote = ""
		} else if (substr(line, i, 2) == "/*") {
			comment = 1
			i++
		} else if (substr(line, i, 2) == "//") {
			break
		} else {
			if (c == "\"" || c == "'")
				quote = c
			out = out c
		}
	}
	return out
}
