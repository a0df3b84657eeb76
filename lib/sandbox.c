/*
 * The sandbox: what a process may do from some point on
 */
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <signal.h>
#include <unistd.h>

#include "sandbox.h"

void
sandbox_end_with(pid_t parent)
{
#ifdef __linux__
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have ended before that. */
	if (getppid() != parent)
		_exit(2);
#endif
	(void)parent;
}
