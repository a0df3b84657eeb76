/*
 * cutter - a bad line between clients and a room
 *
 *	cutter [-n cuts] [-s seed] socket room-socket
 *
 * Listens on a Unix socket and passes everything on to another, both ways. At
 * random moments it cuts a connection: closed, reset, one half closed, or
 * dead silent for a while first; some connections go byte by byte. After -n
 * cuts (none to be left: 100) it only passes on. Everything random comes from
 * the seed, which is printed, so a run can be repeated as far as the system's
 * own timing allows. "done" is printed after the last cut.
 */
#include <sys/socket.h>
#include <sys/un.h>

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

#define PAIRS		64
#define BUFFER		4096

enum fate { FATE_CLOSE, FATE_HALF, FATE_STALL, FATE_COUNT };

/* What one side said and the other one hasn't got. */
struct way {
	char		 buf[BUFFER];
	size_t		 len;
	bool		 eof;		/* nothing more will come */
	bool		 shut;		/* and the other side knows */
};

struct pair {
	int		 fd[2];		/* the client, the room; -1: unused */
	struct way	 way[2];	/* from fd[i] */
	long		 left;		/* bytes until it is cut, -1: never */
	enum fate	 fate;
	bool		 slow;		/* byte by byte */
	int		 stalled;	/* turns of silence until the cut */
};

static struct pair pairs[PAIRS];
static long cuts = 100;
static unsigned long long state;

/* xorshift64*: good enough to be unpredictable, and the same everywhere. */
static unsigned
chance(unsigned below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * 2685821657736338717ULL) >> 33) % below;
}

static struct sockaddr_un
address(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };

	if (strlcpy(sun.sun_path, path, sizeof(sun.sun_path)) >=
	    sizeof(sun.sun_path))
		errx(2, "%s: too long", path);
	return sun;
}

static int
listen_at(const char *path)
{
	struct sockaddr_un sun = address(path);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd == -1 || bind(fd, (struct sockaddr *)&sun, sizeof(sun)) == -1 ||
	    listen(fd, PAIRS) == -1)
		err(2, "%s", path);
	return fd;
}

static void
pair_close(struct pair *p)
{
	(void)close(p->fd[0]);
	(void)close(p->fd[1]);
	p->fd[0] = p->fd[1] = -1;
}

/* Long connections and ones that never get past the greeting. */
static void
choose_fate(struct pair *p)
{
	static const unsigned spans[] = { 1, 100, 5000, 100000, 1000000 };

	p->left = cuts > 0 ? (long)chance(spans[chance(5)]) : -1;
	p->fate = (enum fate)chance(FATE_COUNT);
	p->slow = cuts > 0 && chance(8) == 0 && p->left < 5000;
}

static void
pair_open(int listener, const char *room)
{
	struct sockaddr_un sun = address(room);
	int client = accept(listener, NULL, NULL), i;

	for (i = 0; i < PAIRS && pairs[i].fd[0] != -1; i++)
		;
	if (client == -1 || i == PAIRS) {
		(void)close(client);
		return;
	}
	memset(&pairs[i], 0, sizeof(pairs[i]));
	pairs[i].fd[0] = client;
	pairs[i].fd[1] = socket(AF_UNIX, SOCK_STREAM, 0);
	choose_fate(&pairs[i]);
	if (connect(pairs[i].fd[1], (struct sockaddr *)&sun,
	    sizeof(sun)) == -1) {
		pair_close(&pairs[i]);
		return;
	}
	(void)fcntl(pairs[i].fd[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(pairs[i].fd[1], F_SETFL, O_NONBLOCK);
}

static void
cut(struct pair *p)
{
	if (cuts > 0 && --cuts == 0) {
		(void)puts("done");
		(void)fflush(stdout);
	}
	if (p->fate == FATE_HALF) {
		/* One side is told that it's over, and nothing else passes. */
		(void)shutdown(p->fd[chance(2)], SHUT_WR);
		p->fate = FATE_STALL;
	}
	if (p->fate == FATE_STALL) {
		p->stalled = 1 + (int)chance(20);
		return;
	}
	pair_close(p);
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
	if (p->left >= 0) {
		p->left -= n;
		if (p->left == 0)
			cut(p);
	}
	return true;
}

static void
pair_turn(struct pair *p, const struct pollfd *pfd)
{
	bool good = true;
	int i;

	if (p->stalled > 0) {
		if (--p->stalled == 0)
			pair_close(p);
		return;
	}
	for (i = 0; i < 2 && good && p->fd[0] != -1; i++) {
		if (p->way[i].len == 0 && !p->way[i].eof &&
		    pfd[i].revents != 0)
			good = pull(p, i);
		if (good && p->way[i].len > 0)
			good = push(p, i);
		if (p->fd[0] != -1 && p->way[i].eof && !p->way[i].shut &&
		    p->way[i].len == 0) {
			(void)shutdown(p->fd[1 - i], SHUT_WR);
			p->way[i].shut = true;
		}
	}
	if (p->fd[0] != -1 && (!good || (p->way[0].shut && p->way[1].shut)))
		pair_close(p);
}

static void
watch(struct pollfd *pfd, const struct pair *p)
{
	int i;

	for (i = 0; i < 2; i++) {
		pfd[i].fd = p->stalled > 0 ? -1 : p->fd[i];
		pfd[i].events = 0;
		if (p->way[i].len == 0 && !p->way[i].eof)
			pfd[i].events |= POLLIN;
		if (p->way[1 - i].len > 0)
			pfd[i].events |= POLLOUT;
		if (pfd[i].events == 0)
			pfd[i].fd = -1;
	}
}

static void
pass_on(int listener, const char *room)
{
	struct pollfd pfd[1 + 2 * PAIRS];
	int i;

	for (;;) {
		pfd[0].fd = listener;
		pfd[0].events = POLLIN;
		for (i = 0; i < PAIRS; i++)
			watch(&pfd[1 + 2 * i], &pairs[i]);
		if (poll(pfd, 1 + 2 * PAIRS, 10) == -1 && errno != EINTR)
			err(2, "poll");
		for (i = 0; i < PAIRS; i++) {
			if (pairs[i].fd[0] != -1)
				pair_turn(&pairs[i], &pfd[1 + 2 * i]);
		}
		if ((pfd[0].revents & POLLIN) != 0)
			pair_open(listener, room);
	}
}

int
main(int argc, char **argv)
{
	int c, i;

	arc4random_buf(&state, sizeof(state));
	while ((c = getopt(argc, argv, "n:s:")) != -1) {
		if (c == 'n')
			cuts = strtol(optarg, NULL, 10);
		else if (c == 's')
			state = strtoull(optarg, NULL, 10);
		else
			return 2;
	}
	if (argc - optind != 2)
		errx(2, "usage: cutter [-n cuts] [-s seed] socket room-socket");
	(void)signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < PAIRS; i++)
		pairs[i].fd[0] = pairs[i].fd[1] = -1;
	i = listen_at(argv[optind]);
	state |= 1;
	(void)printf("seed %llu\n", state);
	(void)fflush(stdout);
	pass_on(i, argv[optind + 1]);
}
