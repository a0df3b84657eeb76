/*
 * A room is the same before and after its end, whether it is stopped or killed
 * and loaded from its store, or handed over to another program
 */
#include <sys/socket.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/client.h"
#include "door/door.h"
#include "core/server.h"
#include "door/admission.h"
#include "listen/listener.h"
#include "store/load.h"
#include "loop.h"
#include "unit.h"
#include "upgrade/state.h"

#define FIRST		1000		/* number of the room's first line */
#define SEGMENT		600		/* so that there are many */
#define SESSIONS	3		/* remembered */
#define TOKENS		9
#define OTHERS		6		/* clients at once */
#define STEPS		40		/* in each life */
#define LIVES		45
#define LINES_SIZE	(512 * 1024)

static char path[32];
static uint64_t keep;			/* as -t has it */
static struct listeners no_listeners;
static int others[OTHERS];		/* their ends, or -1 */
static bool quiet;			/* nobody says what others hear */

/* All of a room that somebody could notice, in words. */
struct memory {
	char		 sessions[8192];
	char		 lines[LINES_SIZE];
};

static struct server *
set_up(bool with_room)
{
	struct config config = { .clients_max = 100, .per_address = SIZE_MAX,
	    .patience = 1000, .sessions = SESSIONS };
	struct server *s = malloc(sizeof(*s));

	config.store.path = path;
	config.store.segment_size = SEGMENT;
	config.store.keep = keep;
	CHECK(s != NULL && loop_init(s, &config, with_room ?
	    ring_new(16 * RING_SIZE_MIN, FIRST) : NULL, &no_listeners) == 0);
	return s;
}

static void
tear_down(struct server *s)
{
	loop_free(s);
	free(s);
}

static struct server *
begin_life(void)
{
	struct server *s = set_up(true);
	const char *why = NULL;

	CHECK(store_open(&s->journal->store, &s->config.store, &why) == 0);
	CHECK(load_room(s->journal, s->ring, &s->sessions, FIRST, &s->last_id,
	    &why) == 0);
	sessions_limit(&s->sessions, s->config.clients_max);
	s->sessions.held_until = INT64_MAX;
	return s;
}

/* Until nothing more happens, and who has come is no fresh one any more. */
static void
settle(struct server *s)
{
	int i;

	for (i = 0; i < 4; i++)
		CHECK(loop_round(s, 0) == 0);
	CHECK(s->journal->n == 0 && s->journal->position == s->ring->head);
}

static void
say(struct server *s, int fd, const char *text)
{
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	settle(s);
}

