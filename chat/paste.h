/*
 * What is pasted, made fit for a line
 */
#ifndef PASTE_H
#define PASTE_H

#include <stddef.h>

#include "buf.h"

/*
 * Add the len bytes at src to dst with LF, for any kind of line end, as the
 * only control character beside TAB, and U+FFFD for what isn't UTF-8.
 */
void	 paste_clean(struct buf *dst, const char *src, size_t len);

#endif
