/*
 * The state: a file with all that a room process knows, for the next to go on
 *
 * Each transfer function writes its part or reads it, as the serialiser says.
 * Somebody may have broken into the old room process, so reading checks what
 * memory safety depends on. Anything else that is wrong harms only the room.
 */
#include <sys/stat.h>

#include <netinet/in.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "core/server.h"
#include "door/guard.h"
#include "listen/listener.h"
#include "member/member.h"
#include "membership.h"
#include "serialise.h"
#include "state.h"

#define END		"end of state\n"
#define LISTENERS_MAX	(1 << 20)	/* larger numbers are corrupt */
#define SESSIONS_MAX	(1 << 22)
#define SEGMENTS_MAX	(1 << 30)
#define CLIENTS_MAX	(1 << 21)
#define OUT_MAX		(1024 * 1024)

static void
transfer_span(struct serialiser *z, struct ring_span *span)
{
	serialise_number(z, &span->start, UINT64_MAX);
	serialise_number(z, &span->line, UINT64_MAX);
	serialise_number(z, &span->author, UINT64_MAX);
	serialise_time(z, &span->time);
}

/* Whether the spans cover all bytes in order, and the last line is whole. */
static bool
is_ring_valid(const struct ring *r)
{
	uint64_t i, start = r->base, line = r->first;
	const struct ring_span *s;

	if (r->head == r->base)
		return r->span_end == r->span_first && r->first <= r->next;
	if (r->span_end == r->span_first ||
	    ring_span(r, r->span_first)->start != start ||
	    r->bytes[(r->head - 1) % r->size] != '\n')
		return false;
	for (i = r->span_first; i < r->span_end; i++) {
		s = ring_span(r, i);
		if (s->start < start || s->line < line)
			return false;
		start = s->start + 1;
		line = s->line + 1;
	}
	return start <= r->head && line <= r->next;
}

static void
transfer_lines(struct serialiser *z, struct ring *r)
{
	uint64_t i, n = r->span_end - r->span_first;
	struct iovec iov[2];
	int k, pieces;

	serialise_number(z, &r->next, UINT64_MAX);
	serialise_number(z, &r->base, UINT64_MAX);
	serialise_number(z, &r->head, UINT64_MAX);
	if (r->head < r->base || r->head - r->base > r->size) {
		serialise_refuse(z,
		    "the lines in the state do not fit into its ring");
		r->head = r->base;
	}
	pieces = ring_iov(r, r->base, r->head, iov);
	for (k = 0; k < pieces; k++)
		serialise_bytes(z, iov[k].iov_base, iov[k].iov_len);
	serialise_number(z, &n, r->nspans);
	r->span_end = r->span_first + n;
	for (i = r->span_first; i < r->span_end; i++)
		transfer_span(z, &r->spans[i % r->nspans]);
	serialise_number(z, &r->sorted, UINT64_MAX);
	serialise_time(z, &r->forgotten);
	r->visible = r->head;
	if (!is_ring_valid(r))
		serialise_refuse(z, "the ring in the state is inconsistent");
}

static void
transfer_ring(struct serialiser *z, struct ring **ring)
{
	size_t size = z->writing ? (*ring)->size : 0;
	uint64_t first = z->writing ? (*ring)->first : 0;

	serialise_size(z, &size, SIZE_MAX / 2);
	serialise_number(z, &first, UINT64_MAX);
	if (size < RING_SIZE_MIN)
		serialise_refuse(z, "the ring in the state is too small");
	if (z->why != NULL)
		return;
	if (!z->writing)
		*ring = ring_new(size, first);
	if (*ring == NULL)
		serialise_refuse(z, strerror(errno));
	else
		transfer_lines(z, *ring);
}

static void
transfer_listeners(struct serialiser *z, struct listeners *all)
{
	size_t i, n = all->n;

	serialise_size(z, &n, LISTENERS_MAX);
	for (i = 0; i < n && z->why == NULL; i++) {
		if (!z->writing && listeners_add(all, -1, NULL) == NULL)
			serialise_refuse(z, strerror(errno));
		else
			serialise_descriptor(z, &all->list[i].fd);
	}
}

