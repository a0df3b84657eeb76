/*
 * chatd - a room: hand each line that comes in to everybody else
 */
#include <sys/resource.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libutil.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "activate.h"
#include "addr.h"
#include "cli.h"
#include "clock.h"
#include "journal.h"
#include "listener.h"
#include "load.h"
#include "log.h"
#include "notify.h"
#include "room.h"
#include "server.h"
#include "show.h"
#include "upgrade.h"

#define RING_SIZE	(8 * 1024 * 1024)
#define RING_SIZE_MAX	((uint64_t)1 << 40)
#define PATIENCE_MS	1000
#define PER_ADDRESS	64
#define CLIENTS_MAX	1000000
#define SESSIONS	4096
#define SESSIONS_MAX	1000000
#define SEGMENT_SIZE	(16 * 1024 * 1024)
#define STORE_SIZE_MIN	(64 * 1024)
#define STORE_SIZE_MAX	((uint64_t)1 << 60)
#define OPTIONS		"a:c:fik:m:p:r:Ss:t:vz:"
#define OTHER_FDS	12		/* standard, signals, in reserve,
					   and a few to upgrade */
#define STORE_FDS	4		/* folder, two segments, the past */

static const char usage[] =
    "usage: chatd [-v] [-a clients] [-c clients] [-k keys] [-m size]\n"
    "             [-p seconds] [-r sessions] [address ...]\n"
    "       chatd [-fSv] -s store [-t size] [-z size] [...]\n";

struct options {
	struct config	 config;
	size_t		 size;		/* of the ring, in bytes */
	char		 needs_store;	/* an option that does, or NUL */
};

/* The value of the option -c: bytes, or K, M, G of them. */
static uint64_t
size_option(int c, const char *s, uint64_t min, uint64_t max)
{
	uint64_t size;

	if (strchr(s, '-') != NULL || expand_number(s, &size) == -1)
		errx(2, "-%c %s: not a size", c, s);
	if (size < min)
		errx(2, "-%c %s: too small, at least %" PRIu64, c, s, min);
	if (size > max || size > SIZE_MAX / 2)
		errx(2, "-%c %s: too large", c, s);
	return size;
}

static void
store_option(struct options *o, int c)
{
	o->needs_store = (char)c;
	switch (c) {
	case 'f':
		o->config.store.go_on = true;
		break;
	case 'S':
		o->config.store.sync = true;
		break;
	case 't':
		o->config.store.keep = size_option(c, optarg, STORE_SIZE_MIN,
		    STORE_SIZE_MAX);
		break;
	case 'z':
		o->config.store.segment_size = size_option(c, optarg,
		    STORE_SIZE_MIN, STORE_SIZE_MAX);
		break;
	}
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	int c;

	memset(o, 0, sizeof(*o));
	o->size = RING_SIZE;
	o->config.patience = PATIENCE_MS;
	o->config.per_address = PER_ADDRESS;
	o->config.sessions = SESSIONS;
	o->config.store.segment_size = SEGMENT_SIZE;
	o->config.store.keep = UINT64_MAX;
	while ((c = cli_next(argc, argv, OPTIONS, usage)) != -1) {
		switch (c) {
		case 'a':
			o->config.per_address = cli_number(c, optarg, 1,
			    CLIENTS_MAX);
			o->config.everywhere = true;
			break;
		case 'c':
			o->config.clients_max = cli_number(c, optarg, 1,
			    CLIENTS_MAX);
			break;
		case 'i':
			o->config.named = true;
			break;
		case 'k':
			o->config.keys = optarg;
			break;
		case 'm':
			o->size = (size_t)size_option(c, optarg, ROOM_SIZE_MIN,
			    RING_SIZE_MAX);
			break;
		case 'p':
			o->config.patience = cli_milliseconds(c, optarg);
			break;
		case 'r':
			o->config.sessions = cli_number(c, optarg, 0,
			    SESSIONS_MAX);
			break;
		case 's':
			o->config.store.path = optarg;
			break;
		case 'v':
			o->config.verbose = true;
			break;
		default:
			store_option(o, c);
			break;
		}
	}
	if (o->needs_store != '\0' && o->config.store.path == NULL)
		errx(2, "-%c: only with -s", o->needs_store);
}

