/*
 * Open: finding out about the log on a new connection, and making it if there
 * is none
 */
#ifndef OPEN_H
#define OPEN_H

#include "helper.h"

/* Begin. It ends with the phase, to PHASE_OPEN or PHASE_OVER, and then the room
 * has been told. */
void	 open_begin(struct helper *h);

void	 open_step(struct helper *h, int64_t now);
int64_t	 open_deadline(const struct helper *h);
void	 open_reset(struct helper *h);

#endif
