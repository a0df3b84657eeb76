/*
 * The sandbox: giving up what a process won't need any more
 *
 * Descriptors that are open stay usable. On Linux, a system call that isn't
 * allowed ends the process by SIGSYS (seccomp(2)), and landlock(7) keeps it in
 * its directory. On OpenBSD pledge(2) and unveil(2) do the same. Other systems
 * have no sandbox here. There is no way back.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <sys/types.h>

#include <stddef.h>

#define SANDBOX_LACK	128		/* bytes of lack, below */

enum sandbox {
	SANDBOX_ROOM,			/* accepts connections */
	SANDBOX_PIPE,			/* makes no connections itself */
	SANDBOX_TERMINAL		/* the same, and a terminal's signals */
};

/*
 * Enter the sandbox. directory is the descriptor of the one directory where
 * files may be created, read, written and deleted, by names relative to it, and
 * path is its name; or they are -1 and NULL. helper is a process that may be
 * killed, or -1. Returns 0, or -1 if the system lacks a part of this, which
 * lack then names: all other parts are in force.
 */
int	 sandbox_enter(enum sandbox kind, int directory, const char *path,
	    pid_t helper, char lack[SANDBOX_LACK]);

/* Gain no privileges from set-user-ID programs: PR_SET_NO_NEW_PRIVS in
 * prctl(2). Does nothing where the system has no such call. */
void	 sandbox_no_privileges(void);

/* Have the kernel kill this process when parent, its parent process, ends. Does
 * nothing where the system has no such call. */
void	 sandbox_end_with(pid_t parent);

#endif
