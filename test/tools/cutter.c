/*
 * cutter - a bad line between clients and a room
 *
 *	cutter [-b bytes] [-n cuts] [-s seed] address room
 *
 * Listens at an address and passes everything on to the room's, both ways. An
 * address is a Unix socket's path or 127.0.0.1:PORT, where port 0 is any that
 * is free. After at most -b bytes (300000) a connection is cut: closed, reset,
 * one half of it closed, or dead silent for a while first; some go byte by
 * byte. After -n cuts (100) it only passes on.
 *
 * A connection's fate follows from the seed and its number, so a run can be
 * repeated as far as the system's own timing allows. Prints "seed SEED",
 * "listening on ADDRESS", a line for each cut, and "done" after the last one.
 */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "sock.h"

#define PAIRS		64
#define BUFFER		4096
#define TURN_MS		10		/* how exact silences are */
#define SILENCE_MS	200		/* the longest one */
#define SLOW_MAX	5000		/* bytes that go one by one */

enum fate { FATE_CLOSE, FATE_RESET, FATE_HALF, FATE_STALL, FATE_COUNT };
static const char *const fates[] = { "close", "reset", "half", "stall" };

/* What one side said and the other one hasn't got. */
struct way {
	char		 buf[BUFFER];
	size_t		 len;
	bool		 eof;		/* nothing more will come */
	bool		 shut;		/* and the other side knows */
	bool		 dead;		/* nothing more passes */
};

struct pair {
	int		 fd[2];		/* the client, the room; -1: unused */
	struct way	 way[2];	/* from fd[i] */
	long		 left;		/* bytes until it is cut, -1: never */
	enum fate	 fate;
	bool		 slow;		/* byte by byte */
	int64_t		 over;		/* when a cut one is closed */
	uint64_t	 random;
};

static struct pair pairs[PAIRS];
static const char *room;
static long cuts = 100, most = 300000;
static uint64_t seed, connections;

