/*
 * Taking: what the log brings
 */
#ifndef TAKE_H
#define TAKE_H

#include <stdbool.h>

struct server;

/* Take one line of the helper, and let its entry have its effect. Returns
 * whether there may be another one that there is space for. */
bool	 take_next(struct server *s);

#endif
