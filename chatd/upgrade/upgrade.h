/*
 * Upgrading: the old keeper's half
 *
 * On SIGUSR2 the keeper executes its program again, which may be a newer one,
 * in the same process. The pid stays, and so do all connections but the
 * encrypted ones. The old room process hands over its descriptors and its state
 * (see handover.h), and the new program takes over (see takeover.h).
 *
 * An exec can't be undone. So there is a trial first: a child of the keeper
 * executes the new program and reads a state, while the old room process goes
 * on serving. Only if the child reports that it is ready does the keeper
 * request everything once more, and execute the new program for good.
 */
#ifndef UPGRADE_H
#define UPGRADE_H

struct keeper;

/*
 * Upgrade. If this returns, the upgrade has failed, the log has the reason, and
 * the room process goes on as before. Meanwhile the keeper does nothing else:
 * it waits up to 10 seconds for each message from the room process, and up to 5
 * for the trial.
 */
void	 upgrade_run(struct keeper *k);

#endif
