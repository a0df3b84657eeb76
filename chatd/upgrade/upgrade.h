/*
 * Upgrading: the old keeper's half
 *
 * On SIGUSR2 the keeper executes its program again, which may be a newer one,
 * in the same process: the pid stays, and no connection is closed. The old room
 * process hands over its descriptors and its state (see handover.h); the new
 * program takes over (see takeover.h).
 *
 * An exec can't be undone. So there is a trial first: a child of the keeper
 * executes the new program, which reads a state that the old room process has
 * written while it goes on serving. Only if the new program reports that it is
 * ready does the keeper ask for everything and execute it for good.
 */
#ifndef UPGRADE_H
#define UPGRADE_H

struct keeper;

/*
 * Try to upgrade. If this returns, the upgrade has failed, the log has the
 * reason, and both processes go on as before. While the child hangs, each
 * message takes up to 10 seconds; the trial takes up to 5.
 */
void	 upgrade_run(struct keeper *k);

#endif
