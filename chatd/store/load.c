/*
 * Loading: filling the ring and the sessions from the store
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cut.h"
#include "journal.h"
#include "line.h"
#include "load.h"
#include "log.h"
#include "record.h"
#include "room/replica.h"
#include "room/ring.h"
#include "room/session.h"

#define LOAD_READ	RING_APPEND_MAX
#define UNSURE		"the newest segment is damaged; copy another node's " \
			"store"

struct load {
	struct journal	*j;
	struct reading	 in;		/* where it is in the store */
	struct ring	*ring;
	struct sessions	*sessions;
	uint64_t	 authors;	/* the highest author */
	size_t		 damages;	/* damaged places */
	bool		 in_log;	/* the newest segment so far has a
					   position in a log */
	uint64_t	 log;		/* the last such position */

	/* The current segment. */
	size_t		 segment;	/* its index in the store */
	bool		 newest;	/* no segment follows */
	bool		 kept;		/* its lines go into the ring */
	size_t		 idle;		/* "session" records of the head */
	size_t		 here;		/* "here" records of the head */
	bool		 log_in_head;	/* the head has such a position */
	bool		 renewed;	/* the replica is what the head says */
	bool		 unsure;	/* it has damage of its own */
	bool		 lost;		/* the next line's number is unknown */
	uint64_t	 passed;	/* most lines that came since then */

	/* What the records up to the offset say. */
	uint64_t	 next;		/* number of the next line */
	uint64_t	 author;	/* of the next line */
	int64_t		 time;		/* of the next line */
	struct session	*session;	/* of the author, or NULL */
};

/* Log damage, once until the next "at": up to there, all lines are lost. */
static void
report_damage(struct load *l, const char *what)
{
	char name[STORE_NAME_SIZE];

	if (l->lost)
		return;
	l->damages++;
	l->lost = l->unsure = true;
	l->passed = 0;
	log_event("%s/%s: damaged at byte %" PRIu64 ": %s",
	    l->in.store->config.path, store_name(name, l->in.first),
	    l->in.offset, what);
}

