/*
 * Speech: what chat(7) makes of the bytes that a client says
 *
 * Written after the page, and the slow way.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "../unit/reference.h"

#define WORDS_MAX	64
#define ERRORS_MAX	8		/* for one line */

/* The words of a control line, each after one space. */
struct words {
	char		*word[WORDS_MAX];
	int		 n;
	int		 errors;	/* due for them */
};

static void
owe(struct client *c, uint64_t line, const char *fmt, ...)
{
	struct error_due *e;
	va_list ap;

	c->errors = grown(c->errors, c->nerrors, sizeof(*c->errors));
	e = &c->errors[c->nerrors++];
	e->line = line;
	va_start(ap, fmt);
	(void)vsnprintf(e->reason, sizeof(e->reason), fmt, ap);
	va_end(ap);
}

static void
owe_word(struct client *c, struct words *w, const char *reason,
    const char *word)
{
	if (w->errors++ >= ERRORS_MAX)
		return;
	if (word == NULL)
		owe(c, 0, "%s", reason);
	else
		owe(c, 0, "%s: %.40s%s", reason, word,
		    strlen(word) > 40 ? "..." : "");
}

static void
split(struct words *w, char *text)
{
	char *space;

	w->n = w->errors = 0;
	if (*text == ' ')
		text++;
	for (; w->n < WORDS_MAX; text = space + 1) {
		w->word[w->n++] = text;
		space = strchr(text, ' ');
		if (space == NULL)
			return;
		*space = '\0';
	}
}

static bool
is_number(const char *s, uint64_t *n)
{
	char *end, all[32];

	if (*s == '\0' || strspn(s, "0123456789") != strlen(s))
		return false;
	*n = strtoull(s, &end, 10);
	while (*s == '0' && s[1] != '\0')
		s++;
	(void)snprintf(all, sizeof(all), "%" PRIu64, *n);
	return strcmp(all, s) == 0;
}

static bool
is_token(const char *s)
{
	return strlen(s) >= 1 && strlen(s) <= TOKEN_MAX &&
	    strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789+/=._-") == strlen(s);
}

static enum history
history_kind(const char *word)
{
	if (strncmp(word, "last=", 5) == 0)
		return HISTORY_LAST;
	if (strncmp(word, "from=", 5) == 0)
		return HISTORY_FROM;
	return strncmp(word, "since=", 6) == 0 ? HISTORY_SINCE : HISTORY_NONE;
}

static const char *
history(struct hello *h, const char *word)
{
	uint64_t n;

	if (h->role == ROLE_SEND)
		return "only for clients that listen";
	if (h->history != HISTORY_NONE)
		return "only one of last=, from= and since= is allowed";
	if (!is_number(strchr(word, '=') + 1, &n))
		return "not a number";
	h->history = history_kind(word);
	h->n = n;
	return NULL;
}

static const char *
role_word(struct hello *h, const char *word)
{
	if (history_kind(word) != HISTORY_NONE)
		return history(h, word);
	if (strncmp(word, "session=", 8) == 0) {
		if (h->role == ROLE_RECV)
			return "only for clients that send";
		if (!is_token(word + 8))
			return "not a token";
		(void)strlcpy(h->session, word + 8, sizeof(h->session));
		return NULL;
	}
	if (strcmp(word, "times") != 0 && strcmp(word, "presence") != 0)
		return "unknown word";
	if (h->role == ROLE_SEND)
		return "only for clients that listen";
	if (*word == 't')
		h->times = true;
	else
		h->presence = true;
	return NULL;
}

static void
hello(struct client *c, struct words *w)
{
	static const char *const roles[] = { "", "send", "recv", "chat" };
	const char *why;
	int i, role = 3;

	while (role > 0 && strcmp(w->word[0], roles[role]) != 0)
		role--;
	if (role == 0) {
		owe_word(c, w, "unknown word", w->word[0]);
		return;
	}
	c->hello = true;
	c->asked = moment;
	c->h.role = (enum role)role;
	for (i = 1; i < w->n; i++) {
		why = role_word(&c->h, w->word[i]);
		if (why != NULL)
			owe_word(c, w, why, w->word[i]);
	}
	if (c->h.session[0] != '\0' && setting.sessions == 0) {
		owe_word(c, w, "this room keeps no sessions", NULL);
		c->token = NULL;
	}
	if (c->h.presence && !setting.named)
		owe_word(c, w, "this room does not name its speakers",
		    "presence");
	c->hello_errors = c->nerrors;
}

