/*
 * Records: the control lines of a segment, and how to tell them from messages
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "line.h"
#include "record.h"

static const char *const names[] = {
	"at", "time", "by", "session", "here", "part", "room"
};

static bool
parse_number(struct word *rest, uint64_t *n)
{
	struct word w;

	return word_next(&w, rest) && word_number(&w, n) && *n <= INT64_MAX;
}

/* Parse the name of a session: TOKEN or PERSON:TOKEN. */
static bool
parse_session(struct word *rest, char *name)
{
	struct word w;
	size_t n;
	const char *colon;

	if (!word_next(&w, rest))
		return false;
	colon = memchr(w.s, ':', w.len);
	if (colon == NULL)
		return word_token(&w, name);
	n = (size_t)(colon - w.s);
	if (!text_is_name(w.s, n))
		return false;
	memcpy(name, w.s, n + 1);
	w.s += n + 1;
	w.len -= n + 1;
	return word_token(&w, name + n + 1);
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
		return parse_number(rest, n) && *n > 1;
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
	for (i = 0; i <= RECORD_ROOM; i++) {
		if (word_is(&w, names[i])) {
			*kind = (enum record_kind)i;
			return true;
		}
	}
	return false;
}

bool
record_parse(struct record *r, const char *s, size_t len)
{
	struct word rest = { s, len };
	bool good = false;

	if (!parse_kind(&rest, &r->kind))
		return false;
	switch (r->kind) {
	case RECORD_AT:
	case RECORD_TIME:
		good = parse_number(&rest, &r->n);
		break;
	case RECORD_BY:
	case RECORD_PART:
		good = parse_number(&rest, &r->author);
		break;
	case RECORD_SESSION:
	case RECORD_HERE:
		good = parse_session(&rest, r->session) &&
		    parse_number(&rest, &r->author) &&
		    parse_number(&rest, &r->n);
		break;
	case RECORD_ROOM:
		good = parse_number(&rest, &r->n) &&
		    parse_number(&rest, &r->author);
		break;
	case RECORD_REFUSED:
		good = parse_refused(&rest, &r->n);
		break;
	}
	return good && rest.s == NULL;
}

size_t
record_format(char *buf, const struct record *r)
{
	const char *name = r->kind == RECORD_REFUSED ? "" : names[r->kind];
	int n = 0;

	switch (r->kind) {
	case RECORD_AT:
	case RECORD_TIME:
		return ctl_format_number(buf, name, r->n);
	case RECORD_BY:
	case RECORD_PART:
		return ctl_format_number(buf, name, r->author);
	case RECORD_SESSION:
	case RECORD_HERE:
		n = snprintf(buf, RECORD_SIZE, "%c%s %s %" PRIu64 " %" PRIu64
		    "\n", CTL_MARK, name, r->session, r->author, r->n);
		break;
	case RECORD_ROOM:
		n = snprintf(buf, RECORD_SIZE, "%c%s %" PRIu64 " %" PRIu64
		    "\n", CTL_MARK, name, r->n, r->author);
		break;
	case RECORD_REFUSED:
		if (r->n == 1)
			n = snprintf(buf, RECORD_SIZE, "%c\n", CTL_MARK);
		else
			n = snprintf(buf, RECORD_SIZE, "%c%" PRIu64 "\n",
			    CTL_MARK, r->n);
		break;
	}
	return (size_t)n;
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
