/*
 * The state: all that a server knows, in a file, for a program to go on with
 *
 * Each function writes its part or reads it, whatever the tape is for, so that
 * the two can't differ. What is read is checked as far as memory depends on it,
 * and a little more; it's no stranger's.
 */
#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "core/client.h"
#include "core/server.h"
#include "listen/listener.h"
#include "serialise.h"
#include "state.h"
#include "stateclient.h"

#define END		"end of state\n"
#define LISTENERS_MAX	(1 << 20)	/* more are not to be believed */
#define SESSIONS_MAX	(1 << 22)
#define SEGMENTS_MAX	(1 << 30)

static void
pass_span(struct serialiser *t, struct ring_span *span)
{
	serialise_number(t, &span->start, UINT64_MAX);
	serialise_number(t, &span->line, UINT64_MAX);
	serialise_number(t, &span->author, UINT64_MAX);
	serialise_time(t, &span->time);
}

/* Whether spans cover all that is there, in order, and it ends with a line. */
static bool
is_sound(const struct ring *r)
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
pass_lines(struct serialiser *t, struct ring *r)
{
	uint64_t i, n = r->span_end - r->span_first;
	struct iovec iov[2];
	int k, pieces;

	serialise_number(t, &r->next, UINT64_MAX);
	serialise_number(t, &r->base, UINT64_MAX);
	serialise_number(t, &r->head, UINT64_MAX);
	if (r->head < r->base || r->head - r->base > r->size) {
		serialise_refuse(t, "the room in the state is larger than its ring");
		r->head = r->base;
	}
	pieces = ring_iov(r, r->base, r->head, iov);
	for (k = 0; k < pieces; k++)
		serialise_bytes(t, iov[k].iov_base, iov[k].iov_len);
	serialise_number(t, &n, r->nspans);
	r->span_end = r->span_first + n;
	for (i = r->span_first; i < r->span_end; i++)
		pass_span(t, &r->spans[i % r->nspans]);
	r->shown = r->head;
	if (!is_sound(r))
		serialise_refuse(t, "the room in the state is not in order");
}

static void
pass_room(struct serialiser *t, struct ring **room)
{
	size_t size = t->writing ? (*room)->size : 0;
	uint64_t first = t->writing ? (*room)->first : 0;

	serialise_size(t, &size, SIZE_MAX / 2);
	serialise_number(t, &first, UINT64_MAX);
	if (size < RING_SIZE_MIN)
		serialise_refuse(t, "the ring in the state is too small");
	if (t->why != NULL)
		return;
	if (!t->writing)
		*room = ring_new(size, first);
	if (*room == NULL)
		serialise_refuse(t, strerror(errno));
	else
		pass_lines(t, *room);
}

static void
pass_listeners(struct serialiser *t, struct listeners *all)
{
	size_t i, n = all->n;

	serialise_size(t, &n, LISTENERS_MAX);
	for (i = 0; i < n && t->why == NULL; i++) {
		if (!t->writing && listeners_add(all, -1, NULL) == NULL)
			serialise_refuse(t, strerror(errno));
		else
			serialise_descriptor(t, &all->list[i].fd);
	}
}

static void
pass_session(struct serialiser *t, struct sessions *all, const struct session *from)
{
	struct session passed = { .name = "" }, *s;

	if (from != NULL)
		passed = *from;
	if (from != NULL && from->client != NULL) {
		passed.lines = from->client->lines;
		passed.authored = from->client->authored;
	}
	serialise_string(t, passed.name, sizeof(passed.name));
	serialise_number(t, &passed.author, UINT64_MAX);
	serialise_number(t, &passed.lines, UINT64_MAX);
	serialise_number(t, &passed.stored, UINT64_MAX);
	serialise_number(t, &passed.authored, UINT64_MAX);
	serialise_bool(t, &passed.here);
	if (t->writing || t->why != NULL)
		return;
	if (all->max == 0 || session_known(all, passed.name) != NULL ||
	    session_by(all, passed.author) != NULL) {
		serialise_refuse(t, all->max == 0 ? "no sessions are kept now" :
		    "a session is twice in the state");
		return;
	}
	s = session_restore(all, passed.name, passed.author, passed.lines,
	    passed.here);
	if (s == NULL) {
		serialise_refuse(t, strerror(errno));
		return;
	}
	s->stored = passed.stored;
	s->authored = passed.authored;
}

/*
 * Those that are idle, and then the others, the least recently used one first.
 * All are held until their clients are read.
 */
