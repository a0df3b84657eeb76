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
	size_t most = len < LINE_SIZE ? len : LINE_SIZE;
	struct text_fault f = { .kind = FAULT_LONG };
	const char *lf;

	s->size = line_plain(buf, len, &s->lines);
	if (s->size > 0)
		return SCAN_LINES;
	if (len == 0)
		return SCAN_PART;
	lf = memchr(buf, '\n', most);
	if (lf == NULL && len < LINE_SIZE)
		return SCAN_PART;
	s->size = lf == NULL ? most : (size_t)(lf - buf) + 1;
	if (lf != NULL && buf[0] == CTL_MARK)
		return scan_record(s, buf);
	s->lines = 1;
	if (lf != NULL && text_check(buf, s->size - 1, &f))
		return SCAN_LINES;
	(void)text_fault_say(s->why, &f);
	return SCAN_BAD;
}
