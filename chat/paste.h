/*
 * Making pasted text fit for lines
 */
#ifndef PASTE_H
#define PASTE_H

#include <stddef.h>

#include "buf.h"

/*
 * Add the len bytes at src to dst. CR LF and CR become LF, other control
 * characters except TAB are dropped, and each byte that isn't UTF-8 becomes
 * U+FFFD.
 */
void	 paste_clean(struct buf *dst, const char *src, size_t len);

#endif
