/*
 * Making text from anybody safe to show on a terminal or in a log
 *
 * Characters that could move the cursor, change colours, hide text or reverse
 * its direction are replaced by something legible:
 *
 *	C0 controls and DEL			^X
 *	bytes that are no UTF-8			U+FFFD
 *	C1 controls, line and paragraph
 *	separators, noncharacters, Unicode's
 *	Default_Ignorable_Code_Point, and
 *	what wcwidth(3) doesn't know		<U+XXXX>
 *
 * TAB stays. So do marks, which are all characters that take no column, joiners
 * and variation selectors included: at most SHOW_MARKS after a base character.
 * Any more, and those at the beginning of a text, are left out.
 */
#ifndef SHOW_H
#define SHOW_H

#include <stddef.h>

#define SHOW_GROWTH	4		/* most bytes that one can become */
#define SHOW_MARKS	8		/* most marks shown on one character */

/*
 * Set LC_CTYPE to a locale whose charset is UTF-8: the user's own if it has
 * that, or else C.UTF-8, which then is LC_ALL in the environment, too. If the
 * system has neither, the locale is C, and show_text() leaves only ASCII as it
 * is.
 */
void	 show_locale(void);

/*
 * Write the len bytes at src to dst in a form that is safe to show. dst has at
 * least SHOW_GROWTH * len bytes. Returns the bytes written; adds no NUL.
 */
size_t	 show_text(char *dst, const char *src, size_t len);

#endif
