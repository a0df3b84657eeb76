/*
 * Notifying: telling a service manager how it is going, as sd_notify(3) does
 *
 * Nobody is told unless the environment has NOTIFY_SOCKET. An error is logged,
 * and then nobody is told any more; nothing else depends on it.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

/* Tell a state, such as "READY=1". */
void	 notify_state(const char *state);

/* Tell that READY=1 doesn't hold until it is said again. */
void	 notify_reloading(void);

#endif
