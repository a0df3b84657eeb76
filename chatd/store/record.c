/*
 * Records: the control lines of a segment, and how to tell them from messages
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "line.h"
#include "record.h"
#include "room/field.h"

static const char *const names[] = {
	"at", "time", "by", "session", "here", "part", "room", "shared",
	"node", "down", "log"
};

static bool
parse_flag(struct word *rest, bool *flag)
{
	struct word w;

	if (!word_next(&w, rest))
		return false;
	*flag = word_is(&w, "1");
	return *flag || word_is(&w, "0");
}

/* The connection that has a session; there need not be one. */
static bool
parse_owner(struct word *rest, struct record *r)
{
	r->node[0] = '\0';
	return rest->s == NULL || (field_name(rest, r->node) &&
	    field_number(rest, &r->conn));
}

/* The record of refused lines has no word, and a number or nothing. */
static bool
is_refused(const struct word *rest)
{
	return rest->len == 0 || (rest->s[0] >= '0' && rest->s[0] <= '9');
}

static bool
parse_refused(struct word *rest, uint64_t *n)
{
	*n = 1;
	if (rest->len > 0)
		return field_number(rest, n) && *n > 1;
	rest->s = NULL;
	return true;
}

static bool
parse_kind(struct word *rest, enum record_kind *kind)
{
	struct word w;
	int i;

	if (is_refused(rest)) {
		*kind = RECORD_REFUSED;
		return true;
	}
	if (!word_next(&w, rest))
		return false;
	for (i = 0; i < RECORD_REFUSED; i++) {
		if (word_is(&w, names[i])) {
			*kind = (enum record_kind)i;
			return true;
		}
	}
	return false;
}

static bool
parse_count(struct word *rest, struct record *r)
{
	return field_session(rest, r->session) &&
	    field_number(rest, &r->author) && field_number(rest, &r->n);
}

static bool
parse_fields(struct word *rest, struct record *r)
{
	switch (r->kind) {
	case RECORD_AT:
	case RECORD_TIME:
		return field_number(rest, &r->n);
	case RECORD_BY:
	case RECORD_PART:
		return field_number(rest, &r->author);
	case RECORD_SESSION:
		return parse_count(rest, r);
	case RECORD_HERE:
		return parse_count(rest, r) && parse_owner(rest, r);
	case RECORD_ROOM:
		return field_number(rest, &r->n) &&
		    field_number(rest, &r->author);
	case RECORD_SHARED:
		return field_token(rest, r->token) &&
		    field_number(rest, &r->n) && parse_flag(rest, &r->named);
	case RECORD_NODE:
		return field_name(rest, r->node) &&
		    field_number(rest, &r->epoch) &&
		    field_number(rest, &r->n) && field_hash(rest, &r->hash);
	case RECORD_DOWN:
		return field_name(rest, r->node) &&
		    field_number(rest, &r->epoch);
	case RECORD_LOG:
		return field_number(rest, &r->n) &&
		    field_token(rest, r->token) &&
		    field_hash(rest, &r->hash) && field_number(rest, &r->time);
	case RECORD_REFUSED:
		return parse_refused(rest, &r->n);
	}
	return false;
}

bool
record_parse(struct record *r, const char *s, size_t len)
{
	struct word rest = { s, len };

	return parse_kind(&rest, &r->kind) && parse_fields(&rest, r) &&
	    rest.s == NULL;
}

static int
format_count(char *buf, size_t size, const struct record *r)
{
	if (r->kind == RECORD_HERE && r->node[0] != '\0')
		return snprintf(buf, size, " %s %" PRIu64 " %" PRIu64 " %s %"
		    PRIu64, r->session, r->author, r->n, r->node, r->conn);
	return snprintf(buf, size, " %s %" PRIu64 " %" PRIu64, r->session,
	    r->author, r->n);
}

/* Format what stands after the name of the record. Returns the length. */
static int
format_fields(char *buf, size_t size, const struct record *r)
{
	switch (r->kind) {
	case RECORD_SESSION:
	case RECORD_HERE:
		return format_count(buf, size, r);
	case RECORD_ROOM:
		return snprintf(buf, size, " %" PRIu64 " %" PRIu64, r->n,
		    r->author);
	case RECORD_SHARED:
		return snprintf(buf, size, " %s %" PRIu64 " %d", r->token,
		    r->n, r->named);
	case RECORD_NODE:
		return snprintf(buf, size, " %s %" PRIu64 " %" PRIu64
		    " %016" PRIx64, r->node, r->epoch, r->n, r->hash);
	case RECORD_DOWN:
		return snprintf(buf, size, " %s %" PRIu64, r->node, r->epoch);
	case RECORD_LOG:
		return snprintf(buf, size, " %" PRIu64 " %s %016" PRIx64
		    " %" PRIu64, r->n, r->token, r->hash, r->time);
	case RECORD_REFUSED:
		return r->n == 1 ? 0 : snprintf(buf, size, "%" PRIu64, r->n);
	default:
		return 0;
	}
}

size_t
record_format(char *buf, const struct record *r)
{
	const char *name = r->kind == RECORD_REFUSED ? "" : names[r->kind];
	size_t len;

	if (r->kind == RECORD_AT || r->kind == RECORD_TIME)
		return ctl_format_number(buf, name, r->n);
	if (r->kind == RECORD_BY || r->kind == RECORD_PART)
		return ctl_format_number(buf, name, r->author);
	buf[0] = CTL_MARK;
	len = 1 + strlcpy(buf + 1, name, RECORD_SIZE - 1);
	len += (size_t)format_fields(buf + len, RECORD_SIZE - len, r);
	buf[len++] = '\n';
	buf[len] = '\0';
	return len;
}

static enum scan_kind
scan_control(struct record_scan *s, const char *buf)
{
	if (record_parse(&s->record, buf + 1, s->size - 2))
		return SCAN_RECORD;
	(void)snprintf(s->why, sizeof(s->why), "not a record");
	return SCAN_BAD;
}

enum scan_kind
record_scan(struct record_scan *s, const char *buf, size_t len)
{
	struct text_fault f = { .kind = FAULT_LONG };
	size_t most = len < MESSAGE_SIZE ? len : MESSAGE_SIZE;
	const char *lf = memchr(buf, '\n', most);

	if (lf == NULL && most < MESSAGE_SIZE)
		return SCAN_PART;
	s->size = line_plain(buf, len, &s->lines);
	if (s->size > 0)
		return SCAN_LINES;
	s->lines = 1;
	s->size = most;
	if (lf != NULL) {
		s->size = (size_t)(lf - buf) + 1;
		if (buf[0] == CTL_MARK)
			return scan_control(s, buf);
		/* A prefix may have made a good line longer. */
		if (text_check(buf, s->size - 1, &f) || f.kind == FAULT_LONG)
			return SCAN_LINES;
	}
	(void)text_fault_say(s->why, &f);
	return SCAN_BAD;
}
