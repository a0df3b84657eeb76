/*
 * A witness: what a room has, as its clients find it, and whether that's right
 */
#ifndef WITNESS_H
#define WITNESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WITNESS_LINES	3

struct history;

/* Where a room is to be started, and how. */
struct place {
	const char	*store;
	const char	*scratch;	/* a directory for its socket */
	char		**chatd;	/* without store and address */
	const char	*recorder;	/* recorder.so to record it, or NULL */
	const char	*recording;
};

/* What it has to have. */
struct owed {
	uint64_t	 from;		/* a line that isn't deleted, or
					   NO_LINE */
	uint64_t	 to;		/* the last line, or NO_LINE */
	uint64_t	 more;		/* where what witnesses say begins, or
					   NO_LINE */
	size_t		 step;		/* what sessions were told by then */
};

struct seen {
	uint64_t	 last;		/* the number of the last line */
	bool		 torn;		/* an end was cut off */
};

/*
 * Start it, look at everything, and stop it. If it is recorded, it is told
 * WITNESS_LINES more lines before that. Returns whether all is as it has to be;
 * if not, it says why. seen can be NULL.
 */
bool	 witness_check(const struct history *h, const struct place *at,
	    const struct owed *owed, struct seen *seen);

#endif
