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
#include "door/guard.h"
#include "keeper/channel.h"
#include "keeper/helper.h"
#include "keeper/keeper.h"
#include "keeper/privdrop.h"
#include "keeper/reopen.h"
#include "listen/activation.h"
#include "listen/listener.h"
#include "log.h"
#include "loop.h"
#include "member/member.h"
#include "options.h"
#include "room/ring.h"
#include "sandbox.h"
#include "show.h"
#include "signals.h"
#include "store/journal.h"
#include "store/load.h"
#include "upgrade/handover.h"
#include "upgrade/takeover.h"
#include "upgrade/upgrade.h"

#define OWN_STORE	"; all of the store has to belong to that user"
#define REACH_STORE	"; it has to belong to that user, who needs access " \
			"to the directories above it, too"
#define BUSY_MS		1000		/* to wait for a busy address */
#define BUSY_STEP_MS	10
#define OTHER_FDS	12		/* standard ones, signals, a reserve,
					   and a few for an upgrade */
#define STORE_FDS	4		/* the directory, two segments, and one
					   for catching up */
#define LOG_FDS		2		/* the sockets of two helpers */

/* Over TCP, only a key proves a client's name. */
static void
refuse_tcp(const char *name)
{
	errx(2, "-i: %s: TCP clients have no names without -k", name);
}

static void
check_passed_in(const struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (!l->list[i].local)
			refuse_tcp(l->list[i].place);
	}
}

/* Whether to try again, after a pause, to get an address or a store that is in
 * use: a room process whose keeper was killed ends a moment later. */
static bool
retry_busy(int64_t deadline)
{
	if ((errno != EADDRINUSE && errno != EWOULDBLOCK) ||
	    clock_now() >= deadline)
		return false;
	(void)poll(NULL, 0, BUSY_STEP_MS);
	return true;
}

/* What a user can do about an errno of listeners_open(). */
static const char *
advise(const struct addr *a, int error)
{
	if (a->local)
		return "";
	if (error == EADDRINUSE)
		return "; another room or program uses it";
	if (error == EACCES)
		return "; only root can use ports below 1024";
	if (error == EADDRNOTAVAIL)
		return "; this machine has no such address";
	return error == 0 && strpbrk(a->name, ".:") == NULL ?
	    "; a socket's path has a /, as in ./room" : "";
}

/* Returns NULL, or why we can't listen there, with an *advice to print after
 * it. */
static const char *
open_listener(struct listeners *l, const char *name, int64_t deadline,
    bool unix_only, const char **advice)
{
	const char *why;
	struct addr a;

	*advice = "";
	why = addr_parse(&a, name, true);
	if (why != NULL && strchr(name, ',') != NULL)
		*advice = "; give each address as an argument of its own";
	if (why != NULL)
		return why;
	if (unix_only && !a.local) {
		listeners_close(l);
		refuse_tcp(name);
	}
	while (listeners_open(l, &a, &why) == -1) {
		*advice = advise(&a, errno);
		if (!retry_busy(deadline))
			return why;
	}
	return NULL;
}

/* Where to listen without an address on the command line. */
static char *
default_address(void)
{
	static char address[] = "localhost:" ADDR_PORT;
	char *name = getenv("CHAT_ADDRESS");

	/* Clients find the room at any of several. This is one of them, and
	 * nobody but its owner knows which. */
	if (name != NULL && strchr(name, ',') != NULL)
		errx(2, "CHAT_ADDRESS: %s: several addresses are only for "
		    "clients; give the one to listen on as an argument", name);
	return name != NULL && name[0] != '\0' ? name : address;
}

/* Add the sockets that a service manager has passed in, and open those of the
 * command line. With unix_only, other than Unix-domain sockets are an error. */
static void
open_listeners(struct listeners *l, char **names, int n, bool unix_only)
{
	char *defaults[1];
	int64_t deadline = clock_now() + BUSY_MS;
	const char *why, *advice;
	int fd, i;

	if (activation_take(l, &fd, &why) == -1 && fd == -1)
		errx(2, "LISTEN_FDS: %s", why);
	else if (why != NULL)
		errx(2, "LISTEN_FDS: file descriptor %d: %s", fd, why);
	if (n == 0 && l->n == 0) {
		defaults[0] = default_address();
		names = defaults;
		n = 1;
	}
	if (unix_only)
		check_passed_in(l);
	for (i = 0; i < n; i++) {
		why = open_listener(l, names[i], deadline, unix_only, &advice);
		if (why == NULL)
			continue;
		listeners_close(l);
		errx(2, "%s: %s%s", names[i], why, advice);
	}
}

/* Raise the soft limit on open files. Without -c, it sets the limit on clients.
 */
