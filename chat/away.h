/*
 * Away: how many messages are new to a person who comes back
 *
 * Somebody is away while the terminal has not the focus, and while the program
 * is stopped. What came in the first case is on the screen already; in the
 * second it comes afterwards, all at once, and is counted until it ends.
 */
#ifndef AWAY_H
#define AWAY_H

#include <stdbool.h>
#include <stdint.h>

struct away {
	bool		 gone;		/* without the focus */
	uint64_t	 n;		/* messages meanwhile */
	int64_t		 until;		/* the end of counting after a stop, by
					   clock_now(), or CLOCK_NEVER ... */
	int64_t		 latest;	/* ... and the latest that it can be */
};

void	 away_init(struct away *a);

/* The focus has gone; n messages have come; the program was stopped. */
void	 away_leave(struct away *a);
void	 away_count(struct away *a, uint64_t n);
void	 away_stopped(struct away *a);

/* The focus is back: returns how many messages came meanwhile. */
uint64_t away_return(struct away *a);

/* After a stop: how many messages are new, as soon as they are all there; or 0.
 * away_deadline() is when to ask at the latest, by clock_now(), or
 * CLOCK_NEVER. */
uint64_t away_look(struct away *a);
int64_t	 away_deadline(const struct away *a);

#endif
