/*
 * Loading: filling the ring and the sessions from the store
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"
#include "line.h"
#include "load.h"
#include "log.h"
#include "plural.h"
#include "record.h"
#include "room/ring.h"
#include "room/session.h"

#define LOAD_READ	RING_APPEND_MAX
#define HEADLESS	"the head is incomplete"
#define SECTOR		512		/* bytes that a disk writes at once */
#define UNWRITTEN_SECONDS 600		/* most that a system delays writing */

struct load {
	struct journal	*j;
	struct store	*store;
	struct ring	*ring;
	struct sessions	*sessions;
	char		*buf;		/* what was read */
	size_t		 size;		/* of buf, in bytes; the ring takes as
					   many at once */
	const char	*why;		/* loading failed; NULL: it didn't */
	uint64_t	 authors;	/* the highest author */
	size_t		 damages;	/* damaged places */

	/* The current segment. */
	uint64_t	 first;		/* number of its first line */
	size_t		 segment;	/* its index in the store */
	uint64_t	 offset;	/* of the next line or record */
	bool		 newest;	/* no segment follows */
	bool		 kept;		/* its lines go into the ring */
	bool		 head;		/* its head isn't complete yet */
	size_t		 idle;		/* "session" records of the head */
	size_t		 here;		/* "here" records of the head */
	bool		 lost;		/* the next line's number is unknown */
	uint64_t	 passed;	/* most lines that came since then */

	/* What the records up to the offset say. */
	uint64_t	 next;		/* number of the next line */
	uint64_t	 author;	/* of the next line */
	int64_t		 time;		/* of the next line */
	struct session	*session;	/* of the author, or NULL */
};

/* What follows bytes that can't be a line. */
struct ahead {
	bool		 good;		/* a valid line or record does */
	uint64_t	 from;		/* the earliest time; 0: none */
	uint64_t	 to;		/* the latest time */
};

/* Log damage, once until the next "at": up to there, all lines are lost. */
static void
report_damage(struct load *l, const char *what)
{
	char name[STORE_NAME_SIZE];

	if (l->lost)
		return;
	l->damages++;
	l->lost = true;
	l->passed = 0;
	log_event("%s/%s: damaged at byte %" PRIu64 ": %s",
	    l->store->config.path, store_name(name, l->first), l->offset,
	    what);
}

static void
log_lost(const struct load *l, uint64_t to)
{
	const char *path = l->store->config.path;

	if (to == l->next + 1)
		log_event("%s: line %" PRIu64 " is lost", path, l->next);
	else if (to > l->next)
		log_event("%s: lines %" PRIu64 " to %" PRIu64 " are lost", path,
		    l->next, to - 1);
}

/* Resume at a line after lost ones. A ring has no gaps, so it starts empty. */
static void
resume_at(struct load *l, uint64_t number)
{
	log_lost(l, number);
	l->lost = false;
	l->next = number;
	ring_restart(l->ring, number);
}

static void
end_head(struct load *l, uint64_t size)
{
	l->head = false;
	store_set_head(l->store, &l->store->segments[l->segment], size);
}

static void
load_at(struct load *l, uint64_t number)
{
	if (number < l->next || number > STORE_NUMBER_MAX) {
		report_damage(l, "line numbers go back");
		return;
	}
	if (number > l->next)
		report_damage(l, "lines are missing");
	if (!l->lost)
		return;
	resume_at(l, number);
	if (l->head)
		end_head(l, l->offset);
}

/* Whether the author of a session is the author of another one, too. */
static bool
is_foreign(struct load *l, const struct record *record)
{
	const struct session *s = session_of_author(l->sessions,
	    record->author);

	return s != NULL && strcmp(s->name, record->session) != 0;
}

/*
 * A session may have been forgotten and have begun again. Then lines in the
 * ring, up to its head, may be the session's own.
 */
static void
suspect_own_lines(struct load *l, uint64_t author)
{
	struct session *s = session_of_author(l->sessions, author);

	if (s != NULL)
		s->authored = l->ring->head;
}

static void
load_session(struct load *l, const struct record *record)
{
	if (l->sessions->max == 0)
		return;
	if (is_foreign(l, record))
		report_damage(l, "one author has two sessions");
	else if (session_restore(l->sessions, record->session, record->author,
	    record->n, record->kind == RECORD_HERE) == NULL)
		l->why = strerror(errno);
	l->idle += record->kind == RECORD_SESSION;
	l->here += record->kind == RECORD_HERE;
	l->session = session_of_author(l->sessions, l->author);
	suspect_own_lines(l, record->author);
}

static void
load_part(struct load *l, uint64_t author)
{
	struct session *s = session_of_author(l->sessions, author);

	if (s != NULL && s->here)
		session_part(l->sessions, s);
	l->session = session_of_author(l->sessions, l->author);
}

