/*
 * Entries: what nodes put into their log, and read from it
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "entry.h"
#include "room/field.h"
#include "store/record.h"

struct form {
	const char	*word;
	const char	*fields;	/* c, n, f, x, s, i: numbers; N: a name
					   of a node or a person; S: of a
					   session; T: a token */
	enum item_kind	 kind;
	bool		 has_lines;
};

static const struct form forms[] = {
	{ "room", "fxsi", ITEM_ROOM, false },
	{ "session", "Sn", ITEM_SESSION, false },
	{ "node", "T", ITEM_NODE, false },
	{ "claim", "cS", ITEM_CLAIM, false },
	{ "by", "cn", ITEM_BY, true },
	{ "bare", "cn", ITEM_BARE, true },
	{ "count", "cn", ITEM_COUNT, false },
	{ "part", "c", ITEM_PART, false },
	{ "here", "N", ITEM_HERE, false },
	{ "gone", "N", ITEM_GONE, false },
	{ "down", "Nn", ITEM_DOWN, false },
};

#define NFORMS	(sizeof(forms) / sizeof(forms[0]))

static uint64_t *
number_of(struct item *item, char field)
{
	switch (field) {
	case 'c':
		return &item->conn;
	case 'f':
		return &item->first;
	case 'x':
		return &item->next;
	case 's':
		return &item->sessions;
	case 'i':
		return &item->named;
	default:
		return &item->n;
	}
}

static bool
parse_field(struct item *item, char field, struct word *rest)
{
	switch (field) {
	case 'N':
		return field_name(rest, item->name);
	case 'S':
		return field_session(rest, item->name);
	case 'T':
		return field_token(rest, item->name);
	default:
		return field_number(rest, number_of(item, field));
	}
}

/* Parse a control line, without SOH and LF, as an item. Returns its form, or
 * NULL. */
static const struct form *
parse_item(struct item *item, const char *s, size_t len)
{
	struct word rest = { s, len }, w;
	const struct form *form = forms;
	const char *field;

	if (!word_next(&w, &rest))
		return NULL;
	while (form < forms + NFORMS && !word_is(&w, form->word))
		form++;
	if (form == forms + NFORMS)
		return NULL;
	item->kind = form->kind;
	for (field = form->fields; *field != '\0'; field++) {
		if (!parse_field(item, *field, &rest))
			return NULL;
	}
	return rest.s == NULL && item->named <= 1 ? form : NULL;
}

/* Take the control line at the beginning of the len bytes at s, without its SOH
 * and LF. Returns its size with both, 0 if there is none. */
static size_t
take_control(const char *s, size_t len, struct word *line)
{
	const char *lf = len == 0 ? NULL : memchr(s, '\n', len);

	if (lf == NULL || *s != CTL_MARK)
		return 0;
	line->s = s + 1;
	line->len = (size_t)(lf - s) - 1;
	return line->len + 2;
}

/* Take the lines at the beginning of the len bytes at s. Returns false if they
 * are none. */
static bool
take_lines(struct item *item, const char *s, size_t len)
{
	struct record_scan scan;

	item->lines = s;
	for (; len > 0 && *s != CTL_MARK; s += scan.size, len -= scan.size) {
		if (record_scan(&scan, s, len) != SCAN_LINES)
			return false;
		item->len += scan.size;
		item->nlines += scan.lines;
	}
	return item->nlines > 0;
}

void
entry_next(const struct entry *e, size_t *done, struct item *item)
{
	const char *s = e->body + *done;
	size_t len = e->len - *done, size;
	const struct form *form;
	struct word line;

	memset(item, 0, sizeof(*item));
	if (len == 0)
		return;
	size = take_control(s, len, &line);
	form = size == 0 ? NULL : parse_item(item, line.s, line.len);
	if (form == NULL || (form->has_lines &&
	    !take_lines(item, s + size, len - size))) {
		item->kind = ITEM_BAD;
		return;
	}
	*done += size + item->len;
}

static enum entry_kind
parse_first(struct entry *e, const struct word *line)
{
	struct word rest = *line, w;
	uint64_t version;

	if (!word_next(&w, &rest) || !word_is(&w, "entry") ||
	    !field_number(&rest, &version) || version == 0)
		return ENTRY_BAD;
	if (version > ENTRY_VERSION)
		return ENTRY_NEWER;
	return field_name(&rest, e->node) && field_number(&rest, &e->epoch) &&
	    field_number(&rest, &e->seq) && field_hash(&rest, &e->hash) &&
	    rest.s == NULL ? ENTRY_GOOD : ENTRY_BAD;
}

static bool
parse_second(struct entry *e, const struct word *line)
{
	struct word rest = *line, w;
	uint64_t time;

	if (!word_next(&w, &rest) || !word_is(&w, "time") ||
	    !field_number(&rest, &time) || rest.s != NULL)
		return false;
	e->time = (int64_t)time;
	return true;
}

/* Whether it has only what an entry may have, and no more of it. */
static bool
check_body(struct entry *e)
{
	size_t done = 0, runs = 0, most = ENTRY_BODY;
	struct item item;

	do {
		entry_next(e, &done, &item);
		runs += item.nlines > 0;
		if (item.kind == ITEM_ROOM)
			most = ENTRY_FIRST;
	} while (item.kind != ITEM_END && item.kind != ITEM_BAD);
	return item.kind == ITEM_END && e->len <= most && runs <= ENTRY_RUNS;
}

enum entry_kind
entry_parse(struct entry *e, const char *buf, size_t len)
{
	enum entry_kind kind;
	struct word line;
	size_t size;

	memset(e, 0, sizeof(*e));
	size = take_control(buf, len, &line);
	kind = size == 0 ? ENTRY_BAD : parse_first(e, &line);
	if (kind != ENTRY_GOOD)
		return kind;
	buf += size;
	len -= size;
	size = take_control(buf, len, &line);
	if (size == 0 || !parse_second(e, &line))
		return ENTRY_BAD;
	e->body = buf + size;
	e->len = len - size;
	return check_body(e) ? ENTRY_GOOD : ENTRY_BAD;
}

size_t
entry_format(char *buf, const struct entry *e)
{
	return (size_t)snprintf(buf, ENTRY_HEAD, "%centry %d %s %" PRIu64 " %"
	    PRIu64 " %016" PRIx64 "\n%ctime %" PRId64 "\n", CTL_MARK,
	    ENTRY_VERSION, e->node, e->epoch, e->seq, e->hash, CTL_MARK,
	    e->time);
}

size_t
item_format(char *buf, const struct item *item)
{
	const struct form *form = forms;
	struct item copy = *item;
	const char *field;
	size_t n;

	while (form->kind != item->kind)
		form++;
	n = (size_t)snprintf(buf, ENTRY_ITEM, "%c%s", CTL_MARK, form->word);
	for (field = form->fields; *field != '\0'; field++) {
		if (strchr("NST", *field) != NULL)
			n += (size_t)snprintf(buf + n, ENTRY_ITEM - n, " %s",
			    item->name);
		else
			n += (size_t)snprintf(buf + n, ENTRY_ITEM - n,
			    " %" PRIu64, *number_of(&copy, *field));
	}
	n += (size_t)snprintf(buf + n, ENTRY_ITEM - n, "\n");
	return n;
}
