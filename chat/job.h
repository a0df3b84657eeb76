/*
 * The process among the terminal's jobs: signals, stopping and dying
 *
 * While the terminal is in our modes, signals are caught (see signals.h),
 * because the modes have to be restored first. At other times they have their
 * default actions.
 */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>

#include "screen.h"

/*
 * Set the terminal's modes and catch signals. In the background, this stops the
 * process (SIGTTOU) until it is in the foreground. The next frame is drawn
 * below what is on the screen. Returns 0, or -1 with errno.
 */
int	 job_take(struct screen *s);

/*
 * Restore the terminal and stop, until SIGCONT; then do what job_take() does,
 * and return the same. With group, stop the whole process group, as ^Z does.
 */
int	 job_stop(struct screen *s, bool group);

/* Restore the terminal, and the default actions of signals. */
void	 job_leave(void);

/* Restore the terminal and end by that signal. With group, send it to the whole
 * process group. */
void	 job_die(struct screen *s, int signo, bool group)
	    __attribute__((noreturn));

#endif
