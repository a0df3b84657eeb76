/*
 * Place: telling the room which member we are with, and whether it leads
 *
 * That is for a person to know. Nothing waits for it: a member that doesn't
 * answer has no place.
 */
#ifndef PLACE_H
#define PLACE_H

#include "helper.h"

void	 place_step(struct helper *h, int64_t now);
int64_t	 place_deadline(const struct helper *h);
void	 place_reset(struct helper *h);

#endif
