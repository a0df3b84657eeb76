/*
 * The sandbox: what a process may do from some point on
 *
 * Whatever it holds open by then stays its own. On Linux, a system call that
 * isn't allowed ends the process by SIGSYS, and Landlock keeps it in its
 * directory; on OpenBSD pledge(2) and unveil(2) do; elsewhere nothing does.
 * There is no way back. This is the only file that knows systems by their
 * names.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <sys/types.h>

#include <stddef.h>

#define SANDBOX_LACK	128		/* bytes to say what is missing */

enum sandbox {
	SANDBOX_ROOM,			/* accepts connections */
	SANDBOX_PIPE,			/* has all its connections */
	SANDBOX_TERMINAL		/* the same, and a terminal's signals */
};

/*
 * Enter it. directory is the descriptor of the one directory whose files can be
 * made, read, written and deleted, by names relative to it, and path is its
 * name; -1 and NULL if there's none. helper is a process that can be killed, or
 * -1. Returns 0, or -1 with what the system lacks in lack, and the rest holds.
 */
int	 sandbox_enter(enum sandbox kind, int directory, const char *path,
	    pid_t helper, char lack[SANDBOX_LACK]);

/* Give up for good what a set-user-ID program would give. */
void	 sandbox_no_privileges(void);

/* End, as by SIGKILL, when the parent does, where the system can do that. */
void	 sandbox_end_with(pid_t parent);

#endif
