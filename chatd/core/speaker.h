/*
 * Speakers: what the clients of a shared room have said that its log has not
 * brought back
 *
 * A client has one as soon as it says something that goes into the log. Without
 * a log nobody has one.
 */
#ifndef SPEAKER_H
#define SPEAKER_H

#include <sys/queue.h>
#include <sys/tree.h>

#include <stdbool.h>
#include <stdint.h>

#include "ctl.h"

struct client;

/* What the answer to the client's role waits for; until then, nothing goes out
 * to it, and nothing more is taken from it. */
enum speaker_wait {
	SPEAKER_FREE,			/* it was answered, or gave no role */
	SPEAKER_CLAIMS,			/* its claim, to come back */
	SPEAKER_QUEUED,			/* space for its claim */
	SPEAKER_ASKS,			/* the end of the log, to be told */
	SPEAKER_BEHIND,			/* the log's end, to be reached */
	SPEAKER_READY			/* only its turn */
};

struct speaker {
	RB_ENTRY(speaker) entry;	/* among all of them, by conn */
	TAILQ_ENTRY(speaker) turn;	/* among those that wait, but for a
					   claim */
	struct client	*client;
	uint64_t	 conn;		/* the connection's number in the log */
	uint64_t	 said;		/* its lines that are in the outbox, or
					   were, with refused ones between */
	uint64_t	 settled;	/* those of them that have come back */
	uint64_t	 end;		/* position in the outbox after all
					   that it has said */
	const uint64_t	*back;		/* up to where that has come back */
	enum speaker_wait wait;
	uint64_t	 until;		/* SPEAKER_ASKS: which question;
					   SPEAKER_BEHIND: which position */
	bool		 abandoned;	/* nobody waits until others have */
	bool		 claimed;	/* it has asked for a session */
	bool		 begun;		/* its claim has begun the session */
	struct hello	 hello;		/* its role, not answered yet */
};

RB_HEAD(speaker_tree, speaker);
RB_PROTOTYPE(speaker_tree, speaker, entry, speaker_compare)
TAILQ_HEAD(speaker_list, speaker);

struct speakers {
	struct speaker_tree tree;	/* all of them */
	struct speaker_list waiting;	/* for anything but a claim, in the
					   order in which they came */
};

void	 speakers_init(struct speakers *all);

/*
 * Give a client a speaker with that number; what it has said is settled up to
 * *back. Returns it, or NULL with errno if memory is short.
 */
struct speaker	*speaker_new(struct speakers *all, struct client *c,
		    uint64_t conn, const uint64_t *back);

/* What hasn't come back by now is not waited for, and may never count. */
void	 speaker_abandon(struct speaker *sp);

/* Take it from its client, and free it. */
void	 speaker_free(struct speakers *all, struct speaker *sp);

/* Let it wait for something else, or, with SPEAKER_FREE, no longer. */
void	 speaker_wait(struct speakers *all, struct speaker *sp,
	    enum speaker_wait wait);

/* The one with that number, or NULL. */
struct speaker	*speaker_find(struct speakers *all, uint64_t conn);

#endif
