/*
 * Saying: from a typed text to lines that are queued on the link
 */
#ifndef SAY_H
#define SAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/link.h"
#include "echo.h"
#include "transcript.h"

struct say {
	struct link	*link;
	struct transcript *transcript;
	struct echo	*echo;
	uint64_t	 lines;		/* that were queued */
};

void	 say_init(struct say *s, struct link *l, struct transcript *t,
	    struct echo *echo);

/*
 * Queue every line of text; the LF after the last one may be missing. With act,
 * they are what the person does: see link_act(). If a line has a fault, none is
 * queued. Returns NULL, or the part of text that wasn't queued, after a notice
 * with the reason.
 */
const char	*say_text(struct say *s, const char *text, bool act);

#endif
