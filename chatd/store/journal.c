/*
 * The journal: writing down what is new in the room, before anybody hears it
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/client.h"
#include "journal.h"
#include "log.h"
#include "room/ring.h"
#include "room/session.h"

#define PIECES_MAX	256		/* written at once */
#define PIECES_STEP	8		/* most that one span adds */

struct writer {
	struct journal	*j;
	uint64_t	 offset;	/* in the newest segment: written ... */
	uint64_t	 end;		/* ... and with what's in iov */
	bool		 failed;
	bool		 known;		/* as in struct journal, but as of */
	int64_t		 time;		/* what is written by now */
	uint64_t	 by;
	uint64_t	 marked;
	struct iovec	 iov[PIECES_MAX];
	int		 n;
	char		 text[PIECES_MAX][RECORD_SIZE];
};

void
journal_begin(struct journal *j, struct ring *r)
{
	j->position = r->head;
	j->known = false;
	j->by = 0;
	r->first = j->began;
	r->keeps = true;
	ring_show(r);
}

/* A new note at the room's head, or NULL with errno. */
static struct journal_note *
add_note(struct journal *j, const struct ring *r, enum record_kind kind,
    const struct session *s)
{
	struct journal_note *note;
	size_t more = j->allocated == 0 ? 16 : 2 * j->allocated;

	if (j->stuck && j->n >= JOURNAL_NOTES) {
		errno = ENOMEM;
		return NULL;
	}
	if (j->n == j->allocated) {
		note = reallocarray(j->notes, more, sizeof(*note));
		if (note == NULL)
			return NULL;
		j->notes = note;
		j->allocated = more;
	}
	note = &j->notes[j->n++];
	note->position = r->head;
	note->record.kind = kind;
	note->record.author = s->author;
	return note;
}

int
journal_here(struct journal *j, const struct ring *r, struct session *s,
    uint64_t lines)
{
	struct journal_note *note = add_note(j, r, RECORD_HERE, s);

	if (note == NULL)
		return -1;
	note->record.n = lines;
	(void)strlcpy(note->record.session, s->name,
	    sizeof(note->record.session));
	s->stored = lines;
	j->urgent = true;
	return 0;
}

int
journal_refused(struct journal *j, const struct ring *r, struct session *s,
    uint64_t n)
{
	struct journal_note *note = add_note(j, r, RECORD_REFUSED, s);

	if (note == NULL)
		return -1;
	note->record.n = n;
	s->stored += n;
	j->urgent = true;
	return 0;
}

void
journal_part(struct journal *j, const struct ring *r, const struct session *s)
{
	(void)add_note(j, r, RECORD_PART, s);
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

static void
put_by(struct writer *w, uint64_t author)
{
	struct record by = { .kind = RECORD_BY, .author = author };

	put_record(w, &by);
	w->by = author;
}

/* Whose the next line is, and when it was said; now and then its number. */
static void
put_origin(struct writer *w, const struct ring *r, uint64_t pos,
    const struct ring_span *s)
{
	struct record at = { .kind = RECORD_AT };
	struct record time = { .kind = RECORD_TIME, .n = (uint64_t)s->time };
	bool later = !w->known || w->time != s->time ||
	    w->end - w->marked >= JOURNAL_MARK;

	/* After damage, whoever reads can go on from such a place. */
	if (later) {
		w->marked = w->end;
		at.n = ring_number(r, pos);
		put_record(w, &at);
		put_record(w, &time);
	}
	if (later || w->by != s->author)
		put_by(w, s->author);
	w->known = true;
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
		if (j->notes[i].record.kind == RECORD_REFUSED &&
		    w->by != j->notes[i].record.author)
			put_by(w, j->notes[i].record.author);
		put_record(w, &j->notes[i].record);
	}
	return i;
}

