/*
 * Executing the program that is to go on, on trial or for good
 */
#ifndef EXECUTE_H
#define EXECUTE_H

#include "legacy.h"

#define EXECUTE_VARIABLE "CHATD_UPGRADE" /* "state" or "state,report" */
#define EXECUTE_TEXT	128		/* bytes of an answer */

/*
 * Execute a program with the state at a descriptor, and with those of the
 * legacy. Returns only if that fails, with errno.
 */
void	 execute(char **argv, int state, const struct legacy *g);

/*
 * Have a process of its own try to go on. Returns NULL if it can, or why not,
 * which may be in the text of EXECUTE_TEXT bytes.
 */
const char	*execute_trial(char **argv, int state, const struct legacy *g,
		    char *text);

/*
 * In that process, which ends here: tell that it can, with why NULL, or why
 * not. report is the descriptor it got for that.
 */
void	 execute_answer(int report, const char *why)
	    __attribute__((noreturn));

#endif
