#!/bin/sh
# chat-window - a window in a chat room, for a person \
for tclsh in tclsh tclsh8.6 tclsh8.7 tclsh9.0; do \
	command -v "$tclsh" >/dev/null && exec "$tclsh" "$0" ${1+"$@"}; \
done; \
echo "chat-window: tclsh: not found; install Tcl and Tk (package tk)" >&2; \
exit 2 # The shell ends here: to Tcl, all of this is one comment.
#
# chat(1) does the talking, as "chat -p" (FRONT ENDS in chat(7)): its standard
# input and output are one connection that never breaks. The window shows what
# comes, says what is typed, and knows nothing of sockets.
#
#	field -> say_* -> tell_chat -> chat -p -> room
#	transcript <- put_* <- hear_* <- read_chat <- chat -p <- room
#
# Text from the network is shown by make_safe, and nothing else; no part of it
# is ever evaluated, or becomes a word of a command line, but for http links.

# --- Limits -------------------------------------------------------------------

set TRANSCRIPT_LINES	20000	;# older ones go
set LAST_LINES		100	;# to begin with, without -l
set WAITING_LINES	10000	;# said, and not settled
set PASTE_BYTES		1048576	;# of one paste
set RECALLED_LINES	1000	;# that Up brings back
set KNOWN_NAMES		1000	;# that Tab completes
set LISTED_NAMES	100	;# in a row that shows who is here
set NAME_BYTES		255	;# as in chat(1)
set MARKS		8	;# combining marks on one character
set READ_BYTES		32768	;# of the room's words at a time, and then
set READ_PAUSE		10	;# ms to draw and to hear the keyboard
set FOLD_TIME		5000	;# ms: who goes sooner was never here
set LEAVE_TIME		5000	;# ms for the room to take what was said
set FONT_SIZES		{6 40}

# --- The command line ---------------------------------------------------------

set VERSION	@VERSION@
set HELP {usage: chat-window [-k key] [-l last] [-n name] [address,...]

  -k key      prove who you are with the key in this file
  -l last     begin with this many messages, or those of the last 10m
  -n name     put this name before each line that you say
  -h, --help  show this help
  --version   show the version

example: chat-window -l 1000 room.example.org}

proc die {why} {
	puts stderr "chat-window: $why"
	exit 2
}

proc die_of_usage {} {
	puts stderr [lindex [split $::HELP \n] 0]
	exit 2
}

# Tcl has decoded the words by the locale, which may be C; they are UTF-8.
proc as_utf8 {word locale} {
	return [decode [encoding convertto $locale $word]]
}

# Options as getopt(3) takes them: -nalice, -n alice, and -- ends them.
proc parse_options {words} {
	global option

	while {[string match -?* [lindex $words 0]]} {
		set words [lassign $words word]
		switch -glob -- $word {
			-- break
			-h - --help { puts $::HELP; exit 0 }
			--version { puts "chat-window $::VERSION"; exit 0 }
			-[kln]* {
				set letter [string index $word 1]
				set value [string range $word 2 end]
				if {$value eq {}} {
					if {$words eq {}} {
						puts stderr "chat-window: option\
						    requires an argument -- '$letter'"
						die_of_usage
					}
					set words [lassign $words value]
				}
				set option($letter) $value
			}
			default {
				puts stderr "chat-window: invalid option: $word"
				die_of_usage
			}
		}
	}
	return $words
}

# The rest is chat's to check: it says in the window what is wrong.
proc check_options {words} {
	global option

	set last $option(l)
	if {![regexp {^0*(\d+)[smhd]?$} $last - number]} {
		die "-l $last: not a number, as in -l 10, nor a time, as in -l 10m"
	}
	if {$number > 9223372036854775807} {
		die "-l $last: too large, at most 9223372036854775807"
	}
	if {$option(n) eq {}} {
		die "-n: name is empty"
	}
	if {[string length [encode $option(n)]] > $::NAME_BYTES} {
		die "-n: name is longer than $::NAME_BYTES bytes"
	}
	if {[regexp {[\x00-\x1f\x7f-\x9f]} $option(n)]} {
		die "-n: name: control character"
	}
	if {[info exists option(k)] && $option(k) eq {}} {
		die "-k: file is empty"
	}
	if {[llength $words] > 1} {
		die "[lindex $words 0]: give only one address;\
		    [lindex $words 1] is another argument"
	}
	if {$words ne {} && [lindex $words 0] eq {}} {
		die ": address is empty"
	}
}

# From the command line and the environment: option(k l n) and option(address).
proc read_command_line {} {
	global option env argv

	set locale [encoding system]
	foreach name {CHAT_ADDRESS CHAT_NAME} {
		set value {}
		if {[info exists env($name)]} {
			set value [as_utf8 $env($name) $locale]
		}
		set default($name) $value
	}
	encoding system utf-8
	set option(l) $::LAST_LINES
	set option(n) $::tcl_platform(user)
	if {$option(n) eq {}} {
		set option(n) [exec id -u]
	}
	if {$default(CHAT_NAME) ne {}} {
		set option(n) $default(CHAT_NAME)
	}
	set words [lmap word $argv { as_utf8 $word $locale }]
	set words [parse_options $words]
	check_options $words
	set option(address) localhost
	if {$words ne {}} {
		set option(address) [lindex $words 0]
	} elseif {$default(CHAT_ADDRESS) ne {}} {
		set option(address) $default(CHAT_ADDRESS)
	}
}

# Tk takes options that it knows from argv, abbreviated ones too: -n would be
# its -name. They are for us, so Tk gets its own.
proc load_tk {} {
	global argv

	set argv {-name chat-window -class Chat-window}
	if {[catch { package require Tk 8.6- } why]} {
		if {[string match "can't find package*" $why]} {
			die "Tk: not found; install the package tk"
		}
		die $why
	}
	set argv {}
	# With Tk's own send, any program on the display could drive this one.
	catch { rename send {} }
}

# --- Bytes and characters -----------------------------------------------------

# Tcl 8 has UTF-16 inside: an emoji is two characters, a pair of surrogates.
set PAIRS [expr {[string length \
    [encoding convertfrom utf-8 \xf0\x9f\x98\x80]] == 2}]

# UTF-8 as table 3-7 of the Unicode standard has it.
set WELL_FORMED [join {
	{[\x00-\x7f]+} {[\xc2-\xdf][\x80-\xbf]} {\xe0[\xa0-\xbf][\x80-\xbf]}
	{[\xe1-\xec\xee\xef][\x80-\xbf]{2}} {\xed[\x80-\x9f][\x80-\xbf]}
	{\xf0[\x90-\xbf][\x80-\xbf]{2}} {[\xf1-\xf3][\x80-\xbf]{3}}
	{\xf4[\x80-\x8f][\x80-\xbf]{2}}
} |]

