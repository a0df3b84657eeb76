/*
 * The loop: poll(2), and what follows from it, over and over
 */
#include <errno.h>
#include <poll.h>
#include <stddef.h>

#include "clock.h"
#include "control.h"
#include "core/client.h"
#include "core/server.h"
#include "door/door.h"
#include "door/greeting.h"
#include "door/guard.h"
#include "flush.h"
#include "intake.h"
#include "listen/listener.h"
#include "loop.h"
#include "member/member.h"
#include "member/voice.h"
#include "patience.h"
#include "pollfd.h"

#define SYNC_READS	8		/* most of a client in a round */

#define PFD_KEEPER	0
#define PFD_LOG		1
#define HANGUP		(POLLHUP | POLLERR | POLLNVAL)

int
loop_init(struct server *s, const struct config *config, struct ring *ring,
    struct listeners *listeners)
{
	if (server_init(s, config, ring, listeners) == -1)
		return -1;
	s->guard = guard_new();
	return s->guard == NULL ? -1 : 0;
}

void
loop_free(struct server *s)
{
	while (s->nclients > 0)
		door_leave(s, s->clients[--s->nclients]);
	guard_free(s->guard);
	member_free(s);
	server_free(s);
}

static struct pollfd *
client_pfd(const struct server *s, size_t i)
{
	return &s->pfd[SERVER_PFD_LISTENERS + s->listeners->n + i];
}

static bool
wants_to_read(const struct server *s, const struct client *c)
{
	return c->state == CLIENT_AUTHENTICATING ? guard_wants_read(c) :
	    intake_wanted(s, c);
}

/* poll(2) reports a hangup whatever it is asked for, and would do so again and
 * again. A negative descriptor makes it pass over one that is known already. */
static void
poll_client(const struct server *s, const struct client *c,
    struct pollfd *pfd)
{
	short events = conn_events(&c->conn, wants_to_read(s, c), c->blocked);

	pollfd_set(pfd, events == 0 && c->hung_up ? -1 : c->conn.fd, events);
}

static void
prepare_poll(struct server *s)
{
	bool open = door_is_open(s);
	short events = 0;
	int log = -1;
	size_t i;

	if (s->member != NULL)
		events = member_events(s, &log);
	pollfd_set(&s->pfd[PFD_KEEPER], s->keeper, POLLIN);
	pollfd_set(&s->pfd[PFD_LOG], log, events);
	for (i = 0; i < s->listeners->n; i++)
		pollfd_set(&s->pfd[SERVER_PFD_LISTENERS + i],
		    open ? s->listeners->list[i].fd : -1, POLLIN);
	for (i = 0; i < s->nclients; i++)
		poll_client(s, s->clients[i], client_pfd(s, i));
}

/* A sync of the disk takes long, so several reads of each client share one. */
static size_t
reads_in_round(const struct server *s)
{
	size_t most = s->ring->size / 8 / SERVER_READ;

	if (s->journal == NULL || !s->journal->store.config.sync || most == 0)
		return 1;
	return most < SYNC_READS ? most : SYNC_READS;
}

/* Read once from a client. Returns whether there may be more. */
static bool
read_client(struct server *s, struct client *c)
{
	if (c->state != CLIENT_AUTHENTICATING || !guard_wants_read(c))
		return intake_read(s, c);
	guard_read(s, c);
	return false;
}

/*
 * The client has hung up. What it sent before is still taken, if only the
 * ring's space is missing, which other clients' reading makes. In every other
 * case, a full disk for example, nobody can say how long that takes, and the
 * client would hold its place as long: it is given up.
 */
static void
note_hangup(struct server *s, struct client *c)
{
	c->hung_up = true;
	if (!wants_to_read(s, c) && (s->ring->held ||
	    !intake_starves(s, c, false)))
		client_give_up(c);
}

/* Read what there is from a client. Returns whether there may be more. */
static bool
serve_input(struct server *s, struct client *c, struct pollfd *pfd)
{
	bool more = false, resumed = c->stalled;

	intake_resume(s, c);
	resumed &= !c->stalled;
	/* There may be data after a hangup, and behind input that was stalled,
	 * for which poll was not asked: read(2) tells. */
	if ((pfd->revents & (POLLIN | HANGUP)) != 0 || resumed ||
	    conn_more(&c->conn))
		more = read_client(s, c);
	if (c->hung_up || (pfd->revents & HANGUP) != 0)
		note_hangup(s, c);
	if (!more)
		pfd->revents &= ~POLLIN;
	return more;
}

/*
 * Read from everybody once, beginning with the client whose turn it is. When
 * the ring's space runs out, the next turn is that of the first client that
 * found none. One that found some, but not enough, gets the next turn as well,
 * unless it had this one. Returns whether some client may have more.
 */
