/*
 * Faint, bold and coloured text, where the terminal has it
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <termcap.h>

#include "sgr.h"

/* Of xterm's 256 colours, some that stand out from each other, and against
 * which black and white both have a contrast of 4.1 to 1 at least. */
static const int palette[] = {
	161, 130, 64, 28, 30, 31, 27, 63, 99, 133, 164, 162
};

#define PALETTE		(sizeof(palette) / sizeof(palette[0]))
#define ANSI		6	/* 1 to 6; 0 and 7 are black and white */

void
sgr_find(struct sgr *s)
{
	const char *term = getenv("TERM"), *plain = getenv("NO_COLOR");

	s->faint = s->bold = false;
	s->colours = 0;
	if (term == NULL || tgetent(NULL, term) != 1)
		return;
	/* "mh" is half-bright: terminfo(5) calls it dim. */
	s->faint = tgetstr("mh", NULL) != NULL;
	s->bold = tgetstr("md", NULL) != NULL;
	if (plain == NULL || plain[0] == '\0')
		s->colours = tgetnum("Co");
}

/* FNV-1a of 32 bits, as the other programs for people have it. */
static uint32_t
hash(const char *s, size_t len)
{
	uint32_t h = 2166136261U;
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619U;
	return h;
}

void
sgr_colour(const struct sgr *s, char *buf, const char *name, size_t len)
{
	buf[0] = '\0';
	if (s->colours >= 256)
		(void)snprintf(buf, SGR_COLOUR_SIZE, "\033[38;5;%dm",
		    palette[hash(name, len) % PALETTE]);
	else if (s->colours >= 8)
		(void)snprintf(buf, SGR_COLOUR_SIZE, "\033[3%dm",
		    (int)(hash(name, len) % ANSI) + 1);
}
