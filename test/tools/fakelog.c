/*
 * fakelog - a log that several rooms share, in memory
 *
 *	fakelog [-d delay] [-s seed] [-w rate] socket
 *	fakelog -j socket name [node]
 *
 * The first one is the log, or rather any number of them, by name; it speaks
 * chat-log(7) with each room, strictly. The second one is what a room runs as
 * its helper: it passes the socket that is its standard input on to the first,
 * and ends when that has closed it. node, for orders that are about one node,
 * is $CHATD_NODE if it's left out, else "-".
 *
 * The socket is a path. At 127.0.0.1:PORT, where port 0 is any that is free,
 * and at the path, too, who sends a line "NAME NODE" and no socket speaks on as
 * the room itself.
 *
 * With -w, of 100 opportunities for mischief so many are taken: puts, entries
 * and answers come up to -d milliseconds (20) late; entries are repeated, or
 * come again after their room has gone; helpers die, stall, and connect anew;
 * what they say comes in pieces. Which of them follows from the seed, as far as
 * the system's own timing allows. Nothing is ever lost or out of order.
 *
 * Prints "seed SEED" and "listening on ADDRESS". What a room says against the
 * protocol goes to standard error, and its helper dies. Standard input has
 * orders, one a line, each answered by a line, "ok" or a reason. NODE may be
 * left out, and then it is all nodes.
 *
 *	stall NAME NODE		nothing goes on there
 *	resume NAME NODE	it does again
 *	cut NAME NODE		their helpers die
 *	compact NAME POS	the oldest entry is that one
 *	forget NAME		the log is lost: another one takes its place
 *	double NAME		the next put is appended twice
 *	late NAME		the last put of who has gone is appended again
 *	inject NAME FILE	append an entry of those bytes
 *	dump NAME FILE		write all entries
 *	place NAME TEXT		the helpers say that they are there
 *	where NAME		"ok OLDEST NEWEST"
 *	kept NAME NODE		"ok POS": what the node keeps, says its room
 *	errors			"ok N": how many rooms have made
 */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fdpass.h"
#include "helper.h"
#include "ledger.h"
#include "orders.h"
#include "pollfd.h"
#include "sock.h"
#include "wild.h"

#define HELPERS		256
#define ORDER_MAX	1024		/* bytes */

enum { PFD_LISTENER, PFD_ORDERS, PFD_HELPERS };

static bool orders_over;

static void
usage(void)
{
	errx(2, "usage: fakelog [-d delay] [-s seed] [-w rate] socket\n"
	    "       fakelog -j socket name [node]");
}

static void
read_orders(void)
{
	static char buf[ORDER_MAX];
	static size_t len;
	char *lf;
	ssize_t n = read(STDIN_FILENO, buf + len, sizeof(buf) - len);

	orders_over = n == 0 || (n == -1 && errno != EINTR);
	if (n <= 0)
		return;
	len += (size_t)n;
	while ((lf = memchr(buf, '\n', len)) != NULL) {
		*lf = '\0';
		(void)puts(order(buf));
		len -= (size_t)(lf + 1 - buf);
		memmove(buf, lf + 1, len);
	}
}

/* Returns how many entries were set. */
static nfds_t
watch(struct pollfd *pfd, int listener, int64_t now)
{
	const struct helper *h = NULL;
	nfds_t n = PFD_HELPERS;

	pollfd_set(&pfd[PFD_ORDERS], orders_over ? -1 : STDIN_FILENO, POLLIN);
	TAILQ_FOREACH(h, &helpers, entry) {
		pollfd_set(&pfd[n++], h->fd, helper_blocked(h, now) ?
		    POLLIN | POLLOUT : POLLIN);
		pollfd_set(&pfd[n++], h->joiner, POLLIN);
	}
	/* Who comes now has to wait. */
	pollfd_set(&pfd[PFD_LISTENER],
	    n + 2 > PFD_HELPERS + 2 * HELPERS ? -1 : listener, POLLIN);
	return n;
}

static void
accept_one(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd != -1)
		helper_new(fd);
}

static void
read_all(const struct pollfd *pfd)
{
	struct helper *h = NULL;
	size_t i = 0;

	TAILQ_FOREACH(h, &helpers, entry) {
		if ((pfd[i++].revents & ~POLLOUT) != 0 && !h->dead)
			helper_read(h);
		if (pfd[i++].revents != 0)
			helper_end(h);
	}
}

/* Returns when something is due next. */
static int64_t
turn(int64_t now)
{
	int64_t next = CLOCK_NEVER, t;
	struct helper *h = NULL;
	struct ledger *l = NULL;

	TAILQ_FOREACH(l, &ledgers, entry) {
		t = ledger_turn(l, now);
		next = t < next ? t : next;
	}
	TAILQ_FOREACH(h, &helpers, entry) {
		t = helper_turn(h, now);
		next = t < next ? t : next;
	}
	helper_reap();
	return next;
}

static void
serve(int listener)
{
	struct pollfd pfd[PFD_HELPERS + 2 * HELPERS];
	int64_t now, next;
	nfds_t n;

	for (;;) {
		now = clock_now();
		next = turn(now);
		n = watch(pfd, listener, now);
		if (poll(pfd, n, clock_timeout(next)) == -1) {
			if (errno != EINTR)
				err(2, "poll");
			continue;
		}
		read_all(pfd + PFD_HELPERS);
		if (pfd[PFD_ORDERS].revents != 0)
			read_orders();
		if (pfd[PFD_LISTENER].revents != 0)
			accept_one(listener);
	}
}

/* The log alone has the socket then: the room sees the end of either. */
static void
join(const char *path, const char *name, const char *node)
{
	int fd = sock_connect(path), room = STDIN_FILENO, len;
	char line[3 * LEDGER_NAME];

	if (fd == -1)
		err(1, "%s", path);
	if (node == NULL)
		node = "-";
	len = snprintf(line, sizeof(line), "%s %s\n", name, node);
	if (len < 0 || (size_t)len >= sizeof(line))
		errx(2, "%s: too long", name);
	if (fdpass_send(fd, line, (size_t)len, &room, 1) != len)
		err(1, "%s", path);
	(void)close(STDIN_FILENO);
	(void)close(STDOUT_FILENO);
	while (read(fd, line, 1) == -1 && errno == EINTR)
		;
}

static unsigned
number(const char *s, unsigned most)
{
	const char *why;
	long long n = strtonum(s, 0, most, &why);

	if (why != NULL)
		errx(2, "%s: %s", s, why);
	return (unsigned)n;
}

int
main(int argc, char **argv)
{
	unsigned rate = 0, delay = 20;
	bool joins = false;
	uint64_t seed;
	int c, fd;

	arc4random_buf(&seed, sizeof(seed));
	while ((c = getopt(argc, argv, "d:js:w:")) != -1) {
		if (c == 'd')
			delay = number(optarg, 60000);
		else if (c == 'j')
			joins = true;
		else if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (c == 'w')
			rate = number(optarg, 100);
		else
			usage();
	}
	argc -= optind;
	argv += optind;
	if (joins ? argc != 2 && argc != 3 : argc != 1)
		usage();
	(void)signal(SIGPIPE, SIG_IGN);
	if (joins) {
		join(argv[0], argv[1],
		    argc == 3 ? argv[2] : getenv("CHATD_NODE"));
		return 0;
	}
	wild_init(seed, rate, delay);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	fd = sock_listen(argv[0]);
	(void)printf("seed %ju\nlistening on %s\n", (uintmax_t)seed,
	    sock_name(fd, argv[0]));
	serve(fd);
}
