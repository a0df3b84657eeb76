/*
 * Executing the new program of an upgrade, on trial or for good
 */
#ifndef EXEC_H
#define EXEC_H

#include "manifest.h"

/* The environment variable that tells the new program which descriptors have
 * its files: "manifest:state", or "manifest:state,report" on trial. */
#define EXEC_VARIABLE	"CHATD_UPGRADE"
#define EXEC_TEXT_SIZE	512		/* bytes of a report, with the NUL */

/* What the new program inherits. The caller closes all of it if it is still
 * there afterwards. */
struct exec_files {
	const struct manifest *manifest;	/* its descriptors */
	int	 manifest_fd;		/* the file with the manifest */
	int	 state_fd;		/* the file with the state */
};

/*
 * Execute a program, found as execvp(3) does it, in this process. Returns only
 * if that fails, with errno. Descriptors then stay open over an exec.
 */
void	 exec_program(char **argv, const struct exec_files *files);

/*
 * Write to text, which has EXEC_TEXT_SIZE bytes, why a program can't be
 * executed: error is an errno. Returns text.
 */
const char	*exec_why(char *text, const char *program, int error);

/*
 * Execute the program in a child, and wait for its report, 5 seconds at most;
 * then kill the child and all that it has started. Returns NULL if the program
 * is ready to take over, or why it isn't. That may be in text, which has
 * EXEC_TEXT_SIZE bytes.
 */
const char	*exec_trial(char **argv, const struct exec_files *files,
		    char *text);

/*
 * In that child: write a report to the descriptor that came with the trial, and
 * exit. The program is ready if why is NULL.
 */
void	 exec_report(int report, const char *why)
	    __attribute__((noreturn));

#endif
