/*
 * Passing file descriptors to another process, with the bytes of a message,
 * over a Unix-domain socket (SCM_RIGHTS in unix(7))
 */
#ifndef FDPASS_H
#define FDPASS_H

#include <sys/types.h>

#include <stddef.h>

#define FDPASS_MAX	64		/* descriptors in one message */

/*
 * Send len bytes and nfds descriptors, at most FDPASS_MAX, which stay the
 * caller's. Returns how many bytes were sent, or -1 with errno.
 */
ssize_t	 fdpass_send(int to, const void *buf, size_t len, const int *fds,
	    size_t nfds);

/*
 * Receive up to size bytes, as recv(2) does with flags, and up to *nfds
 * descriptors, which become the caller's and are closed on exec; *nfds becomes
 * how many came. Any more are closed. Returns the bytes, 0 at the end, or -1
 * with errno.
 */
ssize_t	 fdpass_receive(int from, void *buf, size_t size, int flags, int *fds,
	    size_t *nfds);

#endif
