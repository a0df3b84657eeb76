/*
 * Dim text, where the terminal has it
 */
#include <stdlib.h>

#include <termcap.h>

#include "dim.h"

bool
dim_possible(void)
{
	const char *term = getenv("TERM");

	/* "mh", half-bright: terminfo(5) calls it dim. */
	return term != NULL && tgetent(NULL, term) == 1 &&
	    tgetstr("mh", NULL) != NULL;
}
