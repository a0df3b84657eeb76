/*
 * The channel: messages between the keeper and the room process, with file
 * descriptors passed along
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "fdpass.h"

/* What goes through the socket, in a single call each. */
struct packet {
	uint32_t	 kind;
	uint64_t	 number;
	char		 text[CHANNEL_TEXT];
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

int
channel_send(int fd, const struct message *m)
{
	struct packet packet;
	ssize_t n;

	memset(&packet, 0, sizeof(packet));
	packet.kind = m->kind;
	packet.number = m->number;
	(void)strlcpy(packet.text, m->text, sizeof(packet.text));
	n = fdpass_send(fd, &packet, sizeof(packet), m->fds, m->nfds);
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

bool
channel_receive(int fd, struct message *m)
{
	struct packet packet;
	ssize_t n;

	memset(&packet, 0, sizeof(packet));
	memset(m, 0, sizeof(*m));
	m->nfds = CHANNEL_FDS;
	n = fdpass_receive(fd, &packet, sizeof(packet), MSG_WAITALL, m->fds,
	    &m->nfds);
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
