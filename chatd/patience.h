/*
 * Patience: backpressure, and its limit
 *
 * When the ring is full, no messages are taken until a quarter of it has come
 * free, so TCP slows their senders down. That lasts no longer than the
 * patience. Then the readers that still need this quarter are moved on to the
 * middle of the ring, and get a "lost" line; with a store they lose nothing,
 * and read on from its segments. Nobody waits again for such a reader before it
 * has caught up.
 */
#ifndef PATIENCE_H
#define PATIENCE_H

struct server;

/*
 * Free a quarter of the ring if it is short of space and the readers allow it,
 * or the patience is over. Looks at every reader then, and at nothing
 * otherwise.
 */
void	 patience_enforce(struct server *s);

#endif
