/*
 * Dim text, where the terminal has it: SGR 2 of ECMA-48
 */
#ifndef DIM_H
#define DIM_H

#include <stdbool.h>

#define DIM_ON	"\033[2m"
#define DIM_OFF	"\033[m"

/* Whether the terminal that TERM names has dim text. This reads files of
 * terminfo(5), so call it before the sandbox. */
bool	 dim_possible(void);

#endif
