/*
 * The helper of a log: starting it, and starting it anew
 */
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "clock.h"
#include "helper.h"
#include "log.h"
#include "sandbox.h"
#include "signals.h"

#define SHELL		"/bin/sh"
#define PAUSE_MS	100		/* the shortest between two helpers */
#define PAUSE_MAX_MS	5000
#define LASTING_MS	5000		/* a helper that lives so long works */
#define KILL_MS		2000		/* from SIGTERM to SIGKILL */
#define COMMAND_SHOWN	500		/* bytes of it, in the log */
#define END_MS		1000		/* to end without the room, or its
					   socket */

/* What a helper inherits is only what chat-log(7) tells of. */
static void __attribute__((noreturn))
exec_helper(const struct helper *h, int socket, pid_t keeper)
{
	sigset_t none;
	int i;

	(void)setpgid(0, 0);
	sandbox_end_with(keeper);
	for (i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(socket, STDIN_FILENO) == -1 ||
	    dup2(socket, STDOUT_FILENO) == -1 ||
	    setenv("CHATD_NODE", h->node, 1) == -1)
		_exit(127);
	closefrom(STDERR_FILENO + 1);
	(void)execl(SHELL, "sh", "-c", h->command, (char *)NULL);
	log_event("%s: %s", SHELL, strerror(errno));
	_exit(127);
}

/* Returns the pid, or -1 with errno. Until the child has left our handlers
 * behind, a signal for it would end up in our pipe. */
static pid_t
fork_helper(const struct helper *h, int socket)
{
	pid_t keeper = getpid(), pid;
	sigset_t all, before;
	int error;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &before);
	pid = fork();
	error = errno;
	if (pid == 0)
		exec_helper(h, socket, keeper);
	if (pid != -1)
		(void)setpgid(pid, pid);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return pid;
}

/* None runs now: the next one comes after a pause. */
static void
postpone(struct helper *h, int64_t now)
{
	int64_t pause = h->pause < PAUSE_MS ? PAUSE_MS : h->pause;

	h->pid = 0;
	h->start_at = now + pause;
	h->pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
}

/* Returns the room process's end of the socket, or -1 with errno. */
static int
start_helper(struct helper *h, int64_t now)
{
	int ends[2], error;
	pid_t pid;

	if (channel_open(ends) == -1)
		return -1;
	pid = fork_helper(h, ends[1]);
	error = errno;
	(void)close(ends[1]);
	if (pid == -1) {
		(void)close(ends[0]);
		errno = error;
		return -1;
	}
	h->pid = pid;
	h->started = now;
	h->dismissed = false;
	h->end_at = CLOCK_NEVER;
	return ends[0];
}

static void
start_for_room(struct helper *h, int channel, int64_t now)
{
	struct message m = { .kind = MESSAGE_LOG, .nfds = 1 };

	m.fds[0] = start_helper(h, now);
	if (m.fds[0] == -1) {
		if (!h->reported)
			log_event("log helper: %s", strerror(errno));
		h->reported = true;
		postpone(h, now);
		return;
	}
	m.number = (uint64_t)h->pid;
	/* Without its socket the room can't even say that it is of no use. */
	if (channel_send(channel, &m) == -1)
		helper_dismiss(h, m.number);
	channel_discard(&m);
}

/* Whether a child has ended, which stays a zombie: so its number is that of its
 * group, and of nothing else. */
static bool
has_ended(pid_t pid)
{
	siginfo_t info = { .si_pid = 0 };

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == -1)
		return errno == ECHILD;
	return info.si_pid == pid;
}

/* Kill what there is of a group, and reap its leader. Returns its status. If we
 * are process 1 of a container, what it has started is ours to reap, too. */
static int
bury(pid_t group)
{
	int status = 0;

	(void)kill(-group, SIGKILL);
	while (waitpid(group, &status, 0) == -1 && errno == EINTR)
		;
	while (waitpid(-group, NULL, 0) != -1 || errno == EINTR)
		;
	return status;
}

