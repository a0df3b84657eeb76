/*
 * Upgrading: another program goes on with the room, in the same process
 */
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper/channel.h"
#include "exec.h"
#include "core/server.h"
#include "door/guard.h"
#include "listen/listener.h"
#include "keeper/keeper.h"
#include "keeper/notify.h"
#include "log.h"
#include "plural.h"
#include "signals.h"
#include "state.h"
#include "tempfile.h"
#include "upgrade.h"

#define SOMETHING_ELSE	"the room says something else"

static void
fail(const struct takeover *h, const char *why)
{
	if (h->report != -1)
		exec_answer(h->report, why);
	errx(2, "upgrade: %s", why);
}

/* A file that was written before: its place is where that ended. */
static FILE *
inherit_file(long fd)
{
	FILE *f;

	/* Not every fdopen(3) looks whether there is one. */
	if (fd <= STDERR_FILENO || fd > INT_MAX ||
	    fcntl((int)fd, F_SETFD, FD_CLOEXEC) == -1)
		return NULL;
	f = fdopen((int)fd, "r");
	if (f != NULL)
		rewind(f);
	return f;
}

bool
takeover_begin(struct takeover *h, struct listeners *l)
{
	const char *s = getenv(EXEC_VARIABLE), *why;
	long will, state = -1, report = -1;
	FILE *f = NULL;
	char *end;

	if (s == NULL)
		return false;
	will = strtol(s, &end, 10);
	if (*end == ':')
		state = strtol(end + 1, &end, 10);
	if (*end == ',')
		report = strtol(end + 1, &end, 10);
	if (*end == '\0' && report <= INT_MAX)
		f = inherit_file(will);
	h->report = (int)report;
	h->state = inherit_file(state);
	/* Older programs have one file for all, which says so. */
	if (f == NULL || (state != -1 && h->state == NULL))
		errx(2, "%s=%s: nobody hands over a room", EXEC_VARIABLE, s);
	(void)unsetenv(EXEC_VARIABLE);
	why = manifest_read(f, &h->legacy, l);
	if (why == NULL && h->state == NULL)
		why = "there is no state";
	if (why != NULL)
		fail(h, why);
	(void)fclose(f);
	return true;
}

void
takeover_read(const struct takeover *h, struct server *s)
{
	const char *why = state_read(s, h->state, h->legacy.fds,
	    h->legacy.nfds, h->report != -1);

	if (why != NULL)
		fail(h, why);
}

void
takeover_finish(struct takeover *h, struct server *s)
{
	size_t i, clients = guard_admitted(s);
	uint64_t lines = s->ring->next - ring_oldest(s->ring);

	if (h->report != -1)
		exec_answer(h->report, NULL);
	for (i = 0; i < h->legacy.nfds; i++)
		(void)fcntl(h->legacy.fds[i], F_SETFD, FD_CLOEXEC);
	free(h->legacy.fds);
	(void)fclose(h->state);
	log_event("upgraded: %zu client%s, %" PRIu64 " line%s kept", clients,
	    plural(clients), lines, plural(lines));
}

void
takeover_end_old(struct takeover *h)
{
	size_t i;

	for (i = 0; i < h->legacy.nfds; i++)
		(void)close(h->legacy.fds[i]);
	free(h->legacy.fds);
	(void)fclose(h->state);
	/* It ends by itself, since the other end of its channel is closed; but
	 * nothing is to depend on that. */
	(void)kill(h->legacy.room, SIGKILL);
	while (waitpid(h->legacy.room, NULL, 0) == -1 && errno == EINTR)
		;
}

static const char *
append(struct manifest *g, const struct message *m)
{
	int *fds = reallocarray(g->fds, g->nfds + CHANNEL_FDS, sizeof(*fds));

	if (fds == NULL)
		return strerror(errno);
	memcpy(fds + g->nfds, m->fds, m->nfds * sizeof(*fds));
	g->fds = fds;
	g->nfds += m->nfds;
	return NULL;
}

