/*
 * Handing over: the old room process's half of an upgrade
 *
 * It sends its descriptors and its state to the keeper, which executes the new
 * program (see upgrade.h).
 */
#ifndef HANDOVER_H
#define HANDOVER_H

struct server;

/*
 * Do what the keeper has asked for when loop_run() has returned
 * LOOP_UPGRADE. If this returns, the server goes on: it was a trial, or the
 * upgrade has failed. For good, it waits for the keeper's word, and the process
 * exits when the keeper is a new program.
 */
void	 handover_run(struct server *s);

#endif
