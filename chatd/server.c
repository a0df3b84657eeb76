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
#include "door.h"
#include "flush.h"
#include "intake.h"
#include "listener.h"
#include "log.h"
#include "notify.h"
#include "patience.h"
#include "server.h"
#include "signals.h"

#define SYNC_READS	8		/* most of a client in a round */

#define PFD_SIGNALS	0
#define PFD_LISTENERS	1		/* as many as there are, then clients */
#define CLIENTS_MIN	16		/* to have memory for */

/* A journal, and what its readers need. */
static int
open_journal(struct server *s)
{
	s->journal = calloc(1, sizeof(*s->journal));
	if (s->journal == NULL)
		return -1;
	s->journal->store.dir = s->journal->store.fd = -1;
	return past_init(&s->past, s->journal);
}

int
server_init(struct server *s, const struct config *config, struct room *room,
    struct listeners *listeners)
{
	static const int caught[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
	    SIGUSR2 };
	size_t i;

	memset(s, 0, sizeof(*s));
	s->config = *config;
	s->room = room;
	s->listeners = listeners;
	RB_INIT(&s->peers);
	RB_INIT(&s->persons);
	sessions_init(&s->sessions, config->sessions);
	s->full_since = s->closing = CLOCK_NEVER;
	s->now = clock_now();
	if (config->store.path != NULL && open_journal(s) == -1)
		return -1;
	s->buf = malloc(LINE_KEEP + SERVER_READ + 1);
	s->pfd = calloc(PFD_LISTENERS + listeners->n, sizeof(*s->pfd));
	s->signals = signals_open();
	if (s->buf == NULL || s->pfd == NULL || s->signals == -1)
		return -1;
	s->reserve = fcntl(s->signals, F_DUPFD_CLOEXEC, 0);
	if (s->reserve == -1)
		return -1;
	for (i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		if (signals_catch(caught[i]) == -1)
			return -1;
	}
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
	room_free(s->room);
	free(s->clients);
	free(s->pfd);
	free(s->buf);
	past_free(&s->past);
	if (s->journal != NULL)
		journal_free(s->journal);
	free(s->journal);
	if (s->reserve != -1)
		(void)close(s->reserve);
	(void)close(s->signals);
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

/* A descriptor below 0 is what poll(2) passes over: without this, a hangup
 * would wake it again and again while there's nothing to do about it. */
static void
watch(struct pollfd *pfd, int fd, short events)
{
	pfd->fd = events == 0 ? -1 : fd;
	pfd->events = events;
	pfd->revents = 0;
}

static void
watch_all(struct server *s)
{
	const struct client *c;
	size_t i;

	watch(&s->pfd[PFD_SIGNALS], s->signals, POLLIN);
	for (i = 0; i < s->listeners->n; i++)
		watch(&s->pfd[PFD_LISTENERS + i], s->listeners->list[i].fd,
		    door_is_open(s) ? POLLIN : 0);
	for (i = 0; i < s->nclients; i++) {
		c = s->clients[i];
		watch(client_pfd(s, i), c->conn.fd, conn_events(&c->conn,
		    intake_wanted(s, c), c->blocked));
	}
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
		client_bye(s->clients[i], s->room, s->room->head, s->closing,
		    BYE_CLOSING);
	notify("STOPPING=1");
	log_event("closing");
}

static void
log_counters(const struct server *s)
{
	log_event("clients %zu, lines %" PRIu64 ", bytes %" PRIu64 ", lost %"
	    PRIu64 ", refused %" PRIu64 ", turned away %" PRIu64,
	    s->nclients - s->nturned, s->count.lines, s->count.bytes,
	    s->count.lost, s->count.refused, s->count.turned);
}

static void
handle_signals(struct server *s)
{
	int signo;

	while ((signo = signals_next()) != 0) {
		if (signo == SIGUSR1)
			log_counters(s);
		else if (signo == SIGHUP)
			log_event("nothing to read again");
		else if (signo == SIGUSR2)
			s->upgrade = true;
		else
			start_closing(s);
	}
}

/*
 * To wait for the disk is dear, so more than what one read takes shares a wait;
 * but one client must leave space to others.
 */
static size_t
reads_in_round(const struct server *s)
{
	size_t most = s->room->size / 8 / SERVER_READ;

	if (s->journal == NULL || !s->journal->store.config.sync || most == 0)
		return 1;
	return most < SYNC_READS ? most : SYNC_READS;
}

static void
read_client(struct server *s, struct client *c)
{
	size_t n = reads_in_round(s);

	while (n > 0 && intake_read(s, c))
		n--;
}

static void
read_all(struct server *s)
{
	size_t i;

	for (i = 0; i < s->nclients; i++) {
		intake_resume(s, s->clients[i]);
		/* Data may still be there after a hangup: let read say. */
		if ((client_pfd(s, i)->revents & (POLLIN | POLLHUP | POLLERR |
		    POLLNVAL)) != 0)
			read_client(s, s->clients[i]);
	}
}

/* What comes to an end by itself. */
static void
pass_deadline(struct client *c)
{
	if (c->state == CLIENT_KNOCKING)
		c->state = CLIENT_GONE;
	else if (c->state == CLIENT_FRESH)
		c->state = CLIENT_TALKING;
	else if (c->state == CLIENT_LEAVING || c->state == CLIENT_LINGERING)
		c->state = CLIENT_GONE;
	c->deadline = CLOCK_NEVER;
}

/* It has got everything: then it's over, but unread input must be read. */
static void
leave(struct client *c)
{
	if (c->eof)
		c->state = CLIENT_GONE;
	else if (c->state == CLIENT_LEAVING) {
		c->state = conn_shutdown(&c->conn) == 0 ? CLIENT_LINGERING :
		    CLIENT_GONE;
		c->cursor = CURSOR_NONE;
	}
}

/* What came in is shown when it is written down, if it is to be at all. */
static void
commit(struct server *s)
{
	if (s->journal == NULL)
		return;
	if (journal_commit(s->journal, s->room, &s->sessions, s->last_id,
	    s->now)) {
		room_show(s->room);
	} else {
		room_hold(s->room);
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
			pass_deadline(c);
		if (c->blocked && client_pfd(s, i)->revents == 0)
			continue;
		if (flush_pending(c, s->room))
			flush_client(c, s->room, &s->past);
		if (c->state >= CLIENT_LEAVING && !flush_pending(c, s->room) &&
		    !flush_waits(c, s->room))
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
		if (intake_can_resume(s, s->clients[i]))
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
	s->deadline = s->closing;
	if (s->accept_at > s->now)
		server_wake(s, s->accept_at);
	read_all(s);
	commit(s);
	/* Once a round, not once a line: batches form by themselves. */
	flush_all(s);
	patience_turn(s);
	reap(s);
	accept_all(s);
	if (s->pfd[PFD_SIGNALS].revents != 0)
		handle_signals(s);
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

int
server_run(struct server *s)
{
	/* The first round finds out what there is to wait for. */
	s->deadline = s->now;
	while (!is_over(s)) {
		if (server_round(s, clock_timeout(s->deadline)) == -1)
			return -1;
		if (s->upgrade) {
			s->upgrade = false;
			return SERVER_UPGRADE;
		}
	}
	return 0;
}