static bool
serve_inputs(struct server *s)
{
	size_t first = s->turn < s->nclients ? s->turn : 0, i = first, n;
	bool more, any = false, passed = false;

	for (n = s->nclients; n > 0; n--) {
		more = serve_input(s, s->clients[i], client_pfd(s, i));
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
read_clients(struct server *s)
{
	size_t n = reads_in_round(s);

	do
		n--;
	while (serve_inputs(s) && n > 0 && intake_space(s) >= INTAKE_MIN);
}

/* The deadline of its state has passed. */
static void
pass_deadline(struct server *s, struct client *c)
{
	if (c->state == CLIENT_AUTHENTICATING) {
		guard_timeout(s, c);
		return;
	}
	if (c->state == CLIENT_FRESH)
		client_talk(c);
	else if (c->state == CLIENT_LEAVING || c->state == CLIENT_LINGERING)
		client_give_up(c);
	c->deadline = CLOCK_NEVER;
}

/* Everything was sent to a leaving client: only its own end is missing. */
static void
finish_leaving(struct client *c)
{
	if (c->state == CLIENT_LEAVING)
		client_linger(c);
	if (c->eof && !c->blocked)
		client_give_up(c);
}

/* Sessions that were held in vain end now: their clients haven't come back. */
static void
release_held(struct server *s)
{
	struct session *session = NULL, *next;

	if (s->sessions.nheld == 0 || s->closing != CLOCK_NEVER)
		return;
	if (s->sessions.held_until > s->now) {
		server_wake(s, s->sessions.held_until);
		return;
	}
	if (s->member != NULL) {
		voice_release(s);
		s->sessions.held_until = CLOCK_NEVER;
		return;
	}
	TAILQ_FOREACH_SAFE(session, &s->sessions.here, use, next) {
		if (session->client != NULL)
			continue;
		/* At worst it is held once more, after a restart. */
		if (s->journal != NULL)
			(void)journal_part(s->journal, s->ring, session);
		session_part(&s->sessions, session);
	}
}

/* With a store, what came in is shown to readers only once it is on disk. */
static void
commit_ring(struct server *s)
{
	if (s->journal == NULL)
		return;
	if (journal_commit(s->journal, s->ring, &s->sessions, s->last_id,
	    s->now)) {
		ring_publish(s->ring);
	} else {
		ring_hold(s->ring);
		server_wake(s, s->journal->retry_at);
	}
}

/* The log has the last word on what clients say. */
static void
read_log(struct server *s)
{
	if (s->member != NULL)
		member_read(s, s->pfd[PFD_LOG].revents != 0);
}

/* What it has settled is on disk now: roles that waited for that are answered.
 */
static void
answer_roles(struct server *s)
{
	struct client *c;

	while (s->member != NULL && (c = voice_ready(s)) != NULL)
		greeting_answer(s, c);
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
		if (c->blocked && !c->hung_up && client_pfd(s, i)->revents == 0)
			continue;
		if (c->presence != NULL)
			presence_tell(s, c);
		/* Even with nothing to send, it may be blocked no longer. */
		if (flush_pending(c, s->ring) || conn_unsent(&c->conn) ||
		    c->blocked)
			flush_client(c, s->ring, &s->catchup);
		if (c->state >= CLIENT_LEAVING && !flush_pending(c, s->ring) &&
		    !flush_waits(c, s->ring) && !conn_unsent(&c->conn))
			finish_leaving(c);
	}
}

/* While the loop runs, clients are freed only here. The last one fills the
 * gap. */
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
		/* poll(2) doesn't know of input that is already here. */
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
		if (s->pfd[SERVER_PFD_LISTENERS + i].revents != 0)
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
	read_clients(s);
	read_log(s);
	/* What it has half done must not be committed. */
	if (s->failed)
		return;
	release_held(s);
	commit_ring(s);
	answer_roles(s);
	/* Once a round, not once a line: so batches form by themselves. */
	flush_all(s);
	patience_enforce(s);
	reap(s);
	accept_all(s);
	/* Records of those who have just left still have to be written. */
	if (s->journal != NULL && s->journal->n > 0 && !s->journal->failing)
		server_wake(s, s->now);
	if (s->member != NULL)
		member_write(s);
	if (s->pfd[PFD_KEEPER].revents != 0)
		control_obey(s);
}

int
loop_round(struct server *s, int timeout)
{
	nfds_t n = (nfds_t)(SERVER_PFD_LISTENERS + s->listeners->n +
	    s->nclients);

	prepare_poll(s);
	if (poll(s->pfd, n, timeout) != -1)
		go_around(s);
	else if (errno != EINTR && errno != EAGAIN)
		return -1;
	return 0;
}

static bool
is_over(const struct server *s)
{
	if (s->closing == CLOCK_NEVER || s->now >= s->closing)
		return s->closing != CLOCK_NEVER;
	return s->nclients == 0 &&
	    (s->member == NULL || member_has_left(s));
}

/* Whether the clients that can't be handed over are gone, or had their time. */
static bool
is_ready_to_leave(const struct server *s)
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
loop_run(struct server *s)
{
	/* The first round doesn't wait: it finds out what there is to do. */
	s->deadline = s->now;
	while (!is_over(s)) {
		if (loop_round(s, clock_timeout(s->deadline)) == -1)
			return -1;
		if (s->failed)
			return LOOP_FAILED;
		if (s->trial || is_ready_to_leave(s))
			return LOOP_UPGRADE;
	}
	return 0;
}
