/*
 * The sandbox: what a process may do from some point on
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include <sys/types.h>

/* End, as by SIGKILL, when the parent does, where the system can do that. */
void	 sandbox_end_with(pid_t parent);

#endif