static void
who(struct client *c, struct words *w)
{
	int i;

	for (i = 1; i < w->n; i++)
		owe_word(c, w, "unknown word", w->word[i]);
	if (!setting.named)
		owe_word(c, w, "this room does not name its speakers", "who");
	else if (c->hello && c->h.role == ROLE_SEND)
		owe_word(c, w, "only for clients that listen", "who");
	else
		c->listed = true;
}

/* What only a room may say isn't answered. */
static bool
is_rooms(const char *word)
{
	static const char *const words[] = { "at", "ok", "error", "lost",
	    "time", "bye", "you", "here", "join", "part" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i]) == 0)
			return true;
	}
	return false;
}

static void
control(struct client *c, char *text, size_t len)
{
	bool first = !c->spoke, printable = true;
	struct words w;
	size_t i;

	c->controls++;
	c->spoke = true;
	for (i = 0; i < len; i++)
		printable &= text[i] >= ' ' && text[i] <= '~';
	if (len + 1 > 4095) {
		owe(c, 0, "the control line is too long");
		return;
	}
	split(&w, text);
	if (is_rooms(w.word[0]))
		return;
	if (printable && strcmp(w.word[0], "who") == 0)
		who(c, &w);
	else if (!first)
		owe(c, 0, "only the first line can be a control line");
	else if (!printable)
		owe(c, 0, "the control line is not printable ASCII");
	else
		hello(c, &w);
}

static bool
is_good(struct client *c, const char *text, size_t len)
{
	struct text_fault f = { .kind = FAULT_LONG };
	char reason[FAULT_SIZE];

	if (len <= 4095 && c->hello && c->h.role == ROLE_RECV) {
		owe(c, c->nlines, "you only listen");
		return false;
	}
	if (len <= 4095)
		f = reference_check((const unsigned char *)text, len);
	if (f.kind != FAULT_NONE)
		owe(c, c->nlines, "%s", text_fault_say(reason, &f));
	return f.kind == FAULT_NONE;
}

static void
message(struct client *c, const char *text, size_t len)
{
	struct line *l = grown(NULL, 0, sizeof(*l));

	memset(l, 0, sizeof(*l));
	c->spoke = true;
	c->lines = grown(c->lines, c->nlines, sizeof(*c->lines));
	c->lines[c->nlines++] = l;
	l->author = c;
	l->said = moment;
	l->known = NEVER;
	if (is_good(c, text, len)) {
		l->text = grown(NULL, len, 1);
		memcpy(l->text, text, len);
		l->text[len] = '\0';
		l->len = len;
		truth_add(l);
	}
	l->errors = c->nerrors;
}

/* As the plan has them; the rules are in a unit test. */
static bool
is_request(const char *text)
{
	return strncmp(text, "GET / HTTP/1.1", 14) == 0;
}

static void
line_over(struct client *c)
{
	size_t len = c->partlen;

	c->partlen = 0;
	if (c->web)
		return;
	if (len > 0 && c->part[len - 1] == '\r')
		len--;
	c->part[len] = '\0';
	if (!c->spoke && !setting.local && is_request(c->part))
		c->web = true;
	else if (len > 0 && c->part[0] == *SOH)
		control(c, c->part + 1, len - 1);
	else
		message(c, c->part, len);
}

void
speech_said(struct client *c, const char *buf, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (buf[i] == '\n') {
			c->part = grown(c->part, c->partlen, 1);
			line_over(c);
			continue;
		}
		c->part = grown(c->part, c->partlen + 1, 1);
		c->part[c->partlen++] = buf[i];
	}
}

void
speech_over(struct client *c)
{
	if (c->partlen > 0 && !c->hello && c->part[0] != *SOH)
		line_over(c);
}