static void
transfer_session(struct serialiser *z, struct server *server,
    struct session *from)
{
	struct sessions *all = &server->sessions;
	struct session copy = { .name = "" }, *s;

	if (from != NULL)
		copy = *from;
	if (from != NULL && from->client != NULL) {
		copy.lines = session_lines(from);
		copy.authored = from->client->authored;
	}
	serialise_string(z, copy.name, sizeof(copy.name));
	serialise_number(z, &copy.author, UINT64_MAX);
	serialise_number(z, &copy.lines, UINT64_MAX);
	serialise_number(z, &copy.stored, UINT64_MAX);
	serialise_number(z, &copy.authored, UINT64_MAX);
	serialise_bool(z, &copy.here);
	if (z->writing) {
		membership_transfer_owner(z, server, from);
		return;
	}
	if (z->why != NULL)
		return;
	if (all->max == 0 || session_lookup(all, copy.name) != NULL ||
	    session_of_author(all, copy.author) != NULL) {
		serialise_refuse(z, all->max == 0 ? "no sessions are kept now" :
		    "duplicate session in the state");
		return;
	}
	s = session_restore(all, copy.name, copy.author, copy.lines,
	    copy.here);
	if (s == NULL) {
		serialise_refuse(z, strerror(errno));
		return;
	}
	s->stored = copy.stored;
	s->authored = copy.authored;
	membership_transfer_owner(z, server, s);
}

/*
 * First the idle sessions, then those with a client, each kind from the least
 * recently used one on. Reading leaves the second kind without a client:
 * transfer_client_session() finds it.
 */
static void
transfer_sessions(struct serialiser *z, struct server *server)
{
	struct sessions *all = &server->sessions;
	struct session *s = NULL;
	size_t n = all->n;

	serialise_time(z, &all->held_until);
	serialise_size(z, &n, SESSIONS_MAX);
	if (!z->writing) {
		for (; n > 0 && z->why == NULL; n--)
			transfer_session(z, server, NULL);
		return;
	}
	TAILQ_FOREACH(s, &all->idle, use) {
		transfer_session(z, server, s);
	}
	TAILQ_FOREACH(s, &all->here, use) {
		transfer_session(z, server, s);
	}
}

/* The new sandbox will allow this directory, so it has to be the one of the
 * command line, whatever an old room process sends that somebody may have
 * broken into. Returns NULL, or what is wrong. */
static const char *
check_store_directory(int dir, const char *path)
{
	struct stat is, wanted;

	if (fstat(dir, &is) == -1 || stat(path, &wanted) == -1)
		return strerror(errno);
	if (is.st_dev != wanted.st_dev || is.st_ino != wanted.st_ino)
		return "the room's store is another directory";
	return NULL;
}

static void
restore_segment(struct store *st, struct segment *s, const struct segment *from)
{
	store_set_head(st, s, from->head);
	s->latest = from->latest;
}

/* What store_reopen() doesn't find out about the segments. A
 * segment may be missing on trial, since the old process goes on and may delete
 * it. */
static void
transfer_heads(struct serialiser *z, struct store *st)
{
	struct segment copy = { .first = 0 };
	const struct segment *s;
	size_t i, n = st->n;

	serialise_size(z, &n, SEGMENTS_MAX);
	for (i = 0; i < n && z->why == NULL; i++) {
		if (z->writing)
			copy = st->segments[i];
		serialise_number(z, &copy.first, UINT64_MAX);
		serialise_number(z, &copy.head, UINT64_MAX);
		serialise_time(z, &copy.latest);
		s = z->writing ? NULL : store_find(st, copy.first);
		if (s != NULL && s->first == copy.first &&
		    copy.head <= s->size)
			restore_segment(st, &st->segments[s - st->segments],
			    &copy);
	}
}

