/*
 * A link: a client's connection to a room, with a sending and a receiving half
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "handshake.h"
#include "link_private.h"
#include "net.h"
#include "pollfd.h"
#include "receive.h"

#define ACT	"* "			/* before what somebody does */
#define NO_ANSWER "no answer within 10 seconds"	/* LINK_ANSWER_MS */

struct link *
link_new(const struct addr_list *rooms, struct tls_context *tls,
    const struct hello *h, const struct link_reader *reader, void *arg)
{
	struct link *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->conn.fd = l->dial.fd = l->dial.pid = -1;
	l->rooms = rooms;
	l->tls = tls;
	l->hello = *h;
	l->reader = reader;
	l->arg = arg;
	retry_init(&l->retry, rooms->n, CLOCK_NEVER);
	l->whys = calloc(rooms->n, sizeof(*l->whys));
	if (l->whys != NULL && incoming_init(&l->in) == 0 &&
	    sendq_init(&l->queue) == 0)
		return l;
	link_free(l);
	return NULL;
}

void
link_free(struct link *l)
{
	dial_close(&l->dial);
	if (l->conn.fd != -1)
		conn_close(&l->conn);
	sendq_free(&l->queue);
	incoming_free(&l->in);
	free(l->whys);
	free(l);
}

/* Begin a connection over fd, which becomes the link's. */
static bool
begin_connection(struct link *l, int fd)
{
	if (conn_init(&l->conn, fd) == -1) {
		l->conn.fd = fd;
		return link_cut(l, strerror(errno));
	}
	if (l->placed) {
		l->hello.history = HISTORY_FROM;
		l->hello.n = l->next;
	}
	l->greetlen = hello_format(l->greeting, &l->hello);
	incoming_reset(&l->in);
	l->lost = 0;
	l->lost_uncounted = false;
	l->answered = l->shut = l->broken = false;
	l->answer_by = l->resume && l->rooms->n == 1 ? CLOCK_NEVER :
	    clock_now() + LINK_ANSWER_MS;
	if (l->tls != NULL && !l->rooms->at[l->at].local)
		return handshake_begin(l);
	l->state = LINK_UP;
	return true;
}

/* Have a child connect, from now on. */
static int
open_dial(struct link *l)
{
	if (dial_open(&l->dial, l->rooms) == -1) {
		(void)link_fail(l, "%s", strerror(errno));
		return -1;
	}
	l->dial_at = clock_now();
	return 0;
}

/* Connect to the only address. */
static int
connect_now(struct link *l)
{
	const struct addr *a = &l->rooms->at[0];
	char advice[NET_ADVICE_SIZE];
	const char *why = "";
	int fd = net_connect(a, &why);

	if (fd == -1) {
		net_advise(advice, sizeof(advice), a, errno,
		    l->hello.role == ROLE_SEND);
		(void)link_fail(l, "%s%s", why, advice);
	}
	return fd != -1 && begin_connection(l, fd) ? 0 : -1;
}

int
link_open(struct link *l)
{
	/* A room that turns us away is left when the sandbox is closed. */
	return l->rooms->n > 1 ? open_dial(l) : connect_now(l);
}

/* A token that nobody else has: 128 random bits. */
static void
make_token(char *token)
{
	unsigned char random[16];
	size_t i;

	arc4random_buf(random, sizeof(random));
	for (i = 0; i < sizeof(random); i++)
		(void)snprintf(token + 2 * i, 3, "%02x", random[i]);
}

int
link_open_resuming(struct link *l, bool wait, int64_t patience)
{
	l->resume = true;
	l->waits = wait;
	if ((l->hello.role & ROLE_SEND) != 0)
		make_token(l->hello.session);
	retry_init(&l->retry, l->rooms->n, patience);
	retry_begin(&l->retry);
	if (open_dial(l) == -1)
		return -1;
	if (wait || l->rooms->n > 1)
		return 0;
	if (connect_now(l) == -1) {
		dial_close(&l->dial);
		return -1;
	}
	return 0;
}

/*
 * No line is sent before the room has answered. It may want a key, and then
 * nobody on the way must read a line. The answer also tells which lines are
 * settled by now, and whether the room puts a name before them.
 */
static bool
may_send(const struct link *l)
{
	return l->answered;
}

static bool
wants_write(const struct link *l)
{
	return !l->broken && (l->greetlen > 0 || (may_send(l) &&
	    (l->asks || l->queue.sent < l->queue.end)));
}