if {$PAIRS} {
	proc encode {text} {
		return [encoding convertto utf-8 $text]
	}
	proc decode_strictly {bytes} {
		set text [encoding convertfrom utf-8 $bytes]
		if {[regexp {\xed[\xa0-\xbf]} $bytes] ||
		    [encoding convertto utf-8 $text] ne $bytes} {
			error {not UTF-8}
		}
		return $text
	}
} else {
	proc encode {text} {
		return [encoding convertto -profile replace utf-8 $text]
	}
	proc decode_strictly {bytes} {
		return [encoding convertfrom -profile strict utf-8 $bytes]
	}
}

# Text of bytes from anybody: U+FFFD stands for each byte that is in none.
proc decode {bytes} {
	if {![catch { decode_strictly $bytes } text]} {
		return $text
	}
	set text {}
	set at 0
	set length [string length $bytes]
	while {$at < $length} {
		if {[regexp -indices -start $at "\\A(?:$::WELL_FORMED)+" \
		    $bytes part]} {
			set to [lindex $part 1]
			append text [encoding convertfrom utf-8 \
			    [string range $bytes $at $to]]
			set at [expr {$to + 1}]
		} else {
			append text \ufffd
			incr at
		}
	}
	return $text
}

# The characters of a text, a pair of surrogates as one.
proc split_text {text} {
	return [regexp -all -inline {[\ud800-\udbff][\udc00-\udfff]|.} $text]
}

# By release, Tcl 8 scans a pair as one character or as two.
proc code_of {character} {
	scan $character %c code
	if {[string length $character] == 1 || $code > 0xffff} {
		return $code
	}
	scan [string index $character 1] %c low
	return [expr {0x10000 + (($code & 0x3ff) << 10) + ($low & 0x3ff)}]
}

# --- Text from the network ----------------------------------------------------

# What is invisible or turns text round, as lib/show.c has it.
set UNSEEN {
	0x0080 0x009f  0x00ad 0x00ad  0x034f 0x034f  0x061c 0x061c
	0x115f 0x1160  0x17b4 0x17b5  0x180b 0x180f  0x200b 0x200b
	0x200e 0x200f  0x2028 0x2029  0x202a 0x202e  0x2060 0x206f
	0x3164 0x3164  0xd800 0xdfff  0xfdd0 0xfdef  0xfeff 0xfeff
	0xffa0 0xffa0  0xfff0 0xfff8  0xfff9 0xfffb  0x1bca0 0x1bca3
	0x1d173 0x1d17a  0xe0000 0xe00ff  0xe01f0 0xe0fff
}

# Marks that stand on the character before them, and joiners and selectors.
set MARK {[\u0300-\u034e\u0350-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\
\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\
\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u0816-\u0823\
\u0900-\u0902\u093a\u093c\u0941-\u0948\u094d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\
\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\
\u20d0-\u20ff\u302a-\u302f\u3099\u309a\ufe00-\ufe0f\ufe20-\ufe2f]}
set MARK [string map {{ } {}} $MARK]

# Whether a closer look is needed: most text has none of these. What is beyond
# U+FFFF, and is not meant to be seen, begins with few high surrogates.
set SUSPECT "\[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f\\u00ad\\u034f\\u061c\\u115f\
\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u200e\\u200f\\u2028-\\u202e\
\\u2060-\\u206f\\u3164\\ufdd0-\\ufdef\\ufeff\\uffa0\\ufff0-\\uffff\]|^$MARK"
set SUSPECT [string map {{ } {}} $SUSPECT]
if {$PAIRS} {
	append SUSPECT {|[\ud82f\ud834\udb40-\udb43]|[\udffe\udfff]}
	append SUSPECT {|[\ud800-\udbff](?![\udc00-\udfff])}
	append SUSPECT {|(?:^|[^\ud800-\udbff])[\udc00-\udfff]}
} else {
	append SUSPECT {|[^\u0000-\uffff]}
}
append SUSPECT "|$MARK{[expr {$MARKS + 1}]}"

proc is_unseen {code} {
	foreach {first last} $::UNSEEN {
		if {$code >= $first && $code <= $last} {
			return 1
		}
	}
	return [expr {($code & 0xfffe) == 0xfffe}]
}

proc show_character {character code} {
	if {$code == 9} {
		return $character
	}
	if {$code < 0x20 || $code == 0x7f} {
		return ^[format %c [expr {$code ^ 0x40}]]
	}
	if {[is_unseen $code]} {
		return [format <U+%04X> $code]
	}
	return $character
}

# Text that drives, hides and turns nothing: what every word from the room goes
# through. U+FFFD is what a byte that is in no character has become.
proc make_safe {text} {
	if {![regexp $::SUSPECT $text]} {
		return $text
	}
	set safe {}
	# A mark that comes first would change what stands before the text.
	set marks $::MARKS
	foreach character [split_text $text] {
		if {[regexp $::MARK $character]} {
			if {[incr marks] <= $::MARKS} {
				append safe $character
			}
			continue
		}
		set marks 0
		append safe [show_character $character [code_of $character]]
	}
	return $safe
}

# Dashes, tildes and what looks like them, and spaces, as lib/wrap.c has them.
set DASH {[-~\u02d7\u02dc\u058a\u05be\u06d4\u1173\u1400\u1806\u1fc0\
\u2010-\u2015\u2043\u2053\u207b\u208b\u2212\u223c\u23af\u23ba-\u23bd\u23e4\
\u2500\u2501\u2504\u2505\u2508\u2509\u254c\u254d\u2574\u2576\u2578\u257a\u257c\
\u257e\u25ac\u2796\u2cba\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u2e5d\u2f00\u301c\u3030\
\u30a0\u30fc\u3161\u31d0\u4e00\ua7f7\ufe31\ufe32\ufe58\ufe63\uff0d\uff5e\uff70\
\uffda]}
set DASH [string map {{ } {}} $DASH]
append DASH | [expr {$PAIRS ? "\ud803\udead" : "\U10ead"}]
set BLANK {[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]}

# What looks like a notice or like a line of one's own, and so gets a mark.
set FORGED "^${BLANK}*(?:$DASH|You$BLANK*:)"

# Joiners and other marks may stand anywhere in it, and not be seen.
proc is_forged {line} {
	return [regexp -nocase $::FORGED [regsub -all $::MARK $line {}]]
}

