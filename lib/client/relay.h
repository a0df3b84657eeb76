/*
 * Relay: what a link reports, told to a front end
 *
 * This makes of the room's control lines, and of connections that come and go,
 * the control lines that chat(7) has under FRONT ENDS. What the room says is
 * believed only as far as it can be true: it can't say words that are ours, and
 * but for complaints, which may come before its answer, it says what it has to
 * say only between an "up" and the "down" or "end" after it. The numbers of
 * lines are those of the front end.
 */
#ifndef RELAY_H
#define RELAY_H

#include <stdbool.h>
#include <stdint.h>

#include "link.h"
#include "show.h"
#include "text.h"

#define RELAY_ADDRESS_MAX	512	/* bytes of an address that are told */
#define RELAY_WHY_SIZE	(LINK_WHY_SIZE + SHOW_GROWTH * RELAY_ADDRESS_MAX)

struct input;
struct tell;

struct relay {
	/* Set once; all borrowed. */
	struct tell	*tell;
	struct link	*link;
	const struct input *in;		/* counts the front end's lines */
	bool		 times;		/* the front end wants to know them */

	bool		 up;		/* that was told, and no "down" yet */
	char		 you[PERSON_MAX + 1]; /* to be told after "up" */
	char		 why[RELAY_WHY_SIZE]; /* of the last "down", or "" */
	uint64_t	 told;		/* lines told to be settled */
	bool		 missing;	/* some were refused, lost or doubled */
};

/* Write why there is no room at an address to buf, which has RELAY_WHY_SIZE
 * bytes: with the address, if the link has others. It is safe to show. */
void	 relay_reason(char *buf, const struct link *l, const char *address,
	    const char *why);

/* What a link calls, with a struct relay. */
extern const struct link_reader relay_reader;

/* Tell what has become true without a call of these: that a room has answered,
 * and lines were settled. */
void	 relay_catch_up(struct relay *r);

#endif
