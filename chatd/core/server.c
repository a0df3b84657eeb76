/*
 * The server: everything that the room process knows
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "listen/listener.h"
#include "log.h"
#include "server.h"

#define CLIENTS_MIN	16		/* to have memory for */
#define WHY_SIZE	512		/* bytes of a reason to end */

/* A journal, and what its readers need. */
static int
allocate_journal(struct server *s)
{
	s->journal = calloc(1, sizeof(*s->journal));
	if (s->journal == NULL)
		return -1;
	s->journal->store.dir = s->journal->store.fd = -1;
	return catchup_init(&s->catchup, s->journal);
}

int
server_init(struct server *s, const struct config *config, struct ring *ring,
    struct listeners *listeners)
{
	memset(s, 0, sizeof(*s));
	s->config = *config;
	s->ring = ring;
	s->listeners = listeners;
	RB_INIT(&s->persons);
	LIST_INIT(&s->watchers);
	sessions_init(&s->sessions, config->sessions);
	s->full_since = s->closing = s->leaving = CLOCK_NEVER;
	s->keeper = -1;
	s->now = clock_now();
	if (config->store.path != NULL && allocate_journal(s) == -1)
		return -1;
	s->buf = malloc(LINE_KEEP + SERVER_READ + 1);
	if (config->named &&
	    (s->named_lines = malloc(RING_APPEND_MAX)) == NULL)
		return -1;
	s->pfd = calloc(SERVER_PFD_LISTENERS + listeners->n, sizeof(*s->pfd));
	s->reserve = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0);
	if (s->buf == NULL || s->pfd == NULL || s->reserve == -1)
		return -1;
	/* A file that may not grow is a full disk, and no reason to end. */
	return signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    signal(SIGXFSZ, SIG_IGN) == SIG_ERR ? -1 : 0;
}

void
server_free(struct server *s)
{
	sessions_free(&s->sessions);
	ring_free(s->ring);
	free(s->clients);
	free(s->pfd);
	free(s->buf);
	free(s->named_lines);
	catchup_free(&s->catchup);
	if (s->journal != NULL)
		journal_free(s->journal);
	free(s->journal);
	if (s->reserve != -1)
		(void)close(s->reserve);
}

void
server_wake(struct server *s, int64_t when)
{
	if (when < s->deadline)
		s->deadline = when;
}

bool
server_reserve(struct server *s, size_t n)
{
	struct client **clients;
	struct pollfd *pfd;

	if (n < CLIENTS_MIN)
		n = CLIENTS_MIN;
	clients = reallocarray(s->clients, n, sizeof(*clients));
	if (clients == NULL)
		return false;
	s->clients = clients;
	pfd = reallocarray(s->pfd, SERVER_PFD_LISTENERS + s->listeners->n + n,
	    sizeof(*pfd));
	if (pfd == NULL)
		return false;
	s->pfd = pfd;
	s->allocated = n;
	return true;
}

void
server_forget_input(struct server *s, struct client *c)
{
	s->unfinished -= c->unfinished;
	c->unfinished = 0;
}

void
server_fail(struct server *s, const char *fmt, ...)
{
	char why[WHY_SIZE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (!s->failed)
		log_event("%s", why);
	s->failed = true;
}

void
server_dismiss(struct server *s, struct client *c, uint64_t until,
    int64_t deadline, enum bye bye)
{
	server_forget_input(s, c);
	client_bye(c, s->ring, until, deadline, bye);
}

void
server_expel(struct server *s, struct client *c, uint64_t until, enum bye bye)
{
	char address[CLIENT_ADDRESS_SIZE];

	log_event("%s: disconnected: %s", client_address(c, address),
	    bye_text(bye));
	server_dismiss(s, c, until, s->now + BYE_MS, bye);
}
