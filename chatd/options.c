/*
 * Options: what the command line asks for
 */
#include <err.h>
#include <inttypes.h>
#include <libutil.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "core/ratelimit.h"
#include "options.h"
#include "room/ring.h"
#include "text.h"

#define RING_SIZE	(8 * 1024 * 1024)
#define RING_SIZE_MAX	((uint64_t)1 << 40)
#define PATIENCE_MS	1000
#define PATIENCE_MAX_MS	(3600 * 1000)
#define PATIENCE_LOG	20		/* seconds, most with -L: see below */
#define PER_ADDRESS	64
#define RATE		2000		/* lines a second */
#define SESSIONS	4096
#define SESSIONS_MAX	1000000
#define SEGMENT_SIZE	(16 * 1024 * 1024)
#define HOST_SIZE	256		/* bytes of a host name, with the NUL */
#define STORE_SIZE_MIN	(64 * 1024)
#define STORE_SIZE_MAX	((uint64_t)1 << 60)
#define OPTIONS		"a:c:fik:L:l:m:n:p:r:Ss:t:u:vz:"

static const char help[] =
    "usage: chatd [-iv] [-a clients] [-c clients] [-k keys]\n"
    "             [-l lines[:burst]] [-m size] [-p seconds] [-r sessions]\n"
    "             [-u user] [address ...]\n"
    "       chatd [-fSv] -s store [-L command [-n node]] [-t size]\n"
    "             [-z size] [...]\n"
    "\n"
    "  -a clients        at most this many clients from one address\n"
    "  -c clients        at most this many clients in all\n"
    "  -f                with -s: start even if the store is damaged\n"
    "  -i                name every speaker\n"
    "  -k keys           admit over TCP who has a key in this file\n"
    "  -L command        with -s: share the room over a log, reached by this\n"
    "  -l lines[:burst]  how many lines a second a client can say\n"
    "  -m size           bytes of memory for what was said, as in 8M\n"
    "  -n node           with -L: the name of this chatd among them\n"
    "  -p seconds        how long senders wait for a slow reader\n"
    "  -r sessions       remember this many senders that were cut off\n"
    "  -S                with -s: sync each line before it is settled\n"
    "  -s store          keep the room in this directory\n"
    "  -t size           with -s: bytes to keep in all, as in 1G\n"
    "  -u user           become this user once everything is open\n"
    "  -v                also log who comes and goes, and what is said\n"
    "  -z size           with -s: bytes of a segment, as in 16M\n"
    "  -h, --help        show this help\n"
    "  --version         show the version\n"
    "\n"
    "example: chatd -s lounge :5555\n";

/* The value of option c: a number of bytes, with K, M, G and so on. */
static uint64_t
parse_size(int c, const char *s, uint64_t min, uint64_t max)
{
	uint64_t size;

	if (strchr(s, '-') != NULL || expand_number(s, &size) == -1)
		errx(2, "-%c %s: not a size, such as 64K or 8M", c, s);
	if (size < min)
		errx(2, "-%c %s: too small, at least %" PRIu64, c, s, min);
	if (size > max || size > SIZE_MAX / 2)
		errx(2, "-%c %s: too large, at most %" PRIu64, c, s,
		    max < SIZE_MAX / 2 ? max : SIZE_MAX / 2);
	return size;
}

/* The value of -p. In other programs that is a port, so the error says what it
 * is here. */
static void
parse_patience(struct options *o, const char *s)
{
	const char *wrong = clock_parse(s, &o->config.patience);

	o->patience = s;
	if (wrong == NULL ? o->config.patience > PATIENCE_MAX_MS :
	    strcmp(wrong, "too large") == 0)
		wrong = "too large, at most 3600";
	if (wrong != NULL)
		errx(2, "-p %s: %s; -p is the patience in seconds, and a port "
		    "is part of the address, as in :5555", s, wrong);
}

/* An option that needs -s. */
static void
parse_store_option(struct options *o, int c)
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
		o->config.store.keep = parse_size(c, optarg, STORE_SIZE_MIN,
		    STORE_SIZE_MAX);
		break;
	case 'z':
		o->config.store.segment_size = parse_size(c, optarg,
		    STORE_SIZE_MIN, STORE_SIZE_MAX);
		break;
	}
}

