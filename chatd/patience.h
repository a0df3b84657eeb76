/*
 * Patience: what happens when the ring is full
 *
 * Senders wait until a quarter of the ring has come free, but not for longer
 * than the patience: then readers that still hold it up are moved on to the
 * middle and told what they lost; with a store they lose nothing, and
 * read on from there. A reader that was moved is not waited for
 * again until it has caught up.
 */
#ifndef PATIENCE_H
#define PATIENCE_H

struct server;

/*
 * Make space if the room is short of it. Costs a look at every reader then,
 * and nothing otherwise.
 */
void	 patience_enforce(struct server *s);

#endif
