/*
 * Control lines: what clients and rooms send each other beside messages
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "text.h"
#include "word.h"

static bool
is_printable(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] < ' ' || s[i] > '~')
			return false;
	}
	return true;
}

static void
complain_of(ctl_complain *complain, void *arg, const char *what,
    const struct word *w)
{
	char reason[128];
	int shown = w->len < CTL_WORD_SHOWN ? (int)w->len : CTL_WORD_SHOWN;

	(void)snprintf(reason, sizeof(reason), "%s: %.*s%s", what, shown, w->s,
	    w->len > CTL_WORD_SHOWN ? "..." : "");
	complain(arg, reason);
}

static const char *const histories[] = { "", "last", "from", "since" };

/* Make value the value of the word if it asks for earlier lines. */
static enum history
hello_history(struct word *value)
{
	int i;

	for (i = HISTORY_LAST; i <= HISTORY_SINCE; i++) {
		if (word_value(value, histories[i]))
			return (enum history)i;
	}
	return HISTORY_NONE;
}

/* Returns NULL, or what is wrong with the word. */
static const char *
hello_word(struct hello *h, const struct word *w)
{
	struct word value = *w;
	enum history history = hello_history(&value);

	if (history != HISTORY_NONE) {
		if (h->role == ROLE_SEND)
			return "only for clients that listen";
		if (h->history != HISTORY_NONE)
			return "only one of last=, from= and since= is allowed";
		if (!word_number(&value, &h->n))
			return "not a number";
		h->history = history;
		return NULL;
	}
	if (word_value(&value, "session")) {
		if (h->role == ROLE_RECV)
			return "only for clients that send";
		return word_token(&value, h->session) ? NULL : "not a token";
	}
	if (!word_is(w, "times") && !word_is(w, "presence"))
		return "unknown word";
	if (h->role == ROLE_SEND)
		return "only for clients that listen";
	if (word_is(w, "times"))
		h->times = true;
	else
		h->presence = true;
	return NULL;
}

static bool
hello_role(struct hello *h, const struct word *w)
{
	if (word_is(w, "send"))
		h->role = ROLE_SEND;
	else if (word_is(w, "recv"))
		h->role = ROLE_RECV;
	else if (word_is(w, "chat"))
		h->role = ROLE_CHAT;
	else
		return false;
	return true;
}

struct word
ctl_words(const char *s, size_t len)
{
	struct word rest = { s, len };

	if (len > 0 && s[0] == ' ') {
		rest.s++;
		rest.len--;
	}
	return rest;
}

bool
hello_parse(struct hello *h, const char *s, size_t len, ctl_complain *complain,
    void *arg)
{
	struct word w, rest = ctl_words(s, len);
	const char *wrong;
	int complaints = 0;

	memset(h, 0, sizeof(*h));
	if (!is_printable(s, len)) {
		complain(arg, "the control line is not printable ASCII");
		return false;
	}
	if (!word_next(&w, &rest) || !hello_role(h, &w)) {
		complain_of(complain, arg, "unknown word", &w);
		return false;
	}
	while (word_next(&w, &rest)) {
		wrong = hello_word(h, &w);
		if (wrong != NULL && complaints++ < CTL_COMPLAINTS)
			complain_of(complain, arg, wrong, &w);
	}
	return true;
}

bool
who_parse(const char *s, size_t len, ctl_complain *complain, void *arg)
{
	struct word w, rest = ctl_words(s, len);
	int complaints = 0;

	if (!is_printable(s, len) || !word_next(&w, &rest) ||
	    !word_is(&w, "who"))
		return false;
	while (word_next(&w, &rest) && complaints++ < CTL_COMPLAINTS)
		complain_of(complain, arg, "unknown word", &w);
	return true;
}

size_t
who_format(char *buf)
{
	return (size_t)snprintf(buf, CTL_SIZE, "%cwho\n", CTL_MARK);
}

size_t
ctl_format_number(char *buf, const char *word, uint64_t n)
{
	return (size_t)snprintf(buf, CTL_NUMBER_SIZE, "%c%s %" PRIu64 "\n",
	    CTL_MARK, word, n);
}

size_t
hello_format(char *buf, const struct hello *h)
{
	static const char *const names[] = { "", "send", "recv", "chat" };
	char history[32] = "";
	int n;

	if (h->history != HISTORY_NONE)
		(void)snprintf(history, sizeof(history), " %s=%" PRIu64,
		    histories[h->history], h->n);
	n = snprintf(buf, CTL_SIZE, "%c%s%s%s%s%s%s\n", CTL_MARK,
	    names[h->role], h->session[0] == '\0' ? "" : " session=",
	    h->session, history, h->times ? " times" : "",
	    h->presence ? " presence" : "");
	return (size_t)n;
}

static bool
notice_number(struct notice *n, struct word *rest)
{
	struct word w;

	return word_next(&w, rest) && word_number(&w, &n->n);
}

/* A kind of notice that is about names, if it is one. */
static enum notice_kind
name_kind(const struct word *w)
{
	if (word_is(w, "you"))
		return NOTICE_YOU;
	if (word_is(w, "here"))
		return NOTICE_HERE;
	if (word_is(w, "join"))
		return NOTICE_JOIN;
	return word_is(w, "part") ? NOTICE_PART : NOTICE_UNKNOWN;
}

/* Where there's but one name, it is all that counts. */
static bool
notice_names(struct notice *n, struct word *rest)
{
	struct word w;

	if (n->kind == NOTICE_UNKNOWN || n->kind == NOTICE_HERE)
		return true;
	if (!word_next(&w, rest) || w.len == 0)
		return false;
	*rest = w;
	return n->kind != NOTICE_YOU || text_is_name(w.s, w.len);
}

bool
notice_parse(struct notice *n, const char *s, size_t len)
{
	struct word w, rest = ctl_words(s, len);
	bool good = true;

	memset(n, 0, sizeof(*n));
	n->counted = true;
	(void)word_next(&w, &rest);
	if (word_is(&w, "at")) {
		n->kind = NOTICE_AT;
		good = notice_number(n, &rest);
	} else if (word_is(&w, "ok")) {
		n->kind = NOTICE_OK;
		good = notice_number(n, &rest);
		n->new_session = rest.s != NULL && word_is(&rest, "new");
	} else if (word_is(&w, "time")) {
		n->kind = NOTICE_TIME;
		good = notice_number(n, &rest);
	} else if (word_is(&w, "lost")) {
		n->kind = NOTICE_LOST;
		n->counted = rest.len != 1 || rest.s[0] != '?';
		good = !n->counted || notice_number(n, &rest);
	} else if (word_is(&w, "error")) {
		n->kind = NOTICE_ERROR;
		good = notice_number(n, &rest);
	} else if (word_is(&w, "bye")) {
		n->kind = NOTICE_BYE;
	} else {
		n->kind = name_kind(&w);
		good = notice_names(n, &rest);
	}
	n->text = rest.s == NULL ? "" : rest.s;
	n->textlen = rest.len;
	return good;
}
