/*
 * A person in a room, at a terminal that can be drawn on
 */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>

#include "session.h"

/* Whether TERM names a terminal that can be drawn on. */
bool	 term_possible(void);

/*
 * Run until the person leaves; connections that are cut are made again. Returns
 * the exit status: 0, or 1 if the room refused a line, or 2 after an error,
 * which is reported on standard error.
 */
int	 term_run(const struct session_options *o);

#endif
