/*
 * A person in a room, line by line, on any terminal
 *
 * Nothing is drawn, and nothing but text is written: the terminal itself echoes
 * and edits what is typed, and what comes is written below it.
 */
#ifndef LINES_H
#define LINES_H

#include "session.h"

/* Run until the person leaves, as term_run() does, and return the same. */
int	 lines_run(const struct session_options *o);

#endif
