# window.tcl - chat-window, driven from standard input
#
# usage: tclsh window.tcl SCRIPT [ARGUMENT...]
#
# Runs the script as it is, with its arguments. Each line of standard input is
# evaluated in it, and the result written to standard output, as one line: LF and
# what isn't ASCII are written as backslashes and hexadecimal codes. At the end
# of the input the process ends.

proc driver_escape {text} {
	set out {}
	foreach character [split $text {}] {
		scan $character %c code
		if {$code >= 32 && $code < 127 && $character ne "\\"} {
			append out $character
		} else {
			append out [format \\u%04x $code]
		}
	}
	return $out
}

proc driver_read {} {
	if {[gets stdin command] < 0} {
		if {[eof stdin]} {
			exit 0
		}
		return
	}
	if {[catch { uplevel #0 $command } result]} {
		set result "error: $result"
	}
	puts stdout [driver_escape $result]
	flush stdout
}

fconfigure stdin -blocking 0 -encoding utf-8
fileevent stdin readable driver_read
set argv [lassign $argv argv0]
source $argv0
