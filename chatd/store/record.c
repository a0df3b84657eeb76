/*
 * Records: the control lines of a stored room
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "record.h"

static const char *const names[] = {
	"at", "time", "by", "session", "here", "part", "room"
};

static bool
take_number(struct word *rest, uint64_t *n)
{
	struct word w;

	return word_next(&w, rest) && word_number(&w, n) && *n <= INT64_MAX;
}

/* A session's name: a token, maybe with a person before it. */
static bool
take_session(struct word *rest, char *name)
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

/* There's nothing else in it, so it has no name. */
static bool
is_refused(const struct word *rest)
{
	return rest->len == 0 || (rest->s[0] >= '0' && rest->s[0] <= '9');
}

static bool
take_refused(struct word *rest, uint64_t *n)
{
	*n = 1;
	if (rest->len > 0)
		return take_number(rest, n) && *n > 1;
	rest->s = NULL;
	return true;
}

static bool
take_kind(struct word *rest, enum record_kind *kind)
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

	if (!take_kind(&rest, &r->kind))
		return false;
	switch (r->kind) {
	case RECORD_AT:
	case RECORD_TIME:
		good = take_number(&rest, &r->n);
		break;
	case RECORD_BY:
	case RECORD_PART:
		good = take_number(&rest, &r->author);
		break;
	case RECORD_SESSION:
	case RECORD_HERE:
		good = take_session(&rest, r->session) &&
		    take_number(&rest, &r->author) &&
		    take_number(&rest, &r->n);
		break;
	case RECORD_ROOM:
		good = take_number(&rest, &r->n) &&
		    take_number(&rest, &r->author);
		break;
	case RECORD_REFUSED:
		good = take_refused(&rest, &r->n);
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
		n = snprintf(buf, RECORD_SIZE, "%c%s %" PRIu64 "\n", CTL_MARK,
		    name, r->n);
		break;
	case RECORD_BY:
	case RECORD_PART:
		n = snprintf(buf, RECORD_SIZE, "%c%s %" PRIu64 "\n", CTL_MARK,
		    name, r->author);
		break;
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