/* Nobody reads, so what a client is told mustn't fill its socket. */
static void
drain(int fd)
{
	char buf[4096];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

static void
enter(struct server *s, int i)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	char role[64];
	int pair[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	others[i] = pair[1];
	door_enter(s, pair[0], &sa);
	(void)snprintf(role, sizeof(role), "\001send session=t%u\n",
	    (unsigned)unit_random(TOKENS));
	say(s, others[i], !quiet && unit_random(8) == 0 ? "plain\n" : role);
}

static void
leave(struct server *s, int i)
{
	CHECK(close(others[i]) == 0);
	others[i] = -1;
	settle(s);
}

static void
step(struct server *s)
{
	static const char *const texts[] = {
		"\x80\n", "\x80\n\x80\n", "a line\n", "one\ntwo\n",
		"good\n\x80\nand good\n", "\x80\ngood\n\x80\n\x80\n"
	};
	int i = (int)unit_random(OTHERS);

	if (others[i] == -1)
		enter(s, i);
	else if (unit_random(4) == 0)
		leave(s, i);
	else
		say(s, others[i], texts[unit_random(quiet ? 2 : 6)]);
	if (others[i] != -1)
		drain(others[i]);
	/* Sooner or later those are given up who don't come back. */
	s->sessions.held_until = unit_random(100) == 0 ? 0 : INT64_MAX;
	settle(s);
}

static void
add(char *buf, size_t size, const char *fmt, const char *s, uint64_t a,
    uint64_t b)
{
	size_t len = strlen(buf);

	CHECK((size_t)snprintf(buf + len, size - len, fmt, s,
	    (unsigned long long)a, (unsigned long long)b) < size - len);
}

/* In the order in which they would be forgotten, with what each knows. */
static void
remember_sessions(struct memory *m, const struct server *s)
{
	const struct session *p = NULL;

	m->sessions[0] = '\0';
	TAILQ_FOREACH(p, &s->sessions.idle, use) {
		add(m->sessions, sizeof(m->sessions), "%s %llu %llu, ",
		    p->name, p->author, session_lines(p));
	}
	add(m->sessions, sizeof(m->sessions), "%shere: ", "", 0, 0);
	TAILQ_FOREACH(p, &s->sessions.here, use) {
		add(m->sessions, sizeof(m->sessions), "%s %llu %llu, ",
		    p->name, p->author, session_lines(p));
	}
}

/* Each line with its number, its author and its time. */
static void
remember_lines(struct memory *m, const struct ring *r)
{
	char *p = m->lines, *end = m->lines + sizeof(m->lines);
	const struct ring_span *span;
	uint64_t pos, next;

	p += snprintf(p, (size_t)(end - p), "%llu %llu\n",
	    (unsigned long long)r->first, (unsigned long long)r->next);
	for (pos = r->base; pos < r->head; pos = next) {
		next = ring_line_end(r, pos);
		span = ring_span(r, ring_span_at(r, pos));
		p += snprintf(p, (size_t)(end - p), "%llu %llu %lld ",
		    (unsigned long long)ring_number(r, pos),
		    (unsigned long long)span->author, (long long)span->time);
		CHECK((uint64_t)(end - p) > next - pos);
		for (; pos < next; pos++)
			*p++ = r->bytes[pos % r->size];
	}
	*p = '\0';
}

static void
remember(struct memory *m, const struct server *s)
{
	remember_sessions(m, s);
	remember_lines(m, s->ring);
}

static void
check_same(const struct memory *was, struct server *s)
{
	static struct memory is;
	const struct session *p = NULL;

	remember(&is, s);
	CHECK_STR(is.sessions, was->sessions);
	if (keep == UINT64_MAX)
		CHECK_STR(is.lines, was->lines);
	TAILQ_FOREACH(p, &s->sessions.idle, use) {
		CHECK(p->author <= s->last_id);
		CHECK(p->stored == session_lines(p));
	}
}

/* What the store has is no more than the page promises. */
static void
check_size(const struct server *s)
{
	const struct store *st = &s->journal->store;
	uint64_t lines = 0;
	size_t i;

	for (i = 0; i < st->n; i++) {
		lines += st->segments[i].size - st->segments[i].head;
		CHECK(i == 0 ||
		    st->segments[i].first > st->segments[i - 1].first);
		CHECK(st->segments[i].size - st->segments[i].head <
		    2 * SEGMENT);
	}
	CHECK(lines == st->total);
	CHECK(st->total <= (keep == UINT64_MAX ? UINT64_MAX - 2 * SEGMENT :
	    keep) + 2 * SEGMENT);
}

static void
all_leave(struct server *s)
{
	int i;

	for (i = 0; i < OTHERS; i++) {
		if (others[i] != -1)
			leave(s, i);
	}
}

/* Nothing that the old one does afterwards is written. */
static struct server *
killed(struct server *s)
{
	int i;

	tear_down(s);
	for (i = 0; i < OTHERS; i++) {
		if (others[i] != -1)
			CHECK(close(others[i]) == 0);
		others[i] = -1;
	}
	return begin_life();
}

static struct server *
stopped(struct server *s)
{
	s->closing = clock_now() + BYE_MS;
	all_leave(s);
	tear_down(s);
	return begin_life();
}

/* The clients go on with the new one. */
static struct server *
handed_over(struct server *s)
{
	struct server *next = set_up(false);
	FILE *f = tmpfile();
	int fds[OTHERS + 1];
	size_t i, n;

	CHECK(f != NULL);
	CHECK_STR(state_write(s, f), NULL);
	n = state_fds(s, fds);
	for (i = 0; i < n; i++)
		CHECK((fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3)) != -1);
	rewind(f);
	CHECK_STR(state_read(next, f, fds, n, false), NULL);
	CHECK(fclose(f) == 0);
	CHECK(next->nclients == s->nclients);
	CHECK(next->journal->store.total == s->journal->store.total);
	CHECK(next->sessions.held_until == s->sessions.held_until);
	CHECK(next->sessions.nheld == s->sessions.nheld);
	tear_down(s);
	return next;
}

static void
delete_store(void)
{
	DIR *dir = opendir(path);
	struct dirent *d;

	CHECK(dir != NULL);
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] != '.')
			CHECK(unlinkat(dirfd(dir), d->d_name, 0) == 0);
	}
	CHECK(closedir(dir) == 0 && rmdir(path) == 0);
}

static void
live(struct server *(*end)(struct server *s), uint64_t most)
{
	static struct memory was;
	struct server *s;
	int life, i;

	(void)strlcpy(path, "/tmp/chat-unit.XXXXXX", sizeof(path));
	CHECK(mkdtemp(path) != NULL);
	keep = most;
	for (i = 0; i < OTHERS; i++)
		others[i] = -1;
	s = begin_life();
	for (life = 0; life < LIVES; life++) {
		quiet = life % 3 == 0;
		/* So much that a segment is full of that. */
		for (i = 0; i < (quiet ? 8 * STEPS : STEPS); i++)
			step(s);
		check_size(s);
		remember(&was, s);
		s = end(s);
		check_same(&was, s);
	}
	all_leave(s);
	tear_down(s);
	delete_store();
}

static void
after_kill(void)
{
	live(killed, UINT64_MAX);
	live(killed, 4 * SEGMENT);
}

static void
after_stop(void)
{
	live(stopped, UINT64_MAX);
	live(stopped, 4 * SEGMENT);
}

static void
after_handover(void)
{
	live(handed_over, UINT64_MAX);
	live(handed_over, 4 * SEGMENT);
}

static struct server *
anyhow(struct server *s)
{
	switch (unit_random(3)) {
	case 0:
		return killed(s);
	case 1:
		return stopped(s);
	default:
		return handed_over(s);
	}
}

static void
after_each(void)
{
	live(anyhow, UINT64_MAX);
	live(anyhow, 4 * SEGMENT);
}

const struct test lives_tests[] = {
	{ "killed, it is the same", after_kill },
	{ "stopped, it is the same", after_stop },
	{ "handed over, it is the same", after_handover },
	{ "and one after another", after_each },
	{ NULL, NULL }
};