/* Those that were passed in, and those that were asked for. */
static void
open_listeners(struct listeners *l, char **names, int n)
{
	static char *defaults[] = { "localhost" };
	const char *why;
	struct addr a;
	int fd, i;

	if (activate(l, &fd, &why) == -1 && fd == -1)
		errx(2, "LISTEN_FDS: %s", why);
	else if (why != NULL)
		errx(2, "LISTEN_FDS: descriptor %d: %s", fd, why);
	if (n == 0 && l->n == 0) {
		names = defaults;
		n = 1;
	}
	for (i = 0; i < n; i++) {
		why = addr_parse(&a, names[i], true);
		if (why == NULL && listeners_open(l, &a, &why) == 0)
			continue;
		listeners_close(l);
		errx(2, "%s: %s", names[i], why);
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
	if (limit.rlim_cur > CLIENTS_MAX + others)
		limit.rlim_cur = CLIENTS_MAX + others;
	if (setrlimit(RLIMIT_NOFILE, &limit) == -1)
		err(2, "setrlimit");
	fds = (size_t)limit.rlim_cur;
	if (fds <= others)
		errx(2, "only %zu descriptors are allowed", fds);
	if (config->clients_max == 0)
		config->clients_max = fds - others;
	if (config->clients_max > fds - others)
		errx(2, "-c %zu: only %zu descriptors are allowed",
		    config->clients_max, fds);
}

static void
log_listeners(const struct listeners *l)
{
	struct sockaddr_storage ss;
	char text[ADDR_TEXT_SIZE];
	socklen_t len;
	size_t i;

	for (i = 0; i < l->n; i++) {
		len = sizeof(ss);
		if (getsockname(l->list[i].fd, (struct sockaddr *)&ss,
		    &len) == -1)
			err(2, "getsockname");
		log_event("listening on %s", addr_format(text,
		    (struct sockaddr *)&ss, len));
	}
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

/* Begin where the store has ended. */
static void
open_store(struct server *s)
{
	const struct store_config *config = &s->config.store;
	struct journal *j = s->journal;
	const char *why;

	if (j == NULL || (store_open(&j->store, config, &why) == 0 &&
	    load_room(j, s->room, &s->sessions, s->room->next, &s->last_id,
	    &why) == 0))
		return;
	listeners_close(s->listeners);
	errx(2, "%s: %s", config->path, why);
}

static void
open_keys(struct server *s)
{
	const char *path = s->config.keys;
	char why[KEYS_WHY_SIZE];
	int fd;

	if (path == NULL)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd == -1)
		(void)snprintf(why, sizeof(why), "%s: %s", path,
		    strerror(errno));
	else if (guard_open(s, fd, why) == 0) {
		(void)close(fd);
		return;
	}
	listeners_close(s->listeners);
	errx(2, "%s", why);
}

static void
start(struct server *s, struct options *o, struct listeners *l, char **names,
    int n)
{
	struct room *room = room_new(o->size, first_number());

	if (room == NULL)
		err(2, "-m %zu: %zu bytes of memory", o->size,
		    room_memory(o->size));
	open_listeners(l, names, n);
	set_limits(&o->config, l);
	if (server_init(s, &o->config, room, l) == -1)
		err(2, "start");
	open_keys(s);
	open_store(s);
	log_listeners(l);
}

/* Go on with what another program hands over. The options hold anew, but the
 * ring keeps its size, and listeners what they are. */
static void
take_over(struct server *s, const struct options *o, struct listeners *l,
    struct handover *h)
{
	if (server_init(s, &o->config, NULL, l) == -1)
		err(2, "start");
	open_keys(s);
	upgrade_read(h, s);
	set_limits(&s->config, l);
	upgrade_finish(h, s);
}

int
main(int argc, char **argv)
{
	struct listeners listeners = { .n = 0 };
	struct handover handover;
	struct options o;
	struct server s;
	int end;

	cli_standard_descriptors();
	show_locale();
	parse_options(&o, argc, argv);
	if (upgrade_inherit(&handover))
		take_over(&s, &o, &listeners, &handover);
	else
		start(&s, &o, &listeners, argv + optind, argc - optind);
	notify("READY=1");
	while ((end = server_run(&s)) == SERVER_UPGRADE)
		upgrade(&s, argv);
	if (end == -1)
		warn("poll");
	server_free(&s);
	listeners_close(&listeners);
	return end == -1 ? 2 : 0;
}