static bool
wants_shutdown(const struct link *l)
{
	return l->finishing && !l->shut && !l->broken && may_send(l) &&
	    !wants_write(l);
}

void
link_poll(struct link *l, bool reading, struct pollfd *pfd)
{
	short events;

	l->reading = reading;
	pollfd_set(pfd, -1, 0);
	if (l->state == LINK_DIALLING) {
		pollfd_set(pfd, l->dial.fd, POLLIN);
	} else if (l->state == LINK_HANDSHAKE) {
		pollfd_set(pfd, l->conn.fd, conn_events(&l->conn, true, false));
	} else if (l->state == LINK_UP) {
		events = conn_events(&l->conn, reading,
		    wants_write(l) || wants_shutdown(l));
		pollfd_set(pfd, events == 0 ? -1 : l->conn.fd, events);
	}
}

int64_t
link_deadline(const struct link *l)
{
	int64_t when = CLOCK_NEVER;

	if (l->state == LINK_DOWN)
		when = l->dial_at;
	else if (l->state == LINK_HANDSHAKE)
		when = l->handshake_by;
	else if (l->state == LINK_UP && l->reading && conn_more(&l->conn))
		when = clock_now();
	else if (l->state == LINK_UP && !l->answered)
		when = l->answer_by;

	return l->retry.give_up < when && l->resume ? l->retry.give_up : when;
}

const char *
link_why(const struct link *l)
{
	return l->state != LINK_OVER || l->why[0] == '\0' ? NULL : l->why;
}

bool
link_next_reason(const struct link *l, size_t *i, const char **address,
    const char **why)
{
	if (link_why(l) == NULL)
		return false;
	if (!l->nowhere) {
		*address = link_address(l);
		*why = l->why;
		return (*i)++ == 0;
	}
	while (*i < l->rooms->n && l->whys[*i][0] == '\0')
		(*i)++;
	if (*i == l->rooms->n)
		return false;
	*address = l->rooms->at[*i].name;
	*why = l->whys[(*i)++];
	return true;
}

const char *
link_address(const struct link *l)
{
	return l->rooms->at[l->at].name;
}

bool
link_has_others(const struct link *l)
{
	return l->rooms->n > 1;
}

/*
 * If it fails for good, reading tells why, after all that the room said. Where
 * the connection itself is well, the room ends it when our half does.
 */
static void
write_some(struct link *l)
{
	struct iovec iov[3];
	size_t greeted;
	ssize_t n;
	int i = 0;

	if (l->asks && may_send(l) && l->greetlen == 0 &&
	    sendq_at_line(&l->queue)) {
		l->greetlen = who_format(l->greeting);
		l->asks = false;
	}
	if (l->greetlen > 0) {
		iov[0].iov_base = l->greeting;
		iov[0].iov_len = l->greetlen;
		i = 1;
	}
	if (may_send(l))
		i += sendq_iov(&l->queue, iov + i);
	n = conn_writev(&l->conn, iov, i);
	if (n == -1) {
		l->broken = errno != EAGAIN && errno != EINTR;
		if (l->broken)
			(void)conn_shutdown(&l->conn);
		return;
	}
	greeted = (size_t)n < l->greetlen ? (size_t)n : l->greetlen;
	l->greetlen -= greeted;
	memmove(l->greeting, l->greeting + greeted, l->greetlen);
	sendq_wrote(&l->queue, (size_t)n - greeted);
}

static bool
ready_up(struct link *l, short revents)
{
	/*
	 * Data may still be there after a hangup: let read say. But poll tells
	 * of hangups unasked, also when there's no space for the data.
	 */
	if (l->reading && ((revents & (POLLIN | POLLHUP | POLLERR)) != 0 ||
	    conn_more(&l->conn)) && !receive_some(l))
		return false;
	if (l->state != LINK_UP)
		return true;
	if (!l->answered && clock_now() >= l->answer_by)
		return link_cut(l, NO_ANSWER);
	if (wants_write(l))
		write_some(l);
	else if (conn_unsent(&l->conn))
		(void)conn_flush(&l->conn);
	if (wants_shutdown(l)) {
		l->shut = conn_shutdown(&l->conn) == 0;
		l->broken = !l->shut;
	}
	return true;
}

