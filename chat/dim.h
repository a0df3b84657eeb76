/*
 * Faint text, where the terminal has it
 */
#ifndef DIM_H
#define DIM_H

#include <stdbool.h>

#define DIM_ON	"\033[2m"
#define DIM_OFF	"\033[m"

/* Whether the terminal that TERM names has it; reads files. */
bool	 dim_possible(void);

#endif
