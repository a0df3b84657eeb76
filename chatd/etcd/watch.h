/*
 * Watch: the entries of the log, as they come
 */
#ifndef WATCH_H
#define WATCH_H

#include "helper.h"

/* Begin with that revision, which is after h->token. */
void	 watch_begin(struct helper *h, uint64_t revision);

/* The watch, and the probes of a member that says nothing. */
void	 watch_step(struct helper *h, int64_t now);
int64_t	 watch_deadline(const struct helper *h);
void	 watch_reset(struct helper *h);

#endif