static void
put_new(struct writer *w, const struct ring *r)
{
	const struct journal *j = w->j;
	uint64_t pos = j->position, span, end;
	size_t i = put_notes(w, 0, pos);

	for (; pos < r->head; pos = end) {
		if (w->n + PIECES_STEP > PIECES_MAX)
			write_out(w);
		span = ring_span_at(r, pos);
		end = ring_span_end(r, span);
		if (i < j->n && j->notes[i].position < end)
			end = j->notes[i].position;
		put_origin(w, r, pos, ring_span(r, span));
		w->n += ring_iov(r, pos, end, w->iov + w->n);
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

/* What is written now would be gone with the file. */
static bool
fail_without_file(struct journal *j, int64_t now)
{
	char name[STORE_NAME_SIZE];

	if (!j->gone)
		log_event("%s/%s: deleted or replaced, senders wait until it "
		    "is back", j->store.config.path, store_name(name,
		    store_newest(&j->store)->first));
	j->gone = j->stuck = true;
	return fail(j, now);
}

/* Old segments are deleted only when a new one has begun. */
static void
begin_segment(struct journal *j, const struct ring *r,
    struct sessions *all, uint64_t authors)
{
	bool full = journal_rotate(j, r, all, authors) == -1 ||
	    store_prune(&j->store) == -1;

	if (full && !j->full)
		log_event("%s: new segment: %s", j->store.config.path,
		    strerror(errno));
	j->full = full;
}

/* Who has left needn't be safe, so nobody waits for the disk because of it. */
static int
settle(struct journal *j, const struct ring *r, uint64_t size)
{
	if (j->urgent || j->position < r->head)
		return store_settle(&j->store, size);
	store_count(&j->store, size);
	return 0;
}

static void
is_written(struct journal *j, const struct ring *r)
{
	j->position = r->head;
	j->n = 0;
	j->stuck = j->urgent = false;
}

bool
journal_commit(struct journal *j, const struct ring *r,
    struct sessions *all, uint64_t authors, int64_t now)
{
	struct writer w = { .j = j };

	if (j->position == r->head && j->n == 0)
		return true;
	if (j->stuck && now < j->retry_at)
		return false;
	if (j->gone && store_return(&j->store) == -1)
		return fail_without_file(j, now);
	/* In what came back nothing is confirmed. */
	j->urgent = j->urgent || j->gone;
	j->gone = false;
	w.offset = w.end = store_newest(&j->store)->size;
	w.known = j->known;
	w.time = j->time;
	w.by = j->by;
	w.marked = j->marked;
	put_new(&w, r);
	if (w.failed)
		return fail(j, now);
	if (!store_is_there(&j->store))
		return fail_without_file(j, now);
	if (settle(j, r, w.offset) == -1)
		return fail(j, now);
	if (j->stuck)
		log_event("%s: senders go on", j->store.config.path);
	j->known = w.known;
	j->time = w.time;
	j->by = w.by;
	j->marked = w.marked;
	is_written(j, r);
	if (store_is_full(&j->store))
		begin_segment(j, r, all, authors);
	return true;
}

static size_t
put_session(char *buf, const struct session *s)
{
	struct record record = { .author = s->author, .n = session_lines(s) };

	record.kind = s->here ? RECORD_HERE : RECORD_SESSION;
	(void)strlcpy(record.session, s->name, sizeof(record.session));
	return record_format(buf, &record);
}

/* What came before the segment that has to be known, in as many as n + 2
 * records; sessions in the order of their last use. */
static size_t
put_head(char *buf, const struct journal *j, uint64_t first,
    struct sessions *all, uint64_t authors)
{
	struct record at = { .kind = RECORD_AT, .n = first };
	struct record room = { .kind = RECORD_ROOM, .n = j->began,
	    .author = authors };
	size_t len = record_format(buf, &at);
	struct session *s = NULL;

	TAILQ_FOREACH(s, &all->idle, use) {
		len += put_session(buf + len, s);
	}
	TAILQ_FOREACH(s, &all->here, use) {
		len += put_session(buf + len, s);
	}
	return len + record_format(buf + len, &room);
}

int
journal_rotate(struct journal *j, const struct ring *r,
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
	j->known = false;
	j->by = 0;
	j->marked = 0;
	return 0;
}

void
journal_free(struct journal *j)
{
	store_close(&j->store);
	free(j->notes);
}
