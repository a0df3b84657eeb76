/*
 * Ledgers: logs in memory, by their names
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "word.h"

#define LEDGER_NAME	32		/* characters of a log's name, and of a
					   node's */
#define LEDGER_STALLS	16		/* nodes that are stalled at once */

struct item {
	char		*data;
	size_t		 len;		/* in bytes */
};

/* A put that the log hasn't taken yet. */
struct flight {
	TAILQ_ENTRY(flight) entry;
	struct item	 item;
	int64_t		 due;		/* on clock_now()'s clock */
	uint64_t	 from;		/* the number of its conversation */
	char		 node[LEDGER_NAME + 1];
};

/* What a node says it has kept. */
struct kept {
	TAILQ_ENTRY(kept) entry;
	char		 node[LEDGER_NAME + 1];
	uint64_t	 pos;
};

struct ledger {
	TAILQ_ENTRY(ledger) entry;
	char		 name[LEDGER_NAME + 1];
	char		 ident[TOKEN_MAX + 1];
	uint64_t	 life;		/* another one after it was lost */
	struct item	*items;		/* that at position POS is POS - 1 */
	size_t		 space;		/* for so many */
	uint64_t	 oldest;	/* newest + 1 if there's none */
	uint64_t	 newest;
	struct item	 late;		/* the last put of a conversation that
					   is over; data NULL: none */
	bool		 twice;		/* append the next put two times */
	TAILQ_HEAD(flights, flight) flights;
	TAILQ_HEAD(kepts, kept) kept;
	char		 stalls[LEDGER_STALLS][LEDGER_NAME + 1]; /* nodes; "*"
					   is all of them, "" none */
};

TAILQ_HEAD(ledgers, ledger);

/* All there are. */
extern struct ledgers ledgers;

/* The log of that name, which is made if there's none. Memory is never out:
 * that ends the program. The name has to be one. */
bool	 ledger_is_name(const char *name);
struct ledger	*ledger_find(const char *name);

/* Lose all entries, and the identity: it is another log now. */
void	 ledger_forget(struct ledger *l);

/* Append a copy of len bytes. */
void	 ledger_append(struct ledger *l, const char *data, size_t len);

/* The entry at a position from the oldest one to the newest. */
const struct item	*ledger_item(const struct ledger *l, uint64_t pos);

/* That position is the oldest from now on. Returns whether it can be. */
bool	 ledger_compact(struct ledger *l, uint64_t pos);

/* Stall a node or "*", or end that. Returns whether anything has changed. */
bool	 ledger_stall(struct ledger *l, const char *node);
bool	 ledger_resume(struct ledger *l, const char *node);
bool	 ledger_stalled(const struct ledger *l, const char *node);

/* A node has put something: append it at once, or when it's due. */
void	 ledger_put(struct ledger *l, const char *node, uint64_t from,
	    const char *data, size_t len, int64_t now);

/* That conversation is over, and this was its last put, or NULL. */
void	 ledger_leave(struct ledger *l, uint64_t from, const struct item *last);

/* Append what is due. Returns when the next one is, or CLOCK_NEVER. */
int64_t	 ledger_turn(struct ledger *l, int64_t now);

/* A node has kept all up to pos; how far it has come, 0 if it never said. */
void	 ledger_keep(struct ledger *l, const char *node, uint64_t pos);
uint64_t ledger_kept(const struct ledger *l, const char *node);

#endif
