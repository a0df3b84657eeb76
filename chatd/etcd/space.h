/*
 * Space: what to do when etcd has no space left
 *
 * It takes nothing any more then, until an alarm is ended by hand. We remove
 * what the nodes have, let the members that are our endpoints give back the
 * space, one by one, and end the alarm.
 */
#ifndef SPACE_H
#define SPACE_H

#include "helper.h"

/* The member could not be reached: it isn't waited for to have its turn. */
void	 space_missed(struct helper *h);

void	 space_step(struct helper *h, int64_t now);
int64_t	 space_deadline(const struct helper *h);
void	 space_reset(struct helper *h);

#endif
