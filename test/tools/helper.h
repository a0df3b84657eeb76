/*
 * Helpers: what the fake log says to each room, as chat-log(7) has it
 */
#ifndef HELPER_H
#define HELPER_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger.h"
#include "logline.h"

#define HELPER_IN	(LOGLINE_SIZE + LOGLINE_ENTRY)

struct helper {
	TAILQ_ENTRY(helper) entry;
	uint64_t	 number;
	int		 fd;		/* to the room; -1: not known yet */
	int		 joiner;	/* who has passed it on, or -1 */
	bool		 dead;		/* to be freed */
	struct ledger	*log;		/* NULL until it's named */
	uint64_t	 life;		/* of the log */
	char		 node[LEDGER_NAME + 1];
	char		 in[HELPER_IN];	/* what the room has said, */
	size_t		 inlen;		/* so many bytes */
	char		*out;		/* what it is told, from outstart to */
	size_t		 outstart;	/* outend of outsize bytes */
	size_t		 outend;
	size_t		 outsize;
	bool		 asked;		/* from was said */
	bool		 told;		/* log was said */
	bool		 over;		/* gone was said */
	uint64_t	 next;		/* position to deliver next */
	uint64_t	 id;		/* of the last put */
	struct item	 put;		/* the last one; data NULL: none */
	bool		 outstanding;	/* its entry hasn't come back */
	uint64_t	 unmatched;	/* first position that was delivered
					   after the put before it was heard */
	bool		 ending;	/* end was said, and is answered at */
	int64_t		 end_at;	/* that time, */
	uint64_t	 end_pos;	/* with this at least */
	int64_t		 deliver_at;	/* these are on clock_now()'s clock */
	int64_t		 write_at;
	int64_t		 stalled_until;
	int64_t		 still_since;	/* CLOCK_NEVER: it goes on */
	bool		 stuck;		/* and that was said */
};

TAILQ_HEAD(helpers, helper);

/* All conversations there are, and how many errors rooms have made. */
extern struct helpers helpers;
extern unsigned long helper_errors;

/* Somebody has connected: fd is ours now. */
void	 helper_new(int fd);

/* Read what there is. */
void	 helper_read(struct helper *h);

/* The one who passed the socket on has ended: so has its helper. */
void	 helper_end(struct helper *h);

/* Say that it is at that place, if it has said which log it is of. */
void	 helper_place(struct helper *h, const char *text);

/* Say what is due. Returns when something is again, or CLOCK_NEVER. */
int64_t	 helper_turn(struct helper *h, int64_t now);

/* Whether it waits for its socket to take more. */
bool	 helper_blocked(const struct helper *h, int64_t now);

/* Close and free those that are dead. */
void	 helper_reap(void);

#endif
