/*
 * End: the room's question where the log ends
 */
#ifndef END_H
#define END_H

#include "helper.h"

/* The room asks. Returns false if it has asked, and wasn't answered yet. */
bool	 end_ask(struct helper *h);

void	 end_step(struct helper *h, int64_t now);
int64_t	 end_deadline(const struct helper *h);
void	 end_reset(struct helper *h);

#endif
