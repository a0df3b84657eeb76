/*
 * Cutting: what doesn't count at the end of the newest segment is removed
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cut.h"
#include "log.h"
#include "plural.h"
#include "record.h"
#include "store.h"

#define SECTOR		512		/* bytes that a disk writes at once */
#define UNWRITTEN_SECONDS 600		/* most that a system delays writing */

/* What follows bytes that can't be a line. */
struct ahead {
	bool		 good;		/* a valid line or record does */
	uint64_t	 from;		/* the earliest time; 0: none */
	uint64_t	 to;		/* the latest time */
};

/* Where the newest segment of a replica is to be cut. */
struct cut {
	uint64_t	 offset;	/* after the last position, or after
					   the head; 0: there is no position */
	uint64_t	 log;		/* that position */
	bool		 head;		/* the head isn't complete yet */
	bool		 damaged;	/* not only its end is torn */
	bool		 more;		/* the segment may go on */
};

size_t
reading_at(struct reading *in, uint64_t offset)
{
	ssize_t n = store_read(in->store, in->first, offset, in->buf,
	    in->size);

	if (n == -1)
		in->why = strerror(errno);
	return n == -1 ? 0 : (size_t)n;
}

/* Add a line or record to what follows. */
static void
add_ahead(struct ahead *a, enum scan_kind kind, const struct record_scan *s)
{
	if (kind != SCAN_LINES && kind != SCAN_RECORD)
		return;
	a->good = true;
	if (kind == SCAN_LINES || s->record.kind != RECORD_TIME)
		return;
	if (a->from == 0 || s->record.n < a->from)
		a->from = s->record.n;
	if (s->record.n > a->to)
		a->to = s->record.n;
}

/* Scan the rest of the segment from an offset on, where a line starts. */
static void
look_ahead(struct reading *in, uint64_t offset, struct ahead *a)
{
	enum scan_kind kind;
	size_t done, len;
	struct record_scan s;

	memset(a, 0, sizeof(*a));
	do {
		len = reading_at(in, offset);
		for (done = 0; done < len; done += s.size) {
			kind = record_scan(&s, in->buf + done, len - done);
			if (kind == SCAN_PART)
				break;
			add_ahead(a, kind, &s);
		}
		offset += done;
	} while (done > 0);
}

/*
 * Whether bytes that can't be a line are a hole: sectors that weren't written
 * when power was lost, although later ones were. A hole is zeros, which no line
 * can have, up to the end of a sector.
 */
static bool
is_hole(struct reading *in, const char *bytes, size_t size)
{
	const char *zero = memchr(bytes, '\0', size);
	uint64_t offset = in->offset;
	size_t len = 0, i = 0;

	if (zero == NULL)
		return false;
	offset += (uint64_t)(zero - bytes);
	do {
		offset += i;
		len = reading_at(in, offset);
		for (i = 0; i < len && in->buf[i] == '\0'; i++)
			;
	} while (len > 0 && i == len);
	return (offset + i) % SECTOR == 0;
}

bool
cut_is_torn(struct reading *in, const char *bytes, size_t size)
{
	bool hole = !in->head && is_hole(in, bytes, size);
	struct ahead a;

	look_ahead(in, in->offset + size, &a);
	return !a.good || (hole && a.to - a.from <= UNWRITTEN_SECONDS);
}

void
cut_torn(struct reading *in, const char *what)
{
	uint64_t offset = in->head ? 0 : in->offset;
	uint64_t n = store_newest(in->store)->size - offset;
	char name[STORE_NAME_SIZE];

	log_event("%s/%s: %s at the end, %" PRIu64 " byte%s cut off",
	    in->store->config.path, store_name(name, in->first), what, n,
	    plural(n));
	if ((in->head ? store_drop_newest(in->store) : store_truncate(in->store,
	    offset)) == -1)
		in->why = strerror(errno);
	in->head = false;
}

static void
pass_record(struct reading *in, struct cut *cut, const struct record_scan *s)
{
	enum record_kind kind = s->record.kind;

	if (kind == RECORD_LOG)
		cut->log = s->record.n;
	if (kind == RECORD_LOG || (cut->head && cut->offset > 0))
		cut->offset = in->offset + s->size;
	if (kind == RECORD_ROOM)
		cut->head = false;
}

static void
pass_bad(struct reading *in, struct cut *cut, const char *bytes, size_t size)
{
	in->head = cut->head;
	cut->damaged = !cut_is_torn(in, bytes, size);
	cut->more = false;
}

/* Look at what one read returns, up to bytes that can't be a line. */
static void
pass_some(struct reading *in, struct cut *cut)
{
	size_t len = reading_at(in, in->offset), done = 0;
	enum scan_kind kind;
	struct record_scan s;

	cut->more = len > 0 && in->why == NULL;
	for (; done < len; done += s.size, in->offset += s.size) {
		kind = record_scan(&s, in->buf + done, len - done);
		if (kind == SCAN_PART)
			break;
		if (kind == SCAN_BAD) {
			pass_bad(in, cut, in->buf + done, s.size);
			return;
		}
		if (kind == SCAN_RECORD)
			pass_record(in, cut, &s);
	}
	if (done == 0 && len > 0)
		pass_bad(in, cut, in->buf, len);
}

static void
find_cut(struct reading *in, struct cut *cut)
{
	memset(cut, 0, sizeof(*cut));
	cut->head = cut->more = true;
	in->first = store_newest(in->store)->first;
	in->offset = 0;
	while (cut->more)
		pass_some(in, cut);
}

static void
cut_after(struct reading *in, const struct cut *cut)
{
	uint64_t n = store_newest(in->store)->size - cut->offset;
	char name[STORE_NAME_SIZE];

	if (n == 0)
		return;
	log_event("%s/%s: %" PRIu64 " byte%s after position %" PRIu64
	    " of the log cut off", in->store->config.path,
	    store_name(name, in->first), n, plural(n), cut->log);
	if (store_truncate(in->store, cut->offset) == -1)
		in->why = strerror(errno);
}

void
cut_replica(struct reading *in)
{
	struct cut cut = { .head = true };

	while (cut.head && in->store->n > 0 && in->why == NULL) {
		find_cut(in, &cut);
		if (in->why != NULL || (cut.damaged &&
		    (cut.head || !in->store->config.go_on)))
			return;
		in->head = cut.head;
		if (in->head)
			cut_torn(in, HEADLESS);
		else if (cut.offset > 0)
			cut_after(in, &cut);
	}
}
