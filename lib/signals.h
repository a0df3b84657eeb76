/*
 * Signals as bytes in a pipe, so that poll(2) can wait for them, too
 *
 * This is the self-pipe trick: the handler writes the signal's number into a
 * pipe that never blocks, so no signal is lost between a check and the poll(2)
 * after it. A process has one such pipe.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/*
 * Call this before anything else. It lets signals end the program even if it is
 * process 1 of a container, for which the kernel ignores all signals that it
 * doesn't catch. The exit status is then 128 plus the signal's number.
 */
void	 signals_begin(void);

/*
 * Whether the signal is ignored. A program inherits that from its parent, such
 * as nohup(1), or a shell that starts it in the background; the functions below
 * change nothing about a signal that is ignored.
 */
bool	 signals_ignored(int signo);

/* Make the pipe. Returns the descriptor to poll for reading, which stays in
 * here, or -1 with errno. */
int	 signals_open(void);

/* Close the pipe that a child has inherited. */
void	 signals_close(void);

/* Write the signal to the pipe from now on, and unblock it, unless it is
 * ignored. Returns 0, or -1 with errno. */
int	 signals_catch(int signo);

/* Restore the signal's default action, unless it is ignored. */
void	 signals_default(int signo);

/* The next signal in the pipe, or 0 if there is none. */
int	 signals_next(void);

/*
 * Block the signals that are caught, and raise those in the pipe again, so that
 * all of them are pending: then they survive an execve(2) until the new program
 * catches them. signals_release() unblocks them.
 */
void	 signals_hold(void);
void	 signals_release(void);

#endif
