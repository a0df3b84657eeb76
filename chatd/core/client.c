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
#include "clock.h"
#include "presence.h"
#include "room/ring.h"
#include "room/session.h"
#include "speaker.h"

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
	client_drop_catchup(c);
	client_drop_presence(c);
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

/* Make space for len bytes more of what goes out, or give the client up. */
static char *
grow_out(struct client *c, size_t len)
{
	char *p = realloc(c->out, c->outlen + len);

	if (p == NULL) {
		client_give_up(c);
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

uint64_t
client_settled(const struct client *c)
{
	const struct speaker *sp = c->speaker;

	return sp == NULL || (sp->end <= *sp->back && !sp->abandoned) ?
	    c->lines : sp->settled;
}

bool
client_unanswered(const struct client *c)
{
	return c->speaker != NULL && c->speaker->wait != SPEAKER_FREE &&
	    c->state < CLIENT_LEAVING;
}

bool
client_unsettled(const struct client *c)
{
	return c->speaker != NULL && !c->speaker->abandoned &&
	    client_settled(c) != c->lines;
}

void
client_keep(struct client *c, const char *buf, size_t len)
{
	char *p = NULL;

	if (len > 0) {
		p = malloc(len);
		if (p == NULL) {
			client_give_up(c);
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
	client_drop_catchup(c);
	c->cursor = pos;
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
	client_drop_catchup(c);
	if (c->cursor != CURSOR_NONE)
		client_until(c, r, client_next_line(c, r));
}

void
client_drop_catchup(struct client *c)
{
	free(c->catchup);
	c->catchup = NULL;
}

void
client_drop_presence(struct client *c)
{
	if (c->presence != NULL && c->presence->watches)
		LIST_REMOVE(c->presence, entry);
	free(c->presence);
	c->presence = NULL;
}

void
client_resume(struct client *c, struct sessions *all, struct session *session)
{
	/* Where a log has the last word, only what it brings back counts. */
	session_attach(all, session, c, session->owner == NULL ? &c->lines :
	    &session->lines);
	c->session = session;
}

void
client_join(struct client *c, struct sessions *all, struct session *session)
{
	if (session->client != NULL)
		client_hold_session(session->client, all);
	session_hold(all, session);
	client_resume(c, all, session);
	c->id = session->author;
	c->lines = c->acked = session->lines;
	c->authored = session->authored;
}

void
client_hold_session(struct client *c, struct sessions *all)
{
	if (c->session != NULL)
		session_detach(all, c->session, session_lines(c->session),
		    c->authored);
	c->session = NULL;
}

void
client_leave_session(struct client *c, struct sessions *all)
{
	struct session *session = c->session;

	client_hold_session(c, all);
	if (session != NULL)
		session_part(all, session);
}

void
client_authenticate(struct client *c, int64_t deadline)
{
	c->state = CLIENT_AUTHENTICATING;
	c->deadline = deadline;
}

void
client_admit(struct client *c, int64_t deadline)
{
	c->state = CLIENT_FRESH;
	c->deadline = deadline;
	c->admitted = true;
}

void
client_talk(struct client *c)
{
	if (c->state == CLIENT_FRESH)
		c->state = CLIENT_TALKING;
}

void
client_end(struct client *c, const struct ring *r)
{
	client_until(c, r, r->head);
	c->state = CLIENT_LEAVING;
	c->deadline = CLOCK_NEVER;
}

void
client_bye(struct client *c, const struct ring *r, uint64_t until,
    int64_t deadline, enum bye bye)
{
	if (c->state >= CLIENT_LEAVING)
		return;
	if (until != CURSOR_NONE)
		client_until(c, r, until);
	c->state = CLIENT_LEAVING;
	c->deadline = deadline;
	c->bye = bye;
	client_keep(c, NULL, 0);
	client_drop_presence(c);
	c->stalled = false;
	c->blocked = true;	/* so that poll wakes when it can be written */
}

void
client_linger(struct client *c)
{
	c->state = conn_shutdown(&c->conn) == 0 ? CLIENT_LINGERING :
	    CLIENT_GONE;
	c->cursor = CURSOR_NONE;
	c->blocked = conn_unsent(&c->conn);
}

void
client_give_up(struct client *c)
{
	c->state = CLIENT_GONE;
}

void
client_mute(struct client *c, int error)
{
	/* Only one write gets the reset; reads see nothing but an end then. */
	c->broken |= error != EPIPE;
	client_drop_catchup(c);
	client_drop_presence(c);
	c->cursor = CURSOR_NONE;
	c->blocked = false;
	c->lost = 0;
	c->bye = BYE_NONE;
	free(c->out);
	c->out = NULL;
	c->outlen = 0;
	/* A connection that works is to show the other side an end. */
	(void)conn_shutdown(&c->conn);
	if ((c->role & ROLE_SEND) == 0 || c->eof || c->state >= CLIENT_LEAVING)
		client_give_up(c);
}