# --- The look -----------------------------------------------------------------

set GROUND	#000000

# Colours of names: 161 130 64 28 30 31 27 63 99 133 164 162 of the 256 that a
# terminal has, two of them a little lighter, for a contrast of 4.1 to 1.
set NAME_COLOURS {
	#dc0a66 #af5f00 #5f8700 #008700 #008787 #0087af
	#0f67ff #5f5fff #875fff #af5faf #d700d7 #d70087
}

# FNV-1a with 32 bits over the bytes of the name: the same everywhere.
proc name_colour {name} {
	global colour_of

	if {[info exists colour_of($name)]} {
		return $colour_of($name)
	}
	set hash 0x811c9dc5
	foreach byte [split [encode $name] {}] {
		set hash [expr {(($hash ^ [scan $byte %c]) * 0x01000193) &
		    0xffffffff}]
	}
	if {[array size colour_of] >= $::KNOWN_NAMES} {
		array unset colour_of
	}
	return [set colour_of($name) \
	    name[expr {$hash % [llength $::NAME_COLOURS]}]]
}

proc make_fonts {} {
	font create plain {*}[font actual TkTextFont]
	font create strong {*}[font actual TkTextFont] -weight bold
}

proc make_widgets {} {
	. configure -background $::GROUND
	text .t -background $::GROUND -foreground #ffffff -font plain \
	    -width 1 -height 1 -wrap word -state disabled -borderwidth 0 \
	    -padx 8 -pady 6 -spacing1 1 -spacing3 1 -takefocus 0 \
	    -highlightthickness 0 -cursor xterm -undo 0 \
	    -selectbackground #335577 -selectforeground #ffffff \
	    -inactiveselectbackground #335577 -yscrollcommand { .s set }
	scrollbar .s -command { .t yview } -borderwidth 0 -takefocus 0 \
	    -highlightthickness 0 -background #4d4d4d -troughcolor $::GROUND \
	    -activebackground #7f7f7f -width 12 -elementborderwidth 1
	label .l -background $::GROUND -foreground #a0a0a0 -anchor w -padx 8 \
	    -font plain -width 1
	frame .f -background $::GROUND
	entry .e -width 1 -font plain -textvariable line -borderwidth 6 \
	    -relief flat -highlightthickness 0 -background #202020 \
	    -foreground #ffffff -insertbackground #ffffff \
	    -readonlybackground #101010 -selectbackground #335577 \
	    -selectforeground #ffffff
	button .b -text Send -font plain -command say -relief flat \
	    -borderwidth 0 -highlightthickness 1 -background #335577 \
	    -highlightbackground $::GROUND -foreground #ffffff \
	    -activebackground #446688 -activeforeground #ffffff
}

# The field and the button keep their height, whatever the window's. They have
# a grid of their own: the bar would be as wide as the button.
proc lay_out {} {
	grid .t .s -sticky nsew
	grid .l - -sticky ew
	grid .f - -sticky ew
	grid columnconfigure . 0 -weight 1
	grid rowconfigure . 0 -weight 1
	grid .e .b -in .f -sticky nsew
	grid columnconfigure .f 0 -weight 1
	foreach {size most room} [list \
	    [expr {[font measure plain 0] * 80}] [winfo screenwidth .] width \
	    [expr {[font metrics plain -linespace] * 28}] \
	    [winfo screenheight .] height] {
		set $room [expr {min($size, $most)}]
	}
	wm geometry . ${width}x$height
	wm minsize . 160 120
}

