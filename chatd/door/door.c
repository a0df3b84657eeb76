/*
 * The door: where connections are accepted, and where they end
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admission.h"
#include "clock.h"
#include "core/client.h"
#include "core/person.h"
#include "core/server.h"
#include "guard.h"
#include "listen/listener.h"
#include "log.h"
#include "member/member.h"
#include "member/voice.h"
#include "tcp.h"

#define ACCEPT_MAX	64		/* clients let in at once */
#define PAUSE_MS	100		/* until accept is tried again */

bool
door_is_open(const struct server *s)
{
	return s->closing == CLOCK_NEVER && s->leaving == CLOCK_NEVER &&
	    s->now >= s->accept_at &&
	    (s->member == NULL || member_is_open(s)) &&
	    s->nclients < s->config.clients_max + SERVER_SPARE;
}

/* Try again later. The first time of many is logged. */
static void
pause_accepting(struct server *s)
{
	if (!s->choked)
		log_event("new client: %s", strerror(errno));
	s->choked = true;
	s->accept_at = s->now + PAUSE_MS;
	server_wake(s, s->accept_at);
}

static void
turn_away_now(struct server *s, int fd, enum bye bye)
{
	s->count.turned_away++;
	admission_say_bye(fd, bye);
	(void)close(fd);
}

/* Why a client of that peer can't come in, or BYE_NONE. */
static enum bye
reason_to_refuse(struct server *s, const struct peer *peer)
{
	if (s->member != NULL && s->member->cut_off)
		return BYE_CUT_OFF;
	if (peer != NULL && peer->clients >= s->config.per_address &&
	    (s->config.per_address_everywhere || !peer->loopback))
		return BYE_CROWD;
	if (s->nclients - s->nturned >= s->config.clients_max &&
	    !guard_evict(s, peer))
		return BYE_FULL;
	return BYE_NONE;
}

static bool
reserve_place(struct server *s)
{
	if (s->nclients < s->allocated)
		return true;
	return server_reserve(s, s->allocated + s->allocated / 2);
}

/*
 * Make a client of a new connection, if only to turn it away for the reason
 * bye, unless that is BYE_NONE. Returns false if memory is short.
 */
static bool
connect_client(struct server *s, int fd, const struct sockaddr *sa,
    enum bye bye)
{
	struct peer *peer;
	struct client *c;

	if (peer_get(&s->guard->peers, sa, &peer) == -1)
		return false;
	if (bye == BYE_NONE)
		bye = reason_to_refuse(s, peer);
	if (bye != BYE_NONE && peer != NULL &&
	    peer->turned_away >= TURNED_MAX) {
		turn_away_now(s, fd, bye);
		return true;
	}
	if (tcp_prepare(fd) == -1 || !reserve_place(s) ||
	    (c = client_new(fd, sa, peer, ++s->last_id)) == NULL) {
		peer_release(&s->guard->peers, peer);
		return false;
	}
	s->clients[s->nclients++] = c;
	if (peer != NULL)
		peer->clients++;
	if (bye != BYE_NONE)
		admission_turn_away(s, c, bye);
	else if (!guard_begin(s, c))
		admission_admit(s, c, NULL);
	server_wake(s, c->deadline);
	return true;
}

/* Whether an error of accept(2) is about one client that is gone again. */
static bool
is_transient(int error)
{
	return error == EINTR || error == ECONNABORTED || error == EPROTO ||
	    error == EPERM;
}

static void
add_or_pause(struct server *s, int fd, const struct sockaddr *sa, enum bye bye)
{
	if (connect_client(s, fd, sa, bye))
		return;
	pause_accepting(s);
	turn_away_now(s, fd, BYE_MEMORY);
}

void
door_enter(struct server *s, int fd, const struct sockaddr *sa)
{
	add_or_pause(s, fd, sa, BYE_NONE);
}

/* Accept one client. Returns its socket, or -1 with errno. */
static int
accept_from(struct server *s, int listener, enum bye bye)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd;

	memset(&ss, 0, sizeof(ss));
	fd = accept(listener, (struct sockaddr *)&ss, &len);
	if (fd == -1)
		return -1;
	if (ss.ss_family == AF_UNSPEC) {
		/* Some systems have no address of a client that is gone
		 * again. That doesn't make it a local one. */
		(void)close(fd);
		errno = ECONNABORTED;
		return -1;
	}
	add_or_pause(s, fd, (struct sockaddr *)&ss, bye);
	return fd;
}

/*
 * All descriptors are in use. The reserve serves to turn one client away with
 * the reason, and is open again when that one is gone. Only one, because
 * accept(2) fails with EMFILE even if nobody waits.
 */
static void
accept_without_descriptors(struct server *s, int listener)
{
	pause_accepting(s);
	(void)close(s->reserve);
	s->reserve = -1;
	(void)accept_from(s, listener, BYE_FULL);
}

/* Open the reserve again. Returns false if all are still in use. */
static bool
restore_reserve(struct server *s)
{
	if (s->reserve == -1)
		s->reserve = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	return s->reserve != -1;
}

void
door_accept(struct server *s, int listener)
{
	int n;

	if (!restore_reserve(s)) {
		pause_accepting(s);
		return;
	}
	for (n = 0; n < ACCEPT_MAX && door_is_open(s); n++) {
		if (accept_from(s, listener, BYE_NONE) != -1) {
			s->choked &= s->now < s->accept_at;
			continue;
		}
		if (errno == EMFILE || errno == ENFILE)
			accept_without_descriptors(s, listener);
		else if (errno == ENOBUFS || errno == ENOMEM)
			pause_accepting(s);
		else if (is_transient(errno))
			continue;
		return;
	}
}

/* A person has gone with its last connection. */
static void
leave_persons(struct server *s, struct client *c)
{
	char name[PERSON_MAX + 1];
	bool last = c->person != NULL && c->person->clients == 1;

	client_drop_presence(c);
	if (last)
		(void)strlcpy(name, c->person->name, sizeof(name));
	person_leave(&s->persons, c);
	if (last && s->member != NULL)
		voice_gone(s, name);
	if (last && !person_is_here(&s->persons, name))
		presence_part(s, name);
}

/*
 * A client that leaves because the room closes or is upgraded will be back: its
 * session is held. That the others have left is recorded in the store.
 */
static void
leave_session(struct server *s, struct client *c)
{
	if (s->member != NULL) {
		voice_leave(s, c);
		return;
	}
	if (s->closing != CLOCK_NEVER || s->leaving != CLOCK_NEVER) {
		client_hold_session(c, &s->sessions);
		return;
	}
	/* If that fails, its session is held after a restart. */
	if (c->session != NULL && s->journal != NULL)
		(void)journal_part(s->journal, s->ring, c->session);
	client_leave_session(c, &s->sessions);
}

void
door_leave(struct server *s, struct client *c)
{
	char name[CLIENT_ADDRESS_SIZE];

	guard_forget(s->guard, c);
	leave_session(s, c);
	leave_persons(s, c);
	server_forget_input(s, c);
	if (c->turned_away)
		s->nturned--;
	else if (s->config.verbose && c->admitted)
		log_event("%s: left", client_address(c, name));
	if (c->peer != NULL && c->turned_away)
		c->peer->turned_away--;
	else if (c->peer != NULL)
		c->peer->clients--;
	peer_release(&s->guard->peers, c->peer);
	client_free(c);
}
