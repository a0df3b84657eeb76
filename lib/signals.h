/*
 * Signals as bytes in a pipe, so that poll(2) can wait for them too
 *
 * No signal falls between a test and the sleep after it: each writes its own
 * number into a pipe that never blocks. The pipe is the process's, so this is
 * the only file here with a state of its own.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

/* Make the pipe. Returns the end to poll for reading, or -1 with errno. */
int	 signals_open(void);

/* Close the pipe, in a process that has it from its parent. */
void	 signals_close(void);

/* Have a signal written to the pipe from now on, even if it was blocked. 0, or
 * -1 with errno. */
int	 signals_catch(int signo);

/* The next signal that has come, or 0 if there is none. */
int	 signals_next(void);

/*
 * Let the signals that are caught wait, those that wait in the pipe as well: so
 * they survive an exec, until somebody catches them again. signals_release()
 * takes it back.
 */
void	 signals_hold(void);
void	 signals_release(void);

#endif
