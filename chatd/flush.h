/*
 * Flushing: giving a client what it hasn't got yet, in one write
 */
#ifndef FLUSH_H
#define FLUSH_H

#include <stdbool.h>

struct client;
struct catchup_buffer;
struct ring;

/* Whether there is anything to write, be it possible now or not. */
bool	 flush_pending(const struct client *c, const struct ring *r);

/* Whether it is owed something that has to be written down first. */
bool	 flush_waits(const struct client *c, const struct ring *r);

/*
 * Write what the client is owed, as far as its socket takes it. Afterwards
 * blocked says whether to wait until it can be written to. A client that can't
 * be written to any more becomes mute. past is for readers behind the ring.
 */
void	 flush_client(struct client *c, const struct ring *r,
	    struct catchup_buffer *catchup);

#endif