static void
set_limits(struct config *config, const struct listeners *l)
{
	size_t others = OTHER_FDS + SERVER_SPARE + l->n, fds;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(2, "getrlimit");
	if (config->store.path != NULL)
		others += STORE_FDS;
	if (config->log != NULL)
		others += LOG_FDS;
	limit.rlim_cur = limit.rlim_max;
	if (limit.rlim_cur > OPTIONS_CLIENTS + others)
		limit.rlim_cur = OPTIONS_CLIENTS + others;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(2, "setrlimit");
	fds = (size_t)limit.rlim_cur;
	if (fds <= others)
		errx(2, "only %zu file descriptor%s allowed; raise ulimit -Hn "
		    "above %zu", fds, fds == 1 ? " is" : "s are", others);
	if (config->clients_max == 0)
		config->clients_max = fds - others;
	if (config->clients_max > fds - others)
		errx(2, "-c %zu: only %zu file descriptors are allowed, %zu of "
		    "them for clients; see ulimit -Hn", config->clients_max,
		    fds, fds - others);
}

static void
log_listeners(const struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		log_event("listening on %s", l->list[i].place);
}

/* Returns how many listeners other machines can reach; the first of them is in
 * text. */
static size_t
count_reachable(const struct listeners *l, char text[ADDR_TEXT_SIZE])
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

/* A room should be private to the machine, or to those with keys. */
static void
warn_public(const struct listeners *l, const char *keys)
{
	char first[ADDR_TEXT_SIZE], more[48] = "";
	size_t n = keys != NULL ? 0 : count_reachable(l, first);

	if (n > 1)
		(void)snprintf(more, sizeof(more), ", or %zu more address%s,",
		    n - 1, n == 2 ? "" : "es");
	if (n > 0)
		log_event("without -k, anyone who can reach %s%s can read and "
		    "write", first, more);
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

/* Name the file if a single one is at fault, and the user of -u if permission
 * is denied. */
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
	errx(2, "%s/%s: as %s: %s" OWN_STORE, path, name, user, why);
}

/* Load the room from its store, or begin a new one. */
static void
open_store(struct server *s, const char *user)
{
	const struct store_config *config = &s->config.store;
	int64_t deadline = clock_now() + BUSY_MS;
	struct journal *j = s->journal;
	const char *why;

	if (j == NULL)
		return;
	while (store_open(&j->store, config, &why) == -1) {
		if (!retry_busy(deadline))
			fail_store(&j->store, user, why);
	}
	if (load_room(j, s->ring, &s->sessions, s->ring->next, &s->last_id,
	    &why) == -1)
		fail_store(&j->store, user, why);
	/* In a replica, the log says which sessions are here. */
	s->sessions.held_until = CLOCK_NEVER;
	if (j->replica != NULL)
		return;
	sessions_limit(&s->sessions, s->config.clients_max);
	s->sessions.held_until = clock_now() + SESSION_HELD_MS;
}

/* What only root can open is open by now. */
static void
drop_privileges(const struct options *o)
{
	const struct passwd *pw;
	const char *path = o->config.store.path;

	pw = o->user == NULL ? NULL : privdrop_lookup(o->user);
	if (pw == NULL)
		return;
	if (path != NULL && privdrop_mkdir(path, pw) == -1)
		err(2, "%s", path);
	privdrop_to(pw);
	if (path != NULL && access(path, R_OK | W_OK | X_OK) == -1)
		errx(2, "%s: as %s: %s%s", path, o->user, strerror(errno),
		    errno == EACCES ? REACH_STORE : "");
}

/* Everything is open, and nothing from the network has been read. */
static void
enter_room_sandbox(const struct server *s)
{
	const struct journal *j = s->journal;
	char lack[SANDBOX_LACK];

	if (sandbox_enter(SANDBOX_ROOM, j == NULL ? -1 : j->store.dir,
	    s->config.store.path, -1, lack) == -1)
		log_event("sandbox: not available on this system: %s", lack);
}

/* keys is the descriptor of the file, which this closes. */
static void
load_keys(struct server *s, int keys)
{
	char why[KEYS_WHY_SIZE];

	if (s->config.keys == NULL)
		return;
	if (guard_open(s, keys, why) == -1)
		errx(2, "%s", why);
	(void)close(keys);
}

