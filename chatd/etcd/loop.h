/*
 * Loop: what the helper does, until the room ends
 */
#ifndef LOOP_H
#define LOOP_H

#include "helper.h"

/* Run until the room's end. Returns 0, or -1 if the room has said what it may
 * not say, which is logged. */
int	 loop_run(struct helper *h);

#endif
