/*
 * The channel: messages between the keeper and the room process, with file
 * descriptors passed along
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"

/* What goes through the socket, in a single call each. */
struct packet {
	uint32_t	 kind;
	uint64_t	 number;
	char		 text[CHANNEL_TEXT];
};

/* A control message with descriptors, aligned as it has to be. */
union passed {
	struct cmsghdr	 header;
	char		 space[CMSG_SPACE(sizeof(int) * CHANNEL_FDS)];
};

int
channel_open(int ends[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == -1)
		return -1;
	(void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	return 0;
}

static void
attach(struct msghdr *msg, union passed *passed, const struct message *m)
{
	size_t len = sizeof(int) * m->nfds;
	struct cmsghdr *c;

	memset(passed, 0, sizeof(*passed));
	msg->msg_control = passed->space;
	msg->msg_controllen = (socklen_t)CMSG_SPACE(len);
	c = CMSG_FIRSTHDR(msg);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = (socklen_t)CMSG_LEN(len);
	memcpy(CMSG_DATA(c), m->fds, len);
}

int
channel_send(int fd, const struct message *m)
{
	struct packet packet;
	struct iovec iov = { &packet, sizeof(packet) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	union passed passed;
	ssize_t n;

	memset(&packet, 0, sizeof(packet));
	packet.kind = m->kind;
	packet.number = m->number;
	(void)strlcpy(packet.text, m->text, sizeof(packet.text));
	if (m->nfds > 0)
		attach(&msg, &passed, m);
	do {
		n = sendmsg(fd, &msg, 0);
	} while (n == -1 && errno == EINTR);
	return n == (ssize_t)sizeof(packet) ? 0 : -1;
}

int
channel_send_text(int fd, enum message_kind kind, uint64_t number,
    const char *text)
{
	struct message m = { .kind = kind, .number = number };

	(void)strlcpy(m.text, text, sizeof(m.text));
	return channel_send(fd, &m);
}

static void
detach(struct msghdr *msg, struct message *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	size_t i;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return;
	m->nfds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(m->fds, CMSG_DATA(c), m->nfds * sizeof(int));
	for (i = 0; i < m->nfds; i++)
		(void)fcntl(m->fds[i], F_SETFD, FD_CLOEXEC);
}

bool
channel_receive(int fd, struct message *m)
{
	struct packet packet;
	struct iovec iov = { &packet, sizeof(packet) };
	union passed passed;
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = passed.space,
		.msg_controllen = sizeof(passed.space)
	};
	ssize_t n;

	memset(m, 0, sizeof(*m));
	do {
		n = recvmsg(fd, &msg, MSG_WAITALL);
	} while (n == -1 && errno == EINTR);
	if (n > 0)
		detach(&msg, m);
	if (n != (ssize_t)sizeof(packet)) {
		channel_discard(m);
		return false;
	}
	m->kind = (enum message_kind)packet.kind;
	m->number = packet.number;
	packet.text[sizeof(packet.text) - 1] = '\0';
	memcpy(m->text, packet.text, sizeof(m->text));
	return true;
}

void
channel_await(int fd, struct message *m)
{
	if (!channel_receive(fd, m))
		_exit(2);
}

void
channel_discard(struct message *m)
{
	while (m->nfds > 0)
		(void)close(m->fds[--m->nfds]);
}
