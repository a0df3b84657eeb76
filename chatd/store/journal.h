/*
 * The journal: writing what is new in the ring to the store, before anybody
 * gets to see it
 *
 * Once in a round, everything that came in goes to the store with one write,
 * and only then may it be published and acknowledged. Whatever part of that
 * write survives a crash, cut back to its last whole line, is a room as it
 * could have been: the record of a session's count stands before the lines that
 * continue the count.
 *
 * Nobody can make the journal write more than a few times what they sent. A
 * session that begins has sent its token, and refused lines take no more space
 * than they had themselves.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "store.h"

#define JOURNAL_RETRY	250		/* ms until a failed write is retried */
#define JOURNAL_MARK	(64 * 1024)	/* most bytes that damage costs beyond
					   what was said at once */
#define JOURNAL_PENDING_MAX 4096	/* most records while writing fails */

struct ring;
struct session;
struct sessions;

/* A record to be written where the ring has come to a position. */
struct journal_pending {
	uint64_t	 position;
	struct record	 record;
};

struct journal {
	struct store	 store;
	uint64_t	 first_line;	/* the number of the first ever */
	uint64_t	 position;	/* the ring is written up to there */

	/* What a reader of the newest segment knows at its end. */
	bool		 has_origin;	/* the number, time and author */
	int64_t		 time;		/* of the last line */
	uint64_t	 author;	/* of the last "by" record; 0: none */
	uint64_t	 mark;		/* offset of the last "at" record */

	struct journal_pending *pending; /* records not written yet */
	size_t		 n;
	size_t		 allocated;
	bool		 needs_sync;	/* one of them must not get lost */
	bool		 failing;	/* the last write failed */
	bool		 missing;	/* the segment's file is gone */
	bool		 cant_rotate;	/* no new segment could be started */
	int64_t		 retry_at;	/* in ms */
};

/* The ring has come from the store, and is written up to its end. */
void	 journal_begin(struct journal *j, struct ring *r);

/*
 * Record that a client is connected with a session, and so many lines of it are
 * settled; its further messages count on from there. Returns 0, or -1 with
 * errno if memory is short.
 */
int	 journal_here(struct journal *j, const struct ring *r,
	    struct session *s, uint64_t lines);

/* Record that n more of its lines were refused. Returns 0, or -1 with errno. */
int	 journal_refused(struct journal *j, const struct ring *r,
	    struct session *s, uint64_t n);

/*
 * Record that no client is connected with it any more. If that fails, or gets
 * lost with the power, the session is held once more than needed.
 */
void	 journal_part(struct journal *j, const struct ring *r,
	    const struct session *s);

/*
 * Write all that is new. Returns whether everything is on disk: if not, writing
 * is retried at retry_at. Logs when it begins to fail, and when that is over.
 * authors is the highest author up to now.
 */
bool	 journal_commit(struct journal *j, const struct ring *r,
	    struct sessions *all, uint64_t authors, int64_t now);

/* Start a new segment once everything is written. Returns 0, or -1 with
 * errno. */
int	 journal_rotate(struct journal *j, const struct ring *r,
	    struct sessions *all, uint64_t authors);

void	 journal_free(struct journal *j);

#endif
