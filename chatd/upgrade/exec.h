/*
 * Executing the program that is to go on, on trial or for good
 */
#ifndef EXEC_H
#define EXEC_H

#include "manifest.h"

/* Descriptors: "legacy:state" or "legacy:state,report". */
#define EXEC_VARIABLE "CHATD_UPGRADE"
#define EXEC_TEXT_SIZE	512		/* bytes of an answer */

/* What is given to the program, besides what the legacy calls its own. */
struct estate {
	const struct manifest *legacy;
	int	 will;			/* the file that it is written in */
	int	 state;			/* and that of the room's state */
};

/*
 * Execute a program with all of that. Returns only if that fails, with errno.
 */
void	 exec_program(char **argv, const struct estate *e);

/* Why a program can't be executed, in words: in text, of EXEC_TEXT_SIZE bytes. */
const char	*exec_why(char *text, const char *program, int error);

/*
 * Have a process of its own try to go on. Returns NULL if it can, or why not,
 * which may be in the text of EXEC_TEXT_SIZE bytes.
 */
const char	*exec_trial(char **argv, const struct estate *e, char *text);

/*
 * In that process, which ends here: tell that it can, with why NULL, or why
 * not. report is the descriptor it got for that.
 */
void	 exec_answer(int report, const char *why)
	    __attribute__((noreturn));

#endif
