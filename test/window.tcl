# window.tcl - chat-window, driven from standard input
#
# usage: tclsh window.tcl SCRIPT [ARGUMENT...]
#
# Runs the script as it is, with its arguments. Each line of standard input is
# evaluated in it, and the result written to standard output, as one line: what
# isn't printable ASCII is written as \uXXXX. When the input ends, so does all.

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
			exit 3
		}
		return
	}
	if {[catch { uplevel #0 $command } result]} {
		set result "error: $result"
	}
	puts stdout [driver_escape $result]
	flush stdout
}

# tagged TAG: the parts of the transcript that have it, each in < >.
proc tagged {tag} {
	set parts {}
	foreach {from to} [.t tag ranges $tag] {
		append parts <[.t get $from $to]>
	}
	return $parts
}

# click_on TEXT: what the left button does there.
proc click_on {text} {
	set index [.t search $text 1.0]
	.t see $index
	update idletasks
	lassign [.t bbox $index] x y width height
	incr x 2
	incr y [expr {$height / 2}]
	event generate .t <Motion> -x $x -y $y
	event generate .t <ButtonPress-1> -x $x -y $y
	event generate .t <ButtonRelease-1> -x $x -y $y
}

# luminance, contrast: of colours, as WCAG 2 has it.
proc luminance {colour} {
	set sum 0
	foreach part [winfo rgb . $colour] weight {0.2126 0.7152 0.0722} {
		set c [expr {$part / 65535.0}]
		set c [expr {$c <= 0.03928 ? $c / 12.92 :
		    (($c + 0.055) / 1.055) ** 2.4}]
		set sum [expr {$sum + $weight * $c}]
	}
	return $sum
}
proc contrast {one other} {
	lassign [lsort -real [list [luminance $one] [luminance $other]]] less more
	return [expr {($more + 0.05) / ($less + 0.05)}]
}

# faint_tags: tags whose text is hard to read, on their own ground.
proc faint_tags {} {
	set faint {}
	foreach tag [.t tag names] {
		set text [.t tag cget $tag -foreground]
		set ground [.t tag cget $tag -background]
		if {$tag eq "pending" || $tag eq "refused" || $tag eq "reason"} {
			set ground [.t tag cget own -background]
		}
		if {$text eq {}} {
			set text [.t cget -foreground]
		}
		if {$ground eq {}} {
			set ground [.t cget -background]
		}
		if {[contrast $text $ground] < 4.1} {
			lappend faint $tag
		}
	}
	return $faint
}

fconfigure stdin -blocking 0 -encoding utf-8
fileevent stdin readable driver_read
set argv [lassign $argv argv0]
source $argv0