/* What -L shares the room over, and -n. */
static void
parse_log_option(struct options *o, int c)
{
	if (c == 'L') {
		if (optarg[0] == '\0')
			errx(2, "-L: no command; give one that reaches the "
			    "log, as in 'chat-etcd localhost:2379/lounge'");
		o->config.log = optarg;
		o->needs_store = (char)c;
		return;
	}
	if (!text_is_name(optarg, strlen(optarg)))
		errx(2, "-n %s: not a node's name, 1 to %d of the characters "
		    "A-Z, a-z, 0-9, ., _ and -", optarg, PERSON_MAX);
	(void)strlcpy(o->config.node, optarg, sizeof(o->config.node));
}

/* Without -n a node is named by the first label of the host's name. */
static void
name_node(struct config *config)
{
	char host[HOST_SIZE];

	if (config->node[0] != '\0')
		return;
	if (gethostname(host, sizeof(host)) == -1)
		err(2, "gethostname");
	host[sizeof(host) - 1] = '\0';
	host[strcspn(host, ".")] = '\0';
	if (!text_is_name(host, strlen(host)))
		errx(2, "-L: the host name %s cannot name a node; give a name "
		    "with -n", host);
	(void)strlcpy(config->node, host, sizeof(config->node));
}

/*
 * While a reader holds the ring up, nothing of the log is taken, so that no
 * entry of this node comes back to it, and it says nothing more. The others
 * take it for down after MEMBER_DOWN_MS, of which up to MEMBER_BEAT_MS have
 * passed by then.
 */
static void
check_patience(const struct options *o)
{
	if (o->config.patience > PATIENCE_LOG * 1000)
		errx(2, "-p %s: with -L at most %d; give less, since with -s a "
		    "slow reader loses nothing", o->patience, PATIENCE_LOG);
}

/* What the options need of each other. */
static void
check_options(struct options *o)
{
	if (o->config.log == NULL && o->config.node[0] != '\0')
		errx(2, "-n: only with -L");
	if (o->needs_store != '\0' && o->config.store.path == NULL)
		errx(2, "-%c: only with -s", o->needs_store);
	if (o->config.log == NULL)
		return;
	check_patience(o);
	name_node(&o->config);
}

/* The value of -l. */
static void
parse_rate(struct config *config, const char *s)
{
	const char *why;

	config->limit_everywhere = true;
	config->limit.rate = 0;
	if (strcmp(s, "0") == 0)
		return;
	why = ratelimit_parse(&config->limit, s);
	if (why != NULL)
		errx(2, "-l %s: %s; give lines per second, 1 to %d, and "
		    "optionally a burst, 1 to %d, as in 2000:20000", s,
		    strcmp(why, "invalid") == 0 ? "not a number" : why,
		    RATELIMIT_RATE_MAX, RATELIMIT_BURST_MAX);
}

void
options_parse(struct options *o, int argc, char **argv)
{
	int c;

	memset(o, 0, sizeof(*o));
	o->size = RING_SIZE;
	o->config.patience = PATIENCE_MS;
	o->config.per_address = PER_ADDRESS;
	o->config.limit.rate = RATE;
	o->config.limit.burst = RATELIMIT_BURST * RATE;
	o->config.sessions = SESSIONS;
	o->config.store.segment_size = SEGMENT_SIZE;
	o->config.store.keep = UINT64_MAX;
	while ((c = cli_next(argc, argv, OPTIONS, help)) != -1) {
		switch (c) {
		case 'a':
			o->config.per_address = (size_t)cli_number(c, optarg, 1,
			    OPTIONS_CLIENTS);
			o->config.per_address_everywhere = true;
			break;
		case 'c':
			o->config.clients_max = (size_t)cli_number(c, optarg, 1,
			    OPTIONS_CLIENTS);
			break;
		case 'i':
			o->config.named = true;
			break;
		case 'k':
			o->config.keys = optarg;
			break;
		case 'L':
		case 'n':
			parse_log_option(o, c);
			break;
		case 'l':
			parse_rate(&o->config, optarg);
			break;
		case 'm':
			o->size = (size_t)parse_size(c, optarg, RING_SIZE_MIN,
			    RING_SIZE_MAX);
			break;
		case 'p':
			parse_patience(o, optarg);
			break;
		case 'r':
			o->config.sessions = (size_t)cli_number(c, optarg, 0,
			    SESSIONS_MAX);
			break;
		case 's':
			o->config.store.path = optarg;
			break;
		case 'u':
			o->user = optarg;
			break;
		case 'v':
			o->config.verbose = true;
			break;
		default:
			parse_store_option(o, c);
			break;
		}
	}
	check_options(o);
}
