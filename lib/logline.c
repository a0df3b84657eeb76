/*
 * Log lines: what a room and the helper of its log send each other
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "logline.h"
#include "text.h"

#define LINE_MAX_TEXT	(LOGLINE_SIZE - 2)	/* without SOH and LF */

struct form {
	const char	*word;
	enum logline_side side;
	enum logline_kind kind;
	const char	*fields;	/* i, p, o, n: numbers of these names;
					   t: a token; e: an entry; r: a text
					   up to the end */
};

static const struct form forms[] = {
	{ "from", LOGLINE_ROOM, LOGLINE_FROM, "pt" },
	{ "put", LOGLINE_ROOM, LOGLINE_PUT, "ie" },
	{ "keep", LOGLINE_ROOM, LOGLINE_KEEP, "pt" },
	{ "end", LOGLINE_ROOM, LOGLINE_END, "" },
	{ "end", LOGLINE_HELPER, LOGLINE_END, "p" },
	{ "log", LOGLINE_HELPER, LOGLINE_LOG, "ton" },
	{ "got", LOGLINE_HELPER, LOGLINE_GOT, "pte" },
	{ "stuck", LOGLINE_HELPER, LOGLINE_STUCK, "r" },
	{ "going", LOGLINE_HELPER, LOGLINE_GOING, "" },
	{ "place", LOGLINE_HELPER, LOGLINE_PLACE, "r" },
	{ "gone", LOGLINE_HELPER, LOGLINE_GONE, "o" },
};

#define NFORMS	(sizeof(forms) / sizeof(forms[0]))

static uint64_t *
number_of(struct logline *l, char field)
{
	switch (field) {
	case 'i':
		return &l->id;
	case 'o':
		return &l->oldest;
	case 'n':
		return &l->newest;
	default:
		return &l->pos;
	}
}

static bool
parse_length(struct logline *l, const struct word *w)
{
	uint64_t n;

	if (!word_number(w, &n) || n == 0 || n > LOGLINE_ENTRY)
		return false;
	l->len = (size_t)n;
	return true;
}

static bool
parse_text(struct logline *l, struct word *rest)
{
	struct text_fault f;

	if (rest->s == NULL || rest->len == 0 ||
	    !text_check(rest->s, rest->len, &f))
		return false;
	l->data = rest->s;
	l->len = rest->len;
	rest->s = NULL;
	return true;
}

static bool
parse_field(struct logline *l, char field, struct word *rest)
{
	struct word w;
	uint64_t *n;

	if (field == 'r')
		return parse_text(l, rest);
	if (!word_next(&w, rest))
		return false;
	if (field == 't')
		return word_token(&w, l->token);
	if (field == 'e')
		return parse_length(l, &w);
	n = number_of(l, field);
	return word_number(&w, n) && *n <= INT64_MAX;
}

static const struct form *
find_form(const struct word *w, enum logline_side side)
{
	size_t i;

	for (i = 0; i < NFORMS; i++) {
		if (forms[i].side == side && word_is(w, forms[i].word))
			return &forms[i];
	}
	return NULL;
}

/* Parse a control line without its SOH and LF. Returns its form, or NULL. */
static const struct form *
parse(struct logline *l, enum logline_side side, const char *s, size_t len)
{
	struct word rest = { s, len }, w;
	const struct form *form;
	const char *field;

	memset(l, 0, sizeof(*l));
	if (!word_next(&w, &rest) || (form = find_form(&w, side)) == NULL)
		return NULL;
	l->kind = form->kind;
	for (field = form->fields; *field != '\0'; field++) {
		if (!parse_field(l, *field, &rest))
			return NULL;
	}
	return rest.s == NULL ? form : NULL;
}

ssize_t
logline_cut(struct logline *l, enum logline_side side, const char *buf,
    size_t len)
{
	size_t most = len < LOGLINE_SIZE ? len : LOGLINE_SIZE - 1, size;
	const struct form *form;
	const char *lf;

	if (len == 0)
		return 0;
	lf = memchr(buf, '\n', most);
	if (buf[0] != CTL_MARK || (lf == NULL && most == LOGLINE_SIZE - 1))
		return -1;
	if (lf == NULL)
		return 0;
	size = (size_t)(lf - buf) + 1;
	form = parse(l, side, buf + 1, size - 2);
	if (form == NULL)
		return -1;
	if (strchr(form->fields, 'e') == NULL)
		return (ssize_t)size;
	l->data = buf + size;
	return len - size < l->len ? 0 : (ssize_t)(size + l->len);
}

/* Append the text, as much as there is space for. Returns the length. */
static size_t
put_text(char *buf, size_t n, const struct logline *l)
{
	size_t used;

	buf[n++] = ' ';
	return n + text_repair(buf + n, LINE_MAX_TEXT - n, l->data, l->len,
	    &used);
}

size_t
logline_format(char *buf, const struct logline *l, enum logline_side side)
{
	const struct form *form = forms;
	struct logline copy = *l;
	const char *field;
	size_t n;

	while (form->kind != l->kind || form->side != side)
		form++;
	n = (size_t)snprintf(buf, LOGLINE_SIZE, "%c%s", CTL_MARK, form->word);
	for (field = form->fields; *field != '\0'; field++) {
		if (*field == 'r')
			n = put_text(buf, n, l);
		else if (*field == 't')
			n += (size_t)snprintf(buf + n, LOGLINE_SIZE - n, " %s",
			    l->token);
		else
			n += (size_t)snprintf(buf + n, LOGLINE_SIZE - n,
			    " %" PRIu64, *field == 'e' ? (uint64_t)l->len :
			    *number_of(&copy, *field));
	}
	buf[n++] = '\n';
	return n;
}
