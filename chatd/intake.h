/*
 * Intake: from a client's bytes to lines in the room
 */
#ifndef INTAKE_H
#define INTAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* Bytes of space that the ring must have for messages to be read. */
#define INTAKE_MIN	(3 * MESSAGE_SIZE)

struct client;
struct server;

/*
 * Whether to read from the client now. While the ring is full, that is one
 * line, and if it is a message, the client is stalled with it.
 */
bool	 intake_wanted(const struct server *s, const struct client *c);

/* Read once, and take what was read. Returns whether there may be more. */
bool	 intake_read(struct server *s, struct client *c);

/* Take the input that a stalled client has left, if that is possible now. */
void	 intake_resume(struct server *s, struct client *c);
bool	 intake_can_resume(const struct server *s, const struct client *c);

/*
 * Whether nothing but the ring's space keeps a client from saying more: it is
 * stalled, or, as the caller knows, has more to read.
 */
bool	 intake_starves(const struct server *s, const struct client *c,
	    bool more);

/* How many bytes of lines can be taken now, into the ring or for the log. */
size_t	 intake_space(const struct server *s);

/*
 * When the rate limits let the client go on, in milliseconds of clock_now(): a
 * time in the past if they don't hold it up.
 */
int64_t	 intake_when(const struct server *s, const struct client *c);

#endif
