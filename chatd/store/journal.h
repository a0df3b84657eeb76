/*
 * The journal: writing down what is new in the room, before anybody hears it
 *
 * Once in a round all that came in goes to the store with one write, and only
 * then may it be shown and acknowledged. Whatever part of that write survives,
 * cut back to its last whole line, is a room that might have been: a session's
 * count stands before the lines that go on counting it.
 *
 * Nobody can have more written than a few times what they said: who begins a
 * session has said its token, and lines that were refused take no more than
 * they had.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "store.h"

#define JOURNAL_RETRY	250		/* ms until a write is tried again */
#define JOURNAL_MARK	(64 * 1024)	/* bytes that damage may cost, and what
					   was said at once */
#define JOURNAL_NOTES	4096		/* most while nothing can be written */

struct ring;
struct session;
struct sessions;

/* What is to be written where the room has come to a position. */
struct journal_note {
	uint64_t	 position;
	struct record	 record;
};

struct journal {
	struct store	 store;
	uint64_t	 began;		/* number of the room's first line */
	uint64_t	 position;	/* in the room: written up to there */
	bool		 known;		/* the next one is */
	int64_t		 time;		/* of the last line written */
	uint64_t	 by;		/* whom the last "by" was about, or 0 */
	uint64_t	 marked;	/* the last place in the segment
					   to go on from after damage */
	struct journal_note *notes;	/* not written yet */
	size_t		 n;
	size_t		 allocated;
	bool		 urgent;	/* one of them has to be safe */
	bool		 stuck;		/* the last write has failed */
	bool		 gone;		/* its file isn't there any more */
	bool		 full;		/* no new segment could be begun */
	int64_t		 retry_at;
};

/* The room is written down up to now, and has come from its store. */
void	 journal_begin(struct journal *j, struct ring *r);

/*
 * Note, at the room's head, that somebody is connected with a session, and so
 * many lines of it are settled; its further messages count on from there.
 * Returns 0, or -1 with errno if there is not enough memory.
 */
int	 journal_here(struct journal *j, const struct ring *r,
	    struct session *s, uint64_t lines);

/* Note that n more were refused. 0, or -1 with errno. */
int	 journal_refused(struct journal *j, const struct ring *r,
	    struct session *s, uint64_t n);

/*
 * Note that nobody is connected with it any more. If that isn't possible, or
 * is lost with the power, it will be held once more than it should.
 */
void	 journal_part(struct journal *j, const struct ring *r,
	    const struct session *s);

/*
 * Write down what is new. Returns whether all is written: if not, it is tried
 * again at retry_at. Says so when it begins to fail and when that is over.
 * authors is the highest number of an author up to now.
 */
bool	 journal_commit(struct journal *j, const struct ring *r,
	    struct sessions *all, uint64_t authors, int64_t now);

/* Begin a new segment; the room is written down. 0, or -1 with errno. */
int	 journal_rotate(struct journal *j, const struct ring *r,
	    struct sessions *all, uint64_t authors);

void	 journal_free(struct journal *j);

#endif
