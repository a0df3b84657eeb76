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
	SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH,
	SIGALRM, SIGPROF, SIGUSR1, SIGUSR2, SIGVTALRM, SIGXCPU, SIGXFSZ
};

#define CAUGHT	(sizeof(caught) / sizeof(caught[0]))

static void
catch_signals(void)
{
	size_t i;

	for (i = 0; i < CAUGHT; i++) {
		if (signals_catch(caught[i]) == -1)
			err(2, "signals");
	}
}

static void
release_signals(void)
{
	size_t i;

	for (i = 0; i < CAUGHT; i++)
		signals_default(caught[i]);
}

static void
send_signal(int signo, bool group)
{
	(void)kill(group ? 0 : getpid(), signo);
}

int
job_take(struct screen *s)
{
	/* A stopped process can be told to end only if nothing is caught. */
	release_signals();
	if (tty_raw() == -1)
		return -1;
	catch_signals();
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
