/*
 * Making text from anybody safe to show on a terminal or in a log
 *
 * What could move the cursor, change colours, hide text or turn its direction
 * is shown as something that can be read instead: C0 controls and DEL as ^X,
 * invalid bytes as U+FFFD, and as <U+XXXX> the C1 controls, what Unicode calls
 * default ignorable, separators of lines, noncharacters and whatever wcwidth(3)
 * doesn't know. TAB stays. Marks stay too, with joiners and variation selectors
 * among them, at most SHOW_MARKS on a base; those beyond, and those at the
 * beginning of a text, are left out.
 */
#ifndef SHOW_H
#define SHOW_H

#include <stddef.h>

#define SHOW_GROWTH	4		/* most bytes that one can become */
#define SHOW_MARKS	8		/* most marks shown on one character */

/*
 * Choose a locale whose charset is UTF-8: the user's own if it is one, C.UTF-8
 * otherwise. Without either it is C, and show_text() leaves only ASCII as it
 * is.
 */
void	 show_locale(void);

/*
 * Write the len bytes at src so that they are safe to show. dst has at least
 * SHOW_GROWTH * len bytes. Returns how many were written; no NUL is added.
 */
size_t	 show_text(char *dst, const char *src, size_t len);

#endif
