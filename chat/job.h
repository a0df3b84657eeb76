/*
 * The process among the terminal's jobs: signals, stopping and dying
 *
 * While the terminal is ours, signals are caught, see signals.h: it has to be
 * put in order first. While it isn't, they act as they always do.
 */
#ifndef JOB_H
#define JOB_H

#include <stdbool.h>

#include "screen.h"

/*
 * Take the terminal. That may stop the process until it's in the foreground.
 * The screen has others' writing on it. Returns 0, or -1 with errno.
 */
int	 job_take(struct screen *s);

/*
 * Give the terminal back and stop, until somebody continues the process; then
 * as job_take(). group: the whole job stops, for it was a key that asked.
 */
int	 job_stop(struct screen *s, bool group);

/* Give the terminal back and let signals act as always. */
void	 job_leave(void);

/* Give the terminal back and end by that signal, or have the job end by it. */
void	 job_die(struct screen *s, int signo, bool group)
	    __attribute__((noreturn));

#endif
