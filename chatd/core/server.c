/*
 * The server: a room, its clients, and the doors they come in by
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "door/admission.h"
#include "door/ask.h"
#include "door/guard.h"
#include "listen/listener.h"
#include "flush.h"
#include "intake.h"
#include "keeper/channel.h"
#include "log.h"
#include "patience.h"
#include "server.h"

#define SYNC_READS	8		/* most of a client in a round */

#define PFD_KEEPER	0
#define PFD_LISTENERS	1		/* as many as there are, then clients */
#define CLIENTS_MIN	16		/* to have memory for */
#define HANGUP		(POLLHUP | POLLERR | POLLNVAL)

/* A journal, and what its readers need. */
static int
open_journal(struct server *s)
{
	s->journal = calloc(1, sizeof(*s->journal));
	if (s->journal == NULL)
		return -1;
	s->journal->store.dir = s->journal->store.fd = -1;
	return catchup_init(&s->catchup, s->journal);
}

int
server_init(struct server *s, const struct config *config, struct ring *ring,
    struct listeners *listeners)
{
	memset(s, 0, sizeof(*s));
	s->config = *config;
	s->ring = ring;
	s->listeners = listeners;
	RB_INIT(&s->peers);
	RB_INIT(&s->persons);
	LIST_INIT(&s->watchers);
	sessions_init(&s->sessions, config->sessions);
	s->full_since = s->closing = s->leaving = CLOCK_NEVER;
	s->keeper = -1;
	s->now = clock_now();
	if (config->store.path != NULL && open_journal(s) == -1)
		return -1;
	s->buf = malloc(LINE_KEEP + SERVER_READ + 1);
	if (config->named &&
	    (s->named = malloc(RING_APPEND_MAX)) == NULL)
		return -1;
	s->pfd = calloc(PFD_LISTENERS + listeners->n, sizeof(*s->pfd));
	s->reserve = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	if (s->buf == NULL || s->pfd == NULL || s->reserve == -1)
		return -1;
	/* A file that may not grow is a full disk, and no reason to end. */
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR ? -1 : 0;
}

void
server_free(struct server *s)
{
	while (s->nclients > 0)
		door_leave(s, s->clients[--s->nclients]);
	sessions_free(&s->sessions);
	guard_free(&s->guard);
	ring_free(s->ring);
	free(s->clients);
	free(s->pfd);
	free(s->buf);
	free(s->named);
	catchup_free(&s->catchup);
	if (s->journal != NULL)
		journal_free(s->journal);
	free(s->journal);
	if (s->reserve != -1)
		(void)close(s->reserve);
}

void
server_wake(struct server *s, int64_t when)
{
	if (when < s->deadline)
		s->deadline = when;
}

bool
server_reserve(struct server *s, size_t n)
{
	struct client **clients;
	struct pollfd *pfd;

	if (n < CLIENTS_MIN)
		n = CLIENTS_MIN;
	clients = reallocarray(s->clients, n, sizeof(*clients));
	if (clients == NULL)
		return false;
	s->clients = clients;
	pfd = reallocarray(s->pfd, PFD_LISTENERS + s->listeners->n + n,
	    sizeof(*pfd));
	if (pfd == NULL)
		return false;
	s->pfd = pfd;
	s->allocated = n;
	return true;
}

static struct pollfd *
client_pfd(const struct server *s, size_t i)
{
	return &s->pfd[PFD_LISTENERS + s->listeners->n + i];
}

static void
watch(struct pollfd *pfd, int fd, short events)
{
	pfd->fd = fd;
	pfd->events = events;
	pfd->revents = 0;
}

static bool
wants_to_read(const struct server *s, const struct client *c)
{
	return c->state == CLIENT_AUTHENTICATING ? guard_wants_read(c) :
	    intake_wanted(s, c);
}

/* A hangup is seen whatever else is waited for, but only once: poll(2), which
 * passes over a descriptor below 0, would wake again and again for it. */
static void
watch_client(const struct server *s, const struct client *c,
    struct pollfd *pfd)
{
	short events = conn_events(&c->conn, wants_to_read(s, c), c->blocked);

	watch(pfd, events == 0 && c->hung ? -1 : c->conn.fd, events);
}

static void
watch_all(struct server *s)
{
	bool open = door_is_open(s);
	size_t i;

	watch(&s->pfd[PFD_KEEPER], s->keeper, POLLIN);
	for (i = 0; i < s->listeners->n; i++)
		watch(&s->pfd[PFD_LISTENERS + i],
		    open ? s->listeners->list[i].fd : -1, POLLIN);
	for (i = 0; i < s->nclients; i++)
		watch_client(s, s->clients[i], client_pfd(s, i));
}

/* Stop: nobody new, nothing new, but everybody gets what is there. */
static void
start_closing(struct server *s)
{
	size_t i;

	if (s->closing != CLOCK_NEVER)
		return;
	s->closing = s->now + BYE_MS;
	server_wake(s, s->closing);
	listeners_close(s->listeners);
	for (i = 0; i < s->nclients; i++)
		door_bye(s, s->clients[i], s->ring->head, s->closing,
		    BYE_CLOSING);
	log_event("closing");
}

