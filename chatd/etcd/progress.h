/*
 * Progress: telling the room when nothing goes on
 *
 * That is so when there is no connection, or a put or a question of the room
 * has no answer, and for a second no entry and no answer has come. While the
 * room doesn't read what waits for it, it isn't told so.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "helper.h"

/* A connection has failed, for h->failure: that is a reason to be stuck. */
void	 progress_failed(struct helper *h);

void	 progress_step(struct helper *h, int64_t now);
int64_t	 progress_deadline(const struct helper *h);

#endif
