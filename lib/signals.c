/*
 * Signals as bytes in a pipe, so that poll(2) can wait for them too
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "signals.h"

static int signal_pipe[2] = { -1, -1 };
static sigset_t caught;

static void
on_signal(int signo)
{
	int saved = errno;
	unsigned char byte = (unsigned char)signo;

	/* A full pipe has woken poll already: one byte less does no harm. */
	(void)!write(signal_pipe[1], &byte, 1);
	errno = saved;
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
