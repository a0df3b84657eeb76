/*
 * The journal: writing what is new in the ring to the store
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "head.h"
#include "journal.h"
#include "log.h"
#include "room/replica.h"
#include "room/ring.h"
#include "room/session.h"

#define PIECES_MAX	256		/* in one write */
#define PIECES_STEP	8		/* most pieces that one span adds */

/* A batch while it is put together and written, maybe in several pieces. */
struct writer {
	struct journal	*j;
	uint64_t	 offset;	/* where iov begins in the segment */
	uint64_t	 end;		/* where iov ends in the segment */
	bool		 failed;	/* a write failed; skip the rest */

	/* As in struct journal, at the end of iov. */
	bool		 has_origin;
	int64_t		 time;
	uint64_t	 author;
	uint64_t	 mark;

	struct iovec	 iov[PIECES_MAX];
	int		 n;
	char		 text[PIECES_MAX][RECORD_SIZE];
};

void
journal_begin(struct journal *j, struct ring *r)
{
	j->position = r->head;
	j->has_origin = false;
	j->author = 0;
	r->first = j->first_line;
	r->stored = true;
	ring_publish(r);
}

/*
 * Add a pending record for where the ring ends now. Returns NULL with errno if
 * there is no space.
 */
static struct journal_pending *
add_pending(struct journal *j, const struct ring *r, enum record_kind kind,
    const struct session *s)
{
	struct journal_pending *p;
	size_t more = j->allocated == 0 ? 16 : 2 * j->allocated;

	if (j->failing && j->n >= JOURNAL_PENDING_MAX) {
		errno = ENOMEM;
		return NULL;
	}
	if (j->n == j->allocated) {
		p = reallocarray(j->pending, more, sizeof(*p));
		if (p == NULL)
			return NULL;
		j->pending = p;
		j->allocated = more;
	}
	p = &j->pending[j->n++];
	p->position = r->head;
	p->record.kind = kind;
	p->record.author = s->author;
	return p;
}

int
journal_here(struct journal *j, const struct ring *r, struct session *s,
    uint64_t lines)
{
	struct journal_pending *p = add_pending(j, r, RECORD_HERE, s);

	if (p == NULL)
		return -1;
	p->record.n = lines;
	(void)strlcpy(p->record.session, s->name,
	    sizeof(p->record.session));
	head_owner(&p->record, s->owner);
	s->stored = lines;
	j->needs_sync = true;
	return 0;
}

int
journal_refused(struct journal *j, const struct ring *r, struct session *s,
    uint64_t n)
{
	struct journal_pending *p = add_pending(j, r, RECORD_REFUSED, s);

	if (p == NULL)
		return -1;
	p->record.n = n;
	s->stored += n;
	j->needs_sync = true;
	return 0;
}

int
journal_part(struct journal *j, const struct ring *r, const struct session *s)
{
	return add_pending(j, r, RECORD_PART, s) == NULL ? -1 : 0;
}

static void
write_pieces(struct writer *w)
{
	if (!w->failed && store_write(&w->j->store, w->iov, w->n,
	    w->offset) == -1)
		w->failed = true;
	w->offset = w->end;
	w->n = 0;
}