static void
pass_sessions(struct serialiser *t, struct sessions *all)
{
	const struct session *s = NULL;
	size_t n = all->n;

	serialise_time(t, &all->held_until);
	serialise_size(t, &n, SESSIONS_MAX);
	if (!t->writing) {
		for (; n > 0 && t->why == NULL; n--)
			pass_session(t, all, NULL);
		return;
	}
	TAILQ_FOREACH(s, &all->idle, use) {
		pass_session(t, all, s);
	}
	TAILQ_FOREACH(s, &all->here, use) {
		pass_session(t, all, s);
	}
}

/* The sandbox is to be around the directory that we are told of, whatever the old
 * room says. NULL, or what is wrong. */
static const char *
check_directory(int dir, const char *path)
{
	struct stat is, wanted;

	if (fstat(dir, &is) == -1 || stat(path, &wanted) == -1)
		return strerror(errno);
	if (is.st_dev != wanted.st_dev || is.st_ino != wanted.st_ino)
		return "the room's store is another directory";
	return NULL;
}

/* How large the heads are, by which the past is measured. Those of segments
 * that have gone since, as on trial they may, tell nothing. */
static void
pass_heads(struct serialiser *t, struct store *st)
{
	struct segment passed = { .first = 0 };
	const struct segment *s;
	size_t i, n = st->n;

	serialise_size(t, &n, SEGMENTS_MAX);
	for (i = 0; i < n && t->why == NULL; i++) {
		if (t->writing)
			passed = st->segments[i];
		serialise_number(t, &passed.first, UINT64_MAX);
		serialise_number(t, &passed.head, UINT64_MAX);
		if (t->writing)
			continue;
		s = store_find(st, passed.first);
		if (s != NULL && s->first == passed.first &&
		    passed.head <= s->size)
			store_head(st, &st->segments[s - st->segments],
			    passed.head);
	}
}

/* The directory stays locked all the time. */
static void
pass_journal(struct serialiser *t, struct server *s)
{
	struct journal *j = s->journal;
	bool kept = j != NULL;
	const char *why;
	int dir;

	serialise_bool(t, &kept);
	if (kept != (j != NULL))
		serialise_refuse(t, "one room has a store, and the other has none");
	if (t->why != NULL || j == NULL)
		return;
	dir = j->store.dir;
	serialise_descriptor(t, &dir);
	serialise_number(t, &j->began, UINT64_MAX);
	if (t->writing) {
		pass_heads(t, &j->store);
		return;
	}
	if (t->why != NULL)
		return;
	why = check_directory(dir, s->config.store.path);
	if (why == NULL && store_reopen(&j->store, &s->config.store, dir,
	    &why) == 0 && j->store.n == 0)
		why = "the room's store is empty";
	if (why != NULL) {
		serialise_refuse(t, why);
		return;
	}
	pass_heads(t, &j->store);
	journal_begin(j, s->ring);
}

static void
pass_counters(struct serialiser *t, struct counters *count)
{
	serialise_number(t, &count->lines, UINT64_MAX);
	serialise_number(t, &count->bytes, UINT64_MAX);
	serialise_number(t, &count->lost, UINT64_MAX);
	serialise_number(t, &count->refused, UINT64_MAX);
	serialise_number(t, &count->turned, UINT64_MAX);
}

static const char *
pass_server(struct serialiser *t, struct server *s)
{
	serialise_text(t, STATE_VERSION "\n", "the state has another version");
	pass_room(t, &s->ring);
	if (t->why == NULL)
		pass_journal(t, s);
	pass_listeners(t, s->listeners);
	pass_counters(t, &s->count);
	serialise_number(t, &s->last_id, UINT64_MAX);
	serialise_time(t, &s->full_since);
	serialise_time(t, &s->accept_at);
	serialise_bool(t, &s->choked);
	pass_sessions(t, &s->sessions);
	state_clients(t, s);
	serialise_text(t, END, "the state has no end");
	return t->why;
}

size_t
state_fds(const struct server *s, int *fds)
{
	size_t i, n = 0;

	if (s->journal != NULL)
		fds[n++] = s->journal->store.dir;
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
	struct serialiser t = { .file = f, .writing = true };

	if (pass_server(&t, s) == NULL && fflush(f) == EOF)
		t.why = strerror(errno);
	return t.why;
}

const char *
state_read(struct server *s, FILE *f, const int *fds, size_t n, bool trial)
{
	struct serialiser t = { .file = f, .fds = fds, .nfds = n, .trial = trial };

	return pass_server(&t, s);
}
