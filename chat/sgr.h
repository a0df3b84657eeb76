/*
 * Faint, bold and coloured text, where the terminal has it: SGR of ECMA-48
 */
#ifndef SGR_H
#define SGR_H

#include <stdbool.h>
#include <stddef.h>

#define SGR_FAINT	"\033[2m"
#define SGR_BOLD	"\033[1m"
#define SGR_OFF		"\033[m"
#define SGR_NO_COLOUR	"\033[39m"	/* the terminal's own one again */
#define SGR_COLOUR_SIZE	16		/* bytes, for any sgr_colour() */

/* What a terminal can show. All zero is plain text. */
struct sgr {
	bool	 faint;
	bool	 bold;
	int	 colours;		/* how many, as terminfo(5) has it */
};

/*
 * Find out about the terminal that TERM names. There are no colours where
 * NO_COLOR is set and isn't empty (see no-color.org). This reads files of
 * terminfo(5), so call it before the sandbox.
 */
void	 sgr_find(struct sgr *s);

/*
 * Write the string that begins the colour of the len bytes at name, which is
 * always the same for one name, to buf; "" where there are no colours. buf has
 * SGR_COLOUR_SIZE bytes.
 */
void	 sgr_colour(const struct sgr *s, char *buf, const char *name,
	    size_t len);

#endif
