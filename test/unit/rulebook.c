/*
 * What a log says by the rules of chat-log(7)
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rulebook.h"
#include "unit.h"

void
book_free(struct book *b)
{
	while (b->nlines > 0)
		free(b->lines[--b->nlines]);
	free(b->lines);
	memset(b, 0, sizeof(*b));
}

static struct book_node *
find_node(struct book *b, const char *name)
{
	size_t i;

	for (i = 0; i < b->nnodes; i++) {
		if (strcmp(b->nodes[i].name, name) == 0)
			return &b->nodes[i];
	}
	return NULL;
}

static struct book_node *
add_node(struct book *b, const char *name)
{
	struct book_node *node = find_node(b, name);

	if (node != NULL)
		return node;
	CHECK(b->nnodes < BOOK_NODES);
	node = &b->nodes[b->nnodes++];
	(void)strlcpy(node->name, name, sizeof(node->name));
	return node;
}

static void
remove_session(struct book *b, size_t i)
{
	b->nsessions--;
	memmove(&b->sessions[i], &b->sessions[i + 1],
	    (b->nsessions - i) * sizeof(*b->sessions));
}

/* It is used, and so the last one by now. */
static struct book_session *
use(struct book *b, size_t i)
{
	struct book_session s = b->sessions[i];

	remove_session(b, i);
	b->sessions[b->nsessions++] = s;
	return &b->sessions[b->nsessions - 1];
}

/* The index of the session that a connection has, or nsessions. */
static size_t
owned(const struct book *b, const struct book_node *node, uint64_t conn)
{
	size_t i = 0;

	while (i < b->nsessions && (b->sessions[i].node != node ||
	    b->sessions[i].conn != conn))
		i++;
	return i;
}

/* Of too many idle sessions, the one that was used first is forgotten. */
static void
limit_idle(struct book *b)
{
	size_t i, oldest = b->nsessions, n = 0;

	for (i = b->nsessions; i-- > 0;) {
		if (b->sessions[i].node != NULL)
			continue;
		oldest = i;
		n++;
	}
	if (n > b->max)
		remove_session(b, oldest);
}

static void
part(struct book *b, const struct book_node *node, uint64_t conn)
{
	size_t i = owned(b, node, conn);

	if (i == b->nsessions)
		return;
	use(b, i)->node = NULL;
	limit_idle(b);
}

/* All connections of a node end, the one with the lowest number first. */
static void
end_all(struct book *b, const struct book_node *node)
{
	uint64_t lowest;
	size_t i;

	do {
		lowest = UINT64_MAX;
		for (i = 0; i < b->nsessions; i++) {
			if (b->sessions[i].node == node &&
			    b->sessions[i].conn < lowest)
				lowest = b->sessions[i].conn;
		}
		part(b, node, lowest);
	} while (lowest != UINT64_MAX);
}