static void
report(int status)
{
	if (WIFSIGNALED(status))
		log_event("log helper: was killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		log_event("log helper: exited with status %d",
		    WEXITSTATUS(status));
}

/* What sh(1) and a command say with its status, if the command is wrong; NULL
 * if it isn't. */
static const char *
what_is_wrong(int status)
{
	switch (WIFEXITED(status) ? WEXITSTATUS(status) : 0) {
	case 2:
		return "its syntax, an option or an operand is wrong";
	case 126:
		return "it cannot be executed";
	case 127:
		return "it is not found";
	default:
		return NULL;
	}
}

static void
note_lasting(struct helper *h, int64_t now)
{
	if (now - h->started < LASTING_MS)
		return;
	h->pause = 0;
	h->reported = false;
	h->tried = true;
}

static void
note_end(struct helper *h, int64_t now)
{
	int status = bury(h->pid);
	const char *wrong = what_is_wrong(status);

	note_lasting(h, now);
	/* Also if it was dismissed for usage that it has told the room. */
	h->useless = !h->tried && wrong != NULL;
	if (h->useless) {
		log_event("-L %.*s: exited with status %d: %s", COMMAND_SHOWN,
		    h->command, WEXITSTATUS(status), wrong);
	} else if (!h->dismissed && !h->reported) {
		report(status);
		h->reported = true;
	}
	h->tried = true;
	postpone(h, now);
}

/* It had its time: to end without its socket, or after SIGTERM. */
static void
hurry(struct helper *h, int64_t now)
{
	if (h->dismissed) {
		(void)kill(-h->pid, SIGKILL);
		h->end_at = CLOCK_NEVER;
		return;
	}
	note_lasting(h, now);
	if (!h->reported)
		log_event("log helper: it closed its socket and did not end");
	h->reported = true;
	helper_dismiss(h, (uint64_t)h->pid);
}

void
helper_check(struct helper *h, int channel)
{
	int64_t now = clock_now();

	h->look = false;
	if (h->pid != 0 && has_ended(h->pid))
		note_end(h, now);
	if (h->pid != 0 && now >= h->end_at)
		hurry(h, now);
	if (h->pid == 0 && h->command != NULL && !h->useless &&
	    now >= h->start_at)
		start_for_room(h, channel, now);
}

int64_t
helper_due(const struct helper *h)
{
	if (h->pid != 0)
		return h->look ? 0 : h->end_at;
	return h->command == NULL ? CLOCK_NEVER : h->start_at;
}

/* Whether it is the helper with that number, and nobody has ended it yet. */
static bool
is_in_use(const struct helper *h, uint64_t number)
{
	return h->pid != 0 && number == (uint64_t)h->pid && !h->dismissed;
}

void
helper_dismiss(struct helper *h, uint64_t number)
{
	if (!is_in_use(h, number))
		return;
	h->dismissed = true;
	h->end_at = clock_now() + KILL_MS;
	(void)kill(-h->pid, SIGTERM);
}

void
helper_closed(struct helper *h, uint64_t number)
{
	if (is_in_use(h, number) && h->end_at == CLOCK_NEVER)
		h->end_at = clock_now() + END_MS;
}

void
helper_inherit(struct helper *h, const struct helper *from)
{
	const char *command = h->command, *node = h->node;

	*h = *from;
	h->command = command;
	h->node = node;
	/* Nobody has heard of it meanwhile. */
	h->look = h->tried = true;
}

void
helper_end(struct helper *h, int signals)
{
	struct pollfd pfd = { .fd = signals, .events = POLLIN };
	int64_t deadline = clock_now() + END_MS;

	if (h->pid == 0)
		return;
	while (!has_ended(h->pid) && clock_now() < deadline) {
		(void)poll(&pfd, 1, clock_timeout(deadline));
		while (signals_next() != 0)
			;
	}
	(void)bury(h->pid);
	h->pid = 0;
}
