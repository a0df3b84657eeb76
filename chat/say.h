/*
 * What the person says, on its way into the room
 */
#ifndef SAY_H
#define SAY_H

#include <stddef.h>
#include <stdint.h>

#include "link.h"
#include "transcript.h"

struct say {
	struct link	*link;
	struct transcript *transcript;
	char		 prefix[LINK_PREFIX_SIZE]; /* as others see it: the
					   link's own, or the room's */
	uint64_t	 lines;
};

void	 say_init(struct say *s, struct link *l, struct transcript *t,
	    const char *name);

/* The room has told by which name others see the lines. */
void	 say_as(struct say *s, const char *name, size_t len);

/*
 * Say every line of text, and show it as it's said. The LF after the last one
 * may be missing; an empty text says nothing. If one line can't be sent, none
 * is. Returns NULL, or what isn't said yet, with a notice in the transcript
 * that tells why.
 */
const char	*say_text(struct say *s, const char *text);

#endif