/* That many more lines of the current author's session are settled, if it has
 * one. */
static void
count_settled(struct load *l, uint64_t lines)
{
	if (l->session == NULL)
		return;
	l->session->lines += lines;
	l->session->stored = l->session->lines;
	session_use(l->sessions, l->session);
}

/* The head ends. It has all sessions, so any other session is forgotten. */
static void
load_head_end(struct load *l, uint64_t began, size_t size)
{
	l->j->first_line = began;
	if (!l->head)
		return;
	end_head(l, l->offset + size);
	sessions_keep(l->sessions, l->idle, l->here);
	l->session = session_of_author(l->sessions, l->author);
}

static void
load_time(struct load *l, int64_t time)
{
	struct segment *s = &l->store->segments[l->segment];

	l->time = time;
	if (s->latest < time)
		s->latest = time;
}

/* Where lines are lost, records still count that don't depend on others. */
static void
load_record(struct load *l, const struct record *record, size_t size)
{
	switch (record->kind) {
	case RECORD_AT:
		load_at(l, record->n);
		break;
	case RECORD_TIME:
		load_time(l, (int64_t)record->n);
		break;
	case RECORD_SESSION:
	case RECORD_HERE:
		load_session(l, record);
		break;
	case RECORD_PART:
		load_part(l, record->author);
		break;
	case RECORD_REFUSED:
		if (!l->lost)
			count_settled(l, record->n);
		break;
	case RECORD_ROOM:
		load_head_end(l, record->n, size);
		break;
	case RECORD_BY:
		l->author = record->author;
		l->session = session_of_author(l->sessions, l->author);
		break;
	}
	if (record->kind >= RECORD_BY && record->kind != RECORD_REFUSED &&
	    record->author > l->authors)
		l->authors = record->author;
}

static void
load_lines(struct load *l, const char *lines, const struct record_scan *s)
{
	struct ring *r = l->ring;

	l->next += s->lines;
	if (l->kept) {
		while (ring_space(r) < s->size)
			ring_release(r, ring_quarter(r));
		(void)ring_append(r, l->author, l->time, lines, s->size,
		    s->lines);
	} else
		ring_forget(r, l->time);
	count_settled(l, s->lines);
	if (l->session != NULL)
		l->session->authored = r->head;
}

