/*
 * Signals as bytes in a pipe, so that poll(2) can wait for them too
 *
 * No signal falls between a test and the sleep after it: each writes its own
 * number into a pipe that never blocks. The pipe is the process's, so this is
 * the only file here with a state of its own.
 */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <stdbool.h>

/*
 * To be called before anything else: signals end also the first process of a
 * container, as they end any other. The system lets nothing that it doesn't
 * catch do so; its status is then 128 and the signal's number.
 */
void	 signals_begin(void);

/*
 * Who starts a program says which signals it is to ignore: nohup(1) does, and a
 * shell, for what it starts in the background. What is ignored stays ignored.
 */
bool	 signals_ignored(int signo);

/* Make the pipe. Returns the end to poll for reading, or -1 with errno. */
int	 signals_open(void);

/* Close the pipe, in a process that has it from its parent. */
void	 signals_close(void);

/* Have a signal written to the pipe from now on, even if it was blocked, unless
 * it is ignored. 0, or -1 with errno. */
int	 signals_catch(int signo);

/* Let it do again what it does to any program, unless it is ignored. */
void	 signals_default(int signo);

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
