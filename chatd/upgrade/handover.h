/*
 * Handing over: what the room does for an upgrade
 *
 * It gives its descriptors and its state to the keeper, which executes the
 * program that is to go on: see upgrade.h.
 */
#ifndef HANDOVER_H
#define HANDOVER_H

struct server;

/*
 * Do what the keeper has asked for when loop_run() ended with LOOP_UPGRADE.
 * If that returns, the room goes on.
 */
void	 handover_give(struct server *s);

#endif
