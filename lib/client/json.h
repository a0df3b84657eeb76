/*
 * JSON: a message as an object (RFC 8259), on a line of its own
 *
 * The object is valid whatever the room has sent: what isn't UTF-8 becomes
 * U+FFFD, and control characters are escaped.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_GROWTH	6		/* most bytes that one can become */
#define JSON_FIXED	96		/* bytes of the rest of an object */

struct json {
	uint64_t	 number;	/* the room's number of the message */
	int64_t		 time;		/* seconds since 1970 */
	bool		 named;		/* it begins with its speaker's name, a
					   colon and a space */
	bool		 ascii;		/* escape all that isn't ASCII */
};

/*
 * Write the message of len bytes at s, without its LF, as an object and an LF
 * to buf, of JSON_GROWTH * len + JSON_FIXED bytes. Returns the bytes written.
 */
size_t	 json_message(char *buf, const struct json *j, const char *s,
	    size_t len);

/* The same for n lost messages, or, without counted, an unknown number. */
size_t	 json_lost(char *buf, uint64_t n, bool counted);

#endif