/* Its descriptor holds the lock on the store's directory, over the exec too. */
static void
transfer_journal(struct serialiser *z, struct server *s)
{
	struct journal *j = s->journal;
	bool kept = j != NULL;
	const char *why;
	int dir;

	serialise_bool(z, &kept);
	if (kept != (j != NULL))
		serialise_refuse(z,
		    "one room has a store, and the other has none");
	if (z->why != NULL || j == NULL)
		return;
	dir = j->store.dir;
	serialise_descriptor(z, &dir);
	serialise_number(z, &j->first_line, UINT64_MAX);
	if (z->writing) {
		transfer_heads(z, &j->store);
		return;
	}
	if (z->why != NULL)
		return;
	why = check_store_directory(dir, s->config.store.path);
	if (why == NULL && store_reopen(&j->store, &s->config.store, dir,
	    &why) == 0 && j->store.n == 0)
		why = "the room's store is empty";
	if (why != NULL) {
		serialise_refuse(z, why);
		return;
	}
	transfer_heads(z, &j->store);
	journal_begin(j, s->ring);
}

static void
find_peer(struct serialiser *z, struct server *s, struct client *c)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	sin6.sin6_addr = c->addr;
	if (peer_get(&s->guard->peers, (struct sockaddr *)&sin6,
	    &c->peer) == -1)
		serialise_refuse(z, strerror(errno));
	else if (c->turned_away)
		c->peer->turned_away++;
	else
		c->peer->clients++;
}

static void
transfer_person(struct serialiser *z, struct server *s, struct client *c)
{
	char name[PERSON_MAX + 1] = "";

	if (c->person != NULL)
		(void)strlcpy(name, c->person->name, sizeof(name));
	serialise_string(z, name, sizeof(name));
	if (z->writing || z->why != NULL || name[0] == '\0')
		return;
	if (person_enter(&s->persons, c, name) == -1)
		serialise_refuse(z, strerror(errno));
}

static void
transfer_identity(struct serialiser *z, struct server *s, struct client *c)
{
	bool has_address = c->peer != NULL;

	serialise_descriptor(z, &c->conn.fd);
	c->state = (enum client_state)serialise_value(z, c->state, CLIENT_GONE);
	serialise_number(z, &c->id, s->last_id);
	serialise_bool(z, &has_address);
	serialise_bytes(z, &c->addr, sizeof(c->addr));
	c->port = (in_port_t)serialise_value(z, c->port, UINT16_MAX);
	serialise_time(z, &c->deadline);
	c->uid = (uid_t)serialise_value(z, c->uid, UINT32_MAX);
	transfer_person(z, s, c);
	c->access = (enum role)serialise_value(z, c->access, ROLE_CHAT);
	c->role = (enum role)serialise_value(z, c->role, ROLE_CHAT);
	serialise_bool(z, &c->plain);
	serialise_bool(z, &c->times);
	serialise_bool(z, &c->turned_away);
	c->admitted = !c->turned_away;
	if (z->writing || z->why != NULL)
		return;
	s->nturned += c->turned_away;
	if (has_address)
		find_peer(z, s, c);
	if (has_address && c->state == CLIENT_AUTHENTICATING)
		guard_restore(s->guard, c);
}

/* Only its name: transfer_sessions() has read the session before. */
static void
transfer_client_session(struct serialiser *z, struct server *s,
    struct client *c)
{
	char name[SESSION_NAME_MAX + 1] = "";
	struct session *session;

	if (c->session != NULL)
		(void)strlcpy(name, c->session->name, sizeof(name));
	serialise_string(z, name, sizeof(name));
	if (z->writing || z->why != NULL || name[0] == '\0')
		return;
	session = session_lookup(&s->sessions, name);
	if (session == NULL || !session->here || session->client != NULL ||
	    session->author != c->id)
		serialise_refuse(z,
		    "invalid session of a client in the state");
	else
		client_resume(c, &s->sessions, session);
}

