/*
 * Notifying a service manager of the service's state, as sd_notify(3) does
 *
 * Without NOTIFY_SOCKET in the environment these functions do nothing. An error
 * is logged once, and then NOTIFY_SOCKET is removed: a room works without its
 * service manager.
 */
#ifndef NOTIFY_H
#define NOTIFY_H

/* Send a state in sd_notify(3)'s words, such as "READY=1". */
void	 notify_state(const char *state);

/* Send RELOADING=1, with the time that systemd asks for. READY=1 has to follow
 * when the reload is over. */
void	 notify_reloading(void);

#endif
