/*
 * Scanning: what a stored room says, piece by piece
 *
 * A disk may have come to say anything. So every line is looked at as closely
 * as one that comes from a client.
 */
#ifndef SCAN_H
#define SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "text.h"

enum scan_kind {
	SCAN_PART,			/* no whole line: read more */
	SCAN_LINES,			/* messages, as many as lie together */
	SCAN_RECORD,
	SCAN_BAD			/* a line that can't be; why tells */
};

struct scan {
	size_t		 size;		/* bytes that it has, with LFs */
	size_t		 lines;		/* of SCAN_LINES */
	struct record	 record;
	char		 why[FAULT_SIZE];
};

/*
 * Look at what the len > 0 bytes at buf begin with, where a line starts. Stops
 * early with SCAN_LINES: others may follow. What is MESSAGE_SIZE bytes long
 * or more is never SCAN_PART.
 */
enum scan_kind	 scan_next(struct scan *s, const char *buf, size_t len);

#endif
