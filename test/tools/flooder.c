/*
 * flooder - many senders in one process, all as fast as they can
 *
 *	flooder [-k key] senders port|path
 *
 * Each gives the role send and then says lines of 4096 bytes without a pause,
 * over loopback or to a Unix socket, until SIGTERM. "flooding" is written once
 * each is in the room, and at the end "least L mean M": the settled lines of
 * the sender that had the fewest, and of all of them on average.
 */
#include <sys/socket.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "conn.h"
#include "ctl.h"
#include "key.h"
#include "line.h"
#include "net.h"

#define SENDERS_MAX	10000
#define PATIENCE_MS	60000		/* without a word from the room */
#define ROLE		"\001send\n"
#define AHEAD		16		/* lines written at once */

struct sender {
	struct conn	 conn;
	size_t		 role;		/* bytes of it that are said */
	size_t		 said;		/* bytes of the lines being said */
	bool		 in;		/* the role was answered */
	uint64_t	 settled;
	char		 part[CTL_SIZE];	/* of a line from the room */
	size_t		 partlen;
};

struct flood {
	struct sender	*senders;
	struct pollfd	*pfd;
	size_t		 n;
	size_t		 in;
	uint64_t	 settled;
};

static char lines[AHEAD * LINE_SIZE];
static volatile sig_atomic_t over;

static void
end(int signo)
{
	(void)signo;
	over = 1;
}

static void
fill_lines(void)
{
	size_t i;

	memset(lines, 'x', sizeof(lines));
	for (i = 1; i <= AHEAD; i++)
		lines[i * LINE_SIZE - 1] = '\n';
}

/* Never anywhere but here: a flood is no toy for other hosts. */
static int
connect_to(const char *where)
{
	char name[ADDR_HOST_SIZE];
	struct addr a;
	const char *why;
	int fd;

	(void)snprintf(name, sizeof(name), "%s%s",
	    strchr(where, '/') == NULL ? "127.0.0.1:" : "", where);
	why = addr_parse(&a, name, false);
	if (why != NULL || (fd = net_connect(&a, &why)) == -1)
		errx(2, "%s: %s", name, why);
	return fd;
}

static struct tls_context *
tls_of(const char *path)
{
	char reason[KEYS_WHY_SIZE];
	struct tls_context *tls;
	const char *why;
	struct key key;

	if (key_load(&key, path, reason) == -1)
		errx(2, "%s", reason);
	tls = tls_for_client(&key, &why);
	explicit_bzero(&key, sizeof(key));
	if (tls == NULL)
		errx(2, "%s", why);
	return tls;
}

static void
wait_for(const struct conn *c)
{
	struct pollfd pfd = { c->fd, conn_events(c, true, false), 0 };

	if (poll(&pfd, 1, PATIENCE_MS) != 1)
		errx(2, "the room does not answer");
}

static void
begin(struct sender *s, const char *where, struct tls_context *tls)
{
	enum tls_step step;

	if (conn_init(&s->conn, connect_to(where)) == -1)
		err(2, "%s", where);
	if (tls == NULL)
		return;
	if (conn_secure(&s->conn, tls) == -1 ||
	    conn_start_reading(&s->conn) == -1)
		err(2, "TLS");
	while ((step = conn_handshake(&s->conn)) == TLS_GOES_ON)
		wait_for(&s->conn);
	if (step != TLS_DONE)
		errx(2, "%s", conn_why(&s->conn));
}

/* Returns how many bytes of them the connection takes now. */
static size_t
write_some(struct sender *s, const char *bytes, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)bytes, len };
	ssize_t n = conn_writev(&s->conn, &iov, 1);

	if (n == -1 && errno != EAGAIN)
		errx(2, "%s", conn_why(&s->conn));
	return n == -1 ? 0 : (size_t)n;
}

static void
say(struct sender *s)
{
	if (conn_unsent(&s->conn)) {
		if (conn_flush(&s->conn) == -1 && errno != EAGAIN)
			errx(2, "%s", conn_why(&s->conn));
	} else if (s->role < strlen(ROLE)) {
		s->role += write_some(s, &ROLE[s->role],
		    strlen(ROLE) - s->role);
	} else if (s->in) {
		s->said += write_some(s, lines + s->said,
		    sizeof(lines) - s->said);
		s->said %= sizeof(lines);
	}
}

