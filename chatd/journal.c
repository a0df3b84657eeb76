/*
 * The journal: writing down what is new in the room, before anybody hears it
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "journal.h"
#include "log.h"
#include "room.h"
#include "session.h"

#define PIECES_MAX	256		/* written at once */
#define PIECES_STEP	8		/* most that one span adds */

struct writer {
	struct journal	*j;
	uint64_t	 offset;	/* in the newest segment: written ... */
	uint64_t	 end;		/* ... and with what's in iov */
	bool		 failed;
	bool		 known;		/* as in struct journal, but as of */
	uint64_t	 author;	/* what is written by now */
	int64_t		 time;
	uint64_t	 marked;
	struct iovec	 iov[PIECES_MAX];
	int		 n;
	char		 text[PIECES_MAX][RECORD_SIZE];
};

void
journal_begin(struct journal *j, struct room *r)
{
	j->position = r->head;
	j->known = false;
	r->first = j->began;
	r->keeps = true;
	room_show(r);
}

int
journal_session(struct journal *j, const struct room *r, struct session *s,
    uint64_t lines)
{
	struct journal_note *note;
	size_t more = j->allocated == 0 ? 16 : 2 * j->allocated;

	if (j->n == j->allocated) {
		note = reallocarray(j->notes, more, sizeof(*note));
		if (note == NULL)
			return -1;
		j->notes = note;
		j->allocated = more;
	}
	note = &j->notes[j->n++];
	note->position = r->head;
	note->record.kind = RECORD_SESSION;
	note->record.author = s->author;
	note->record.n = lines;
	(void)strlcpy(note->record.session, s->name,
	    sizeof(note->record.session));
	s->stored = lines;
	return 0;
}

static void
write_out(struct writer *w)
{
	if (!w->failed && store_write(&w->j->store, w->iov, w->n,
	    w->offset) == -1)
		w->failed = true;
	w->offset = w->end;
	w->n = 0;
}

static void
put_record(struct writer *w, const struct record *record)
{
	struct iovec *iov = &w->iov[w->n];

	iov->iov_base = w->text[w->n++];
	iov->iov_len = record_format(iov->iov_base, record);
	w->end += iov->iov_len;
}

/* Whose the next line is, and when it was said; now and then its number. */
static void
put_origin(struct writer *w, const struct room *r, uint64_t pos,
    const struct room_span *s)
{
	struct record at = { .kind = RECORD_AT };
	struct record time = { .kind = RECORD_TIME, .n = (uint64_t)s->time };
	struct record by = { .kind = RECORD_BY, .author = s->author };
	bool later = !w->known || w->time != s->time ||
	    w->end - w->marked >= JOURNAL_MARK;

	/* After damage, whoever reads can go on from such a place. */
	if (later) {
		w->marked = w->end;
		at.n = room_number(r, pos);
		put_record(w, &at);
		put_record(w, &time);
	}
	if (later || w->author != s->author)
		put_record(w, &by);
	w->known = true;
	w->author = s->author;
	w->time = s->time;
}

/* The notes, from the ith on, that belong to pos. Returns the next one. */
static size_t
put_notes(struct writer *w, size_t i, uint64_t pos)
{
	const struct journal *j = w->j;

	for (; i < j->n && j->notes[i].position == pos; i++) {
		if (w->n + PIECES_STEP > PIECES_MAX)
			write_out(w);
		put_record(w, &j->notes[i].record);
	}
	return i;
}

static void
put_new(struct writer *w, const struct room *r)
{
	const struct journal *j = w->j;
	uint64_t pos = j->position, span, end;
	size_t i = put_notes(w, 0, pos);

	for (; pos < r->head; pos = end) {
		if (w->n + PIECES_STEP > PIECES_MAX)
			write_out(w);
		span = room_span_at(r, pos);
		end = room_span_end(r, span);
		if (i < j->n && j->notes[i].position < end)
			end = j->notes[i].position;
		put_origin(w, r, pos, room_span(r, span));
		w->n += room_iov(r, pos, end, w->iov + w->n);
		w->end += end - pos;
		i = put_notes(w, i, end);
	}
	write_out(w);
}

static bool
fail(struct journal *j, int64_t now)
{
	if (!j->stuck)
		log_event("%s: %s, senders wait", j->store.config.path,
		    strerror(errno));
	j->stuck = true;
	j->retry_at = now + JOURNAL_RETRY;
	return false;
}

/* Old segments are deleted only when a new one has begun. */
static void
begin_segment(struct journal *j, const struct room *r,
    struct sessions *all, uint64_t authors)
{
	bool full = journal_segment(j, r, all, authors) == -1 ||
	    store_prune(&j->store) == -1;

	if (full && !j->full)
		log_event("%s: new segment: %s", j->store.config.path,
		    strerror(errno));
	j->full = full;
}

bool
journal_commit(struct journal *j, const struct room *r,
    struct sessions *all, uint64_t authors, int64_t now)
{
	const struct segment *newest = store_newest(&j->store);
	struct writer w;

	if (j->position == r->head && j->n == 0)
		return true;
	if (j->stuck && now < j->retry_at)
		return false;
	w.j = j;
	w.n = 0;
	w.failed = false;
	w.offset = w.end = newest->size;
	w.known = j->known;
	w.author = j->author;
	w.time = j->time;
	w.marked = j->marked;
	put_new(&w, r);
	if (w.failed || store_settle(&j->store, w.offset) == -1)
		return fail(j, now);
	if (j->stuck)
		log_event("%s: senders go on", j->store.config.path);
	j->stuck = false;
	j->known = w.known;
	j->author = w.author;
	j->time = w.time;
	j->marked = w.marked;
	j->position = r->head;
	j->n = 0;
	if (newest->size - j->head >= j->store.config.segment_size &&
	    newest->first < r->next)
		begin_segment(j, r, all, authors);
	return true;
}

static size_t
put_session(char *buf, const struct session *s)
{
	struct record record = { .kind = RECORD_SESSION, .author = s->author,
	    .n = session_lines(s) };

	(void)strlcpy(record.session, s->name, sizeof(record.session));
	return record_format(buf, &record);
}

/* What came before the segment that has to be known, in as many as n + 2
 * records. Sessions that nobody uses are the first to be forgotten. */
static size_t
put_head(char *buf, const struct journal *j, uint64_t first,
    struct sessions *all, uint64_t authors)
{
	struct record at = { .kind = RECORD_AT, .n = first };
	struct record room = { .kind = RECORD_ROOM, .n = j->began,
	    .author = authors };
	size_t len = record_format(buf, &at);
	struct session *s;

	TAILQ_FOREACH(s, &all->idle, idle)
		len += put_session(buf + len, s);
	RB_FOREACH(s, session_tree, &all->tree) {
		if (s->client != NULL)
			len += put_session(buf + len, s);
	}
	return len + record_format(buf + len, &room);
}

int
journal_segment(struct journal *j, const struct room *r,
    struct sessions *all, uint64_t authors)
{
	char *buf = reallocarray(NULL, all->n + 2, RECORD_SIZE);
	size_t len;
	int status;

	if (buf == NULL)
		return -1;
	len = put_head(buf, j, r->next, all, authors);
	status = store_begin(&j->store, r->next, buf, len);
	free(buf);
	if (status == -1)
		return -1;
	j->head = len;
	j->known = false;
	j->marked = 0;
	return 0;
}

void
journal_free(struct journal *j)
{
	store_close(&j->store);
	free(j->notes);
}
