/*
 * Sigpipe: ending as programs do whose reader is gone
 */
#ifndef SIGPIPE_H
#define SIGPIPE_H

/*
 * End by SIGPIPE, as programs do that write without looking. was is the
 * signal's action before this program has changed it: where that ignores the
 * signal, report the error of write(2) on standard output with status 2.
 */
void	 sigpipe_end(void (*was)(int)) __attribute__((noreturn));

#endif