static void
take_word(struct flood *f, struct sender *s, const char *word, size_t len)
{
	struct notice n;

	if (!notice_parse(&n, word + 1, len - 1) || n.kind != NOTICE_OK)
		errx(2, "unexpected: %.*s", (int)(len - 1), word + 1);
	f->in += !s->in;
	s->in = true;
	f->settled += n.n - s->settled;
	s->settled = n.n;
}

static void
hear(struct flood *f, struct sender *s)
{
	ssize_t n = conn_read(&s->conn, s->part + s->partlen,
	    sizeof(s->part) - s->partlen);
	char *word = s->part, *lf;

	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0)
		errx(2, "the room closed a connection");
	s->partlen += (size_t)n;
	while ((lf = memchr(word, '\n', s->partlen)) != NULL) {
		take_word(f, s, word, (size_t)(lf - word));
		s->partlen -= (size_t)(lf + 1 - word);
		word = lf + 1;
	}
	memmove(s->part, word, s->partlen);
}

/* A role is said at once; lines only when the room has said that it takes
 * them. */
static void
go_round(struct flood *f)
{
	struct sender *s;
	size_t i;

	for (i = 0; i < f->n; i++) {
		s = &f->senders[i];
		f->pfd[i].fd = s->conn.fd;
		f->pfd[i].events = conn_events(&s->conn, true,
		    s->in || s->role < strlen(ROLE));
	}
	switch (poll(f->pfd, (nfds_t)f->n, PATIENCE_MS)) {
	case 0:
		errx(2, "the room does not answer");
	case -1:
		if (errno != EINTR)
			err(2, "poll");
		return;
	}
	for (i = 0; i < f->n; i++) {
		s = &f->senders[i];
		if ((f->pfd[i].revents & POLLOUT) != 0)
			say(s);
		if ((f->pfd[i].revents & ~POLLOUT) != 0 || conn_more(&s->conn))
			hear(f, s);
	}
}

static void
tell_shares(const struct flood *f)
{
	uint64_t least = UINT64_MAX;
	size_t i;

	for (i = 0; i < f->n; i++) {
		if (f->senders[i].settled < least)
			least = f->senders[i].settled;
	}
	if (f->n > 0)
		printf("least %llu mean %llu\n", (unsigned long long)least,
		    (unsigned long long)(f->settled / f->n));
}

static void
run(struct flood *f)
{
	while (f->in < f->n && !over)
		go_round(f);
	printf("flooding\n");
	(void)fflush(stdout);
	while (!over)
		go_round(f);
	tell_shares(f);
}

static size_t
number(const char *s)
{
	const char *why;
	long long n = strtonum(s, 1, SENDERS_MAX, &why);

	if (why != NULL)
		errx(2, "%s: %s", s, why);
	return (size_t)n;
}

int
main(int argc, char *argv[])
{
	struct tls_context *tls = NULL;
	struct flood f = { 0 };
	size_t i;

	if (argc == 5 && strcmp(argv[1], "-k") == 0) {
		tls = tls_of(argv[2]);
		argv += 2;
		argc -= 2;
	}
	if (argc != 3)
		errx(2, "usage: flooder [-k key] senders port|path");
	if (signal(SIGTERM, end) == SIG_ERR ||
	    signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(2, "signal");
	f.n = number(argv[1]);
	f.senders = calloc(f.n, sizeof(*f.senders));
	f.pfd = calloc(f.n, sizeof(*f.pfd));
	if (f.senders == NULL || f.pfd == NULL)
		err(2, "calloc");
	fill_lines();
	for (i = 0; i < f.n; i++)
		begin(&f.senders[i], argv[2], tls);
	run(&f);
	for (i = 0; i < f.n; i++)
		conn_close(&f.senders[i].conn);
	if (tls != NULL)
		tls_context_free(tls);
	free(f.senders);
	free(f.pfd);
	return 0;
}
