/*
 * The text of a line: well-formed UTF-8 without control characters
 *
 * Well-formed UTF-8 is that of table 3-7 of the Unicode standard: no overlong
 * form, no surrogate, nothing above U+10FFFF, nothing cut short. The control
 * characters are C0 except TAB, DEL, and C1.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>

#define LINE_SIZE	4096		  /* a line with its LF: PIPE_BUF */
#define TEXT_MAX	(LINE_SIZE - 1)	  /* a line's text, in bytes */
#define PERSON_MAX	32		  /* characters of a verified name */
#define MESSAGE_SIZE	(LINE_SIZE + PERSON_MAX + 2) /* a line after "NAME: ",
					     as a room may send it */
#define FAULT_SIZE	64		  /* bytes, for any text_fault_say() */

enum fault_kind {
	FAULT_NONE,
	FAULT_LONG,			/* more than TEXT_MAX bytes */
	FAULT_UTF8,			/* ill-formed from offset on */
	FAULT_CONTROL			/* a control character at offset */
};

/* Why a line is refused. */
struct text_fault {
	enum fault_kind	 kind;
	size_t		 offset;	/* in bytes, from 0 */
	unsigned	 code;		/* the byte, or the code point */
};

/*
 * The length in bytes of the UTF-8 sequence that begins at text, which has
 * len > 0 bytes; *code is its code point. Returns 0 if it is ill-formed.
 */
size_t	 text_decode(const char *text, size_t len, unsigned *code);

/* Whether the len bytes at text may be a line; if not, *f says why. */
bool	 text_check(const char *text, size_t len, struct text_fault *f);

/* Whether the len bytes at s may be a verified name, as key.h has them. */
bool	 text_is_name(const char *s, size_t len);

/*
 * Write a description of the fault, such as "not UTF-8 at byte 4 (0xe9)", to
 * buf, which has FAULT_SIZE bytes. Bytes count from 1. Returns buf.
 */
char	*text_fault_say(char *buf, const struct text_fault *f);

/*
 * Copy as much of the len bytes at src as fits into size bytes at dst, with
 * U+FFFD in place of each control character and each ill-formed subsequence.
 * Stops only between characters. *used becomes the bytes of src that were
 * copied; returns the bytes written.
 */
size_t	 text_repair(char *dst, size_t size, const char *src, size_t len,
	    size_t *used);

#endif
