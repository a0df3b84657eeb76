/*
 * chatd - a room: hand each line that comes in to everybody else
 */
#include <sys/resource.h>
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "addr.h"
#include "cli.h"
#include "clock.h"
#include "core/server.h"
#include "loop.h"
#include "listen/activation.h"
#include "door/guard.h"
#include "listen/listener.h"
#include "keeper/channel.h"
#include "keeper/keeper.h"
#include "keeper/privdrop.h"
#include "keeper/reopen.h"
#include "log.h"
#include "options.h"
#include "room/ring.h"
#include "sandbox.h"
#include "show.h"
#include "signals.h"
#include "store/journal.h"
#include "store/load.h"
#include "upgrade/handover.h"
#include "upgrade/upgrade.h"

#define TAKEN_MS	1000		/* to wait for what is taken */
#define TAKEN_STEP_MS	10
#define OTHER_FDS	12		/* standard, signals, in reserve,
					   and a few to upgrade */
#define STORE_FDS	4		/* directory, two segments, the past */

/* Of a client that comes by TCP, nothing tells who it is but its key. */
static void
refuse_tcp(const char *name)
{
	errx(2, "-i: %s: who comes by TCP has no name without -k", name);
}

static void
check_passed(const struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (!l->list[i].local)
			refuse_tcp(l->list[i].place);
	}
}

/* Whether to try again what is still somebody's: a room that was killed ends a
 * moment after its keeper. */
static bool
is_soon_free(int64_t deadline)
{
	if ((errno != EADDRINUSE && errno != EWOULDBLOCK) ||
	    clock_now() >= deadline)
		return false;
	(void)poll(NULL, 0, TAKEN_STEP_MS);
	return true;
}

/* What to do about an errno of listeners_open(). */
static const char *
advise(const struct addr *a, int error)
{
	if (a->local)
		return "";
	if (error == EADDRINUSE)
		return "; another room, or another program, has it";
	if (error == EACCES)
		return "; ports below 1024 are for root";
	if (error == EADDRNOTAVAIL)
		return "; it is no address of this machine";
	return error == 0 && strpbrk(a->name, ".:") == NULL ?
	    "; a socket's path has a /, as in ./room" : "";
}

/* NULL, or why nobody can listen there, and what to do about it. */
static const char *
open_listener(struct listeners *l, const char *name, int64_t deadline,
    bool unix_only, const char **advice)
{
	const char *why;
	struct addr a;

	*advice = "";
	why = addr_parse(&a, name, true);
	if (why != NULL)
		return why;
	if (unix_only && !a.local) {
		listeners_close(l);
		refuse_tcp(name);
	}
	while (listeners_open(l, &a, &why) == -1) {
		*advice = advise(&a, errno);
		if (!is_soon_free(deadline))
			return why;
	}
	return NULL;
}

/* Where to listen if nobody has said so on the command line. */
static char *
default_address(void)
{
	static char address[] = "localhost:" ADDR_PORT;
	char *name = getenv("CHAT_ADDRESS");

	return name != NULL && name[0] != '\0' ? name : address;
}

/* Those that were passed in, and those that were asked for; unix_only, they are
 * to be that. */
static void
open_listeners(struct listeners *l, char **names, int n, bool unix_only)
{
	char *defaults[] = { default_address() };
	int64_t deadline = clock_now() + TAKEN_MS;
	const char *why, *advice;
	int fd, i;

	if (activation_take(l, &fd, &why) == -1 && fd == -1)
		errx(2, "LISTEN_FDS: %s", why);
	else if (why != NULL)
		errx(2, "LISTEN_FDS: descriptor %d: %s", fd, why);
	if (n == 0 && l->n == 0) {
		names = defaults;
		n = 1;
	}
	if (unix_only)
		check_passed(l);
	for (i = 0; i < n; i++) {
		why = open_listener(l, names[i], deadline, unix_only, &advice);
		if (why == NULL)
			continue;
		listeners_close(l);
		errx(2, "%s: %s%s", names[i], why, advice);
	}
}

/* As many descriptors as the system allows decide how many clients there are,
 * if nobody else has. */