static void
log_lost(const struct load *l, uint64_t to)
{
	const char *path = l->in.store->config.path;

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
	l->in.head = false;
	store_set_head(l->in.store, &l->in.store->segments[l->segment], size);
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
	if (l->in.head)
		end_head(l, l->in.offset);
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

/* The log says how many sessions are kept, so that all nodes keep the same:
 * what the command line says must not count, even for a moment. */
static void
keep_as_told(struct load *l)
{
	sessions_set_max(l->sessions, (size_t)l->j->replica->sessions);
}

/* A head has all that is known of a log: when it begins to say so, or doesn't
 * say anything, forget what earlier segments have said. */
static void
renew_replica(struct load *l)
{
	struct owners *owners = &l->sessions->owners;
	struct owner *o;

	if (l->j->replica == NULL || !l->in.head || l->renewed)
		return;
	l->renewed = true;
	while ((o = RB_MIN(owners, owners)) != NULL)
		owner_clear(owners, o->session);
	replica_free(l->j->replica);
	keep_as_told(l);
}

/* The node of a record; NULL if memory is short. */
static struct node *
record_node(struct load *l, const struct record *record)
{
	struct node *node;

	renew_replica(l);
	node = replica_add(l->j->replica, record->node);
	if (node == NULL)
		l->in.why = strerror(errno);
	return node;
}

/* In a replica a session is here if a connection of some node has it. */
static bool
is_here(const struct load *l, const struct record *record)
{
	return record->kind == RECORD_HERE &&
	    (l->j->replica == NULL || record->node[0] != '\0');
}

/* Give a session to the connection that a record names, or to nobody. */
static void
load_owner(struct load *l, struct session *s, const struct record *record)
{
	struct owners *all = &l->sessions->owners;
	const struct node *node;
	struct session *other;

	owner_clear(all, s);
	if (!is_here(l, record) || (node = record_node(l, record)) == NULL)
		return;
	/* Damage may have taken the record that it has left the other one. */
	other = owner_session(all, node, record->conn);
	if (other != NULL) {
		owner_clear(all, other);
		session_part(l->sessions, other);
	}
	if (owner_set(all, s, node, record->conn) == -1)
		l->in.why = strerror(errno);
}

static void
restore_session(struct load *l, const struct record *record)
{
	struct session *s = session_restore(l->sessions, record->session,
	    record->author, record->n, is_here(l, record));

	if (s == NULL)
		l->in.why = strerror(errno);
	else if (l->j->replica != NULL)
		load_owner(l, s, record);
}

static void
load_session(struct load *l, const struct record *record)
{
	if (l->sessions->max == 0)
		return;
	if (is_foreign(l, record))
		report_damage(l, "one author has two sessions");
	else
		restore_session(l, record);
	l->idle += !is_here(l, record);
	l->here += is_here(l, record);
	l->session = session_of_author(l->sessions, l->author);
	suspect_own_lines(l, record->author);
}

static void
load_part(struct load *l, uint64_t author)
{
	struct session *s = session_of_author(l->sessions, author);

	if (s != NULL && s->here) {
		owner_clear(&l->sessions->owners, s);
		session_part(l->sessions, s);
	}
	l->session = session_of_author(l->sessions, l->author);
}

static void
load_shared(struct load *l, const struct record *record)
{
	struct replica *r = l->j->replica;

	renew_replica(l);
	(void)strlcpy(r->ident, record->token, sizeof(r->ident));
	r->sessions = record->n;
	r->named = record->named;
	keep_as_told(l);
}

static void
load_node(struct load *l, const struct record *record)
{
	struct node *node = record_node(l, record);

	if (node == NULL)
		return;
	node->epoch = record->epoch;
	node->seq = record->n;
	node->hash = record->hash;
	node->down = false;
}

static void
load_down(struct load *l, const struct record *record)
{
	struct node *node = record_node(l, record);

	if (node != NULL && node->epoch == record->epoch)
		node->down = true;
}

static void
load_position(struct load *l, const struct record *record)
{
	struct replica *r = l->j->replica;

	renew_replica(l);
	r->pos = record->n;
	(void)strlcpy(r->token, record->token, sizeof(r->token));
	r->hash = record->hash;
	r->time = (int64_t)record->time;
}

/* What a record says of a log; without a replica only that there is one. */
static void
load_replica(struct load *l, const struct record *record)
{
	if (record->kind == RECORD_LOG) {
		l->in_log = true;
		l->log_in_head = l->log_in_head || l->in.head;
		l->log = record->n;
	}
	if (l->j->replica == NULL)
		return;
	if (record->kind == RECORD_SHARED)
		load_shared(l, record);
	else if (record->kind == RECORD_NODE)
		load_node(l, record);
	else if (record->kind == RECORD_DOWN)
		load_down(l, record);
	else
		load_position(l, record);
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
	if (!l->in.head)
		return;
	/* Damage may have taken what it says of a log. */
	if (!l->lost) {
		renew_replica(l);
		l->in_log = l->log_in_head;
	}
	end_head(l, l->in.offset + size);
	sessions_keep(l->sessions, l->idle, l->here);
	l->session = session_of_author(l->sessions, l->author);
}

static void
load_time(struct load *l, int64_t time)
{
	struct segment *s = &l->in.store->segments[l->segment];

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
	case RECORD_SHARED:
	case RECORD_NODE:
	case RECORD_DOWN:
	case RECORD_LOG:
		load_replica(l, record);
		break;
	}
	if (record->kind >= RECORD_BY && record->kind <= RECORD_ROOM &&
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

/* Cut a torn end off. Returns false: nothing follows. */
static bool
cut_off(struct load *l, const char *what)
{
	/* If the segment before it is damaged, its last line is unknown. */
	l->lost = l->in.head && l->damages > 0;
	cut_torn(&l->in, what);
	return false;
}

/*
 * Skip bytes that can't be a line, or cut them off with all that follows.
 * Returns whether to read on.
 */
static bool
load_bad(struct load *l, const char *bytes, size_t size, const char *what)
{
	if (l->newest && !l->lost && cut_is_torn(&l->in, bytes, size))
		return cut_off(l, what);
	report_damage(l, what);
	l->passed += size;
	l->in.offset += size;
	return l->in.why == NULL;
}

static void
load_good(struct load *l, const char *buf, enum scan_kind kind,
    const struct record_scan *s)
{
	/* A head has none of these, so its end is missing. */
	if (l->in.head && (kind == SCAN_LINES ||
	    s->record.kind == RECORD_TIME || s->record.kind == RECORD_BY ||
	    s->record.kind == RECORD_PART ||
	    s->record.kind == RECORD_REFUSED)) {
		report_damage(l, HEADLESS);
		end_head(l, l->in.offset);
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
	size_t len = reading_at(&l->in, l->in.offset), done = 0;
	enum scan_kind kind;
	struct record_scan s;

	for (; done < len; done += s.size, l->in.offset += s.size) {
		kind = record_scan(&s, l->in.buf + done, len - done);
		if (kind == SCAN_PART)
			break;
		if (kind == SCAN_BAD)
			return load_bad(l, l->in.buf + done, s.size, s.why);
		load_good(l, l->in.buf + done, kind, &s);
	}
	if (done == 0 && len > 0)
		return load_bad(l, l->in.buf, len, "an incomplete line");
	return l->in.why == NULL && len > 0;
}

static void
start_segment(struct load *l, const struct segment *s)
{
	l->in.first = s->first;
	l->in.offset = 0;
	l->in.head = true;
	l->in.store->segments[l->segment].latest = 0;
	l->idle = l->here = 0;
	l->log_in_head = l->renewed = false;
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
	uint64_t left = l->in.store->total;	/* with all heads, for now */
	struct segment s;
	size_t i;

	for (i = 0; i < l->in.store->n && l->in.why == NULL; i++) {
		s = l->in.store->segments[i];
		left -= s.size;
		l->kept = left < l->ring->size;
		l->newest = i == l->in.store->n - 1;
		l->segment = i;
		start_segment(l, &s);
		l->unsure = false;
		while (l->in.why == NULL && load_some(l))
			;
		if (l->in.why == NULL && store_sync_read(l->in.store) == -1)
			l->in.why = strerror(errno);
		if (l->in.head && l->newest && !l->lost && l->in.why == NULL)
			(void)cut_off(l, HEADLESS);
		else if (l->in.head)
			report_damage(l, HEADLESS);
	}
}

/* The journal goes on where the replica is. The process that has written that
 * may not have synced it. */
static int
resume_log(struct journal *j)
{
	j->logged = j->replica->pos;
	(void)strlcpy(j->logged_token, j->replica->token,
	    sizeof(j->logged_token));
	j->unsynced = store_newest(&j->store)->size;
	return j->store.config.sync ? journal_sync(j) : 0;
}

/*
 * Whether a new segment has to begin: if there is none, if the newest one ends
 * in damage, so that the next line's number is unknown there, or if the room
 * has begun to be a replica or isn't one any more. The next start must cut off
 * what is after a position in the log if and only if it was said there.
 */
static bool
begins_anew(const struct load *l)
{
	return l->in.store->n == 0 || l->lost ||
	    l->in_log != (l->j->replica != NULL);
}

static int
begin_segment(struct load *l)
{
	if (journal_rotate(l->j, l->ring, l->sessions, l->authors) == -1)
		return -1;
	if (l->in_log && l->j->replica == NULL)
		log_event("%s: has left its log at position %" PRIu64,
		    l->in.store->config.path, l->log);
	return 0;
}

/* Get ready for new lines. */
static void
finish_load(struct load *l, uint64_t first)
{
	bool anew = begins_anew(l);

	if (l->in.store->n == 0)
		l->j->first_line = l->next = first;
	else if (l->j->first_line == 0)
		l->j->first_line = l->in.store->segments[0].first;
	if (l->lost)
		resume_at(l, l->next + l->passed + 1);
	if (l->ring->base == l->ring->head)
		ring_restart(l->ring, l->next);
	journal_begin(l->j, l->ring);
	if ((anew ? begin_segment(l) : store_open_newest(l->in.store)) == -1 ||
	    store_commit(l->in.store, store_newest(l->in.store)->size) == -1 ||
	    (!anew && l->j->replica != NULL && resume_log(l->j) == -1))
		l->in.why = strerror(errno);
}

/* What is loaded depends on the store alone. */
static void
prepare_replica(struct load *l)
{
	keep_as_told(l);
	cut_replica(&l->in);
}

int
load_room(struct journal *j, struct ring *r, struct sessions *all,
    uint64_t first, uint64_t *authors, const char **why)
{
	struct load l = { .j = j, .in.store = &j->store, .ring = r,
	    .sessions = all };

	/* The ring takes as many at once. */
	l.in.size = r->size / 4 < LOAD_READ ? r->size / 4 : LOAD_READ;
	l.in.buf = malloc(l.in.size);
	if (l.in.buf == NULL)
		l.in.why = strerror(errno);
	else if (j->replica != NULL)
		prepare_replica(&l);
	if (l.in.why == NULL)
		load_segments(&l);
	if (l.in.why == NULL && l.damages > 0 && !j->store.config.go_on)
		l.in.why = "damaged; use -f to start without what is lost";
	if (l.in.why == NULL && l.unsure && j->replica != NULL)
		l.in.why = UNSURE;
	if (l.in.why == NULL)
		finish_load(&l, first);
	free(l.in.buf);
	*authors = l.authors;
	*why = l.in.why;
	return l.in.why == NULL ? 0 : -1;
}
