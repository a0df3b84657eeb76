/*
 * Executing the new program of an upgrade, on trial or for good
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

#define TRIAL_MS	5000		/* for a trial to report */
#define READY		"ready for " STATE_VERSION "\n"
#define REFUSAL		"no: "		/* the reason follows */

/* Let the new program inherit everything, and execute it. Returns only if that
 * fails. */
static void
exec_inheriting(char **argv, int report, const struct exec_files *files)
{
	const struct manifest *manifest = files->manifest;
	char value[48];
	size_t i;

	(void)snprintf(value, sizeof(value), report == -1 ? "%d:%d" :
	    "%d:%d,%d", files->manifest_fd, files->state_fd, report);
	if (setenv(EXEC_VARIABLE, value, 1) == -1)
		return;
	(void)fcntl(files->manifest_fd, F_SETFD, 0);
	(void)fcntl(files->state_fd, F_SETFD, 0);
	if (report != -1)
		(void)fcntl(report, F_SETFD, 0);
	for (i = 0; i < manifest->nfds; i++)
		(void)fcntl(manifest->fds[i], F_SETFD, 0);
	(void)execvp(argv[0], argv);
}

/* The user matters only where permission is denied. */
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
exec_program(char **argv, const struct exec_files *files)
{
	int error;

	exec_inheriting(argv, -1, files);
	error = errno;
	(void)unsetenv(EXEC_VARIABLE);
	errno = error;
}

void
exec_report(int report, const char *why)
{
	char line[EXEC_TEXT_SIZE];
	int n = snprintf(line, sizeof(line), "%s%s", why == NULL ? READY :
	    REFUSAL, why == NULL ? "" : why);

	if (n >= (int)sizeof(line))
		n = sizeof(line) - 1;
	/* No exit handlers: only our memory is our own, the rest is shared with
	 * the old program. */
	_exit(write(report, line, (size_t)n) == n ? 0 : 2);
}

/* Start it in a process group of its own: a terminal's signals don't reach it,
 * and one kill(2) ends it together with all that it has started. */
static pid_t
start_trial(char **argv, int report, const struct exec_files *files)
{
	pid_t pid = fork();
	char why[EXEC_TEXT_SIZE];

	if (pid == 0) {
		(void)setpgid(0, 0);
		exec_inheriting(argv, report, files);
		exec_report(report, exec_why(why, argv[0], errno));
	}
	if (pid != -1)
		(void)setpgid(pid, pid);
	return pid;
}

/* Read a report into buf: one line, or everything before the end of the file.
 * Returns false if that takes too long. */
static bool
read_report(int fd, char *buf)
{
	int64_t deadline = clock_now() + TRIAL_MS;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	size_t len = 0;
	ssize_t n = 1;

	buf[0] = '\0';
	while (n != 0 && len < EXEC_TEXT_SIZE - 1 &&
	    strchr(buf, '\n') == NULL) {
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

/* What a report means, or a trial that has ended with that status without one:
 * NULL, or why the program can't take over, which may be in text. */
static const char *
check_report(char *text, int status)
{
	if (strcmp(text, READY) == 0)
		return NULL;
	if (strncmp(text, REFUSAL, strlen(REFUSAL)) == 0)
		return text + strlen(REFUSAL);
	if (text[0] != '\0')
		return "unexpected answer from the new program";
	if (WIFSIGNALED(status))
		(void)snprintf(text, EXEC_TEXT_SIZE,
		    "the new program was killed by signal %d",
		    WTERMSIG(status));
	else
		(void)snprintf(text, EXEC_TEXT_SIZE,
		    "the new program exited with status %d",
		    WEXITSTATUS(status));
	return text;
}

const char *
exec_trial(char **argv, const struct exec_files *files, char *text)
{
	bool reported = false;
	int report[2], status = 0;
	pid_t pid;

	if (pipe(report) == -1)
		return strerror(errno);
	(void)fcntl(report[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(report[1], F_SETFD, FD_CLOEXEC);
	pid = start_trial(argv, report[1], files);
	(void)close(report[1]);
	if (pid != -1) {
		reported = read_report(report[0], text);
		/* One that has exited by then keeps its exit status. */
		(void)kill(-pid, SIGKILL);
		while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
			;
	}
	(void)close(report[0]);
	if (pid == -1)
		return strerror(errno);
	return reported ? check_report(text, status) :
	    "no answer from the new program";
}
