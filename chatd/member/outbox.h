/*
 * The outbox: what this node has to put into the log
 *
 * It holds items as they stand in entries, in the order in which they came. The
 * first of them may be outstanding: they were put, and have not come back. They
 * stay at the front until they have, so that they can be put again.
 */
#ifndef OUTBOX_H
#define OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry.h"

#define OUTBOX_MAX	(128 * 1024)	/* bytes from which on clients wait */

struct outbox {
	char		*bytes;
	size_t		 len;
	size_t		 allocated;
	size_t		 out;		/* bytes at the front: outstanding */
	uint64_t	 base;		/* how many came back since the start:
					   where bytes begins among all */

	/* The last item, if lines can still be added to it. */
	size_t		 tail;		/* where its lines begin; 0: none */
	uint64_t	 conn;		/* whose lines these are */
	uint64_t	 next;		/* how many it will have had then */
};

/* Returns 0, or -1 with errno if memory is short. */
int	 outbox_init(struct outbox *box);
void	 outbox_free(struct outbox *box);

/* Make space for len bytes in all. Returns 0, or -1 with errno. */
int	 outbox_reserve(struct outbox *box, size_t len);

/* Whether it has nothing but items that fit into entries: somebody else may
 * have filled it. */
bool	 outbox_is_valid(const struct outbox *box);

/* How many bytes of lines it takes, with any item around them. */
size_t	 outbox_space(const struct outbox *box);

/* The position, among all that was ever added, of what will be added next. */
uint64_t outbox_end(const struct outbox *box);

/*
 * Add an item of a kind that has no lines, whether there is space or not.
 * Returns 0, or -1 with errno if memory is short.
 */
int	 outbox_add(struct outbox *box, const struct item *item);

/*
 * Add an item with a copy of its lines, at most ENTRY_RUN bytes; or, if the
 * last item has lines of the same connection that these go on from, add them
 * there. There has to be space.
 */
void	 outbox_add_lines(struct outbox *box, const struct item *item);

/* Make what fits into one entry outstanding. Returns how many bytes that is. */
size_t	 outbox_put(struct outbox *box);

/* What is outstanding has come back: forget it. */
void	 outbox_settle(struct outbox *box);

#endif