# A later tag wins, so a message's own colours come before what marks it.
proc make_tags {} {
	set indent [font measure plain {00:00  }]
	foreach {tag options} [list \
	    message	[list -lmargin2 $indent] \
	    notice	[list -foreground #a0a0a0 -background #1c1c1c \
			    -lmargin1 $indent -lmargin2 $indent] \
	    failure	{-foreground #ff9f9f} \
	    when	{-foreground #8c8c8c} \
	    mark	{-foreground #ffff00} \
	    own		{-foreground #ffffff -background #14304c} \
	    own_name	{-foreground #9fd3ff -background #14304c -font strong} \
	    pending	{-foreground #909aa4} \
	    refused	{-foreground #ff9f9f -overstrike 1} \
	    reason	{-foreground #ff9f9f} \
	    mention	{-foreground #ffffff -background #504000} \
	    link	{-foreground #8fc8ff -underline 1}] {
		.t tag configure $tag {*}$options
	}
	set n 0
	foreach colour $::NAME_COLOURS {
		.t tag configure name$n -foreground $colour -font strong
		incr n
	}
	.t tag raise sel
}

proc make_bindings {} {
	foreach {event command} {
		<Return>		{ say; break }
		<KP_Enter>		{ say; break }
		<Up>			{ recall -1; break }
		<Down>			{ recall 1; break }
		<Tab>			{ complete_name; break }
		<Prior>			{ .t yview scroll -1 pages; break }
		<Next>			{ .t yview scroll 1 pages; break }
		<Control-Home>		{ .t see 1.0; break }
		<Control-End>		{ .t see end; break }
		<Button-4>		{ .t yview scroll -3 units; break }
		<Button-5>		{ .t yview scroll 3 units; break }
		<<Copy>>		{ copy; break }
		<<Cut>>			{ copy; cut; break }
		<<Paste>>		{ paste CLIPBOARD; break }
		<<PasteSelection>>	{ paste PRIMARY; break }
		<BackSpace>		{ if {[erase -1]} break }
		<Delete>		{ if {[erase 1]} break }
		<KeyRelease>		{ leave_pair }
	} {
		bind .e $event $command
	}
	# Whatever is clicked on, what is typed goes into the field.
	bind .t <FocusIn> { focus .e }
	bind . <FocusIn> { see_all }
	bind . <Control-q> { leave }
	foreach {key step} {plus 1 equal 1 KP_Add 1 minus -1 KP_Subtract -1} {
		bind . <Control-$key> [list zoom $step]
	}
	.t tag bind link <ButtonRelease-1> { follow_link [.t index @%x,%y] }
	.t tag bind link <Enter> { .t configure -cursor hand2 }
	.t tag bind link <Leave> { .t configure -cursor xterm }
	foreach widget {.t .e} {
		selection handle -selection PRIMARY -type UTF8_STRING \
		    -format UTF8_STRING $widget [list give_selection $widget]
	}
	wm protocol . WM_DELETE_WINDOW leave
}

proc open_window {} {
	wm title . chat
	make_fonts
	make_widgets
	lay_out
	make_tags
	make_bindings
	focus .e
}

proc zoom {step} {
	lassign $::FONT_SIZES least most
	set size [expr {abs([font configure plain -size]) + $step}]
	if {$size < $least || $size > $most} {
		return
	}
	set bottom [is_at_bottom]
	font configure plain -size $size
	font configure strong -size $size
	set indent [font measure plain {00:00  }]
	.t tag configure message -lmargin2 $indent
	.t tag configure notice -lmargin1 $indent -lmargin2 $indent
	if {$bottom} {
		.t see end
	}
}

# A question in the middle of the window; whether the answer is yes. It may come
# while somebody types: neither a space nor Return is to mean yes then, and a
# space no answer at all, or the Return after it would send what is in the field.
proc ask {question yes} {
	global answer

	if {[winfo exists .ask]} {
		return 0
	}
	toplevel .ask -background #202020 -padx 12 -pady 12
	wm title .ask chat
	wm transient .ask .
	wm protocol .ask WM_DELETE_WINDOW { set answer 0 }
	label .ask.text -text $question -font plain -justify left \
	    -background #202020 -foreground #ffffff \
	    -wraplength [expr {min(480, [winfo screenwidth .] - 60)}]
	grid .ask.text - -sticky w -pady {0 12}
	foreach {name text value} [list yes $yes 1 no Cancel 0] {
		button .ask.$name -text $text -font plain -takefocus 1 \
		    -relief flat -background #335577 -foreground #ffffff \
		    -activebackground #446688 -activeforeground #ffffff \
		    -highlightbackground #202020 -highlightcolor #ffffff \
		    -command [list set answer $value]
		bind .ask.$name <Return> { %W invoke; break }
		bind .ask.$name <KP_Enter> { %W invoke; break }
		bind .ask.$name <Key> {
			if {[string is print -strict %A]} {
				focus .ask.no
				break
			}
		}
	}
	grid .ask.yes .ask.no -sticky ew
	# Where there isn't space for all, it is the text that is cut.
	grid rowconfigure .ask 0 -weight 1
	bind .ask <Escape> { set answer 0 }
	bind .ask <Left> { focus .ask.yes }
	bind .ask <Right> { focus .ask.no }
	place_dialog .ask
	focus .ask.no
	vwait answer
	# While the dialog is there still: without it nobody has the keyboard,
	# and what nobody has can't be passed on.
	focus .e
	grab release .ask
	destroy .ask
	return $answer
}

# Nothing else is to be clicked until it is gone, which can be seen to only once
# it is in sight. There may be no window manager to find a place for it.
proc place_dialog {dialog} {
	# The next line may bring it in sight already.
	bind $dialog <Map> [list catch [list grab $dialog]]
	update idletasks
	set width [expr {min([winfo reqwidth $dialog], [winfo screenwidth .])}]
	set height [expr {min([winfo reqheight $dialog],
	    [winfo screenheight .])}]
	set x [expr {max(0, min([winfo rootx .] + 40,
	    [winfo screenwidth .] - $width))}]
	set y [expr {max(0, min([winfo rooty .] + 40,
	    [winfo screenheight .] - $height))}]
	wm geometry $dialog ${width}x$height+$x+$y
}

# --- The transcript -----------------------------------------------------------

# Every line but the first begins with its LF. From the mark "own" on stand
# lines of one's own whose place among the others isn't known yet: what comes
# goes before them.

proc is_at_bottom {} {
	return [expr {[.t dlineinfo end-1c] ne {}}]
}

# Text and tags in turn, whole lines with their LF first, at the index.
proc insert_lines {index pieces} {
	set bottom [is_at_bottom]
	.t configure -state normal
	if {[.t compare end-1c == 1.0]} {
		lset pieces 0 [string range [lindex $pieces 0] 1 end]
	}
	.t insert $index {*}$pieces
	drop_oldest
	.t configure -state disabled
	if {$bottom} {
		.t see end
	}
}

# Never one's own that wait, for the mark has to stay at a line's end.
proc drop_oldest {} {
	set count [expr {int([.t index end-1c])}]
	set over [expr {min($count - $::TRANSCRIPT_LINES,
	    int([.t index own]) - 1)}]
	if {$over > 0} {
		.t delete 1.0 [expr {$over + 1}].0
	}
}

proc put_pieces {pieces} {
	if {$pieces ne {}} {
		insert_lines own $pieces
	}
}

proc put_notice {text {kind {}}} {
	put_pieces [list \n {} "-- [make_safe $text]" [list notice {*}$kind]]
}

proc put_failure {text} {
	put_notice $text failure
}

# HH:MM, which is asked for so often that the last minute's is kept.
proc clock_time {seconds} {
	global minute

	set this [expr {$seconds / 60}]
	if {![info exists minute] || [lindex $minute 0] != $this} {
		set minute [list $this [clock format $seconds -format %H:%M]]
	}
	return [lindex $minute 1]
}

# A notice when the day is another one than that of the line before; with the
# year, if that isn't the present one.
proc day_pieces {seconds} {
	global day

	# No two days share a quarter of an hour, in any zone.
	set quarter [expr {$seconds / 900}]
	if {$quarter eq $day(quarter)} {
		return {}
	}
	set day(quarter) $quarter
	set today [clock format $seconds -format %Y-%m-%d]
	if {$today eq $day(date)} {
		return {}
	}
	set day(date) $today
	set form {-- %A, %e %B}
	if {[clock format $seconds -format %Y] ne
	    [clock format [clock seconds] -format %Y]} {
		append form { %Y}
	}
	set text [string map {{,  } {, }} [clock format $seconds -format $form]]
	return [list \n {} $text notice]
}

set LINK {https?://[^\s<>"\u00ab\u00bb]*[^\s<>"\u00ab\u00bb.,;:!?')\]\x7d]}

# Text with its links; every piece has the tags.
proc link_pieces {text tags} {
	set pieces {}
	set at 0
	if {[string first :// $text] >= 0} {
		while {[regexp -indices -nocase -start $at $::LINK $text link]} {
			lassign $link from to
			lappend pieces [string range $text $at $from-1] $tags \
			    [string range $text $from $to] [list {*}$tags link]
			set at [expr {$to + 1}]
		}
	}
	return [lappend pieces [string range $text $at end] $tags]
}

# What a message of somebody becomes.
proc message_pieces {line seconds} {
	global name named

	set pieces [day_pieces $seconds]
	lappend pieces \n {} "[clock_time $seconds] " {message when}
	set speaker {}
	set text $line
	regexp {^([^\s:]{1,63}): (.*)$} $line - speaker text
	if {$named && $speaker eq $name} {
		# Said elsewhere, or before this window was there.
		return [list {*}$pieces You {message own_name} ": " \
		    {message own} {*}[link_pieces $text {message own}]]
	}
	if {[is_forged $line]} {
		lappend pieces "| " {message mark}
	}
	if {$speaker ne {}} {
		lappend pieces $speaker [list message [name_colour $speaker]] \
		    ": " message
	}
	set tags message
	if {[is_mention $text]} {
		lappend tags mention
		note_mention $seconds
	}
	return [list {*}$pieces {*}[link_pieces $text $tags]]
}

# One's own name, as a whole word.
proc is_mention {text} {
	global name

	set text [string tolower $text]
	set word [string tolower $name]
	set length [string length $word]
	set at 0
	while {[set at [string first $word $text $at]] >= 0} {
		set before [string index $text $at-1]
		set after [string index $text $at+$length]
		if {![is_letter $before] && ![is_letter $after]} {
			return 1
		}
		incr at $length
	}
	return 0
}

proc is_letter {character} {
	return [string is wordchar -strict $character]
}

# --- One's own lines ----------------------------------------------------------

# Each has a number, by which chat counts the lines of its input, and a tag said
# with that number until it is settled.

proc put_own {line action number} {
	global waiting named name

	set text [make_safe $line]
	.t mark gravity own left
	set tags [list message own pending said$number]
	set pieces [list \n {} "[clock_time [clock seconds]] " {message when}]
	if {!$action || $named} {
		lappend pieces You {message own_name} ": " {message own}
	}
	if {$action} {
		set text "* [expr {$named ? {} : "[make_safe $name] "}]$text"
	}
	insert_lines end-1c [list {*}$pieces {*}[link_pieces $text $tags]]
	.t mark gravity own right
	.t see end
	dict set waiting $number 1
}

# The line's place is known: the mark goes on to its end.
proc place_own {number} {
	global waiting

	dict unset waiting $number
	.t mark set own "own + 1 lines lineend"
}

# The room has numbered as many lines of one's own as are missing between the
# last message and the next one. Those that were refused have no number.
proc place_gap {count} {
	global waiting refused

	foreach number [dict keys $waiting] {
		if {![dict exists $refused $number]} {
			if {[incr count -1] < 0} {
				return
			}
		}
		place_own $number
	}
}

proc settle {upto} {
	global settled said waiting refused

	set upto [expr {min($upto, $said)}]
	while {$settled < $upto} {
		incr settled
		if {[dict exists $waiting $settled]} {
			place_own $settled
		}
		dict unset refused $settled
		set ranges [.t tag ranges said$settled]
		if {$ranges ne {}} {
			.t tag remove pending {*}$ranges
		}
		.t tag delete said$settled
	}
	show_status
}

proc mark_refused {number reason} {
	global refused refusals

	incr refusals
	dict set refused $number 1
	set ranges [.t tag ranges said$number]
	if {$ranges eq {}} {
		put_failure "not sent: line $number: $reason"
		return
	}
	.t tag remove pending {*}$ranges
	.t tag add refused {*}$ranges
	set bottom [is_at_bottom]
	.t configure -state normal
	.t insert [lindex $ranges end] "  -- not sent: [make_safe $reason]" \
	    {message reason}
	.t configure -state disabled
	if {$bottom} {
		.t see end
	}
}

# --- Saying -------------------------------------------------------------------

proc is_dead {} {
	return [expr {$::chat eq {}}]
}

# A line for chat: a message, or a control line.
proc tell_chat {line} {
	global chat

	if {[catch { puts $chat [encode $line] } why]} {
		put_failure "not sent: $why"
	}
}

# What chat is to be told, with the name where the room has none for us. Until a
# room has answered nobody knows; the lines wait here until then.
proc give_chat {text action} {
	global held

	if {!$::known} {
		lappend held $text $action
		return
	}
	if {!$::named && !$action} {
		set text "$::name: $text"
	} elseif {!$::named} {
		set text "* $::name $text"
	} elseif {$action} {
		set text "* $text"
	}
	tell_chat $text
}

proc give_held {} {
	global held

	set all $held
	set held {}
	foreach {text action} $all {
		give_chat $text $action
	}
}

# Say a line, whatever it begins with. Whether it could be done.
proc say_line {text {action 0}} {
	global said settled

	if {[is_dead]} {
		return 0
	}
	if {$said - $settled >= $::WAITING_LINES} {
		put_failure "not sent yet: $::WAITING_LINES lines are waiting\
		    for the room"
		return 0
	}
	incr said
	put_own $text $action $said
	give_chat $text $action
	show_status
	return 1
}

# What is in the field: a message, or a command.
proc say {} {
	global line

	set text [decode [encode $line]]
	if {$text eq {} || [is_dead]} {
		return
	}
	if {[regexp {^/(?!/)(\S*)\s*(.*)$} $text - command rest]} {
		set done [run_command $command $rest]
	} else {
		set done [say_line [regsub {^//} $text /]]
	}
	if {$done} {
		remember $text
		set line {}
	}
}

proc run_command {command rest} {
	switch -- $command {
		who { ask_who; return 1 }
		quit { after idle leave; return 1 }
		help {
			put_notice "/who lists who is here, /me TEXT says what\
			    you do, /quit ends; // begins a line with /"
			return 1
		}
		me {
			if {$rest ne {}} {
				return [say_line $rest 1]
			}
			put_failure "not sent: /me needs what you do, as in /me\
			    waves"
		}
		default {
			put_failure "not sent: no such command; /help lists\
			    commands, and // begins a line with /"
		}
	}
	return 0
}

proc ask_who {} {
	set ::who_asked 1
	if {$::up} {
		tell_chat \001who
	}
}

# --- The field ----------------------------------------------------------------

proc remember {text} {
	global past place

	lappend past $text
	set past [lrange $past end-[expr {$::RECALLED_LINES - 1}] end]
	set place [llength $past]
}

# Up and Down; the line that was being typed is below the last one.
proc recall {step} {
	global past place line draft

	set to [expr {$place + $step}]
	if {$to < 0 || $to > [llength $past]} {
		return
	}
	if {$place == [llength $past]} {
		set draft $line
	}
	set place $to
	set line [expr {$to == [llength $past] ? $draft : [lindex $past $to]}]
	.e icursor end
	.e xview end
}

proc complete_name {} {
	global line people

	set at [.e index insert]
	set start [expr {[string last " " $line $at-1] + 1}]
	if {$at == 0} {
		set start 0
	}
	set word [string tolower [string range $line $start $at-1]]
	set length [string length $word]
	if {$length == 0} {
		return
	}
	set found [lsearch -all -inline -exact -index 0 [lmap person $people {
		list [string tolower [string range $person 0 $length-1]] $person
	}] $word]
	if {[llength $found] > 1} {
		put_notice [join [lmap pair $found { lindex $pair 1 }]]
	} elseif {[llength $found] == 1} {
		.e delete $start $at
		.e insert $start "[lindex $found 0 1][expr {$start == 0 ?
		    {: } : { }}]"
	}
}

# Tcl 8 would erase half of a pair of surrogates.
proc erase {direction} {
	if {[.e selection present]} {
		return 0
	}
	set at [.e index insert]
	set from [expr {$direction < 0 ? $at - 2 : $at}]
	if {$from < 0 || ![regexp {^[\ud800-\udbff][\udc00-\udfff]$} \
	    [string range $::line $from $from+1]]} {
		return 0
	}
	.e delete $from [expr {$from + 2}]
	return 1
}

# Nor may the cursor stand in the middle of one: it goes on as it came.
proc leave_pair {} {
	global last_at

	set at [.e index insert]
	if {[regexp {^[\ud800-\udbff][\udc00-\udfff]$} \
	    [string range $::line $at-1 $at]]} {
		incr at [expr {$at < $last_at ? -1 : 1}]
		.e icursor $at
	}
	set last_at $at
}

# --- Clipboard and selection --------------------------------------------------

# Until 8.6.14 or so, Tk hands a pair of surrogates to others as it is, which is
# no UTF-8. The encoding "identity" leaves the bytes of UTF-8 as they are.
proc for_others {text} {
	if {!$::PAIRS} {
		return $text
	}
	return [encoding convertfrom identity [encode $text]]
}

proc selected {widget} {
	if {$widget eq {.e}} {
		if {![.e selection present]} {
			return {}
		}
		return [string range $::line [.e index sel.first] \
		    [.e index sel.last]-1]
	}
	if {[.t tag ranges sel] eq {}} {
		return {}
	}
	return [.t get sel.first sel.last]
}

# To whoever asks for what is selected, a part at a time. Tk takes as many bytes
# as it wants, and counts characters in its own way; but what it wants next is
# less by the bytes that it has kept of a character cut in two. It can't keep
# those of an emoji: blanks move one that would be cut into the next part.
proc give_selection {widget offset most} {
	global giving

	if {!$::PAIRS} {
		return [string range [selected $widget] $offset end]
	}
	if {$offset == 0} {
		set giving [list [encode [selected $widget]] 0 $most]
	}
	lassign $giving bytes start whole
	incr start [expr {$whole - $most}]
	set end [expr {$start + $most}]
	if {[regexp -indices {[\xf0-\xf4][\x80-\xbf]{0,2}$} \
	    [string range $bytes $end-3 $end-1] cut]} {
		set at [expr {$end - 3 + [lindex $cut 0]}]
		set blanks [string repeat " " [expr {$end - $at}]]
		set bytes [string range $bytes 0 $at-1]$blanks[string range \
		    $bytes $at end]
	}
	set giving [list $bytes $end $whole]
	return [encoding convertfrom identity \
	    [string range $bytes $start $end+8]]
}

# What is selected in the field, or else in the transcript.
proc copy {} {
	set text [selected .e]
	if {$text eq {}} {
		set text [selected .t]
	}
	if {$text ne {}} {
		clipboard clear
		clipboard append [for_others $text]
	}
}

proc cut {} {
	if {[.e selection present]} {
		.e delete sel.first sel.last
	}
}

proc get_selection {selection} {
	foreach type {UTF8_STRING STRING} {
		if {![catch { selection get -selection $selection \
		    -type $type } text]} {
			return $text
		}
	}
	return {}
}

# Text as it can stand in lines.
proc clean_paste {text} {
	set text [string map [list \r\n \n \r \n] $text]
	set text [decode [encode $text]]
	return [regsub -all {[\x00-\x08\x0b-\x1f\x7f-\x9f]} $text {}]
}

# Each line of a paste is a message; a single one waits for Return.
proc paste {selection} {
	global line

	if {[is_dead]} {
		return
	}
	set text [clean_paste [get_selection $selection]]
	if {[string length [encode $text]] > $::PASTE_BYTES} {
		put_failure "not pasted: it has more than $::PASTE_BYTES bytes"
		return
	}
	set text [string trimright $text \n]
	if {$text eq {}} {
		return
	}
	set from [.e index insert]
	set to $from
	if {$selection eq {CLIPBOARD} && [.e selection present]} {
		set from [.e index sel.first]
		set to [.e index sel.last]
	}
	if {[string first \n $text] < 0} {
		.e delete $from $to
		.e insert $from $text
		.e xview insert
		return
	}
	paste_lines [split "[string range $line 0 $from-1]$text[string range \
	    $line $to end]" \n]
}

# It may take a while until the question is answered.
proc paste_lines {lines} {
	global said settled line past place

	set count [llength $lines]
	if {$said - $settled + $count > $::WAITING_LINES} {
		put_failure "not pasted: at most $::WAITING_LINES lines can\
		    wait for the room"
		return
	}
	set first [make_safe [string range [lindex $lines 0] 0 60]]
	if {![ask "Send $count lines, each as a message?\n\n$first ..." Send]} {
		return
	}
	foreach text $lines {
		if {![say_line $text]} {
			return
		}
	}
	set line {}
	set place [llength $past]
}

# --- Links --------------------------------------------------------------------

# It opens only what is shown, a link of the web, and no shell reads it. As its
# first letter is an h, exec takes it for no redirection either.
proc follow_link {index} {
	if {[.t tag ranges sel] ne {}} {
		return
	}
	set range [.t tag prevrange link "$index + 1 chars"]
	if {$range eq {}} {
		return
	}
	set link [.t get {*}$range]
	if {![regexp -nocase {^https?://\S+$} $link]} {
		return
	}
	if {[catch { exec xdg-open $link </dev/null >/dev/null 2>/dev/null & } why]} {
		put_failure "cannot open the link: $why"
	}
}

# --- Title and status ---------------------------------------------------------

proc is_in_front {} {
	return [expr {[focus -displayof .] ne {}}]
}

proc see_all {} {
	set ::unseen 0
	set ::called 0
	show_title
}

proc show_title {} {
	global unseen called option

	set count {}
	if {$unseen > 0} {
		set count "($unseen[expr {$called ? {!} : {}}]) "
	}
	wm title . "$count[make_safe $option(address)] - chat"
}

# Only what was said since the window is open is news.
proc note_message {seconds} {
	if {$seconds >= $::started} {
		incr ::unseen
	}
}

# At most one bell a second.
proc note_mention {seconds} {
	global called rung

	if {$seconds < $::started || [is_in_front]} {
		return
	}
	set called 1
	set now [clock milliseconds]
	if {$now - $rung >= 1000} {
		set rung $now
		bell
	}
}

proc show_status {} {
	global up named people name option said settled why since at

	set address [make_safe [expr {$up ? $at : $option(address)}]]
	set waiting [expr {$said - $settled}]
	if {[is_dead]} {
		set text "ended: $why"
	} elseif {$up} {
		set text "$address, as $name"
		if {$named} {
			append text "; [llength $people] here: [join $people {, }]"
		}
	} elseif {$why eq {}} {
		set text "connecting to $address"
	} else {
		set text "no connection since [clock_time $since], trying\
		    again: $why"
	}
	if {$waiting > 0 && !$up} {
		append text "; [count $waiting line] waiting"
	}
	.l configure -text [make_safe $text]
}

proc count {n what} {
	return "$n $what[expr {$n == 1 ? {} : {s}}]"
}

# --- Who is here --------------------------------------------------------------

proc know {person} {
	global people

	if {$person in $people || [llength $people] >= $::KNOWN_NAMES} {
		return 0
	}
	set people [lsort [linsert $people end $person]]
	return 1
}

proc hear_here {names} {
	global people listed who_asked

	if {$names ne {}} {
		lappend listed {*}$names
		set listed [lrange $listed 0 $::KNOWN_NAMES-1]
		return
	}
	set people [lsort -unique $listed]
	set listed {}
	if {$who_asked} {
		show_people
	}
	set who_asked 0
	show_status
}

proc show_people {} {
	global people

	set rest $people
	while {$rest ne {}} {
		set row [lrange $rest 0 $::LISTED_NAMES-1]
		set rest [lrange $rest $::LISTED_NAMES end]
		put_notice "here: [join $row {, }]"
	}
}

# Who goes again soon was never here: a script that says a line would make two
# notices each time.
proc hear_join {person} {
	global arriving

	know $person
	show_status
	if {$person ne $::name && ![info exists arriving($person)]} {
		set arriving($person) [after $::FOLD_TIME \
		    [list show_join $person]]
	}
}

proc show_join {person} {
	unset -nocomplain ::arriving($person)
	put_notice "$person is here"
}

proc hear_part {person} {
	global people arriving

	set people [lsearch -all -inline -not -exact $people $person]
	show_status
	if {$person eq $::name} {
		return
	}
	if {[info exists arriving($person)]} {
		after cancel $arriving($person)
		unset arriving($person)
		return
	}
	put_notice "$person has left"
}

# --- Hearing ------------------------------------------------------------------

# Whether the room has several addresses.
proc has_others {} {
	return [string match *,* $::option(address)]
}

proc hear_up {address} {
	global up why ever greeted at

	if {!$ever || (!$up && [has_others])} {
		put_notice "connected to $address"
	} elseif {!$up} {
		put_notice connected
	}
	set at $address
	set up 1
	set ever 1
	set greeted {}
	set why {}
	if {$::who_asked} {
		ask_who
	}
	show_status
}

# Each time for another reason it is told again, not at every try.
proc hear_down {reason} {
	global up why ever since listed next

	if {$up} {
		put_failure "connection lost: $reason; trying again"
	} elseif {!$ever && $reason ne $why} {
		put_failure "Unable to connect to server: $reason"
	} elseif {$reason ne $why} {
		put_failure "still no connection: $reason; trying again"
	}
	if {$up || $why eq {}} {
		set since [clock seconds]
	}
	set up 0
	set why $reason
	set listed {}
	show_status
}

proc hear_you {person} {
	global name named greeted

	set name $person
	set named 1
	set greeted $person
	tell_chat \001who
	show_status
}

# The first one of a connection ends the room's answer: by now it has said our
# name, if it names its speakers.
proc hear_answer {} {
	global known named name greeted

	if {$greeted eq {}} {
		set named 0
		set name $::option(n)
	}
	unset greeted
	if {!$known} {
		set known 1
		give_held
	}
	show_status
}

proc hear_at {number} {
	global next lost

	if {$next ne {} && $number > $next} {
		place_gap [expr {$number - $next - $lost}]
	}
	set next $number
	set lost 0
	if {[info exists ::greeted]} {
		hear_answer
	}
}

proc hear_lost {count} {
	global lost next

	if {[string is wide -strict $count]} {
		incr lost $count
		put_failure "[count $count line] lost"
	} else {
		set next {}
		put_failure "an unknown number of lines lost"
	}
}

proc hear_error {number reason} {
	global who_asked

	if {$number > 0} {
		mark_refused $number $reason
		return
	}
	if {[string match {*does not name its speakers*} $reason]} {
		if {$who_asked} {
			put_notice "this room does not name its speakers"
		}
		set who_asked 0
		return
	}
	put_failure "the room says: $reason"
}

proc hear_forgotten {count} {
	set ::next {}
	if {[string is wide -strict $count] && $count > 0} {
		put_failure "the room has forgotten this session: [count \
		    $count line] may be there twice"
	} else {
		put_failure "the room has forgotten this session"
	}
}

proc hear_end {reason} {
	global why ever

	if {$reason eq {}} {
		return
	}
	set why $reason
	if {$ever} {
		put_failure $reason
	} else {
		put_failure "Unable to connect to server: $reason"
	}
}

# A control line, without its SOH. What isn't known is ignored.
proc hear_word {text} {
	set rest [lassign [split $text] word]
	set all [string range $text [string length $word]+1 end]
	set first [lindex $rest 0]
	set number [string is wide -strict $first]
	switch -- $word {
		up { hear_up $all }
		down { hear_down $all }
		end { hear_end $all }
		you { hear_you $first }
		here { hear_here $rest }
		join { hear_join $first }
		part { hear_part $first }
		lost { hear_lost $first }
		forgotten { hear_forgotten $first }
		at { if {$number} { hear_at $first } }
		time { if {$number} { set ::when $first } }
		ok { if {$number} { settle $first } }
		error {
			if {$number} {
				hear_error $first [join [lrange $rest 1 end]]
			}
		}
	}
}

proc hear_message {line} {
	global next when

	if {$next ne {}} {
		incr next
	}
	set seconds [expr {$when eq {} ? [clock seconds] : $when}]
	note_message $seconds
	set line [make_safe $line]
	if {!$::named && [regexp {^([^\s:]{1,63}): } $line - speaker]} {
		know $speaker
	}
	return [message_pieces $line $seconds]
}

# Messages are put in many at a time; a word may be about what stands there.
proc hear_lines {lines} {
	set pieces {}
	foreach line $lines {
		if {[string index $line 0] ne "\001"} {
			lappend pieces {*}[hear_message $line]
			continue
		}
		if {![string match "\001time *" $line]} {
			put_pieces $pieces
			set pieces {}
		}
		hear_word [string range $line 1 end]
	}
	put_pieces $pieces
	if {[is_in_front]} {
		see_all
	} else {
		show_title
	}
}

# --- chat -p ------------------------------------------------------------------

# The one beside this script, or else in PATH, where another program of that
# name may come first.
proc chat_program {} {
	set beside [file join [file dirname [file normalize $::argv0]] chat]
	if {[file isfile $beside] && [file executable $beside]} {
		return $beside
	}
	return chat
}

# Tcl takes a word that begins with <, > or |, or ends with &, for more than a
# word, wherever it comes from. So values stand in the word of their option, and
# the address in the environment.
proc start_chat {} {
	global chat chat_errors option env rest

	set rest {}
	set env(CHAT_ADDRESS) $option(address)
	unset -nocomplain env(CHAT_NAME)
	set words [list [chat_program] -prtl$option(l)]
	if {[info exists option(k)]} {
		lappend words -k$option(k)
	}
	lassign [chan pipe] chat_errors errors
	set failed [catch { open "|[list {*}$words 2>@ $errors]" r+ } chat]
	close $errors
	if {$failed} {
		set why $chat
		set chat {}
		close $chat_errors
		die_here "cannot start chat: $why"
		return
	}
	fconfigure $chat -blocking 0 -buffering line -translation binary
	fconfigure $chat_errors -blocking 0
	fileevent $chat readable read_chat
}

# Tk draws only when there is nothing to read, so a flood has to pause.
proc read_chat {} {
	global chat rest

	fileevent $chat readable {}
	append rest [read $chat $::READ_BYTES]
	set end [string last \n $rest]
	if {$end >= 0} {
		set lines [split [decode [string range $rest 0 $end-1]] \n]
		set rest [string range $rest $end+1 end]
		hear_lines $lines
	}
	if {[eof $chat]} {
		end_chat
	} else {
		set ::reading [after idle {
			after $READ_PAUSE { fileevent $chat readable read_chat }
		}]
	}
}

# What chat has said to standard error, if that is why it has ended.
proc last_words {} {
	global chat_errors

	set words [string trim [read $chat_errors 4096]]
	close $chat_errors
	return [regsub -all {\s+} [regsub -line -all {^chat: } $words {}] { }]
}

proc end_chat {} {
	global chat why

	fconfigure $chat -blocking 1
	set ::errorCode {}
	catch { close $chat }
	set chat {}
	set words [last_words]
	if {[info exists ::leaving]} {
		end_window
	}
	if {[lindex $::errorCode 0] eq {CHILDKILLED}} {
		die_here "chat has died: [lindex $::errorCode 3]"
	} elseif {$words ne {}} {
		die_here $words
	} elseif {$why eq {}} {
		die_here "chat has ended"
	} else {
		die_here {}
	}
}

# The window stays, for what is in it to be read and copied.
proc die_here {reason} {
	global why up

	if {$reason ne {}} {
		set why $reason
		put_failure $reason
	}
	set up 0
	.e configure -state readonly
	.b configure -state disabled
	show_status
}

# --- Leaving ------------------------------------------------------------------

proc is_leaving_allowed {} {
	global line said settled up

	if {[string trim $line] ne {}} {
		return [ask "There is a line that was not sent. Close the\
		    window?" Close]
	}
	set waiting [expr {$said - $settled}]
	if {$waiting > 0 && !$up} {
		return [ask "[count $waiting line] of yours did not reach the\
		    room. Close the window?" Close]
	}
	return 1
}

# Nothing said is lost by closing the window: the room may still take it.
proc leave {} {
	global chat

	if {[winfo exists .ask] || ![is_leaving_allowed]} {
		return
	}
	if {[is_dead] || !$::up} {
		end_window
	}
	set ::leaving 1
	wm withdraw .
	if {[catch { close $chat write }]} {
		end_window
	}
	after $::LEAVE_TIME end_window
}

proc end_window {} {
	global chat said settled refusals

	if {![is_dead]} {
		catch { exec kill {*}[pid $chat] }
	}
	exit [expr {$refusals > 0 || $settled < $said}]
}

proc bgerror {reason} {
	puts stderr "chat-window: $::errorInfo"
	put_failure "error: $reason"
}

# --- Beginning ----------------------------------------------------------------

proc main {} {
	global name option

	read_command_line
	load_tk
	set name $option(n)
	set ::started [clock seconds]
	array set ::day [list date [clock format $::started -format %Y-%m-%d] \
	    quarter {}]
	open_window
	.t mark set own 1.0
	put_notice "connecting to $option(address)"
	show_title
	start_chat
	show_status
}

# The connection
set chat	{}	;# the channel to it; empty when there is none
set rest	{}	;# of its words, bytes without their LF yet
set up		0	;# a room answers
set ever	0	;# one has answered
set known	0	;# whether it names its speakers
set named	0	;# it does
set name	{}	;# ours: the room's, or -n
set why		{}	;# there is no connection
set since	0	;# when it was lost
set at		{}	;# the address that it has
set when	{}	;# what comes was said then
set next	{}	;# number of the next message, or empty
set lost	0	;# messages that are missing before it

# One's own lines
set said	0
set settled	0
set refusals	0
set held	{}	;# texts that wait for the first answer, and their kind
set waiting	{}	;# numbers of lines whose place isn't known
set refused	{}	;# those of lines that are not settled yet

# The person
set line	{}	;# in the field
set past	{}	;# lines that Up brings back
set place	0	;# in them
set draft	{}	;# the line being typed, while another one is there
set last_at	0	;# the cursor
set unseen	0	;# messages since the window was in front
set called	0	;# one of them has our name
set rung	0	;# the last bell, in ms

# Others
set people	{}	;# who is here, or has spoken
set listed	{}	;# a list that has no end yet
set who_asked	0	;# and it is to be shown

main
