/*
 * Sigpipe: ending as programs do whose reader is gone
 */
#include <err.h>
#include <errno.h>
#include <signal.h>

#include "sigpipe.h"

void
sigpipe_end(void (*was)(int))
{
	(void)signal(SIGPIPE, was);
	(void)raise(SIGPIPE);
	/* The parent process has set the signal to be ignored or blocked. */
	errno = EPIPE;
	err(2, "standard output");
}
