/*
 * Heads: what a segment repeats of those before it, as records
 */
#include <string.h>

#include "head.h"
#include "room/owner.h"

void
head_owner(struct record *record, const struct owner *owner)
{
	record->node[0] = '\0';
	if (owner == NULL)
		return;
	(void)strlcpy(record->node, owner->node->name, sizeof(record->node));
	record->conn = owner->conn;
}

struct record
head_shared(const struct replica *r)
{
	struct record record = { .kind = RECORD_SHARED, .n = r->sessions,
	    .named = r->named };

	(void)strlcpy(record.token, r->ident, sizeof(record.token));
	return record;
}

struct record
head_node(const struct node *node, enum record_kind kind)
{
	struct record record = { .kind = kind, .epoch = node->epoch,
	    .n = node->seq, .hash = node->hash };

	(void)strlcpy(record.node, node->name, sizeof(record.node));
	return record;
}

struct record
head_log(const struct replica *r)
{
	struct record record = { .kind = RECORD_LOG, .n = r->pos,
	    .hash = r->hash, .time = (uint64_t)r->time };

	(void)strlcpy(record.token, r->token, sizeof(record.token));
	return record;
}

static size_t
put_session(char *buf, const struct session *s)
{
	struct record record = { .author = s->author, .n = session_lines(s) };

	record.kind = s->here ? RECORD_HERE : RECORD_SESSION;
	(void)strlcpy(record.session, s->name, sizeof(record.session));
	head_owner(&record, s->owner);
	return record_format(buf, &record);
}

size_t
head_max(const struct replica *r, const struct sessions *all)
{
	return all->n + 2 + (r == NULL ? 0 : 2 * r->n + 2);
}

/* Format what the entries of the log have told. Returns the length. */
static size_t
put_told(char *buf, const struct replica *r)
{
	struct record record = head_shared(r);
	const struct node *node = NULL;
	size_t len = 0;

	if (r->ident[0] != '\0')
		len += record_format(buf, &record);
	TAILQ_FOREACH(node, &r->nodes, entry) {
		record = head_node(node, RECORD_NODE);
		len += record_format(buf + len, &record);
		record.kind = RECORD_DOWN;
		if (node->down)
			len += record_format(buf + len, &record);
	}
	return len;
}

/* Format what the room knows of its log. The first entry may be the reason for
 * this segment; until it's applied, nothing that it says may be here. */
static size_t
put_replica(char *buf, const struct replica *r)
{
	struct record record = head_log(r);
	size_t len = r->pos == 0 ? 0 : put_told(buf, r);

	return len + record_format(buf + len, &record);
}

size_t
head_format(char *buf, const struct replica *r, uint64_t first,
    uint64_t began, struct sessions *all, uint64_t authors)
{
	struct record at = { .kind = RECORD_AT, .n = first };
	struct record room = { .kind = RECORD_ROOM, .n = began,
	    .author = authors };
	size_t len = record_format(buf, &at);
	struct session *s = NULL;

	if (r != NULL)
		len += put_replica(buf + len, r);
	TAILQ_FOREACH(s, &all->idle, use) {
		len += put_session(buf + len, s);
	}
	TAILQ_FOREACH(s, &all->here, use) {
		len += put_session(buf + len, s);
	}
	return len + record_format(buf + len, &room);
}