static bool
ready_down(struct link *l)
{
	if (clock_now() < l->dial_at)
		return true;
	if (dial_start(&l->dial, l->at) == -1)
		return link_fail(l, "the connecting process died: %s",
		    strerror(errno));
	l->state = LINK_DIALLING;
	return true;
}

static bool
ready_dialling(struct link *l, short revents)
{
	char why[LINK_WHY_SIZE];
	int fd;

	if (revents == 0)
		return true;
	fd = dial_finish(&l->dial, why, sizeof(why));
	if (fd == -1)
		return link_cut(l, why);
	return begin_connection(l, fd) &&
	    (l->state != LINK_UP || ready_up(l, 0));
}

bool
link_ready(struct link *l, short revents)
{
	/* Without a room it ends at once, also when a dial takes its time. */
	if (l->state != LINK_OVER && l->cut_reported && link_is_done(l))
		return link_end(l);
	if (l->state != LINK_OVER && l->resume && retry_over(&l->retry))
		return link_give_up(l);
	switch (l->state) {
	case LINK_DOWN:
		return ready_down(l);
	case LINK_DIALLING:
		return ready_dialling(l, revents);
	case LINK_HANDSHAKE:
		return handshake_continue(l) &&
		    (l->state != LINK_UP || ready_up(l, 0));
	case LINK_UP:
		return ready_up(l, revents);
	default:
		return false;
	}
}

void
link_name(struct link *l, const char *name, bool insists)
{
	(void)snprintf(l->prefix, sizeof(l->prefix), "%s: ", name);
	l->prefixlen = strlen(l->prefix);
	l->insists = insists;
}

bool
link_say(struct link *l, const char *text, size_t len, uint64_t input)
{
	return sendq_put(&l->queue, l->prefix, l->prefixlen, text, len, input);
}

size_t
link_act_size(const struct link *l)
{
	/* "* name " in place of "name: " */
	return l->prefixlen > 0 ? l->prefixlen + 1 : strlen(ACT);
}

bool
link_act(struct link *l, const char *text, size_t len, uint64_t input)
{
	char prefix[LINK_PREFIX_SIZE + sizeof(ACT)] = ACT;
	size_t n = link_act_size(l);

	if (l->prefixlen > 0) {
		memcpy(prefix + strlen(ACT), l->prefix, l->prefixlen - 2);
		prefix[n - 1] = ' ';
	}
	return sendq_put(&l->queue, prefix, n, text, len, input);
}

bool
link_say_lines(struct link *l, const char *lines, size_t len, size_t n,
    uint64_t input)
{
	return sendq_put_lines(&l->queue, lines, len, n, input);
}

size_t
link_prefix_size(const struct link *l)
{
	return l->prefixlen;
}

size_t
link_space(const struct link *l)
{
	return SENDQ_SIZE - (size_t)(l->queue.end - l->queue.acked);
}

bool
link_has_space(const struct link *l)
{
	return sendq_has_space(&l->queue);
}

void
link_ask(struct link *l)
{
	l->asks = true;
}

void
link_finish(struct link *l)
{
	l->finishing = true;
}

uint64_t
link_lines(const struct link *l)
{
	return l->queue.lines;
}

uint64_t
link_settled(const struct link *l)
{
	return l->queue.settled;
}

uint64_t
link_refused(const struct link *l)
{
	return l->refused;
}

uint64_t
link_owed(const struct link *l)
{
	return l->queue.lines - l->queue.settled;
}

uint64_t
link_doubtful(const struct link *l)
{
	return sendq_written(&l->queue);
}

uint64_t
link_input(struct link *l, uint64_t n)
{
	return sendq_input(&l->queue, n);
}

bool
link_next_number(const struct link *l, uint64_t *n)
{
	*n = l->next;
	return l->placed;
}

bool
link_is_connected(const struct link *l)
{
	return l->state == LINK_UP || l->state == LINK_HANDSHAKE;
}

bool
link_is_up(const struct link *l)
{
	return l->state == LINK_UP;
}

bool
link_is_answered(const struct link *l)
{
	return l->answered;
}

bool
link_was_answered(const struct link *l)
{
	return l->ever_answered;
}

bool
link_is_cut(const struct link *l)
{
	return l->cut_reported;
}

bool
link_is_finishing(const struct link *l)
{
	return l->finishing;
}

int64_t
link_next_try(const struct link *l)
{
	return l->state == LINK_DOWN ? l->dial_at : CLOCK_NEVER;
}

pid_t
link_helper(const struct link *l)
{
	return l->dial.pid;
}