/* splitmix64: good enough to be unpredictable, and the same everywhere. */
static uint64_t
scramble(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

static int
chance(struct pair *p, long below)
{
	p->random = scramble(p->random);
	return (int)((p->random >> 33) % (uint64_t)below);
}

static void
pair_close(struct pair *p)
{
	(void)close(p->fd[0]);
	(void)close(p->fd[1]);
	p->fd[0] = p->fd[1] = -1;
}

/* To one side, or to both. */
static void
pair_reset(struct pair *p)
{
	int sides = 1 + chance(p, 3);

	if ((sides & 1) != 0)
		sock_abort(p->fd[0]);
	if ((sides & 2) != 0)
		sock_abort(p->fd[1]);
	pair_close(p);
}

/* As many short connections as long ones, some end within the greeting. */
static void
choose_fate(struct pair *p)
{
	p->random = scramble(seed ^ scramble(++connections));
	p->left = cuts > 0 ? chance(p, (most >> chance(p, 16)) + 1) : -1;
	p->fate = (enum fate)chance(p, FATE_COUNT);
	p->slow = cuts > 0 && chance(p, 4) == 0 && p->left < SLOW_MAX;
}

static void
pair_open(int listener)
{
	int client = accept(listener, NULL, NULL), i;

	for (i = 0; i < PAIRS && pairs[i].fd[0] != -1; i++)
		;
	if (client == -1 || i == PAIRS) {
		(void)close(client);
		return;
	}
	memset(&pairs[i], 0, sizeof(pairs[i]));
	pairs[i].fd[0] = client;
	pairs[i].fd[1] = sock_connect(room);
	pairs[i].over = CLOCK_NEVER;
	choose_fate(&pairs[i]);
	if (pairs[i].fd[1] == -1) {
		pair_close(&pairs[i]);
		return;
	}
	(void)fcntl(pairs[i].fd[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(pairs[i].fd[1], F_SETFL, O_NONBLOCK);
}

static void
cut(struct pair *p)
{
	int side;

	p->left = -1;
	if (cuts == 0)
		return;
	(void)printf("cut: %s\n", fates[p->fate]);
	if (--cuts == 0)
		(void)puts("done");
	p->over = clock_now() + chance(p, SILENCE_MS);
	switch (p->fate) {
	case FATE_HALF:
		/* One side is told that it's over, the other speaks on. */
		side = chance(p, 2);
		p->way[side].dead = true;
		(void)shutdown(p->fd[1 - side], SHUT_WR);
		break;
	case FATE_STALL:
		p->way[0].dead = p->way[1].dead = true;
		break;
	case FATE_RESET:
		pair_reset(p);
		break;
	default:
		pair_close(p);
	}
}

static bool
pull(struct pair *p, int i)
{
	struct way *w = &p->way[i];
	ssize_t n = read(p->fd[i], w->buf, p->slow ? 1 : BUFFER);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	w->len = (size_t)n;
	w->eof = n == 0;
	return true;
}

/* Write what there is, but nothing after the byte that it's to be cut at. */
static bool
push(struct pair *p, int i)
{
	struct way *w = &p->way[i];
	size_t len = w->len;
	ssize_t n;

	if (p->left >= 0 && len > (size_t)p->left)
		len = (size_t)p->left;
	n = len == 0 ? 0 : write(p->fd[1 - i], w->buf, len);
	if (n == -1)
		return errno == EAGAIN || errno == EINTR;
	w->len -= (size_t)n;
	memmove(w->buf, w->buf + n, w->len);
	if (p->left >= 0 && (p->left -= n) == 0)
		cut(p);
	return true;
}

/* One way of it; false if the connection is over. */
static bool
way_turn(struct pair *p, int i, bool ready)
{
	struct way *w = &p->way[i];

	if (w->dead)
		return true;
	if (w->len == 0 && !w->eof && ready && !pull(p, i))
		return false;
	if (w->len > 0 && !push(p, i))
		return false;
	if (p->fd[0] == -1 || !w->eof || w->shut || w->len > 0)
		return true;
	(void)shutdown(p->fd[1 - i], SHUT_WR);
	w->shut = true;
	return true;
}

static void
pair_turn(struct pair *p, const struct pollfd *pfd)
{
	bool good = true;
	int i;

	if (p->over <= clock_now())
		pair_reset(p);
	for (i = 0; i < 2 && good && p->fd[0] != -1; i++)
		good = way_turn(p, i, pfd[i].revents != 0);
	if (p->fd[0] != -1 && (!good || (p->way[0].shut && p->way[1].shut)))
		pair_close(p);
}

static void
watch(struct pollfd *pfd, const struct pair *p)
{
	int i;

	for (i = 0; i < 2; i++) {
		pfd[i].fd = p->fd[i];
		pfd[i].events = 0;
		if (!p->way[i].dead && p->way[i].len == 0 && !p->way[i].eof)
			pfd[i].events |= POLLIN;
		if (!p->way[1 - i].dead && p->way[1 - i].len > 0)
			pfd[i].events |= POLLOUT;
		if (pfd[i].events == 0)
			pfd[i].fd = -1;
	}
}

static void
pass_on(int listener)
{
	struct pollfd pfd[1 + 2 * PAIRS];
	int i;

	for (;;) {
		pfd[0].fd = listener;
		pfd[0].events = POLLIN;
		for (i = 0; i < PAIRS; i++)
			watch(&pfd[1 + 2 * i], &pairs[i]);
		if (poll(pfd, 1 + 2 * PAIRS, TURN_MS) == -1 && errno != EINTR)
			err(2, "poll");
		for (i = 0; i < PAIRS; i++) {
			if (pairs[i].fd[0] != -1)
				pair_turn(&pairs[i], &pfd[1 + 2 * i]);
		}
		if ((pfd[0].revents & POLLIN) != 0)
			pair_open(listener);
	}
}

int
main(int argc, char **argv)
{
	int c, i;

	arc4random_buf(&seed, sizeof(seed));
	while ((c = getopt(argc, argv, "b:n:s:")) != -1) {
		if (c == 'b')
			most = strtol(optarg, NULL, 10);
		else if (c == 'n')
			cuts = strtol(optarg, NULL, 10);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else
			most = 0;
	}
	if (argc - optind != 2 || most < 1)
		errx(2, "usage: cutter [-b bytes] [-n cuts] [-s seed] address "
		    "room");
	(void)signal(SIGPIPE, SIG_IGN);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; i < PAIRS; i++)
		pairs[i].fd[0] = pairs[i].fd[1] = -1;
	room = argv[optind + 1];
	i = sock_listen(argv[optind]);
	(void)printf("seed %ju\nlistening on %s\n", (uintmax_t)seed,
	    sock_name(i, argv[optind]));
	pass_on(i);
}
