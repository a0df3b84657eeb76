/*
 * Entries: what nodes put into their log, and read from it
 *
 * An entry is text: a line that says whose it is, a time, and items, some of
 * which are followed by lines. ENTRIES in chat-log(7) has the grammar. Nothing
 * here has an effect on the room, and nothing is allocated.
 */
#ifndef ENTRY_H
#define ENTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logline.h"
#include "room/session.h"
#include "text.h"
#include "word.h"

#define ENTRY_VERSION	1
#define ENTRY_HEAD	256		/* holds the first two lines */
#define ENTRY_BODY	16384		/* most bytes after these */
#define ENTRY_FIRST	(LOGLINE_ENTRY - ENTRY_HEAD) /* of the log's first one,
					   which has sessions, too */
#define ENTRY_RUNS	200		/* most items that have lines */
#define ENTRY_ITEM	256		/* holds any item without its lines */
#define ENTRY_RUN	(ENTRY_BODY - ENTRY_ITEM) /* bytes of an item's lines
					   that fit into any entry */

enum item_kind {
	ITEM_END,			/* no item is left */
	ITEM_BAD,			/* what follows is none */
	ITEM_ROOM,			/* first, next, sessions, named */
	ITEM_SESSION,			/* name, n */
	ITEM_NODE,			/* name: the nonce */
	ITEM_CLAIM,			/* conn, name: of a session */
	ITEM_BY,			/* conn, n, lines */
	ITEM_BARE,			/* the same */
	ITEM_COUNT,			/* conn, n */
	ITEM_PART,			/* conn */
	ITEM_HERE,			/* name: a person's */
	ITEM_GONE,			/* the same */
	ITEM_DOWN			/* name: of a node; n: its epoch */
};

struct item {
	enum item_kind	 kind;
	uint64_t	 conn;
	uint64_t	 n;
	uint64_t	 first;
	uint64_t	 next;
	uint64_t	 sessions;
	uint64_t	 named;		/* 0 or 1 */
	char		 name[SESSION_NAME_MAX + 1];
	const char	*lines;		/* with their LFs, in the entry */
	size_t		 len;		/* of these, in bytes */
	size_t		 nlines;
};

enum entry_kind {
	ENTRY_GOOD,
	ENTRY_BAD,			/* no entry: it has no effect */
	ENTRY_NEWER			/* of a version that we don't know */
};

struct entry {
	char		 node[PERSON_MAX + 1];
	uint64_t	 epoch;
	uint64_t	 seq;
	uint64_t	 hash;
	int64_t		 time;
	const char	*body;		/* the items, in what was parsed */
	size_t		 len;		/* of the body, in bytes */
};

/*
 * Parse the len bytes at buf as an entry, which keeps pointing into them. Every
 * item and every line of it is checked. Of an ENTRY_NEWER nothing is known.
 */
enum entry_kind	 entry_parse(struct entry *e, const char *buf, size_t len);

/*
 * Take the next item, which begins *done bytes after the beginning of the body,
 * and make *done where the one after it begins. Start with *done = 0.
 */
void	 entry_next(const struct entry *e, size_t *done, struct item *item);

/* Write the first two lines of e to buf, which has ENTRY_HEAD bytes. Returns
 * their length. */
size_t	 entry_format(char *buf, const struct entry *e);

/* Write an item without its lines to buf, which has ENTRY_ITEM bytes. Returns
 * the length. */
size_t	 item_format(char *buf, const struct item *item);

#endif
