/*
 * The names of who has spoken or come, for completion
 */
#ifndef NAMES_H
#define NAMES_H

#include <stddef.h>

#define NAMES_MAX	100
#define NAMES_SIZE	64		/* of a name with its NUL, bytes */

struct names {
	char	 name[NAMES_MAX][NAMES_SIZE]; /* who spoke last comes first */
	size_t	 n;
};

/* Remember who said the len bytes at line, if they begin with "name: ". */
void	 names_learn(struct names *ns, const char *line, size_t len);

/* Remember a name of 1 to NAMES_SIZE - 1 bytes. */
void	 names_add(struct names *ns, const char *name, size_t len);

/* The i-th name of those that begin with len bytes at s, or NULL. */
const char	*names_match(const struct names *ns, const char *s, size_t len,
		    size_t i);

#endif