static void
set_limits(struct config *config, const struct listeners *l)
{
	size_t others = OTHER_FDS + SERVER_SPARE + l->n, fds;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(2, "getrlimit");
	if (config->store.path != NULL)
		others += STORE_FDS;
	limit.rlim_cur = limit.rlim_max;
	if (limit.rlim_cur > OPTIONS_CLIENTS + others)
		limit.rlim_cur = OPTIONS_CLIENTS + others;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(2, "setrlimit");
	fds = (size_t)limit.rlim_cur;
	if (fds <= others)
		errx(2, "only %zu descriptor%s allowed; ulimit -Hn has to be "
		    "more than %zu", fds, fds == 1 ? " is" : "s are", others);
	if (config->clients_max == 0)
		config->clients_max = fds - others;
	if (config->clients_max > fds - others)
		errx(2, "-c %zu: only %zu descriptors are allowed, %zu of them "
		    "for clients; see ulimit -Hn", config->clients_max,
		    fds, fds - others);
}

static void
log_listeners(const struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		log_event("listening on %s", l->list[i].place);
}

/* The first one that others than this machine can reach; how many there are. */
static size_t
count_open(const struct listeners *l, char text[ADDR_TEXT_SIZE])
{
	struct sockaddr_storage ss;
	struct sockaddr *sa = (struct sockaddr *)&ss;
	socklen_t len;
	size_t i, n = 0;

	for (i = 0; i < l->n; i++) {
		len = sizeof(ss);
		if (getsockname(l->list[i].fd, sa, &len) == -1)
			err(2, "getsockname");
		if (sa->sa_family == AF_UNIX || addr_is_loopback(sa))
			continue;
		if (n++ == 0)
			(void)addr_format(text, sa, len);
	}
	return n;
}

/* A room is private to the machine, or to those with keys, or somebody should
 * know that it isn't. */
static void
warn_open(const struct listeners *l, const char *keys)
{
	char first[ADDR_TEXT_SIZE], more[48] = "";
	size_t n = keys != NULL ? 0 : count_open(l, first);

	if (n > 1)
		(void)snprintf(more, sizeof(more), ", or %zu more address%s,",
		    n - 1, n == 2 ? "" : "es");
	if (n > 0)
		log_event("without -k, whoever can reach %s%s can read and "
		    "write here", first, more);
}

/*
 * Lines are numbered from the microseconds since 1970 on, so that a number
 * from before a restart is never mistaken for a later one: no room takes a
 * million lines a second for long.
 */
static uint64_t
first_number(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_REALTIME, &ts) == -1)
		err(2, "clock_gettime");
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* Which file of it, and for whom, if that is the reason. */
static void __attribute__((noreturn))
fail_store(const struct store *st, const char *user, const char *why)
{
	const char *path = st->config.path;
	char name[STORE_NAME_SIZE];

	if (st->failed == 0)
		errx(2, "%s: %s", path, why);
	(void)store_name(name, st->failed);
	if (user == NULL || strcmp(why, strerror(EACCES)) != 0)
		errx(2, "%s/%s: %s", path, name, why);
	errx(2, "%s/%s: as %s: %s; all in there has to belong to that user",
	    path, name, user, why);
}

/* Begin where the store has ended. */
static void
open_store(struct server *s, const char *user)
{
	const struct store_config *config = &s->config.store;
	int64_t deadline = clock_now() + TAKEN_MS;
	struct journal *j = s->journal;
	const char *why;

	if (j == NULL)
		return;
	while (store_open(&j->store, config, &why) == -1) {
		if (!is_soon_free(deadline))
			fail_store(&j->store, user, why);
	}
	if (load_room(j, s->ring, &s->sessions, s->ring->next, &s->last_id,
	    &why) == -1)
		fail_store(&j->store, user, why);
	sessions_limit(&s->sessions, s->config.clients_max);
	s->sessions.held_until = clock_now() + SESSION_HELD_MS;
}

/* What root opens is open: go on as somebody with less power. */
static void
leave_root(const struct options *o)
{
	const struct passwd *pw;
	const char *path = o->config.store.path;

	pw = o->user == NULL ? NULL : privdrop_find(o->user);
	if (pw == NULL)
		return;
	if (path != NULL && privdrop_mkdir(path, pw) == -1)
		err(2, "%s", path);
	privdrop_to(pw);
	if (path != NULL && access(path, R_OK | W_OK | X_OK) == -1)
		err(2, "%s: as %s", path, o->user);
}

