/*
 * A client: one connection to the room
 */
#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "catchup.h"
#include "client.h"
#include "presence.h"
#include "room/ring.h"

static void
remember_address(struct client *c, const struct sockaddr *sa)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)sa;

	if (sa->sa_family == AF_INET) {
		c->addr.s6_addr[10] = c->addr.s6_addr[11] = 0xff;
		memcpy(c->addr.s6_addr + 12, &sin->sin_addr, 4);
		c->port = sin->sin_port;
	} else if (sa->sa_family == AF_INET6) {
		c->addr = sin6->sin6_addr;
		c->port = sin6->sin6_port;
	}
}

struct client *
client_new(int fd, const struct sockaddr *sa, struct peer *peer, uint64_t id)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL || conn_init(&c->conn, fd) == -1) {
		free(c);
		return NULL;
	}
	remember_address(c, sa);
	c->peer = peer;
	c->id = id;
	c->state = CLIENT_FRESH;
	c->role = c->access = ROLE_CHAT;
	c->plain = true;
	c->cursor = CURSOR_NONE;
	c->until = c->until_line = CURSOR_NONE;
	c->time = TIME_NONE;
	return c;
}

void
client_free(struct client *c)
{
	conn_close(&c->conn);
	catchup_leave(c);
	presence_leave(c);
	free(c->in);
	free(c->out);
	free(c);
}

char *
client_address(const struct client *c, char *buf)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	char text[ADDR_TEXT_SIZE];

	if (c->peer == NULL) {
		(void)snprintf(text, sizeof(text), "a local client");
	} else if (IN6_IS_ADDR_V4MAPPED(&c->addr)) {
		memcpy(&sin.sin_addr, c->addr.s6_addr + 12, 4);
		sin.sin_port = c->port;
		(void)addr_format(text, (struct sockaddr *)&sin, sizeof(sin));
	} else {
		sin6.sin6_addr = c->addr;
		sin6.sin6_port = c->port;
		(void)addr_format(text, (struct sockaddr *)&sin6, sizeof(sin6));
	}
	(void)strlcpy(buf, text, CLIENT_ADDRESS_SIZE);
	return buf;
}

/* Put len bytes before or behind what is to go out, or give the client up. */
static char *
grow_out(struct client *c, size_t len)
{
	char *p = realloc(c->out, c->outlen + len);

	if (p == NULL) {
		c->state = CLIENT_GONE;
		return NULL;
	}
	c->out = p;
	c->outlen += (uint32_t)len;
	return p;
}

void
client_tell(struct client *c, const char *fmt, ...)
{
	char line[CTL_SIZE];
	size_t size = sizeof(line) - 2, len;
	va_list ap;
	int n;

	line[0] = CTL_MARK;
	va_start(ap, fmt);
	n = vsnprintf(line + 1, size, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	len = 1 + ((size_t)n < size ? (size_t)n : size - 1);
	line[len++] = '\n';
	if (grow_out(c, len) != NULL)
		memcpy(c->out + c->outlen - len, line, len);
}

void
client_refuse(struct client *c, uint64_t n, const char *reason)
{
	client_tell(c, "error %" PRIu64 " %s", n, reason);
}

void
client_keep(struct client *c, const char *buf, size_t len)
{
	char *p = NULL;

	if (len > 0) {
		p = malloc(len);
		if (p == NULL) {
			c->state = CLIENT_GONE;
			return;
		}
		memcpy(p, buf, len);
	}
	free(c->in);
	c->in = p;
	c->inlen = (uint32_t)len;
}

uint64_t
client_next_line(const struct client *c, const struct ring *r)
{
	if (c->cursor >= r->head || ring_at_line(r, c->cursor))
		return c->cursor;
	return ring_line_end(r, c->cursor);
}

void
client_jump(struct client *c, const struct ring *r, uint64_t pos)
{
	struct iovec iov[2];
	uint64_t end = client_next_line(c, r);
	size_t len = (size_t)(end - c->cursor);
	char *p;
	int n;

	if (len > 0) {
		n = ring_iov(r, c->cursor, end, iov);
		p = grow_out(c, len);
		if (p == NULL)
			return;
		memmove(p + len, p, c->outlen - len);
		memcpy(p, iov[0].iov_base, iov[0].iov_len);
		if (n == 2)
			memcpy(p + iov[0].iov_len, iov[1].iov_base,
			    iov[1].iov_len);
	}
	catchup_leave(c);
	c->cursor = pos;
}

const char *
client_bye_text(enum bye bye)
{
	switch (bye) {
	case BYE_NONE:
		break;
	case BYE_FULL:
		return "full";
	case BYE_CROWD:
		return "too many connections from your address";
	case BYE_MEMORY:
		return "out of memory";
	case BYE_CLOSING:
		return "the room is closing";
	case BYE_AGAIN:
		return "this session is connected again";
	case BYE_NAMELESS:
		return "this room cannot tell who you are";
	case BYE_KEY:
		return BYE_TEXT_KEY;
	case BYE_NO_KEYS:
		return BYE_TEXT_NO_KEYS;
	case BYE_HANDSHAKES:
		return "too many unfinished handshakes from your address";
	case BYE_REVOKED:
		return BYE_TEXT_REVOKED;
	case BYE_SENDS:
		return BYE_TEXT_SENDS;
	case BYE_LISTENS:
		return BYE_TEXT_LISTENS;
	case BYE_UPGRADE:
		return "the room is being upgraded";
	case BYE_WEB:
		return "this is a chat room, not a web server";
	case BYE_UNFINISHED:
		return "too many unfinished lines in this room";
	case BYE_STRANGER:
		return "this is a chat room, and speaks another protocol";
	}
	return "";
}

void
client_until(struct client *c, const struct ring *r, uint64_t pos)
{
	c->until = pos;
	c->until_line = ring_number(r, pos);
}

void
client_stop(struct client *c, const struct ring *r)
{
	catchup_leave(c);
	if (c->cursor != CURSOR_NONE)
		client_until(c, r, client_next_line(c, r));
}

void
client_bye(struct client *c, const struct ring *r, uint64_t until,
    int64_t deadline, enum bye bye)
{
	if (c->state >= CLIENT_LEAVING)
		return;
	if (until != CURSOR_NONE)
		client_until(c, r, until);
	c->deadline = deadline;
	c->state = CLIENT_LEAVING;
	c->bye = bye;
	client_keep(c, NULL, 0);
	presence_leave(c);
	c->stuck = false;
	c->blocked = true;	/* so that poll wakes when it can be told */
}

void
client_mute(struct client *c, int error)
{
	/* A reset is told once, to who writes; after that one reads an end. */
	c->cut |= error != EPIPE;
	catchup_leave(c);
	presence_leave(c);
	c->cursor = CURSOR_NONE;
	c->blocked = false;
	c->lost = 0;
	c->bye = BYE_NONE;
	free(c->out);
	c->out = NULL;
	c->outlen = 0;
	/* Where the connection itself is well, it is to see that. */
	(void)conn_shutdown(&c->conn);
	if ((c->role & ROLE_SEND) == 0 || c->eof || c->state >= CLIENT_LEAVING)
		c->state = CLIENT_GONE;
}
