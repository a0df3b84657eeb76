/*
 * A bare log: the least that a client of etcd has to do for one
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "barelog.h"
#include "crowd.h"
#include "proc.h"

#define GIVE_UP_MS	10000

static const char *
count_put(void *arg, const struct kv *kv)
{
	struct watcher *w = arg;

	w->puts++;
	w->version = kv->version;
	return NULL;
}

static const char *
no_key(void *arg)
{
	(void)arg;
	return "the key was deleted";
}

static const char *
no_watch(void *arg, uint64_t compacted, const char *why)
{
	(void)arg;
	(void)compacted;
	warnx("the watch has ended: %s", why);
	return "the watch has ended";
}

static const char *
take_piece(void *arg, const uint8_t *data, size_t len, size_t left)
{
	struct watcher *w = arg;

	return events_take(&w->events, data, len, left);
}

static void
watch_ended(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	(void)arg;
	(void)status;
	(void)answer;
	(void)len;
	errx(2, "the watch has ended: %s", why);
}

static struct grpc *
member_connect(uint16_t port)
{
	int fd = room_connect(port);
	struct grpc *g;

	if (fcntl(fd, F_SETFL, O_NONBLOCK) == -1 ||
	    (g = grpc_new(fd, NULL, "127.0.0.1")) == NULL)
		err(2, "127.0.0.1:%u", (unsigned)port);
	return g;
}

static void
watcher_begin(struct watcher *w, const char *key, uint64_t revision)
{
	static const struct grpc_reader reader = { take_piece, watch_ended };
	static const struct events_reader events = { count_put, no_key,
		no_watch };
	struct pb m = { 0 };

	events_init(&w->events, &events, w);
	kv_watch(&m, key, revision);
	w->call = grpc_call(w->grpc, KV_WATCH, &m, true, &reader, w);
}

static void
watcher_free(struct watcher *w)
{
	grpc_free(w->grpc);
	events_free(&w->events);
}

/* Wait for something on connections, once, and take it. */
static void
step(struct watcher *w, size_t n)
{
	struct pollfd pfd[BARELOG_WATCHERS];
	size_t i;

	for (i = 0; i < n; i++) {
		grpc_ready(w[i].grpc, false);
		grpc_poll(w[i].grpc, &pfd[i]);
	}
	if (poll(pfd, (nfds_t)n, GIVE_UP_MS) < 1)
		errx(2, "etcd does not answer");
	for (i = 0; i < n; i++) {
		if (pfd[i].revents == 0)
			continue;
		grpc_ready(w[i].grpc, (pfd[i].revents & ~POLLOUT) != 0);
		if (grpc_why(w[i].grpc) != NULL)
			errx(2, "etcd: %s", grpc_why(w[i].grpc));
		if (w[i].call != NULL)
			grpc_release(w[i].grpc, w[i].call);
	}
}

static void
answered(void *arg, int status, const char *why, const uint8_t *answer,
    size_t len)
{
	struct barelog *b = arg;

	if (status != GRPC_OK || !kv_parse(&b->response, answer, len))
		errx(2, "etcd: %s", why);
	b->puts++;
}

static void
put(struct barelog *b, const char *data, size_t len)
{
	static const struct grpc_reader reader = { NULL, answered };
	struct pb m = { 0 };

	kv_put(&m, b->key, data, len);
	if (grpc_call(b->watcher[BARELOG_WRITER].grpc, KV_PUT, &m, false,
	    &reader, b) == NULL)
		errx(2, "etcd takes no put");
}

/* The first put is of no watch: it tells the revision that they begin after. */
void
barelog_init(struct barelog *b, uint16_t writer, uint16_t reader)
{
	struct watcher *w = b->watcher;
	size_t i;

	memset(b, 0, sizeof(*b));
	(void)snprintf(b->key, sizeof(b->key), "bare/%ld", (long)getpid());
	w[BARELOG_WRITER].grpc = member_connect(writer);
	w[BARELOG_READER].grpc = member_connect(reader);
	put(b, "x", 1);
	while (b->puts == 0)
		step(w, BARELOG_WATCHERS);
	b->puts = 0;
	for (i = 0; i < BARELOG_WATCHERS; i++)
		watcher_begin(&w[i], b->key, b->response.revision + 1);
}

void
barelog_free(struct barelog *b)
{
	size_t i;

	for (i = 0; i < BARELOG_WATCHERS; i++)
		watcher_free(&b->watcher[i]);
}

uint64_t
barelog_put(struct barelog *b, const char *data, size_t len)
{
	struct watcher *w = b->watcher;
	uint64_t all = b->puts + 1, seen = 0;

	put(b, data, len);
	while (b->puts < all || w[BARELOG_WRITER].puts < all) {
		step(w, BARELOG_WATCHERS);
		if (seen == 0 && w[BARELOG_READER].puts == all)
			seen = clock_ns();
	}
	return seen;
}

uint64_t
barelog_catch_up(struct barelog *b)
{
	while (b->watcher[BARELOG_READER].puts < b->puts)
		step(b->watcher, BARELOG_WATCHERS);
	return clock_ns();
}

static void
found(void *arg, int status, const char *why, const uint8_t *answer, size_t len)
{
	struct kv_response *r = arg;

	if (status != GRPC_OK || !kv_parse(r, answer, len))
		errx(2, "etcd: %s", why);
	if (r->n != 1)
		errx(2, "etcd has no such key");
}

uint64_t
barelog_read(uint16_t port, const char *key)
{
	static const struct grpc_reader reader = { NULL, found };
	static struct kv_response r;
	struct watcher w = { .grpc = member_connect(port) };
	uint64_t start = clock_ns(), end;
	struct pb m = { 0 };

	kv_range(&m, key, 0, true, false);
	if (grpc_call(w.grpc, KV_RANGE, &m, false, &reader, &r) == NULL)
		errx(2, "etcd does not answer");
	while (r.n == 0)
		step(&w, 1);
	end = r.found[0].version;
	watcher_begin(&w, key, r.found[0].created);
	while (w.version < end)
		step(&w, 1);
	watcher_free(&w);
	return clock_ns() - start;
}