/* Everything is open, and nothing that comes is read yet. */
static void
enter_sandbox(const struct server *s)
{
	const struct journal *j = s->journal;
	char lack[SANDBOX_LACK];

	if (sandbox_enter(SANDBOX_ROOM, j == NULL ? -1 : j->store.dir,
	    s->config.store.path, -1, lack) == -1)
		log_event("sandbox: not in this system: %s", lack);
}

static void
guard_keys(struct server *s, int keys)
{
	char why[KEYS_WHY_SIZE];

	if (s->config.keys == NULL)
		return;
	if (guard_open(s, keys, why) == -1)
		errx(2, "%s", why);
	(void)close(keys);
}

static void
start(struct server *s, const struct options *o, struct listeners *l,
    int keys)
{
	struct ring *ring = ring_new(o->size, first_number());

	if (ring == NULL)
		err(2, "-m %zu: %zu bytes of memory", o->size,
		    ring_memory(o->size));
	if (loop_init(s, &o->config, ring, l) == -1)
		err(2, "start");
	guard_keys(s, keys);
	open_store(s, o->user);
	if (o->user == NULL && geteuid() == 0)
		log_event("running as root; with -u USER it runs as USER once "
		    "its sockets are open");
	warn_open(l, o->config.keys);
	enter_sandbox(s);
	log_listeners(l);
}

/* Go on with what another program hands over. The options hold anew, but the
 * ring keeps its size, and listeners what they are. */
static void
take_over(struct server *s, const struct options *o, struct listeners *l,
    struct takeover *h, int keys)
{
	if (loop_init(s, &o->config, NULL, l) == -1)
		err(2, "start");
	guard_keys(s, keys);
	takeover_read(h, s);
	set_limits(&s->config, l);
	if (h->report == -1)
		enter_sandbox(s);
	takeover_finish(h, s);
}

/* Opened before anything is given up. -1: there are none. */
static int
open_keys(const char *path)
{
	char why[KEYS_WHY_SIZE];
	int fd;

	if (path == NULL)
		return -1;
	fd = key_open(path, why);
	if (fd == -1)
		errx(2, "%s", why);
	return fd;
}

/* The room's process: h is NULL if there was no room before. */
static int
run_room(const struct options *o, struct listeners *l, struct takeover *h,
    int keeper, int keys)
{
	struct listeners sockets = { .n = 0 };
	struct server s;
	int end;

	/* The keeper removes them: the sandbox wouldn't let us. */
	listeners_forget_files(l);
	if (h != NULL)
		take_over(&s, o, &sockets, h, keys);
	else
		start(&s, o, l, keys);
	s.keeper = keeper;
	guard_ask_names(&s);
	(void)channel_send_text(keeper, MESSAGE_READY, 0, "");
	while ((end = loop_run(&s)) == LOOP_UPGRADE)
		handover_give(&s);
	if (end == -1)
		log_event("poll: %s", strerror(errno));
	loop_free(&s);
	listeners_close(&sockets);
	listeners_close(l);
	return end == -1 ? 2 : 0;
}

/* The other one. */
static int
run_keeper(struct keeper *k, struct takeover *h)
{
	listeners_close_sockets(k->listeners);
	if (h != NULL)
		takeover_end_old(h);
	return keeper_run(k);
}

int
main(int argc, char **argv)
{
	struct listeners listeners = { .n = 0 };
	struct keeper keeper = { .argv = argv, .listeners = &listeners };
	struct takeover inherited, *h = NULL;
	const struct passwd *pw;
	struct options o;
	int keys;

	signals_begin();
	cli_standard_descriptors();
	show_locale();
	log_open();
	options_parse(&o, argc, argv);
	keys = open_keys(o.config.keys);
	/* Before there are files of sockets to be removed again. */
	pw = o.user == NULL ? NULL : privdrop_find(o.user);
	if (takeover_begin(&inherited, &listeners)) {
		h = &inherited;
	} else {
		if (pw != NULL)
			reopen_check(pw, o.config.keys, argv[0]);
		open_listeners(&listeners, argv + optind, argc - optind,
		    o.config.named && o.config.keys == NULL);
		set_limits(&o.config, &listeners);
		leave_root(&o);
	}
	sandbox_no_privileges();
	keeper.keys = o.config.keys;
	if (h != NULL && h->report != -1)
		return run_room(&o, &listeners, h, -1, keys);
	if (keeper_fork(&keeper))
		return run_room(&o, &listeners, h, keeper.channel, keys);
	if (keys != -1)
		(void)close(keys);
	return run_keeper(&keeper, h);
}
