/*
 * The terminal's modes
 */
#include <sys/ioctl.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "signals.h"
#include "tty.h"

#define PASTE_ON	"\033[?2004h"
#define PASTE_OFF	"\033[?2004l"
#define FOCUS_ON	"\033[?1004h"
#define FOCUS_OFF	"\033[?1004l"

/* What makes a terminal as it was; what was never on may be off again. */
#define ALL_OFF		PASTE_OFF FOCUS_OFF

/*
 * State of the process, for the handler of a crash and for exit(3) have
 * nothing else to reach it by.
 */
static struct termios saved, ours;
static volatile sig_atomic_t is_raw;
static bool has_focus;

/* Nothing can be trusted any more: leave the terminal usable and go on dying.
 * SA_RESETHAND has put back the signal's own action. */
static void
on_crash(int signo)
{
	if (is_raw) {
		(void)!write(STDOUT_FILENO, ALL_OFF "\r\n",
		    sizeof(ALL_OFF "\r\n") - 1);
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	}
	(void)raise(signo);
}

static void
catch_crashes(void)
{
	static const int signos[] = {
		SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGSYS, SIGTRAP
	};
	struct sigaction sa;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_crash;
	sa.sa_flags = (int)SA_RESETHAND;
	for (i = 0; i < sizeof(signos) / sizeof(signos[0]); i++)
		(void)sigaction(signos[i], &sa, NULL);
}

static int
signal_key(int c)
{
	return (saved.c_lflag & ISIG) == 0 || saved.c_cc[c] ==
	    (cc_t)_POSIX_VDISABLE ? -1 : saved.c_cc[c];
}

int
tty_open(struct tty_signals *keys, bool focus)
{
	if (tcgetattr(STDIN_FILENO, &saved) == -1)
		return -1;
	keys->intr = signal_key(VINTR);
	keys->susp = signal_key(VSUSP);
	keys->quit = signals_ignored(SIGQUIT) ? -1 : signal_key(VQUIT);
	has_focus = focus;
	catch_crashes();
	return atexit(tty_restore) == 0 ? 0 : -1;
}

bool
tty_in_background(void)
{
	pid_t pgrp = tcgetpgrp(STDIN_FILENO);

	return pgrp != -1 && pgrp != getpgrp();
}

/* A shell sets modes of its own when its job has been stopped, or it doesn't:
 * then they are ours still. Of c_cc, what the kernel doesn't have isn't set. */
static bool
has_modes_of_others(void)
{
	struct termios now;

	return tty_in_background() &&
	    tcgetattr(STDIN_FILENO, &now) == 0 &&
	    (now.c_iflag != ours.c_iflag || now.c_oflag != ours.c_oflag ||
	    now.c_lflag != ours.c_lflag ||
	    now.c_cc[VMIN] != ours.c_cc[VMIN] ||
	    now.c_cc[VTIME] != ours.c_cc[VTIME]);
}

bool
tty_is_raw(void)
{
	return is_raw;
}

int
tty_claim(void)
{
	return tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
}

/*
 * Signals come as keys like all others, without ISIG: what is pasted must not
 * be able to stop the program, or to throw away the mark of its own beginning.
 */
static void
make_raw(struct termios *raw)
{
	*raw = saved;
	raw->c_iflag &= (tcflag_t)~(ICRNL | IGNCR | INLCR | ISTRIP | IXON);
	raw->c_lflag &= (tcflag_t)~(ECHO | ICANON | IEXTEN | ISIG);
	raw->c_cc[VMIN] = 1;
	raw->c_cc[VTIME] = 0;
}

int
tty_raw(void)
{
	struct termios raw;

	make_raw(&raw);
	is_raw = 1;
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == -1 ||
	    tcgetattr(STDIN_FILENO, &ours) == -1)
		return -1;
	return tty_write(PASTE_ON FOCUS_ON,
	    strlen(has_focus ? PASTE_ON FOCUS_ON : PASTE_ON));
}

void
tty_restore(void)
{
	void (*before)(int);

	if (!is_raw)
		return;
	/* Also from the background, where that would stop us. */
	before = signal(SIGTTOU, SIG_IGN);
	if (!has_modes_of_others()) {
		(void)tty_write(ALL_OFF, sizeof(ALL_OFF) - 1);
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	} else if (has_focus) {
		/* Marks of pastes may be the shell's by now. */
		(void)tty_write(FOCUS_OFF, sizeof(FOCUS_OFF) - 1);
	}
	(void)signal(SIGTTOU, before);
	is_raw = 0;
}

int
tty_write(const char *s, size_t len)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };
	ssize_t n;

	while (len > 0) {
		n = write(STDOUT_FILENO, s, len);
		/* Somebody who shares the terminal may not like to block. */
		if (n == -1 && errno == EAGAIN)
			(void)poll(&pfd, 1, -1);
		else if (n == -1 && errno != EINTR)
			return -1;
		if (n > 0) {
			s += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

void
tty_size(struct tty_size *size)
{
	struct winsize ws;

	size->rows = 24;
	size->cols = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == -1)
		return;
	if (ws.ws_row > 0)
		size->rows = ws.ws_row;
	if (ws.ws_col > 0)
		size->cols = ws.ws_col;
}
