/*
 * Faint text, where the terminal has it
 */
#ifndef FAINT_H
#define FAINT_H

#include <stdbool.h>

#define FAINT_ON	"\033[2m"
#define FAINT_OFF	"\033[m"

/* Whether the terminal that TERM names has it; reads files. */
bool	 faint_possible(void);

#endif
