/*
 * Scanning: what a stored room says, piece by piece
 */
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "line.h"
#include "scan.h"

static enum scan_kind
scan_record(struct scan *s, const char *buf)
{
	if (record_parse(&s->record, buf + 1, s->size - 2))
		return SCAN_RECORD;
	(void)snprintf(s->why, sizeof(s->why), "not a record");
	return SCAN_BAD;
}

enum scan_kind
scan_next(struct scan *s, const char *buf, size_t len)
{
	struct text_fault f = { .kind = FAULT_LONG };
	size_t most = len < MESSAGE_SIZE ? len : MESSAGE_SIZE;
	const char *lf = memchr(buf, '\n', most);

	if (lf == NULL && most < MESSAGE_SIZE)
		return SCAN_PART;
	s->size = line_plain(buf, len, &s->lines);
	if (s->size > 0)
		return SCAN_LINES;
	s->lines = 1;
	s->size = most;
	if (lf != NULL) {
		s->size = (size_t)(lf - buf) + 1;
		if (buf[0] == CTL_MARK)
			return scan_record(s, buf);
		/* Before the text there may be a name. */
		if (text_check(buf, s->size - 1, &f) || f.kind == FAULT_LONG)
			return SCAN_LINES;
	}
	(void)text_fault_say(s->why, &f);
	return SCAN_BAD;
}