static void
hash(struct book *b, const struct item *item)
{
	uint64_t word;
	size_t i, j;

	for (i = 0; i < item->len; i += 8) {
		word = 0;
		for (j = i; j < i + 8 && j < item->len; j++)
			word |= (uint64_t)(unsigned char)item->lines[j] <<
			    8 * (j - i);
		b->hash = (b->hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		b->hash ^= b->hash >> 32;
	}
}

static struct book_session *
add_session(struct book *b, const char *name)
{
	struct book_session *s = &b->sessions[b->nsessions++];

	CHECK(b->nsessions <= BOOK_SESSIONS);
	memset(s, 0, sizeof(*s));
	(void)strlcpy(s->name, name, sizeof(s->name));
	return s;
}

static void
claim(struct book *b, const struct book_node *node, const struct item *item)
{
	struct book_session *s;
	struct item line;
	size_t i = owned(b, node, item->conn);
	char text[128];

	if (i < b->nsessions && strcmp(b->sessions[i].name, item->name) != 0)
		part(b, node, item->conn);
	for (i = 0; i < b->nsessions; i++) {
		if (strcmp(b->sessions[i].name, item->name) == 0)
			break;
	}
	if (i == b->nsessions)
		(void)add_session(b, item->name);
	s = use(b, i);
	s->node = node;
	s->conn = item->conn;
	line.lines = text;
	line.len = (size_t)snprintf(text, sizeof(text), "%s %ju", s->name,
	    (uintmax_t)s->lines);
	hash(b, &line);
}

static void
add_lines(struct book *b, const struct item *item)
{
	const char *text = item->lines, *lf;

	hash(b, item);
	for (; text < item->lines + item->len; text = lf + 1) {
		lf = memchr(text, '\n', item->len);
		b->lines = reallocarray(b->lines, b->nlines + 1,
		    sizeof(char *));
		CHECK(lf != NULL && b->lines != NULL);
		b->lines[b->nlines] = strndup(text, (size_t)(lf - text));
		CHECK(b->lines[b->nlines++] != NULL);
	}
}

/* Lines, or refused ones, of a session. */
static void
settle(struct book *b, const struct book_node *node, const struct item *item)
{
	size_t i = owned(b, node, item->conn);
	struct book_session *s;

	if (i == b->nsessions)
		return;
	s = use(b, i);
	if (s->lines < item->n)
		s->lines = item->n;
	if (item->kind == ITEM_COUNT)
		return;
	s->lines += item->nlines;
	add_lines(b, item);
}

static void
down(struct book *b, const struct item *item)
{
	struct book_node *node = find_node(b, item->name);

	if (node == NULL || node->epoch != item->n)
		return;
	node->down = true;
	end_all(b, node);
}

static void
read_item(struct book *b, struct book_node *node, const struct item *item)
{
	switch (item->kind) {
	case ITEM_ROOM:
		if (b->entries > 1)
			break;
		b->first = item->first;
		b->max = item->sessions;
		break;
	case ITEM_SESSION:
		if (b->entries > 1)
			break;
		add_session(b, item->name)->lines = item->n;
		break;
	case ITEM_CLAIM:
		claim(b, node, item);
		break;
	case ITEM_BY:
	case ITEM_COUNT:
		settle(b, node, item);
		break;
	case ITEM_BARE:
		add_lines(b, item);
		break;
	case ITEM_PART:
		part(b, node, item->conn);
		break;
	case ITEM_DOWN:
		down(b, item);
		break;
	default:
		break;
	}
}

static void
apply(struct book *b, struct book_node *node, const struct entry *e)
{
	struct item item;
	size_t done = 0;

	if (e->time > b->time)
		b->time = e->time;
	if (e->seq == 1)
		end_all(b, node);
	node->epoch = e->epoch;
	node->seq = e->seq;
	if (e->seq == 1)
		node->down = false;
	do {
		entry_next(e, &done, &item);
		read_item(b, node, &item);
	} while (item.kind != ITEM_END);
	node->hash = b->hash;
}

void
book_read(struct book *b, const char *text, size_t len)
{
	struct book_node *node;
	struct entry e;

	b->entries++;
	if (entry_parse(&e, text, len) != ENTRY_GOOD)
		return;
	node = add_node(b, e.node);
	if ((e.epoch == node->epoch && e.seq == node->seq + 1 && !node->down) ||
	    (e.epoch == node->epoch + 1 && e.seq == 1))
		apply(b, node, &e);
}

static int
compare_names(const void *a, const void *b)
{
	const struct book_node *const *p = a, *const *q = b;

	return strcmp((*p)->name, (*q)->name);
}

static void
describe_nodes(const struct book *b, FILE *f)
{
	const struct book_node *list[BOOK_NODES] = { NULL };
	size_t i;

	for (i = 0; i < b->nnodes; i++)
		list[i] = &b->nodes[i];
	qsort(list, b->nnodes, sizeof(*list), compare_names);
	for (i = 0; i < b->nnodes; i++) {
		if (list[i]->epoch > 0)
			fprintf(f, "%s %" PRIu64 " %" PRIu64 " %016" PRIx64
			    "%s, ", list[i]->name, list[i]->epoch, list[i]->seq,
			    list[i]->hash, list[i]->down ? " down" : "");
	}
}

void
book_describe(const struct book *b, char *buf, size_t size)
{
	const struct book_session *s = b->sessions;
	FILE *f = fmemopen(buf, size, "w");

	CHECK(f != NULL);
	fprintf(f, "%" PRIu64 " to %" PRIu64 ", %" PRIu64 " sessions, %016"
	    PRIx64 " %" PRId64 "\nnodes: ", b->first, b->first + b->nlines,
	    b->max, b->hash, b->time);
	describe_nodes(b, f);
	fprintf(f, "\nidle: ");
	for (; s < b->sessions + b->nsessions; s++) {
		if (s->node == NULL)
			fprintf(f, "%s %" PRIu64 ", ", s->name, s->lines);
	}
	fprintf(f, "\nhere: ");
	for (s = b->sessions; s < b->sessions + b->nsessions; s++) {
		if (s->node != NULL)
			fprintf(f, "%s %" PRIu64 " of %s %" PRIu64 ", ",
			    s->name, s->lines, s->node->name, s->conn);
	}
	CHECK(fclose(f) == 0);
}