/* Make space for the pieces of one more step. */
static void
make_space(struct writer *w)
{
	if (w->n + PIECES_STEP > PIECES_MAX)
		write_pieces(w);
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
put_author(struct writer *w, uint64_t author)
{
	struct record by = { .kind = RECORD_BY, .author = author };

	put_record(w, &by);
	w->author = author;
}

/* Put who says the next line, and when, and now and then its number. */
static void
put_origin(struct writer *w, const struct ring *r, uint64_t pos,
    const struct ring_span *s)
{
	struct record at = { .kind = RECORD_AT };
	struct record time = { .kind = RECORD_TIME, .n = (uint64_t)s->time };
	struct segment *newest = store_newest(&w->j->store);
	bool later = !w->has_origin || w->time != s->time ||
	    w->end - w->mark >= JOURNAL_MARK;

	/* After damage, a reader resumes at the next "at". */
	if (later) {
		w->mark = w->end;
		at.n = ring_number(r, pos);
		put_record(w, &at);
		put_record(w, &time);
		if (newest->latest < s->time)
			newest->latest = s->time;
	}
	if (later || w->author != s->author)
		put_author(w, s->author);
	w->has_origin = true;
	w->time = s->time;
}

/* Put the pending records for pos, from the ith on. Returns the next one. */
static size_t
put_pending(struct writer *w, size_t i, uint64_t pos)
{
	const struct journal *j = w->j;

	for (; i < j->n && j->pending[i].position == pos; i++) {
		make_space(w);
		if (j->pending[i].record.kind == RECORD_REFUSED &&
		    w->author != j->pending[i].record.author)
			put_author(w, j->pending[i].record.author);
		put_record(w, &j->pending[i].record);
	}
	return i;
}

static void
put_new(struct writer *w, const struct ring *r)
{
	const struct journal *j = w->j;
	uint64_t pos = j->position, span, end;
	size_t i = put_pending(w, 0, pos);

	for (; pos < r->head; pos = end) {
		make_space(w);
		span = ring_span_at(r, pos);
		end = ring_span_end(r, span);
		if (i < j->n && j->pending[i].position < end)
			end = j->pending[i].position;
		put_origin(w, r, pos, ring_span(r, span));
		w->n += ring_iov(r, pos, end, w->iov + w->n);
		w->end += end - pos;
		i = put_pending(w, i, end);
	}
}

/* Whether the room is at another position of its log than the store. */
static bool
is_behind_log(const struct journal *j)
{
	return j->replica != NULL && j->replica->news > j->logged;
}

static void
put_node(struct writer *w, const struct node *node)
{
	struct record record = head_node(node, RECORD_NODE);

	make_space(w);
	put_record(w, &record);
	if (!node->down)
		return;
	record.kind = RECORD_DOWN;
	put_record(w, &record);
}

/* Put what is shared, which is known for good once the first entry is applied.
 * Whoever reads what follows has to know how many sessions are kept. */
static void
put_shared(struct writer *w)
{
	const struct replica *r = w->j->replica;
	struct record record = head_shared(r);

	if (w->j->logged == 0 && r->ident[0] != '\0')
		put_record(w, &record);
}

/* Put what the entries of the log have changed beside lines and sessions, and
 * at last their position. */
static void
put_log(struct writer *w)
{
	const struct replica *r = w->j->replica;
	const struct node *node = NULL;
	struct record record;

	TAILQ_FOREACH(node, &r->nodes, entry) {
		if (node->unwritten)
			put_node(w, node);
	}
	make_space(w);
	record = head_log(r);
	put_record(w, &record);
}

static bool
fail_commit(struct journal *j, int64_t now)
{
	if (!j->failing)
		log_event("%s: %s, senders wait", j->store.config.path,
		    strerror(errno));
	j->failing = true;
	j->retry_at = now + JOURNAL_RETRY;
	return false;
}

/* The newest segment has no file, so nothing that is written there lasts. */
static bool
fail_without_file(struct journal *j, int64_t now)
{
	char name[STORE_NAME_SIZE];

	if (!j->missing)
		log_event("%s/%s: deleted or replaced, senders wait until it "
		    "is back", j->store.config.path, store_name(name,
		    store_newest(&j->store)->first));
	j->missing = j->failing = true;
	return fail_commit(j, now);
}

/* Start a new segment, and only then delete old ones. */
static void
rotate_segment(struct journal *j, const struct ring *r,
    struct sessions *all, uint64_t authors)
{
	bool full = journal_rotate(j, r, all, authors) == -1 ||
	    store_prune(&j->store) == -1;

	if (full && !j->cant_rotate)
		log_event("%s: cannot start a new segment: %s",
		    j->store.config.path, strerror(errno));
	j->cant_rotate = full;
}

/* A batch that only records who has left, or a position of the log, needs no
 * sync: see journal_part(). */
static bool
must_sync(const struct journal *j, const struct ring *r)
{
	return j->needs_sync || j->position < r->head;
}

/* Commit what was written. */
static int
commit_size(struct journal *j, const struct ring *r, uint64_t size)
{
	uint64_t more = size - store_newest(&j->store)->size;

	if (!must_sync(j, r))
		store_extend(&j->store, size);
	else if (store_commit(&j->store, size) == -1)
		return -1;
	j->unsynced += more;
	return 0;
}

/* All up to the position that was written last is safe. */
static void
note_kept(struct journal *j)
{
	j->unsynced = 0;
	j->kept = j->logged;
	(void)strlcpy(j->kept_token, j->logged_token, sizeof(j->kept_token));
}

/* The store has all that the replica has; at position 0 that is nothing, even
 * if the first entry is being applied. */
static void
note_logged(struct journal *j)
{
	struct node *node = NULL;

	if (j->replica == NULL)
		return;
	TAILQ_FOREACH(node, &j->replica->nodes, entry) {
		node->unwritten = node->unwritten && j->replica->pos == 0;
	}
	j->logged = j->replica->pos;
	(void)strlcpy(j->logged_token, j->replica->token,
	    sizeof(j->logged_token));
}

static void
finish_commit(struct journal *j, const struct ring *r)
{
	if (is_behind_log(j))
		note_logged(j);
	if (j->store.config.sync && must_sync(j, r))
		note_kept(j);
	j->position = r->head;
	j->n = 0;
	j->failing = j->needs_sync = false;
}

/*
 * Get ready to write after a failure. In a replica the next batch may be
 * shorter than the one that has failed, so what that has left is removed: its
 * end could count as a batch after ours. Returns 0, or -1 with errno.
 */
static int
remove_failed(struct journal *j)
{
	if (!j->failing || j->replica == NULL)
		return 0;
	return store_truncate(&j->store, store_newest(&j->store)->size);
}

/* Write all that is new. Returns whether it is written. */
static bool
write_new(struct writer *w, struct journal *j, const struct ring *r)
{
	w->j = j;
	w->offset = w->end = store_newest(&j->store)->size;
	w->failed = false;
	w->n = 0;
	w->has_origin = j->has_origin;
	w->time = j->time;
	w->author = j->author;
	w->mark = j->mark;
	if (is_behind_log(j))
		put_shared(w);
	put_new(w, r);
	if (is_behind_log(j))
		put_log(w);
	write_pieces(w);
	return !w->failed;
}

bool
journal_commit(struct journal *j, const struct ring *r,
    struct sessions *all, uint64_t authors, int64_t now)
{
	struct writer w;

	if (j->position == r->head && j->n == 0 && !is_behind_log(j))
		return true;
	if (j->failing && now < j->retry_at)
		return false;
	if (j->missing && store_reattach(&j->store) == -1)
		return fail_without_file(j, now);
	/* A file that was put back may never have been synced. */
	j->needs_sync = j->needs_sync || j->missing;
	j->missing = false;
	if (remove_failed(j) == -1 || !write_new(&w, j, r))
		return fail_commit(j, now);
	if (!store_is_intact(&j->store))
		return fail_without_file(j, now);
	if (commit_size(j, r, w.offset) == -1)
		return fail_commit(j, now);
	if (j->failing)
		log_event("%s: senders continue", j->store.config.path);
	j->has_origin = w.has_origin;
	j->time = w.time;
	j->author = w.author;
	j->mark = w.mark;
	finish_commit(j, r);
	if (store_is_full(&j->store))
		rotate_segment(j, r, all, authors);
	return true;
}

int
journal_rotate(struct journal *j, const struct ring *r,
    struct sessions *all, uint64_t authors)
{
	char *buf = reallocarray(NULL, head_max(j->replica, all), RECORD_SIZE);
	size_t len;
	int status;

	if (buf == NULL)
		return -1;
	len = head_format(buf, j->replica, r->next, j->first_line, all,
	    authors);
	status = store_rotate(&j->store, r->next, buf, len);
	free(buf);
	if (status == -1)
		return -1;
	note_logged(j);
	note_kept(j);
	j->has_origin = false;
	j->author = 0;
	j->mark = 0;
	return 0;
}

int
journal_begin_anew(struct journal *j, const struct ring *r,
    struct sessions *all, uint64_t authors, bool empty)
{
	if (empty && store_drop_newest(&j->store) == -1)
		return -1;
	return journal_rotate(j, r, all, authors);
}

int
journal_sync(struct journal *j)
{
	if (store_sync(&j->store) == -1)
		return -1;
	note_kept(j);
	return 0;
}

void
journal_free(struct journal *j)
{
	store_close(&j->store);
	free(j->pending);
}
