/*
 * The journal: writing what is new in the ring to the store, before anybody
 * gets to see it
 *
 * Once in a round, everything that came in goes to the store as one batch, with
 * one write if it has few pieces, and one sync. Only then may it be published
 * and acknowledged. A crash may leave a part of the batch. Cut back to its last
 * whole line, any such part makes a consistent store, because the record that
 * sets a session's count stands before the lines that add to it.
 *
 * What the journal writes is bounded by what clients send, as chatd(8) says
 * under THE STORE: a client that connects with a session has sent its token,
 * and the record of a refused line is no longer than the line was.
 *
 * Where the room is a replica of a log, each write ends with the position in
 * the log whose entries are in the store by then. A start cuts off what comes
 * after the last one: the log has it, and brings it again.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "store.h"
#include "word.h"

#define JOURNAL_RETRY	250		/* ms until a failed write is retried */
#define JOURNAL_MARK	(64 * 1024)	/* bytes from one "at" record to the
					   next, where reading can resume */
#define JOURNAL_PENDING_MAX 4096	/* most records while writing fails */

struct replica;
struct ring;
struct session;
struct sessions;

/* A record that goes between the lines before and after a position. */
struct journal_pending {
	uint64_t	 position;
	struct record	 record;
};

struct journal {
	struct store	 store;
	uint64_t	 first_line;	/* the number of the first ever */
	uint64_t	 position;	/* the ring is written up to it */

	/* What a reader of the newest segment knows at its end. */
	bool		 has_origin;	/* number, time and author are known */
	int64_t		 time;		/* of the last line, as in the ring */
	uint64_t	 author;	/* of the last "by" record; 0: none */
	uint64_t	 mark;		/* offset of the last "at" record */

	struct journal_pending *pending; /* records that aren't written yet */
	size_t		 n;		/* pending records */
	size_t		 allocated;	/* records there is space for */
	bool		 needs_sync;	/* a loss of power must not undo one */
	bool		 failing;	/* the last commit failed */
	bool		 missing;	/* somebody deleted or replaced the
					   newest segment's file */
	bool		 cant_rotate;	/* the last rotation failed */
	int64_t		 retry_at;	/* when to commit again, in ms */

	/* Of the log that the room is a replica of. */
	struct replica	*replica;	/* borrowed; NULL: there is no log */
	uint64_t	 logged;	/* the position in the last record of
					   it; 0: none was written */
	char		 logged_token[TOKEN_MAX + 1];
	uint64_t	 kept;		/* no loss of power takes what is up to
					   this position; 0: unknown */
	char		 kept_token[TOKEN_MAX + 1];
	uint64_t	 unsynced;	/* bytes that are committed since then,
					   or may be */
};

/*
 * Begin to journal a ring that was filled from the store and has nothing else.
 * j->first_line is set already. From now on lines become visible only when
 * ring_publish() is called after journal_commit().
 */
void	 journal_begin(struct journal *j, struct ring *r);

/*
 * Record that a client is connected with a session of which that many lines are
 * settled. Each further message of the session's author adds one. In a replica
 * it's the connection that owns the session, see room/owner.h. The record is
 * pending until journal_commit(). Returns 0, or -1 with errno if memory is
 * short or too many records are pending.
 */
int	 journal_here(struct journal *j, const struct ring *r,
	    struct session *s, uint64_t lines);

/*
 * Record that n > 0 lines of a session, beyond its messages, were refused and
 * so are settled, too. Returns as journal_here() does.
 */
int	 journal_refused(struct journal *j, const struct ring *r,
	    struct session *s, uint64_t n);

/*
 * Record that no client is connected with a session any more. Returns as
 * journal_here() does. Without a log an error may be ignored: if the record is
 * missing, or if a loss of power undoes it, nothing is wrong except that the
 * session will be held after a restart. In a replica a missing record would
 * make the nodes differ.
 */
int	 journal_part(struct journal *j, const struct ring *r,
	    const struct session *s);

/*
 * Write the lines and records that are new, sync them with config.sync, and
 * rotate the segment if it is full. In a replica every entry of the log is
 * applied as a whole or not at all, and a new position is written even if
 * nothing else is new; that alone is never synced. authors is the highest
 * author so far, now the time in ms. Returns whether everything is committed;
 * if not, call it again at j->retry_at. It logs once that writing fails, and
 * once that it works again.
 */
bool	 journal_commit(struct journal *j, const struct ring *r,
	    struct sessions *all, uint64_t authors, int64_t now);

/*
 * Start a new segment, with a head that has all sessions. Everything must be
 * committed. Returns 0, or -1 with errno, and then the newest segment goes on.
 */
int	 journal_rotate(struct journal *j, const struct ring *r,
	    struct sessions *all, uint64_t authors);

/*
 * The same for a room that begins to share a log, which has told the number of
 * its first line. An empty store is begun anew with it, so that its segment has
 * the right name.
 */
int	 journal_begin_anew(struct journal *j, const struct ring *r,
	    struct sessions *all, uint64_t authors, bool empty);

/*
 * Sync what is committed: j->kept becomes the position that is. That is so
 * after a rotation, too, and with config.sync after a commit that has synced.
 * Returns 0, or -1 with errno.
 */
int	 journal_sync(struct journal *j);

/* Close the store, and free what is pending without writing it. */
void	 journal_free(struct journal *j);

#endif
