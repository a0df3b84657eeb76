/*
 * Upgrading: another program goes on with the room, in the same process
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "listener.h"
#include "log.h"
#include "notify.h"
#include "server.h"
#include "signals.h"
#include "state.h"
#include "upgrade.h"

#define VARIABLE	"CHATD_UPGRADE"	/* "state" or "state,report" */
#define TRIAL_MS	5000		/* most that a trial takes */
#define ANSWER_SIZE	128
#define READY		"ready for " STATE_VERSION "\n"
#define REFUSAL		"no: "		/* the reason follows */

bool
upgrade_inherit(struct handover *h)
{
	const char *s = getenv(VARIABLE);
	long state, report = -1;
	char *end;

	if (s == NULL)
		return false;
	state = strtol(s, &end, 10);
	if (*end == ',')
		report = strtol(end + 1, &end, 10);
	if (*end != '\0' || state <= STDERR_FILENO || state > INT_MAX ||
	    report > INT_MAX ||
	    (h->state = fdopen((int)state, "r")) == NULL)
		errx(2, "%s=%s: nobody hands over a room", VARIABLE, s);
	h->report = (int)report;
	(void)fcntl((int)state, F_SETFD, FD_CLOEXEC);
	(void)unsetenv(VARIABLE);
	/* The descriptor's place in the file is where it was written last. */
	rewind(h->state);
	return true;
}

/* Tell the one who has started the trial, which ends here: nothing but memory
 * is ours. */
static void
answer(int report, const char *text, const char *why)
{
	char line[ANSWER_SIZE];
	int n = snprintf(line, sizeof(line), "%s%s", text, why);

	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	_exit(write(report, line, (size_t)n) == n ? 0 : 2);
}

void
upgrade_read(const struct handover *h, struct server *s)
{
	const char *why = state_read(s, h->state);

	if (why == NULL)
		return;
	if (h->report != -1)
		answer(h->report, REFUSAL, why);
	errx(2, "upgrade: %s", why);
}

/* Whether sockets, and the state, are to be there in the next program. */
static void
keep_open(const struct server *s, bool keep)
{
	int flag = keep ? 0 : FD_CLOEXEC;
	size_t i;

	for (i = 0; i < s->listeners->n; i++)
		(void)fcntl(s->listeners->list[i].fd, F_SETFD, flag);
	for (i = 0; i < s->nclients; i++)
		(void)fcntl(s->clients[i]->conn.fd, F_SETFD, flag);
}

/* The same for the store's folder, which is also looked at on trial. */
static void
keep_store(const struct server *s, bool keep)
{
	if (s->journal != NULL)
		(void)fcntl(s->journal->store.dir, F_SETFD,
		    keep ? 0 : FD_CLOEXEC);
}

void
upgrade_finish(struct handover *h, struct server *s)
{
	if (h->report != -1)
		answer(h->report, READY, "");
	(void)fclose(h->state);
	keep_open(s, false);
	keep_store(s, false);
	log_event("upgraded: %zu clients, %" PRIu64 " lines kept",
	    s->nclients - s->nturned, s->room->next - room_oldest(s->room));
}

/* Execute the program with descriptors for it; returns only if that fails. */
static void
execute(char **argv, int state, int report)
{
	char value[32];

	(void)snprintf(value, sizeof(value), report == -1 ? "%d" : "%d,%d",
	    state, report);
	if (setenv(VARIABLE, value, 1) == -1)
		return;
	(void)fcntl(state, F_SETFD, 0);
	if (report != -1)
		(void)fcntl(report, F_SETFD, 0);
	(void)execvp(argv[0], argv);
}

/* In a group of its own: signals of a terminal aren't for it, and it can be
 * ended with all that it has started. */
static pid_t
start_trial(char **argv, int state, int report)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)setpgid(0, 0);
		execute(argv, state, report);
		answer(report, REFUSAL, strerror(errno));
	}
	if (pid != -1)
		(void)setpgid(pid, pid);
	return pid;
}

/* Read an answer, a line or all until the end. False if that takes too long. */
static bool
await_answer(int fd, char *buf)
{
	int64_t deadline = clock_now() + TRIAL_MS;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n = 1;

	buf[0] = '\0';
	while (n != 0 && len < ANSWER_SIZE - 1 && strchr(buf, '\n') == NULL) {
		pfd.revents = 0;
		if (poll(&pfd, 1, clock_timeout(deadline)) == 0)
			return false;
		if (pfd.revents == 0)
			continue;
		n = read(fd, buf + len, ANSWER_SIZE - 1 - len);
		if (n > 0)
			len += (size_t)n;
		buf[len] = '\0';
	}
	return true;
}

/* What an answer means, or an end without one: NULL if all is well, or what is
 * wrong, which may be put into the text. */
static const char *
judge(char *text, int status)
{
	if (strcmp(text, READY) == 0)
		return NULL;
	if (strncmp(text, REFUSAL, strlen(REFUSAL)) == 0)
		return text + strlen(REFUSAL);
	if (text[0] != '\0')
		return "the new program says something else";
	if (WIFSIGNALED(status))
		(void)snprintf(text, ANSWER_SIZE,
		    "the new program ended by signal %d", WTERMSIG(status));
	else
		(void)snprintf(text, ANSWER_SIZE,
		    "the new program ended with status %d",
		    WEXITSTATUS(status));
	return text;
}

/* Have the program try to go on. Returns NULL if it can, or why not, which may
 * be in the text. */
static const char *
try(char **argv, int state, char *text)
{
	bool answered = false;
	int report[2], status = 0;
	pid_t pid;

	if (pipe(report) == -1)
		return strerror(errno);
	(void)fcntl(report[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(report[1], F_SETFD, FD_CLOEXEC);
	pid = start_trial(argv, state, report[1]);
	(void)close(report[1]);
	if (pid != -1) {
		answered = await_answer(report[0], text);
		/* Its status stays what it is if it has ended by itself. */
		(void)kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
	}
	(void)close(report[0]);
	if (pid == -1)
		return strerror(errno);
	return answered ? judge(text, status) :
	    "the new program doesn't answer";
}

/* Returns why the program can't go on, which may be in the text. */
static const char *
hand_over(struct server *s, char **argv, FILE *state, char *text)
{
	const char *why = state_write(s, state);
	int fd = fileno(state);

	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	keep_store(s, true);
	if (why == NULL)
		why = try(argv, fd, text);
	if (why != NULL) {
		keep_store(s, false);
		return why;
	}
	signals_hold();
	keep_open(s, true);
	execute(argv, fd, -1);
	why = strerror(errno);
	(void)unsetenv(VARIABLE);
	keep_open(s, false);
	keep_store(s, false);
	signals_release();
	return why;
}

void
upgrade(struct server *s, char **argv)
{
	const char *why = "the room is closing";
	char text[ANSWER_SIZE];
	FILE *state;

	if (s->room->held) {
		why = "what came in can't be written down now";
	} else if (s->closing == CLOCK_NEVER) {
		notify_reloading();
		state = tmpfile();
		why = state == NULL ? strerror(errno) :
		    hand_over(s, argv, state, text);
		if (state != NULL)
			(void)fclose(state);
		notify("READY=1");
	}
	log_event("upgrade: %s, going on as before", why);
}