/* Get a new room ready to serve. */
static void
start_room(struct server *s, const struct options *o, struct listeners *l,
    int keys)
{
	struct ring *ring = ring_new(o->size, first_number());

	if (ring == NULL)
		err(2, "-m %zu: cannot allocate %zu bytes of memory", o->size,
		    ring_memory(o->size));
	if (loop_init(s, &o->config, ring, l) == -1)
		err(2, "cannot start");
	load_keys(s, keys);
	if (o->config.log != NULL && member_init(s) == -1)
		err(2, "cannot start");
	open_store(s, o->user);
	if (s->member != NULL && member_begin(s) == -1)
		err(2, "-L");
	/* What was loaded may never have been synced; the log is told of what
	 * is on disk for good. */
	if (s->member != NULL && journal_sync(s->journal) == -1)
		err(2, "%s", s->config.store.path);
	if (o->user == NULL && geteuid() == 0)
		log_event("running as root; with -u USER it drops privileges "
		    "to USER once its sockets are open");
	warn_public(l, o->config.keys);
	enter_room_sandbox(s);
	/* Where nodes share a log, clients can come once we have joined it. */
	if (s->member == NULL)
		log_listeners(l);
}

/* Get a room ready to serve that an old program hands over. The new options
 * hold, but the ring keeps its size, and the listeners their addresses. */
static void
take_room_over(struct server *s, const struct options *o, struct listeners *l,
    struct takeover *t, int keys)
{
	if (loop_init(s, &o->config, NULL, l) == -1)
		err(2, "cannot start");
	load_keys(s, keys);
	if (o->config.log != NULL && member_init(s) == -1)
		err(2, "cannot start");
	takeover_read(t, s);
	set_limits(&s->config, l);
	if (t->report == -1)
		enter_room_sandbox(s);
	takeover_finish(t, s);
}

/* Returns the descriptor of the file of keys, or -1 without -k. */
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

/* The room process; returns its exit status. t is NULL unless a room is handed
 * over, keeper is the channel to the keeper, or -1 on trial, and keys is the
 * descriptor of the file of keys, or -1. */
static int
run_child(const struct options *o, struct listeners *l, struct takeover *t,
    int keeper, int keys)
{
	struct listeners sockets = { .n = 0 };
	struct server s;
	int end;

	/* Our sandbox wouldn't let us remove the files: the keeper does. */
	listeners_forget_files(l);
	if (t != NULL)
		take_room_over(&s, o, &sockets, t, keys);
	else
		start_room(&s, o, l, keys);
	s.keeper = keeper;
	guard_ask_names(&s);
	(void)channel_send_text(keeper, MESSAGE_READY,
	    s.member == NULL || s.member->served, "");
	while ((end = loop_run(&s)) == LOOP_UPGRADE)
		handover_run(&s);
	if (end == -1)
		log_event("poll: %s", strerror(errno));
	/* Before its helper sees it. */
	if (end != 0)
		(void)channel_send_text(keeper, MESSAGE_ENDING, 0, "");
	loop_free(&s);
	listeners_close(&sockets);
	listeners_close(l);
	return end == 0 ? 0 : 2;
}

/* The keeper; returns its exit status. t is as in run_child(). */
static int
run_keeper(struct keeper *k, struct takeover *t)
{
	listeners_close_sockets(k->listeners);
	if (t != NULL)
		takeover_end_old(t);
	/* upgrade_run() returns only if the upgrade has failed. */
	while (keeper_run(k) == KEEPER_UPGRADE)
		upgrade_run(k);
	return k->status;
}

int
main(int argc, char **argv)
{
	struct listeners listeners = { .n = 0 };
	struct keeper keeper = { .argv = argv, .listeners = &listeners };
	struct takeover takeover, *t = NULL;
	const struct passwd *pw;
	struct options o;
	int keys;

	signals_begin();
	cli_standard_descriptors();
	show_locale();
	log_open();
	options_parse(&o, argc, argv);
	keys = open_keys(o.config.keys);
	/* Errors in -u come before any file of a socket is made. */
	pw = o.user == NULL ? NULL : privdrop_lookup(o.user);
	if (takeover_begin(&takeover, &listeners)) {
		t = &takeover;
	} else {
		if (pw != NULL)
			reopen_check(pw, o.config.keys, argv[0]);
		open_listeners(&listeners, argv + optind, argc - optind,
		    o.config.named && o.config.keys == NULL);
		set_limits(&o.config, &listeners);
		drop_privileges(&o);
	}
	sandbox_no_privileges();
	keeper.keys = o.config.keys;
	keeper.helper.command = o.config.log;
	keeper.helper.node = o.config.node;
	if (t != NULL)
		helper_inherit(&keeper.helper, &t->manifest.helper);
	/* A trial has no keeper. */
	if (t != NULL && t->report != -1)
		return run_child(&o, &listeners, t, -1, keys);
	if (keeper_fork(&keeper))
		return run_child(&o, &listeners, t, keeper.channel, keys);
	if (keys != -1)
		(void)close(keys);
	return run_keeper(&keeper, t);
}