/* Read from the segment at an offset. Returns the number of bytes. */
static size_t
read_ahead(struct load *l, uint64_t offset)
{
	ssize_t n = store_read(l->store, l->first, offset, l->buf,
	    l->size);

	if (n == -1)
		l->why = strerror(errno);
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
look_ahead(struct load *l, uint64_t offset, struct ahead *a)
{
	enum scan_kind kind;
	size_t done, len;
	struct record_scan s;

	memset(a, 0, sizeof(*a));
	do {
		len = read_ahead(l, offset);
		for (done = 0; done < len; done += s.size) {
			kind = record_scan(&s, l->buf + done, len - done);
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
is_hole(struct load *l, const char *bytes, size_t size)
{
	const char *zero = memchr(bytes, '\0', size);
	uint64_t offset = l->offset;
	size_t len = 0, i = 0;

	if (zero == NULL)
		return false;
	offset += (uint64_t)(zero - bytes);
	do {
		offset += i;
		len = read_ahead(l, offset);
		for (i = 0; i < len && l->buf[i] == '\0'; i++)
			;
	} while (len > 0 && i == len);
	return (offset + i) % SECTOR == 0;
}

/*
 * Cut a torn end off. With -S nobody has seen it, and nobody was told that it
 * was stored; without -S it was never synced. Returns false: nothing follows.
 */
static bool
cut_off(struct load *l, const char *what)
{
	uint64_t offset = l->head ? 0 : l->offset;
	uint64_t n = store_newest(l->store)->size - offset;
	char name[STORE_NAME_SIZE];

	log_event("%s/%s: %s at the end, %" PRIu64 " byte%s cut off",
	    l->store->config.path, store_name(name, l->first), what, n,
	    plural(n));
	if ((l->head ? store_drop_newest(l->store) : store_truncate(l->store,
	    offset)) == -1)
		l->why = strerror(errno);
	/* If the segment before it is damaged, its last line is unknown. */
	l->lost = l->head && l->damages > 0;
	l->head = false;
	return false;
}

/*
 * Whether bytes that can't be a line, and all after them, were being written
 * when the room process or the power failed: no valid line follows, or only
 * lines of ten minutes follow a hole. With -S a hole can be in the last batch
 * alone, but where that begins isn't recorded, so the bound is the same.
 */
static bool
is_torn(struct load *l, const char *bytes, size_t size)
{
	bool hole = !l->head && is_hole(l, bytes, size);
	struct ahead a;

	look_ahead(l, l->offset + size, &a);
	return !a.good || (hole && a.to - a.from <= UNWRITTEN_SECONDS);
}

/*
 * Skip bytes that can't be a line, or cut them off with all that follows.
 * Returns whether to read on.
 */
static bool
load_bad(struct load *l, const char *bytes, size_t size, const char *what)
{
	if (l->newest && !l->lost && is_torn(l, bytes, size))
		return cut_off(l, what);
	report_damage(l, what);
	l->passed += size;
	l->offset += size;
	return l->why == NULL;
}

static void
load_good(struct load *l, const char *buf, enum scan_kind kind,
    const struct record_scan *s)
{
	/* A head has none of these, so its end is missing. */
	if (l->head && (kind == SCAN_LINES || s->record.kind == RECORD_TIME ||
	    s->record.kind == RECORD_BY || s->record.kind == RECORD_PART ||
	    s->record.kind == RECORD_REFUSED)) {
		report_damage(l, HEADLESS);
		end_head(l, l->offset);
	}
	if (kind == SCAN_RECORD)
		load_record(l, &s->record, s->size);
	else if (!l->lost)
		load_lines(l, buf, s);
	else
		l->passed += s->lines;
}

/* Load what one read returns. Returns whether there may be more. */
static bool
load_some(struct load *l)
{
	size_t len = read_ahead(l, l->offset), done = 0;
	enum scan_kind kind;
	struct record_scan s;

	for (; done < len; done += s.size, l->offset += s.size) {
		kind = record_scan(&s, l->buf + done, len - done);
		if (kind == SCAN_PART)
			break;
		if (kind == SCAN_BAD)
			return load_bad(l, l->buf + done, s.size, s.why);
		load_good(l, l->buf + done, kind, &s);
	}
	if (done == 0 && len > 0)
		return load_bad(l, l->buf, len, "an incomplete line");
	return l->why == NULL && len > 0;
}

static void
start_segment(struct load *l, const struct segment *s)
{
	l->first = s->first;
	l->offset = 0;
	l->head = true;
	l->store->segments[l->segment].latest = 0;
	l->idle = l->here = 0;
	if (l->next == 0)
		l->next = s->first;
	if (s->first < l->next) {
		report_damage(l, "line numbers go back");
		return;
	}
	if (s->first > l->next)
		report_damage(l, "lines are missing before it");
	if (l->lost)
		resume_at(l, s->first);
	else if (l->kept && l->ring->base == l->ring->head)
		ring_restart(l->ring, l->next);
}

static void
load_segments(struct load *l)
{
	uint64_t left = l->store->total;	/* with all heads, for now */
	struct segment s;
	size_t i;

	for (i = 0; i < l->store->n && l->why == NULL; i++) {
		s = l->store->segments[i];
		left -= s.size;
		l->kept = left < l->ring->size;
		l->newest = i == l->store->n - 1;
		l->segment = i;
		start_segment(l, &s);
		while (l->why == NULL && load_some(l))
			;
		if (l->why == NULL && store_sync_read(l->store) == -1)
			l->why = strerror(errno);
		if (l->head && l->newest && !l->lost && l->why == NULL)
			(void)cut_off(l, HEADLESS);
		else if (l->head)
			report_damage(l, HEADLESS);
	}
}

/*
 * Open the newest segment for new lines. If there is none, or if it ends in
 * damage, so that the next line's number is unknown there, start a segment.
 */
static void
finish_load(struct load *l, uint64_t first)
{
	bool anew = l->store->n == 0 || l->lost;

	if (l->store->n == 0)
		l->j->first_line = l->next = first;
	else if (l->j->first_line == 0)
		l->j->first_line = l->store->segments[0].first;
	if (l->lost)
		resume_at(l, l->next + l->passed + 1);
	if (l->ring->base == l->ring->head)
		ring_restart(l->ring, l->next);
	journal_begin(l->j, l->ring);
	if ((anew ? journal_rotate(l->j, l->ring, l->sessions, l->authors) :
	    store_open_newest(l->store)) == -1 ||
	    store_commit(l->store, store_newest(l->store)->size) == -1)
		l->why = strerror(errno);
}

int
load_room(struct journal *j, struct ring *r, struct sessions *all,
    uint64_t first, uint64_t *authors, const char **why)
{
	struct load l = { .j = j, .store = &j->store, .ring = r,
	    .sessions = all };

	l.size = r->size / 4 < LOAD_READ ? r->size / 4 : LOAD_READ;
	l.buf = malloc(l.size);
	if (l.buf == NULL)
		l.why = strerror(errno);
	else
		load_segments(&l);
	if (l.why == NULL && l.damages > 0 && !j->store.config.go_on)
		l.why = "damaged; use -f to start without what is lost";
	if (l.why == NULL)
		finish_load(&l, first);
	free(l.buf);
	*authors = l.authors;
	*why = l.why;
	return l.why == NULL ? 0 : -1;
}