/* Wait for what the room answers. NULL, or what is wrong, which may be in the
 * text. */
static const char *
hear_answer(struct keeper *k, struct message *m, char *text)
{
	for (;;) {
		if (!channel_receive(k->channel, m))
			return "the room doesn't answer";
		if (!keeper_answer(k, m))
			break;
		channel_discard(m);
	}
	if (m->kind != MESSAGE_REFUSED)
		return NULL;
	channel_discard(m);
	(void)strlcpy(text, m->text, EXEC_TEXT_SIZE);
	return text;
}

/* Have the descriptors that the room gives. */
static const char *
hear_fds(struct keeper *k, struct manifest *g, char *text)
{
	struct message m;
	const char *why;

	do {
		why = hear_answer(k, &m, text);
		if (why != NULL)
			return why;
		/* A part without any could go on for ever. */
		why = m.kind == MESSAGE_ALL ||
		    (m.kind == MESSAGE_PART && m.nfds > 0) ?
		    append(g, &m) : SOMETHING_ELSE;
		if (why != NULL)
			channel_discard(&m);
	} while (why == NULL && m.kind == MESSAGE_PART);
	return why;
}

/* Have the room write its state to a file. */
static const char *
have_written(struct keeper *k, int state, char *text)
{
	struct message m = { .kind = MESSAGE_STATE, .nfds = 1 };
	const char *why;

	m.fds[0] = state;
	if (channel_send(k->channel, &m) == -1)
		return strerror(errno);
	why = hear_answer(k, &m, text);
	channel_discard(&m);
	return why == NULL && m.kind != MESSAGE_WRITTEN ? SOMETHING_ELSE : why;
}

/* Go on with the new program. Returns only if that fails. */
static const char *
go(struct keeper *k, const struct estate *e, char *text)
{
	int error;

	signals_hold();
	exec_program(k->argv, e);
	error = errno;
	signals_release();
	return exec_why(text, k->argv[0], error);
}

/* A step of it: on trial, or for good. NULL, or why it can't be. */
static const char *
step(struct keeper *k, enum message_kind kind, FILE *will, FILE *state,
    char *text)
{
	struct manifest g = { .room = k->room };
	struct estate e = { &g, fileno(will), fileno(state) };
	const char *why;

	(void)fcntl(e.will, F_SETFD, FD_CLOEXEC);
	(void)fcntl(e.state, F_SETFD, FD_CLOEXEC);
	if (channel_send_text(k->channel, kind, 0, "") == -1)
		return strerror(errno);
	why = hear_fds(k, &g, text);
	if (why == NULL)
		why = manifest_write(will, &g, k->listeners);
	if (why == NULL)
		why = have_written(k, e.state, text);
	if (why == NULL)
		why = kind == MESSAGE_TRY ?
		    exec_trial(k->argv, &e, text) : go(k, &e, text);
	while (g.nfds > 0)
		(void)close(g.fds[--g.nfds]);
	free(g.fds);
	/* It may wait for that; else it doesn't mind. */
	if (why != NULL)
		(void)channel_send_text(k->channel, MESSAGE_GO_ON, 0, "");
	return why;
}

static const char *
step_with_files(struct keeper *k, enum message_kind kind, char *text)
{
	FILE *will = tempfile_open(text);
	FILE *state = will == NULL ? NULL : tempfile_open(text);
	const char *why = state == NULL ? text :
	    step(k, kind, will, state, text);

	if (will != NULL)
		(void)fclose(will);
	if (state != NULL)
		(void)fclose(state);
	return why;
}

void
upgrade_run(struct keeper *k)
{
	const char *why = "the room is closing";
	char text[EXEC_TEXT_SIZE];

	if (!k->closing) {
		notify_reloading();
		why = step_with_files(k, MESSAGE_TRY, text);
		if (why == NULL)
			why = step_with_files(k, MESSAGE_LEAVE, text);
		notify_state("READY=1");
	}
	log_event("upgrade: %s, going on as before", why);
}
