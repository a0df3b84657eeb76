/*
 * Taking over: the new program's half of an upgrade
 */
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/server.h"
#include "door/guard.h"
#include "exec.h"
#include "log.h"
#include "plural.h"
#include "state.h"
#include "takeover.h"

static void __attribute__((noreturn))
refuse_takeover(const struct takeover *t, const char *why)
{
	if (t->report != -1)
		exec_report(t->report, why);
	errx(2, "upgrade: %s", why);
}

/* Open an inherited descriptor, whose offset is where the old program stopped
 * writing, at its beginning. Returns NULL if it is not open. */
static FILE *
open_inherited(long fd)
{
	FILE *f;

	/* Not every fdopen(3) checks that. */
	if (fd <= STDERR_FILENO || fd > INT_MAX ||
	    fcntl((int)fd, F_SETFD, FD_CLOEXEC) == -1)
		return NULL;
	f = fdopen((int)fd, "r");
	if (f != NULL)
		rewind(f);
	return f;
}

bool
takeover_begin(struct takeover *t, struct listeners *l)
{
	const char *s = getenv(EXEC_VARIABLE), *why;
	long manifest, state = -1, report = -1;
	FILE *f = NULL;
	char *end;

	if (s == NULL)
		return false;
	manifest = strtol(s, &end, 10);
	if (*end == ':')
		state = strtol(end + 1, &end, 10);
	if (*end == ',')
		report = strtol(end + 1, &end, 10);
	if (*end == '\0' && report <= INT_MAX)
		f = open_inherited(manifest);
	t->report = (int)report;
	t->state = open_inherited(state);
	/* Old versions leave a single file. Its first line has their version,
	 * so manifest_read() gives the reason for them. */
	if (f == NULL || (state != -1 && t->state == NULL))
		errx(2, "%s=%s: no room was handed over", EXEC_VARIABLE, s);
	(void)unsetenv(EXEC_VARIABLE);
	why = manifest_read(f, &t->manifest, l);
	if (why == NULL && t->state == NULL)
		why = "no state was handed over";
	if (why != NULL)
		refuse_takeover(t, why);
	(void)fclose(f);
	return true;
}

void
takeover_read(const struct takeover *t, struct server *s)
{
	const char *why = state_read(s, t->state, t->manifest.fds,
	    t->manifest.nfds, t->report != -1);

	if (why != NULL)
		refuse_takeover(t, why);
}

void
takeover_finish(struct takeover *t, struct server *s)
{
	size_t i, clients = guard_admitted(s);
	uint64_t lines = s->ring->next - ring_oldest(s->ring);

	if (t->report != -1)
		exec_report(t->report, NULL);
	for (i = 0; i < t->manifest.nfds; i++)
		(void)fcntl(t->manifest.fds[i], F_SETFD, FD_CLOEXEC);
	free(t->manifest.fds);
	(void)fclose(t->state);
	log_event("upgraded: %zu client%s, %" PRIu64 " line%s kept", clients,
	    plural(clients), lines, plural(lines));
}

void
takeover_end_old(struct takeover *t)
{
	pid_t old = t->manifest.child;
	size_t i;

	for (i = 0; i < t->manifest.nfds; i++)
		(void)close(t->manifest.fds[i]);
	free(t->manifest.fds);
	(void)fclose(t->state);
	/* It exits by itself when it finds its channel closed, unless it hangs
	 * or somebody has broken into it. */
	(void)kill(old, SIGKILL);
	while (waitpid(old, NULL, 0) == -1 && errno == EINTR)
		;
}
