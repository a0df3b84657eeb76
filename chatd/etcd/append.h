/*
 * Append: what the room puts, until it is seen in the log
 */
#ifndef APPEND_H
#define APPEND_H

#include "helper.h"

/* The room puts the entry of l; one that it has put before is over. */
void	 append_put(struct helper *h, const struct logline *l);

/* An entry has come: it may be ours. */
void	 append_seen(struct helper *h, const struct kv *kv);

void	 append_step(struct helper *h, int64_t now);
int64_t	 append_deadline(const struct helper *h);
void	 append_reset(struct helper *h);

#endif
