/*
 * Options of TCP: no delays, and finding out that a peer is gone
 */
#ifndef TCP_H
#define TCP_H

/*
 * Most that it takes, in seconds, until a connection fails whose peer has
 * vanished without closing it, whether data is in flight or not. This holds
 * where the system has the options of TCP for it: see tcp(7).
 */
#define TCP_DEAD_SECONDS	110

/*
 * Set these options of the connected socket fd, as far as the system has them.
 * A socket that isn't TCP stays as it is. Returns 0, or -1 with errno.
 */
int	 tcp_prepare(int fd);

#endif
