/*
 * What a log says by the rules of chat-log(7)
 *
 * Slow, simple and made from the page, not from the code that it is compared
 * with; but entries are cut into items by entry.h.
 */
#ifndef RULEBOOK_H
#define RULEBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "member/entry.h"

#define BOOK_NODES	8
#define BOOK_SESSIONS	64

struct book_node {
	char		 name[PERSON_MAX + 1];
	uint64_t	 epoch;
	uint64_t	 seq;
	uint64_t	 hash;
	bool		 down;
};

struct book_session {
	char		 name[SESSION_NAME_MAX + 1];
	uint64_t	 lines;		/* settled */
	const struct book_node *node;	/* whose connection has it; NULL: it is
					   idle */
	uint64_t	 conn;
};

struct book {
	uint64_t	 entries;	/* how many were read */
	uint64_t	 first;		/* number of the room's first line */
	uint64_t	 max;		/* idle sessions */
	uint64_t	 hash;
	int64_t		 time;
	struct book_node nodes[BOOK_NODES];
	size_t		 nnodes;
	struct book_session sessions[BOOK_SESSIONS]; /* as they were used */
	size_t		 nsessions;
	char		**lines;	/* without their LFs */
	size_t		 nlines;
};

/* Begin with all zeros, and forget all. */
void	 book_free(struct book *b);

/* Read the next entry. */
void	 book_read(struct book *b, const char *text, size_t len);

/* Describe what it has come to, in words. */
void	 book_describe(const struct book *b, char *buf, size_t size);

#endif
