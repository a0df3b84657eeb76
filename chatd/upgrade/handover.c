/*
 * Handing over: what the room does for an upgrade
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "core/client.h"
#include "core/server.h"
#include "door/guard.h"
#include "listen/listener.h"
#include "handover.h"
#include "keeper/channel.h"
#include "state.h"

/* NULL, or what is wrong. */
static const char *
send_fds(const struct server *s, const int *fds, size_t n)
{
	struct message m = { .kind = MESSAGE_PART };

	do {
		m.nfds = n < CHANNEL_FDS ? n : CHANNEL_FDS;
		memcpy(m.fds, fds, m.nfds * sizeof(*fds));
		fds += m.nfds;
		n -= m.nfds;
		if (n == 0)
			m.kind = MESSAGE_ALL;
		if (channel_send(s->keeper, &m) == -1)
			return strerror(errno);
	} while (n > 0);
	return NULL;
}

/* On trial, nothing but the store is needed. */
static const char *
give_fds(const struct server *s, bool trial)
{
	int *fds = reallocarray(NULL, 1 + s->listeners->n + s->nclients,
	    sizeof(*fds));
	const char *why;
	size_t n;

	if (fds == NULL)
		return strerror(errno);
	n = state_fds(s, fds);
	if (trial)
		n = s->journal != NULL;
	why = send_fds(s, fds, n);
	free(fds);
	return why;
}

/* The descriptor becomes the state's, which begins where the file is now. */
static const char *
write_state(struct server *s, int fd)
{
	FILE *f = fdopen(fd, "w");
	const char *why = f == NULL ? strerror(errno) : state_write(s, f);

	if (f == NULL)
		(void)close(fd);
	else if (fclose(f) == EOF && why == NULL)
		why = strerror(errno);
	return why;
}

/* Wait until the keeper says so. Returns the file that it wants the state in,
 * or -1 if it has given up. */
static int
await_file(const struct server *s)
{
	struct message m;

	for (;;) {
		channel_await(s->keeper, &m);
		if (m.kind == MESSAGE_STATE && m.nfds == 1)
			return m.fds[0];
		channel_discard(&m);
		/* Names are asked for again by whoever goes on. */
		if (m.kind == MESSAGE_GO_ON)
			return -1;
	}
}

/* Give everything. False if the keeper doesn't want it any more. */
static bool
give(struct server *s, bool trial)
{
	const char *why = s->ring->held ?
	    "what came in can't be written down now" : give_fds(s, trial);
	int fd;

	if (why == NULL) {
		fd = await_file(s);
		if (fd == -1)
			return false;
		why = write_state(s, fd);
	}
	(void)channel_send_text(s->keeper, why == NULL ? MESSAGE_WRITTEN :
	    MESSAGE_REFUSED, 0, why == NULL ? "" : why);
	return why == NULL;
}

void
handover_give(struct server *s)
{
	bool trial = s->trial;

	/* If it goes well there will be no answer: the keeper is another
	 * program then, and this room ends. */
	if (give(s, trial) && !trial)
		(void)await_file(s);
	s->trial = false;
	if (!trial)
		s->leaving = CLOCK_NEVER;
	guard_ask_names(s);
}
