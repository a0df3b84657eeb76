/*
 * A client: a socket that a plan speaks through, and that is always heard
 */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model.h"

#define READ_SIZE	(64 * 1024)
#define WRITE_SIZE	(32 * 1024)	/* leave time to hear */
#define POLLED_MAX	256

uint64_t moment = 1;
struct client **clients;
size_t nclients;

struct client *
client_new(int rcvbuf)
{
	struct client *c = grown(NULL, 0, sizeof(*c));

	memset(c, 0, sizeof(*c));
	moment++;
	c->id = (unsigned)nclients;
	c->run = run;
	c->fd = room_connect(rcvbuf);
	c->shut = c->most = NEVER;
	c->time = -1;
	clients = grown(clients, nclients, sizeof(*clients));
	clients[nclients++] = c;
	return c;
}

void
client_say(struct client *c, const char *buf, size_t len)
{
	if (c->ends || c->bye || len == 0)
		return;
	c->out = realloc(c->out, c->outlen + len);
	if (c->out == NULL)
		abort();
	memcpy(c->out + c->outlen, buf, len);
	c->outlen += len;
}

static void
gone(struct client *c)
{
	(void)close(c->fd);
	c->fd = -1;
	free(c->out);
	c->out = NULL;
	c->outlen = 0;
	session_ended(c);
}

void
client_close(struct client *c, bool reset)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	if (c->fd == -1)
		return;
	moment++;
	c->cut = true;
	speech_over(c);			/* it may look like a half-close */
	if (reset)
		(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once,
		    sizeof(at_once));
	gone(c);
}

static void
half_close(struct client *c)
{
	if (!c->ends || c->outlen > 0 || c->shut != NEVER)
		return;
	c->shut = ++moment;
	speech_over(c);
	session_ended(c);
	(void)shutdown(c->fd, SHUT_WR);
}

void
client_write(struct client *c)
{
	ssize_t n;

	if (c->fd == -1 || c->bye)
		return;
	if (c->outlen > 0) {
		moment++;
		n = send(c->fd, c->out, c->outlen < WRITE_SIZE ? c->outlen :
		    WRITE_SIZE, MSG_NOSIGNAL);
		if (n > 0) {
			speech_said(c, c->out, (size_t)n);
			c->outlen -= (size_t)n;
			memmove(c->out, c->out + n, c->outlen);
		}
		/* Else reading will tell. */
	}
	half_close(c);
}

/* The room has closed the connection: may it? */
static void
ended(struct client *c, const char *how)
{
	moment++;
	c->eof = true;
	c->well = c->run->ending == NEVER && !c->bye && c->shut != NEVER;
	if (c->run->ending == NEVER && !c->bye && (c->shut == NEVER ||
	    how != NULL))
		broken(c, "When the room closes a connection itself, it says "
		    "bye", "%s", how == NULL ? "an end" : how);
	if (c->inlen > 0 && c->run->ending == NEVER)
		broken(c, "It gives the client what others had said until that "
		    "moment", "it ends in mid-line");
	gone(c);
}

void
client_read(struct client *c)
{
	static char buf[READ_SIZE];
	ssize_t n = recv(c->fd, buf, sizeof(buf), 0);

	if (n > 0)
		hear(c, buf, (size_t)n);
	else if (n == 0)
		ended(c, NULL);
	else if (errno != EAGAIN && errno != EINTR)
		ended(c, strerror(errno));
}

bool
client_sends(const struct client *c)
{
	return c->hello && (c->h.role & ROLE_SEND) != 0;
}

bool
client_listens(const struct client *c)
{
	return !c->hello || (c->h.role & ROLE_RECV) != 0;
}

/* Whether the room owes it anything that can be known. */
bool
client_owed(const struct client *c)
{
	if (c->fd == -1 || c->deaf)
		return false;
	if (c->bye || c->web || c->shut != NEVER ||
	    (c->token != NULL && c->slife != NULL && c->slife->last != c))
		return true;		/* an end */
	if (c->outlen > 0 || c->told < c->nerrors)
		return true;
	if (c->hello && c->answer < (c->h.role == ROLE_SEND ? ANSWER_OK :
	    ANSWER_DONE))
		return true;
	return client_sends(c) && c->ok < c->nlines;
}

void
pump(int timeout)
{
	static struct pollfd pfd[POLLED_MAX];
	struct client *who[POLLED_MAX];
	nfds_t i, n = 1;
	size_t k;

	pfd[0].fd = room_log;
	pfd[0].events = POLLIN;
	for (k = 0; k < nclients && n < POLLED_MAX; k++) {
		if (clients[k]->fd == -1)
			continue;
		who[n] = clients[k];
		pfd[n].fd = who[n]->fd;
		pfd[n].events = (short)((who[n]->deaf ? 0 : POLLIN) |
		    (who[n]->outlen > 0 && !who[n]->bye ? POLLOUT : 0));
		if (pfd[n].events == 0)
			pfd[n].fd = -1;
		pfd[n++].revents = 0;
	}
	if (poll(pfd, n, timeout) == -1 && errno != EINTR)
		err(2, "poll");
	if (pfd[0].revents != 0)
		room_hear();
	for (i = 1; i < n; i++) {
		if (!who[i]->deaf && who[i]->fd != -1 && pfd[i].revents != 0)
			client_read(who[i]);
		if (who[i]->fd != -1)
			client_write(who[i]);
	}
}
