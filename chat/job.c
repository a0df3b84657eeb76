/*
 * The process among the terminal's jobs: signals, stopping and dying
 */
#include <err.h>
#include <signal.h>
#include <unistd.h>

#include "job.h"
#include "signals.h"
#include "tty.h"

/* Also those that nobody sends, if their default action ends a process: that
 * would leave the terminal in our modes. A crash is up to tty.c. */
static const int caught[] = {
#ifdef __linux__			/* elsewhere these end nothing */
	SIGIO, SIGPWR,
#ifdef SIGSTKFLT
	SIGSTKFLT,
#endif
#endif
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH,
	SIGALRM, SIGPROF, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ
};

#define CAUGHT	(sizeof(caught) / sizeof(caught[0]))

/* The i-th signal to catch, or 0 after the last one. */
static int
caught_signal(size_t i)
{
	if (i < CAUGHT)
		return caught[i];
#ifdef SIGRTMIN				/* a number known at run time only */
	if (i - CAUGHT <= (size_t)(SIGRTMAX - SIGRTMIN))
		return SIGRTMIN + (int)(i - CAUGHT);
#endif
	return 0;
}

static void
catch_signals(void)
{
	int signo;
	size_t i;

	for (i = 0; (signo = caught_signal(i)) != 0; i++) {
		if (signals_catch(signo) == -1)
			err(2, "signals");
	}
}

static void
release_signals(void)
{
	int signo;
	size_t i;

	for (i = 0; (signo = caught_signal(i)) != 0; i++)
		signals_default(signo);
}

static void
send_signal(int signo, bool group)
{
	(void)kill(group ? 0 : getpid(), signo);
}

/* Be in the foreground, with signals caught. What is stopped until then can be
 * told to end only if nothing is caught; if it is stopped right after that and
 * continued in the background, it ends only once it is in the foreground. */
static int
enter_foreground(void)
{
	release_signals();
	if (tty_claim() == -1)
		return -1;
	catch_signals();
	return 0;
}

int
job_take(struct screen *s)
{
	/* Continued there after a stop that nobody could catch. */
	if (tty_in_background())
		tty_restore();
	/* While the modes are ours, no signal may have its default action. */
	if (!tty_is_raw() && enter_foreground() == -1)
		return -1;
	if (tty_raw() == -1)
		return -1;
	screen_forget(s);
	return 0;
}

int
job_stop(struct screen *s, bool group)
{
	if (screen_erase(s) == -1)
		return -1;
	job_leave();
	send_signal(SIGTSTP, group);
	return job_take(s);
}

void
job_leave(void)
{
	tty_restore();
	release_signals();
}

void
job_die(struct screen *s, int signo, bool group)
{
	(void)screen_erase(s);
	job_leave();
	send_signal(signo, group);
	_exit(128 + signo);	/* it is blocked, or ignored */
}