static void
log_counters(const struct server *s)
{
	log_event("clients %zu, lines %" PRIu64 ", bytes %" PRIu64 ", lost %"
	    PRIu64 ", refused %" PRIu64 ", turned away %" PRIu64,
	    s->nclients - s->nturned - s->guard.n, s->count.lines,
	    s->count.bytes, s->count.lost, s->count.refused, s->count.turned);
}

/* Before another program goes on: those who can't be handed over come back to
 * that, and it is the one that lets in who comes now. */
static void
start_leaving(struct server *s)
{
	size_t i;

	s->leaving = s->now + BYE_MS;
	s->sessions.held_until = s->now + SESSION_HELD_MS;
	for (i = 0; i < s->nclients; i++) {
		if (!conn_can_move(&s->clients[i]->conn))
			door_bye(s, s->clients[i], s->ring->head, s->leaving,
			    BYE_UPGRADE);
	}
}

/* Do what the keeper says. */
static void
obey(struct server *s)
{
	struct message m;

	ask_hear(s, &m);
	if (m.kind == MESSAGE_STOP)
		start_closing(s);
	else if (m.kind == MESSAGE_COUNT)
		log_counters(s);
	else if (m.kind == MESSAGE_KEYS && m.nfds == 1)
		guard_reload(s, m.fds[0]);
	else if (m.kind == MESSAGE_KEYS)
		log_event("nothing to read again");
	else if (m.kind == MESSAGE_NAME)
		ask_answered(s, &m);
	else if (m.kind == MESSAGE_TRY)
		s->trial = true;
	else if (m.kind == MESSAGE_LEAVE)
		start_leaving(s);
	channel_discard(&m);
}

/*
 * To wait for the disk is dear, so more than one read of each client shares a
 * wait.
 */
static size_t
reads_in_round(const struct server *s)
{
	size_t most = s->ring->size / 8 / SERVER_READ;

	if (s->journal == NULL || !s->journal->store.config.sync || most == 0)
		return 1;
	return most < SYNC_READS ? most : SYNC_READS;
}

/* Read once. Returns whether there may be more. */
static bool
read_client(struct server *s, struct client *c)
{
	if (c->state != CLIENT_AUTHENTICATING || !guard_wants_read(c))
		return intake_read(s, c);
	guard_read(s, c);
	return false;
}

/*
 * Nobody is there any more. What has come is still taken if that is a matter of
 * the room's space, which others make; else the client would keep its place for
 * as long as it may not be read.
 */
static void
hang_up(struct server *s, struct client *c)
{
	c->hung = true;
	if (!wants_to_read(s, c) && (s->ring->held ||
	    !intake_starves(s, c, false)))
		c->state = CLIENT_GONE;
}

/* What there is to read of a client. Returns whether there may be more. */
static bool
hear_client(struct server *s, struct client *c, struct pollfd *pfd)
{
	bool more = false, resumed = c->stuck;

	intake_resume(s, c);
	resumed &= !c->stuck;
	/* Data may still be there after a hangup, and after what was stuck,
	 * for which poll was not asked: let read say. */
	if ((pfd->revents & (POLLIN | HANGUP)) != 0 || resumed ||
	    conn_more(&c->conn))
		more = read_client(s, c);
	if (c->hung || (pfd->revents & HANGUP) != 0)
		hang_up(s, c);
	if (!more)
		pfd->revents &= ~POLLIN;
	return more;
}

/*
 * Hear everybody once, beginning with the one whose turn it is. When space runs
 * out, it is the turn of the first one that found none. One that found some,
 * but not enough, comes first as well, unless it did so this time. Returns
 * whether somebody may have more.
 */
static bool
hear_all(struct server *s)
{
	size_t first = s->turn < s->nclients ? s->turn : 0, i = first, n;
	bool more, any = false, passed = false;

	for (n = s->nclients; n > 0; n--) {
		more = hear_client(s, s->clients[i], client_pfd(s, i));
		any |= more;
		if (!passed && intake_starves(s, s->clients[i],
		    more && i != first)) {
			passed = true;
			s->turn = i;
		}
		if (++i == s->nclients)
			i = 0;
	}
	return any;
}

static void
read_all(struct server *s)
{
	size_t n = reads_in_round(s);

	do
		n--;
	while (hear_all(s) && n > 0 && ring_space(s->ring) >= INTAKE_MIN);
}

/* What comes to an end by itself. */
static void
pass_deadline(struct server *s, struct client *c)
{
	if (c->state == CLIENT_AUTHENTICATING) {
		guard_timeout(s, c);
		return;
	}
	if (c->state == CLIENT_FRESH)
		c->state = CLIENT_TALKING;
	else if (c->state == CLIENT_LEAVING || c->state == CLIENT_LINGERING)
		c->state = CLIENT_GONE;
	c->deadline = CLOCK_NEVER;
}

