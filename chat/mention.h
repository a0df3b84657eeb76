/*
 * Mentions: whether a text has a person's name in it
 */
#ifndef MENTION_H
#define MENTION_H

#include <stdbool.h>
#include <stddef.h>

#define MENTION_MAX	256		/* characters of a name */

struct mention {
	unsigned	 name[MENTION_MAX]; /* in lower case */
	size_t		 n;
};

/* Look for the name of len bytes from now on; for none if it is too long, or
 * isn't UTF-8. */
void	 mention_init(struct mention *m, const char *name, size_t len);

/*
 * Whether the len bytes at s have the name as a whole word, in upper or lower
 * case: no letter, digit or _ stands right before it or after it, and no mark
 * that would change its last letter.
 */
bool	 mention_in(const struct mention *m, const char *s, size_t len);

#endif
