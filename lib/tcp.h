/*
 * What is asked of TCP: no delays, and to notice a peer that is gone
 */
#ifndef TCP_H
#define TCP_H

/*
 * A peer that has vanished without a word is found within this many seconds,
 * where the system's TCP can be told so, whether data is on its way or not.
 */
#define TCP_DEAD_SECONDS	110

/*
 * Set up the connected socket fd; sockets that aren't TCP are left alone. What
 * the system doesn't know is left out. 0, or -1 with errno.
 */
int	 tcp_prepare(int fd);

#endif
