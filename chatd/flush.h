/*
 * Flushing: sending a client what it hasn't got yet, in one write
 */
#ifndef FLUSH_H
#define FLUSH_H

#include <stdbool.h>

struct client;
struct catchup_buffer;
struct ring;

/* Whether there is anything to send to it, whether or not it can be written. */
bool	 flush_pending(const struct client *c, const struct ring *r);

/* Whether it is owed something that has to be on disk first. */
bool	 flush_waits(const struct client *c, const struct ring *r);

/*
 * Write what the client is owed, as far as its socket takes it. Afterwards its
 * field blocked says whether to wait until it can be written to. After an error
 * it is mute: see client_mute(). catchup is used for readers behind the ring.
 */
void	 flush_client(struct client *c, const struct ring *r,
	    struct catchup_buffer *catchup);

#endif
