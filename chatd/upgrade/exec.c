/*
 * Executing the program that is to go on, on trial or for good
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "exec.h"
#include "state.h"

#define TRIAL_MS	5000		/* most that a trial takes */
#define READY		"ready for " STATE_VERSION "\n"
#define REFUSAL		"no: "		/* the reason follows */

/* Returns only if that fails. */
static void
execute_with(char **argv, int report, const struct estate *e)
{
	const struct manifest *g = e->legacy;
	char value[48];
	size_t i;

	(void)snprintf(value, sizeof(value), report == -1 ? "%d:%d" :
	    "%d:%d,%d", e->will, e->state, report);
	if (setenv(EXEC_VARIABLE, value, 1) == -1)
		return;
	(void)fcntl(e->will, F_SETFD, 0);
	(void)fcntl(e->state, F_SETFD, 0);
	if (report != -1)
		(void)fcntl(report, F_SETFD, 0);
	for (i = 0; i < g->nfds; i++)
		(void)fcntl(g->fds[i], F_SETFD, 0);
	(void)execvp(argv[0], argv);
}

/* Which program, why, and for whom if that is the reason. */
const char *
exec_why(char *text, const char *program, int error)
{
	const struct passwd *pw = error == EACCES ? getpwuid(geteuid()) : NULL;

	(void)snprintf(text, EXEC_TEXT_SIZE, "%.300s: %s%s%s", program,
	    strerror(error), pw == NULL ? "" : " for user ",
	    pw == NULL ? "" : pw->pw_name);
	return text;
}

void
exec_program(char **argv, const struct estate *e)
{
	int error;

	execute_with(argv, -1, e);
	error = errno;
	(void)unsetenv(EXEC_VARIABLE);
	errno = error;
}

void
exec_answer(int report, const char *why)
{
	char line[EXEC_TEXT_SIZE];
	int n = snprintf(line, sizeof(line), "%s%s", why == NULL ? READY :
	    REFUSAL, why == NULL ? "" : why);

	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	/* Nothing but memory is ours. */
	_exit(write(report, line, (size_t)n) == n ? 0 : 2);
}

/* In a group of its own: signals of a terminal aren't for it, and it can be
 * ended with all that it has started. */
static pid_t
start_trial(char **argv, int report, const struct estate *e)
{
	pid_t pid = fork();
	char why[EXEC_TEXT_SIZE];

	if (pid == 0) {
		(void)setpgid(0, 0);
		execute_with(argv, report, e);
		exec_answer(report, exec_why(why, argv[0], errno));
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
	while (n != 0 && len < EXEC_TEXT_SIZE - 1 && strchr(buf, '\n') == NULL) {
		pfd.revents = 0;
		if (poll(&pfd, 1, clock_timeout(deadline)) == 0)
			return false;
		if (pfd.revents == 0)
			continue;
		n = read(fd, buf + len, EXEC_TEXT_SIZE - 1 - len);
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
		(void)snprintf(text, EXEC_TEXT_SIZE,
		    "the new program ended by signal %d", WTERMSIG(status));
	else
		(void)snprintf(text, EXEC_TEXT_SIZE,
		    "the new program ended with status %d",
		    WEXITSTATUS(status));
	return text;
}

const char *
exec_trial(char **argv, const struct estate *e, char *text)
{
	bool answered = false;
	int report[2], status = 0;
	pid_t pid;

	if (pipe(report) == -1)
		return strerror(errno);
	(void)fcntl(report[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(report[1], F_SETFD, FD_CLOEXEC);
	pid = start_trial(argv, report[1], e);
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
