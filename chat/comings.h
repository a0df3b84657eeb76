/*
 * Comings and goings: who joins and who leaves, as few notices
 *
 * A program that says a line joins and leaves at once; a person with a bad
 * connection leaves and joins. So a notice waits a little: two that undo each
 * other are never shown, and several become one.
 */
#ifndef COMINGS_H
#define COMINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transcript.h"

#define COMINGS_MS	5000		/* in which one undoes the other */
#define COMINGS_LATE_MS	15000		/* most that a notice waits for more */
#define COMINGS_MAX	100		/* most that wait */
#define COMINGS_NAME	128		/* bytes of a name that waits */

struct coming {
	char		 name[COMINGS_NAME];
	size_t		 len;
	bool		 here;		/* or else gone */
	int64_t		 at;		/* when, by clock_now() */
};

struct comings {
	struct transcript *transcript;
	bool		 folds;		/* or else shows each at once */
	struct coming	 waiting[COMINGS_MAX]; /* the oldest first */
	size_t		 n;
};

void	 comings_init(struct comings *c, struct transcript *t, bool folds);

/* The room says that somebody is here, or has left. The name of len bytes isn't
 * checked. */
void	 comings_note(struct comings *c, const char *name, size_t len,
	    bool here);

/* comings_look() shows those that have waited for long enough; comings_show()
 * shows all. comings_deadline() is when to call the first at the latest, by
 * clock_now(), or CLOCK_NEVER. */
void	 comings_look(struct comings *c);
void	 comings_show(struct comings *c);
int64_t	 comings_deadline(const struct comings *c);

#endif