static void
transfer_text(struct serialiser *z, char **buf, uint32_t *len, size_t max)
{
	size_t n = *len;

	serialise_blob(z, buf, &n, max);
	*len = (uint32_t)n;
}

static void
transfer_input(struct serialiser *z, struct server *s, struct client *c)
{
	serialise_bool(z, &c->spoke);
	serialise_bool(z, &c->eof);
	serialise_bool(z, &c->broken);
	c->excess = (enum excess)serialise_value(z, c->excess, EXCESS_CONTROL);
	serialise_bool(z, &c->stalled);
	transfer_text(z, &c->in, &c->inlen, LINE_KEEP + SERVER_READ);
	c->unfinished = (uint32_t)serialise_value(z, c->unfinished, LINE_KEEP);
	serialise_number(z, &c->lines, UINT64_MAX);
	serialise_time(z, &c->lines_due);
	serialise_time(z, &c->words_due);
	if (!z->writing)
		s->unfinished += c->unfinished;
}

static void
transfer_output(struct serialiser *z, const struct ring *r, struct client *c)
{
	serialise_bool(z, &c->blocked);
	serialise_bool(z, &c->unstored_ok);
	serialise_bool(z, &c->needs_at);
	serialise_bool(z, &c->lagging);
	transfer_text(z, &c->out, &c->outlen, OUT_MAX);
	serialise_number(z, &c->cursor, CURSOR_NONE);
	serialise_number(z, &c->until, CURSOR_NONE);
	serialise_number(z, &c->until_line, CURSOR_NONE);
	serialise_number(z, &c->authored, UINT64_MAX);
	serialise_number(z, &c->acked, UINT64_MAX);
	serialise_number(z, &c->lost, LOST_UNKNOWN);
	serialise_time(z, &c->time);
	c->bye = (enum bye)serialise_value(z, c->bye, BYE_CUT_OFF);
	if (c->cursor != CURSOR_NONE &&
	    (c->cursor < r->base || c->cursor > r->head))
		serialise_refuse(z,
		    "invalid position of a client in the state");
}

/* What the client has asked to hear about others. */
static void
transfer_presence(struct serialiser *z, struct server *s, struct client *c)
{
	struct presence p = { .owed = false };
	bool asked = c->presence != NULL;

	if (asked)
		p = *c->presence;
	serialise_bool(z, &asked);
	serialise_bool(z, &p.watches);
	serialise_bool(z, &p.telling);
	serialise_bool(z, &p.owed);
	serialise_string(z, p.last_sent, sizeof(p.last_sent));
	if (z->writing || z->why != NULL || !asked)
		return;
	presence_who(c);
	if (p.watches && c->presence != NULL)
		presence_watch(s, c);
	if (c->presence == NULL) {
		serialise_refuse(z, strerror(errno));
		return;
	}
	c->presence->telling = p.telling;
	c->presence->owed = p.owed;
	memcpy(c->presence->last_sent, p.last_sent, sizeof(p.last_sent));
}

/* Where a reader behind the ring is, as a line's number: which segment has that
 * line is for the new process to find. */
static void
transfer_catchup(struct serialiser *z, const struct server *s, struct client *c)
{
	struct catchup_position place = { .number = 0 };
	bool behind = c->catchup != NULL;

	if (behind)
		place = c->catchup->position;
	serialise_bool(z, &behind);
	serialise_number(z, &place.number, UINT64_MAX);
	serialise_bool(z, &place.needs_at);
	serialise_time(z, &place.sent_time);
	serialise_time(z, &place.since);
	if (z->writing || z->why != NULL || !behind)
		return;
	if (s->journal == NULL) {
		serialise_refuse(z,
		    "invalid position of a client in the state");
		return;
	}
	c->needs_at = place.needs_at;
	c->time = place.sent_time;
	catchup_enter(c, place.number);
	if (c->catchup == NULL)
		serialise_refuse(z, strerror(errno));
	else
		c->catchup->position.since = place.since;
}

/* The server owns a client from the start, and so frees it even if the rest of
 * it can't be read. */
