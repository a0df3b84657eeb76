/*
 * Making pasted text fit for lines
 */
#include <stdbool.h>

#include "paste.h"
#include "text.h"

static bool
may_not_paste(unsigned code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

void
paste_clean(struct buf *dst, const char *src, size_t len)
{
	size_t i, size;
	unsigned code;

	for (i = 0; i < len; i += size) {
		size = text_decode(src + i, len - i, &code);
		if (size == 0) {
			buf_adds(dst, "\xef\xbf\xbd");
			size = 1;
		} else if (code == '\r') {
			buf_adds(dst, "\n");
			if (i + 1 < len && src[i + 1] == '\n')
				size = 2;
		} else if (code == '\n' || code == '\t' || !may_not_paste(code))
			buf_add(dst, src + i, size);
	}
}
