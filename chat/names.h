/*
 * The names of people who have spoken or come in, for completion
 */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>

#define NAMES_MAX	100
#define NAMES_SIZE	64		/* of a name with its NUL, bytes */

struct names {
	char	 name[NAMES_MAX][NAMES_SIZE]; /* the last speaker first */
	size_t	 n;
};

/* Who speaks in a message, if it says so. */
struct speaker {
	size_t	 at;			/* where the name begins */
	size_t	 len;			/* of the name, or 0 */
	size_t	 text;			/* where what was said begins */
};

/*
 * Find the speaker of the message of len bytes at line: it begins with "name: "
 * or, if that name is known, with "* name ". A name before a colon is learnt.
 */
void	 names_speaker(struct names *ns, const char *line, size_t len,
	    struct speaker *sp);

/* Add a name of 1 to NAMES_SIZE - 1 bytes, or make it the first one. The last
 * one makes place for it if there are NAMES_MAX. */
void	 names_add(struct names *ns, const char *name, size_t len);

/* The i-th name, from 0, that begins with the len bytes at s, or NULL. */
const char	*names_match(const struct names *ns, const char *s, size_t len,
		    size_t i);

#endif