/* It has got everything: then it's over, but unread input must be read. */
static void
leave(struct client *c)
{
	if (c->state == CLIENT_LEAVING) {
		c->state = conn_shutdown(&c->conn) == 0 ? CLIENT_LINGERING :
		    CLIENT_GONE;
		c->cursor = CURSOR_NONE;
		c->blocked = conn_unsent(&c->conn);
	}
	if (c->eof && !c->blocked)
		c->state = CLIENT_GONE;
}

/* Who hasn't come back in all that time was there until now, no longer. */
static void
let_go(struct server *s)
{
	struct session *session = NULL, *next;

	if (s->sessions.nheld == 0 || s->closing != CLOCK_NEVER)
		return;
	if (s->sessions.held_until > s->now) {
		server_wake(s, s->sessions.held_until);
		return;
	}
	TAILQ_FOREACH_SAFE(session, &s->sessions.here, use, next) {
		if (session->client != NULL)
			continue;
		if (s->journal != NULL)
			journal_part(s->journal, s->ring, session);
		session_part(&s->sessions, session);
	}
}

/* What came in is shown when it is written down, if it is to be at all. */
static void
commit(struct server *s)
{
	if (s->journal == NULL)
		return;
	if (journal_commit(s->journal, s->ring, &s->sessions, s->last_id,
	    s->now)) {
		ring_show(s->ring);
	} else {
		ring_hold(s->ring);
		server_wake(s, s->journal->retry_at);
	}
}

static void
flush_all(struct server *s)
{
	struct client *c;
	size_t i;

	for (i = 0; i < s->nclients; i++) {
		c = s->clients[i];
		if (c->deadline <= s->now)
			pass_deadline(s, c);
		if (c->blocked && !c->hung && client_pfd(s, i)->revents == 0)
			continue;
		if (c->presence != NULL)
			presence_tell(s, c);
		/* Also if there is nothing: it may not be blocked any more. */
		if (flush_pending(c, s->ring) || conn_unsent(&c->conn) ||
		    c->blocked)
			flush_client(c, s->ring, &s->catchup);
		if (c->state >= CLIENT_LEAVING && !flush_pending(c, s->ring) &&
		    !flush_waits(c, s->ring) && !conn_unsent(&c->conn))
			leave(c);
	}
}

/* The only place where clients end. The last one takes a gap's place. */
static void
reap(struct server *s)
{
	int64_t when;
	size_t i = 0;

	while (i < s->nclients) {
		if (s->clients[i]->state == CLIENT_GONE) {
			door_leave(s, s->clients[i]);
			s->clients[i] = s->clients[--s->nclients];
			continue;
		}
		server_wake(s, s->clients[i]->deadline);
		/* Nothing that poll sees will tell. */
		if (intake_can_resume(s, s->clients[i]) ||
		    (conn_more(&s->clients[i]->conn) &&
		    intake_wanted(s, s->clients[i])))
			server_wake(s, s->now);
		when = intake_when(s, s->clients[i]);
		if (when > s->now)
			server_wake(s, when);
		i++;
	}
}

static void
accept_all(struct server *s)
{
	size_t i;

	for (i = 0; i < s->listeners->n; i++) {
		if (s->pfd[PFD_LISTENERS + i].revents != 0)
			door_accept(s, s->listeners->list[i].fd);
	}
}

static void
go_around(struct server *s)
{
	s->now = clock_now();
	s->date = clock_date();
	s->deadline = s->closing < s->leaving ? s->closing : s->leaving;
	if (s->accept_at > s->now)
		server_wake(s, s->accept_at);
	read_all(s);
	let_go(s);
	commit(s);
	/* Once a round, not once a line: batches form by themselves. */
	flush_all(s);
	patience_enforce(s);
	reap(s);
	accept_all(s);
	/* Who has left is written down, too. */
	if (s->journal != NULL && s->journal->n > 0 && !s->journal->stuck)
		server_wake(s, s->now);
	if (s->pfd[PFD_KEEPER].revents != 0)
		obey(s);
}

int
server_round(struct server *s, int timeout)
{
	nfds_t n = (nfds_t)(PFD_LISTENERS + s->listeners->n + s->nclients);

	watch_all(s);
	if (poll(s->pfd, n, timeout) != -1)
		go_around(s);
	else if (errno != EINTR && errno != EAGAIN)
		return -1;
	return 0;
}

static bool
is_over(const struct server *s)
{
	return s->closing != CLOCK_NEVER &&
	    (s->nclients == 0 || s->now >= s->closing);
}

/* Whether those who can't be handed over are gone, or had their time. */
static bool
is_left(const struct server *s)
{
	size_t i;

	if (s->leaving == CLOCK_NEVER || s->now >= s->leaving)
		return s->leaving != CLOCK_NEVER;
	for (i = 0; i < s->nclients; i++) {
		if (!conn_can_move(&s->clients[i]->conn))
			return false;
	}
	return true;
}

int
server_run(struct server *s)
{
	/* The first round finds out what there is to wait for. */
	s->deadline = s->now;
	while (!is_over(s)) {
		if (server_round(s, clock_timeout(s->deadline)) == -1)
			return -1;
		if (s->trial || is_left(s))
			return SERVER_UPGRADE;
	}
	return 0;
}
