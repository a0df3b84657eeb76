/*
 * What the person says, on its way into the room
 */
#ifndef SAY_H
#define SAY_H

#include <stddef.h>
#include <stdint.h>

#include "client/link.h"
#include "echo.h"
#include "transcript.h"

struct say {
	struct link	*link;
	struct transcript *transcript;
	struct echo	*echo;
	uint64_t	 lines;
};

void	 say_init(struct say *s, struct link *l, struct transcript *t,
	    struct echo *echo);

/*
 * Say every line of text. The LF after the last one
 * may be missing; an empty text says nothing. If one line can't be sent, none
 * is. Returns NULL, or what isn't said yet, with a notice in the transcript
 * that tells why.
 */
const char	*say_text(struct say *s, const char *text);

#endif
