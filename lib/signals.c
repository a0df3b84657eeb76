/*
 * Signals as bytes in a pipe, so that poll(2) can wait for them too
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "signals.h"

static int signal_pipe[2] = { -1, -1 };
static sigset_t caught;

/* What ends a process that doesn't catch it, and may come from anybody. */
static const int deadly[] = {
	SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGALRM, SIGTERM, SIGUSR1, SIGUSR2
};

static void
on_signal(int signo)
{
	int saved = errno;
	unsigned char byte = (unsigned char)signo;

	/* A full pipe has woken poll already: one byte less does no harm. */
	(void)!write(signal_pipe[1], &byte, 1);
	errno = saved;
}

static void
on_end(int signo)
{
	_exit(128 + signo);
}

static bool
is_deadly(int signo)
{
	size_t i;

	for (i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
		if (deadly[i] == signo)
			return true;
	}
	return false;
}

void
signals_begin(void)
{
	size_t i;

	for (i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		signals_default(deadly[i]);
}

bool
signals_ignored(int signo)
{
	struct sigaction sa;

	return sigaction(signo, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

void
signals_default(int signo)
{
	if (!signals_ignored(signo))
		(void)signal(signo, getpid() == 1 && is_deadly(signo) ?
		    on_end : SIG_DFL);
}

int
signals_open(void)
{
	int i;

	(void)sigemptyset(&caught);
	if (pipe(signal_pipe) == -1)
		return -1;
	for (i = 0; i < 2; i++) {
		if (fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK) == -1 ||
		    fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC) == -1)
			return -1;
	}
	return signal_pipe[0];
}

void
signals_close(void)
{
	(void)close(signal_pipe[0]);
	(void)close(signal_pipe[1]);
	signal_pipe[0] = signal_pipe[1] = -1;
}

int
signals_catch(int signo)
{
	struct sigaction sa;
	sigset_t set;

	if (signals_ignored(signo))
		return 0;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sa.sa_flags = SA_RESTART;
	(void)sigfillset(&sa.sa_mask);
	if (sigaction(signo, &sa, NULL) == -1)
		return -1;
	(void)sigaddset(&caught, signo);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, signo);
	return sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int
signals_next(void)
{
	unsigned char byte;

	return read(signal_pipe[0], &byte, 1) == 1 ? byte : 0;
}

void
signals_hold(void)
{
	int signo;

	(void)sigprocmask(SIG_BLOCK, &caught, NULL);
	while ((signo = signals_next()) != 0)
		(void)raise(signo);
}

void
signals_release(void)
{
	(void)sigprocmask(SIG_UNBLOCK, &caught, NULL);
}
