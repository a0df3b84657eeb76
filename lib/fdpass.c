/*
 * Passing file descriptors to another process
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "fdpass.h"

/* A control message with descriptors, aligned as it has to be. */
union passed {
	struct cmsghdr	 header;
	char		 space[CMSG_SPACE(sizeof(int) * FDPASS_MAX)];
};

static void
attach_fds(struct msghdr *msg, union passed *passed, const int *fds, size_t n)
{
	struct cmsghdr *c;

	memset(passed, 0, sizeof(*passed));
	msg->msg_control = passed->space;
	msg->msg_controllen = (socklen_t)CMSG_SPACE(sizeof(int) * n);
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = (socklen_t)CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(c), fds, sizeof(int) * n);
}

ssize_t
fdpass_send(int to, const void *buf, size_t len, const int *fds, size_t nfds)
{
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union passed passed;
	ssize_t n;

	if (nfds > 0)
		attach_fds(&msg, &passed, fds, nfds);
	do {
		n = sendmsg(to, &msg, 0);
	} while (n == -1 && errno == EINTR);
	return n;
}

/* Keep up to max of the descriptors that came. Returns how many. */
static size_t
detach_fds(struct msghdr *msg, int *fds, size_t max)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	size_t i, n;
	int fd;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return 0;
	n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	for (i = 0; i < n; i++) {
		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
		if (i < max)
			fds[i] = fd;
		else
			(void)close(fd);
	}
	return n < max ? n : max;
}

ssize_t
fdpass_receive(int from, void *buf, size_t size, int flags, int *fds,
    size_t *nfds)
{
	struct iovec iov = { buf, size };
	union passed passed;
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = passed.space,
		.msg_controllen = sizeof(passed.space)
	};
	ssize_t n;

	do {
		n = recvmsg(from, &msg, flags);
	} while (n == -1 && errno == EINTR);
	*nfds = n > 0 ? detach_fds(&msg, fds, *nfds) : 0;
	return n;
}