static struct client *
add_blank_client(struct serialiser *z, struct server *s)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		serialise_refuse(z, strerror(errno));
		return NULL;
	}
	c->conn.fd = -1;
	s->clients[s->nclients++] = c;
	return c;
}

static void
transfer_client(struct serialiser *z, struct server *s, struct client *c)
{
	transfer_identity(z, s, c);
	transfer_client_session(z, s, c);
	transfer_input(z, s, c);
	transfer_output(z, s->ring, c);
	transfer_catchup(z, s, c);
	transfer_presence(z, s, c);
	membership_transfer_speaker(z, s, c);
}

static void
write_all_clients(struct serialiser *z, struct server *s)
{
	size_t i, n = 0;

	for (i = 0; i < s->nclients; i++)
		n += conn_can_move(&s->clients[i]->conn);
	serialise_size(z, &n, CLIENTS_MAX);
	for (i = 0; i < s->nclients && z->why == NULL; i++) {
		if (conn_can_move(&s->clients[i]->conn))
			transfer_client(z, s, s->clients[i]);
	}
}

static void
read_all_clients(struct serialiser *z, struct server *s)
{
	struct client *c;
	size_t n;

	serialise_size(z, &n, CLIENTS_MAX);
	/* Even without clients: the listeners need entries for poll(2), too. */
	if (!server_reserve(s, n))
		serialise_refuse(z, strerror(errno));
	for (; n > 0 && z->why == NULL; n--) {
		c = add_blank_client(z, s);
		if (c != NULL)
			transfer_client(z, s, c);
	}
}

static void
transfer_clients(struct serialiser *z, struct server *s)
{
	if (z->writing)
		write_all_clients(z, s);
	else
		read_all_clients(z, s);
}

static void
transfer_counters(struct serialiser *z, struct counters *count)
{
	serialise_number(z, &count->lines, UINT64_MAX);
	serialise_number(z, &count->bytes, UINT64_MAX);
	serialise_number(z, &count->lost, UINT64_MAX);
	serialise_number(z, &count->refused, UINT64_MAX);
	serialise_number(z, &count->turned_away, UINT64_MAX);
}

static const char *
transfer_server(struct serialiser *z, struct server *s)
{
	serialise_text(z, STATE_VERSION "\n", "the state has another version");
	transfer_ring(z, &s->ring);
	if (z->why == NULL)
		transfer_journal(z, s);
	membership_transfer(z, s);
	transfer_listeners(z, s->listeners);
	transfer_counters(z, &s->count);
	serialise_number(z, &s->last_id, UINT64_MAX);
	serialise_time(z, &s->full_since);
	serialise_time(z, &s->accept_at);
	serialise_bool(z, &s->choked);
	transfer_sessions(z, s);
	transfer_clients(z, s);
	serialise_text(z, END, "the end of the state is missing");
	return z->why;
}

size_t
state_fds(const struct server *s, int *fds)
{
	size_t i, n = 0;

	if (s->journal != NULL)
		fds[n++] = s->journal->store.dir;
	if (s->member != NULL && s->member->wire.fd != -1)
		fds[n++] = s->member->wire.fd;
	for (i = 0; i < s->listeners->n; i++)
		fds[n++] = s->listeners->list[i].fd;
	for (i = 0; i < s->nclients; i++) {
		if (conn_can_move(&s->clients[i]->conn))
			fds[n++] = s->clients[i]->conn.fd;
	}
	return n;
}

const char *
state_write(struct server *s, FILE *f)
{
	struct serialiser z = { .file = f, .writing = true };

	if (transfer_server(&z, s) == NULL && fflush(f) == EOF)
		z.why = strerror(errno);
	return z.why;
}

const char *
state_read(struct server *s, FILE *f, const int *fds, size_t n, bool trial)
{
	struct serialiser z = {
		.file = f, .fds = fds, .nfds = n, .trial = trial
	};

	return transfer_server(&z, s);
}
