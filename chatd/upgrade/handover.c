/*
 * Handing over: the old room process's half of an upgrade
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
#include "handover.h"
#include "keeper/channel.h"
#include "listen/listener.h"
#include "member/voice.h"
#include "state.h"

/* Send n descriptors in as few messages as possible. Returns NULL, or why that
 * failed. */
static const char *
send_in_messages(const struct server *s, const int *fds, size_t n)
{
	struct message m = { .kind = MESSAGE_FDS };

	do {
		m.nfds = n < CHANNEL_FDS ? n : CHANNEL_FDS;
		memcpy(m.fds, fds, m.nfds * sizeof(*fds));
		fds += m.nfds;
		n -= m.nfds;
		if (n == 0)
			m.kind = MESSAGE_LAST_FDS;
		if (channel_send(s->keeper, &m) == -1)
			return strerror(errno);
	} while (n > 0);
	return NULL;
}

/* Send the descriptors of the state: a trial needs only the store's, which is
 * the first. */
static const char *
send_fds(const struct server *s, bool trial)
{
	int *fds = reallocarray(NULL, 2 + s->listeners->n + s->nclients,
	    sizeof(*fds));
	const char *why;
	size_t n;

	if (fds == NULL)
		return strerror(errno);
	n = state_fds(s, fds);
	if (trial)
		n = s->journal != NULL;
	why = send_in_messages(s, fds, n);
	free(fds);
	return why;
}

/* Write the state at the offset where fd is now, and close it. */
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

/* Wait for the keeper's next order. Returns the descriptor to write the state
 * to, or -1 if the upgrade has failed. */
static int
await_state_file(const struct server *s)
{
	struct message m;

	for (;;) {
		channel_await(s->keeper, &m);
		if (m.kind == MESSAGE_STATE && m.nfds == 1)
			return m.fds[0];
		/* A login name may be lost here: the process that goes on asks
		 * for it again. */
		channel_discard(&m);
		if (m.kind == MESSAGE_RESUME)
			return -1;
	}
}

/* Send what the keeper needs, or the reason why that is not possible. Returns
 * false if the keeper doesn't get everything. */
static bool
try_handover(struct server *s, bool trial)
{
	const char *why = s->ring->held ?
	    "new lines cannot be written to the store now" : send_fds(s, trial);
	int fd;

	if (why == NULL) {
		fd = await_state_file(s);
		if (fd == -1)
			return false;
		if (!trial && s->member != NULL)
			voice_hand_over(s);
		why = write_state(s, fd);
	}
	(void)channel_send_text(s->keeper, why == NULL ? MESSAGE_WRITTEN :
	    MESSAGE_REFUSED, 0, why == NULL ? "" : why);
	return why == NULL;
}

void
handover_run(struct server *s)
{
	bool trial = s->trial;

	/* If all goes well no order comes: the keeper becomes the new program,
	 * which closes the channel, and channel_await() exits. */
	if (try_handover(s, trial) && !trial)
		(void)await_state_file(s);
	s->trial = false;
	if (!trial)
		s->leaving = CLOCK_NEVER;
	guard_ask_names(s);
}
