/*
 * Intake: from a client's bytes to lines in the room
 */
#ifndef INTAKE_H
#define INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "text.h"

/* Space that the room must have for a sender to be read, in bytes. */
#define INTAKE_MIN	(3 * MESSAGE_SIZE)

struct client;
struct server;

/*
 * Whether anything is to be read from the client now. In a full room that is
 * one line: then the client is stuck if that is a message.
 */
bool	 intake_wanted(const struct server *s, const struct client *c);

/* Read once and take what has come. Returns whether there may be more. */
bool	 intake_read(struct server *s, struct client *c);

/* Take what was kept when the client got stuck, if it can go on. */
void	 intake_resume(struct server *s, struct client *c);
bool	 intake_can_resume(const struct server *s, const struct client *c);

/*
 * Whether only the room's space keeps the client from going on, which may have
 * more to say than was read of it, or is stuck.
 */
bool	 intake_starves(const struct server *s, const struct client *c,
	    bool more);

/*
 * When a client that goes too fast can go on, in milliseconds; the past if it
 * doesn't.
 */
int64_t	 intake_when(const struct server *s, const struct client *c);

#endif
