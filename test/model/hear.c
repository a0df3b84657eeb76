/*
 * Hearing: what a room says, checked as far as that can be at once
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "model.h"

#define ONCE	"once at first, as the answer to the role"
#define PLAIN	"It gets messages, error, lost and bye, but no ok, at and time"

static void
heard(struct client *c, enum heard_kind kind, uint64_t n, struct line *l)
{
	c->heard = grown(c->heard, c->nheard, sizeof(*c->heard));
	c->heard[c->nheard++] = (struct heard){ kind, n, l };
}

/* Whether the last that it has heard is what from= lacks before line n. */
static bool
lacks(const struct client *c, uint64_t n)
{
	const struct heard *h;

	if (c->h.history != HISTORY_FROM || c->nheard == 0)
		return false;
	h = &c->heard[c->nheard - 1];
	return h->kind == HEARD_LOST && (h->n == NEVER || c->h.n + h->n == n);
}

/* Its role's answer comes before all that is for the role. */
static void
answers(struct client *c, enum answer part)
{
	if (!c->hello)
		broken(c, PLAIN, "it has given no role");
	if (c->answer == ANSWER_DONE)
		return;
	if (c->told < c->hello_errors)
		broken(c, "Refused words are named before the answer",
		    "%zu of %zu were", c->told, c->hello_errors);
	if (setting.named && part > ANSWER_YOU && c->answer == ANSWER_NONE)
		broken(c, "you NAME comes before ok and at", "it didn't");
	if ((c->h.role & ROLE_SEND) != 0 && part > ANSWER_OK &&
	    c->answer < ANSWER_OK)
		broken(c, "error and ok come before the messages",
		    "at has come before ok");
	c->answer = part;
	if (part == ANSWER_YOU || part == ANSWER_LOST)
		return;
	if (part == ANSWER_DONE || c->h.role == ROLE_SEND) {
		c->answer = ANSWER_DONE;
		c->answered = moment;
		c->before = c->nheard;
	}
}

static void
hear_ok(struct client *c, uint64_t n, bool begun)
{
	bool first = c->answer < ANSWER_OK;

	if (c->hello && (c->h.role & ROLE_SEND) == 0)
		broken(c, "ok: To send and chat only", "it is neither");
	answers(c, ANSWER_OK);
	if (first) {
		session_answer(c, n, begun);
		c->base = n;
		return;
	}
	if (begun || n <= c->base + c->ok)
		broken(c, "ok N: the first N lines are settled",
		    "ok %ju%s after %ju", (uintmax_t)n, begun ? " new" : "",
		    (uintmax_t)(c->base + c->ok));
	if (n > c->base + c->nlines)
		broken(c, "ok N: the first N lines are settled",
		    "ok %ju, and it has said %ju", (uintmax_t)n,
		    (uintmax_t)(c->base + c->nlines));
	if (n - c->base > c->most)
		broken(c, "no line after them is", "ok %ju, after another "
		    "connection was told %ju", (uintmax_t)n,
		    (uintmax_t)(c->base + c->most));
	if (c->told < c->lines[n - c->base - 1]->errors)
		broken(c, "error comes before the ok that settles the line",
		    "ok %ju after %zu errors", (uintmax_t)n, c->told);
	while (c->ok < n - c->base) {
		if (c->lines[c->ok]->known > moment)
			c->lines[c->ok]->known = moment;
		c->ok++;
	}
}

static void
hear_at(struct client *c, uint64_t n)
{
	bool first = c->answer < ANSWER_DONE;

	if (c->hello && (c->h.role & ROLE_RECV) == 0)
		broken(c, "at: To recv and chat only", "it is neither");
	answers(c, ANSWER_DONE);
	if (first) {
		c->start = n;
		if (lacks(c, n))
			c->before--;	/* "lost" belongs to the answer */
		if (c->run->life->first == 0)
			c->run->life->first = n;
	} else if (n <= c->next) {
		broken(c, "at: before a message whose number is not that of "
		    "the message before it plus one", "at %ju, where %ju was "
		    "next", (uintmax_t)n, (uintmax_t)c->next);
	}
	c->next = n;
	c->placed = true;
	c->missed = false;
	heard(c, HEARD_AT, n, NULL);
}

static void
hear_lost(struct client *c, const char *word)
{
	char *end;
	uint64_t n = strcmp(word, "?") == 0 ? NEVER : strtoull(word, &end, 10);

	if (c->hello && c->h.role == ROLE_SEND && c->answer == ANSWER_DONE)
		broken(c, "send: no messages", "it was told lost %s", word);
	if (n == 0 || (n == NEVER && (c->answer == ANSWER_DONE ||
	    !c->hello || c->h.history != HISTORY_FROM)))
		broken(c, "lost: the number is exact", "lost %s", word);
	/* Before the answer it may be a plain client's. */
	if (c->answer == ANSWER_OK)
		answers(c, ANSWER_LOST);
	c->missed = true;
	heard(c, HEARD_LOST, n, NULL);
}

static void
hear_time(struct client *c, uint64_t n)
{
	if (c->answer != ANSWER_DONE || !c->h.times)
		broken(c, "time: only to those who asked for times",
		    "it hasn't");
	if ((int64_t)n <= c->time)
		broken(c, "time: only when it is not the second of the message "
		    "before", "time %ju after %jd", (uintmax_t)n,
		    (intmax_t)c->time);
	if ((int64_t)n > clock_date())
		broken(c, "time: by the clock of the room's machine",
		    "time %ju is to come", (uintmax_t)n);
	c->time = (int64_t)n;
	c->late = true;
	heard(c, HEARD_TIME, n, NULL);
}

static void
hear_error(struct client *c, uint64_t n, const char *reason)
{
	const struct error_due *e = &c->errors[c->told];

	if (c->told == c->nerrors)
		broken(c, "error: a line was refused", "error %ju %s: there is "
		    "none", (uintmax_t)n, reason);
	if (e->line > 0 && n > 0 ? n != c->base + e->line : n != e->line)
		broken(c, "error N: line N was refused", "error %ju %s instead "
		    "of %ju", (uintmax_t)n, reason,
		    (uintmax_t)(c->base + e->line));
	if (strcmp(e->reason, reason) != 0)
		broken(c, "The reasons are", "error %ju %s instead of %s",
		    (uintmax_t)n, reason, e->reason);
	c->told++;
}

static void
hear_bye(struct client *c, const char *reason)
{
	bool closing = strcmp(reason, "the room is closing") == 0;
	bool again = strcmp(reason, "another connection has taken over this "
	    "session") == 0;
	bool web = strcmp(reason, "this is a chat room, not a web server") == 0;

	if (closing && c->run->ending == NEVER)
		broken(c, "bye the room is closing", "it isn't");
	if (again && (c->token == NULL || c->token->clients < 2))
		broken(c, "bye another connection has taken over this "
		    "session", "it isn't");
	if (web && !c->web)
		broken(c, "bye this is a chat room, not a web server",
		    "it has said nothing of HTTP");
	if (!closing && !again && !web)
		broken(c, "bye: The reasons are", "bye %s", reason);
	c->bye = true;
	c->closed = closing;
}

static void
hear_names(struct client *c, const char *word, const char *rest)
{
	char all[64];

	if (!setting.named)
		broken(c, "In such a room, and only there", "it hears %s",
		    word);
	if (strcmp(word, "you") == 0) {
		if (strcmp(rest, me) != 0 || c->answer != ANSWER_NONE)
			broken(c, "you NAME: the first answer to a role",
			    "you %s", rest);
		answers(c, ANSWER_YOU);
		return;
	}
	(void)snprintf(all, sizeof(all), "%s", me);
	if (strcmp(word, "here") != 0 || !c->listed ||
	    (*rest != '\0' && strcmp(rest, all) != 0))
		broken(c, "never about themselves", "%s %s", word, rest);
}

static void
hear_control(struct client *c, char *text)
{
	static const char *const numbered[] = { "at", "ok", "time", "error" };
	char *word = text, *rest = strchr(text, ' '), *end = NULL;
	uint64_t n = 0;
	size_t i;

	if (rest != NULL)
		*rest++ = '\0';
	else
		rest = text + strlen(text);
	for (i = 0; i < 4; i++) {
		if (strcmp(word, numbered[i]) != 0)
			continue;
		n = strtoull(rest, &end, 10);
		if (*rest < '0' || *rest > '9' || (*end != '\0' && *end != ' '))
			broken(c, "the grammar", "%s %s", word, rest);
	}
	if (strcmp(word, "error") == 0 && *end == ' ')
		hear_error(c, n, end + 1);
	else if (strcmp(word, "ok") == 0 && strcmp(end, " new") == 0)
		hear_ok(c, n, true);
	else if (end != NULL && *end != '\0')
		broken(c, "the grammar", "%s %s", word, rest);
	else if (strcmp(word, "ok") == 0)
		hear_ok(c, n, false);
	else if (strcmp(word, "at") == 0)
		hear_at(c, n);
	else if (strcmp(word, "time") == 0)
		hear_time(c, n);
	else if (strcmp(word, "lost") == 0)
		hear_lost(c, rest);
	else if (strcmp(word, "bye") == 0)
		hear_bye(c, rest);
	else
		hear_names(c, word, rest);
}

static struct line *
find(const struct client *c, const char *text, size_t len)
{
	size_t n = setting.named ? strlen(me) + 2 : 0;
	struct line *l;

	if (n > 0 && (len < n || memcmp(text, me, n - 2) != 0 ||
	    memcmp(text + n - 2, ": ", 2) != 0))
		broken(c, "sends what it says on as NAME: text", "'%.60s'",
		    text);
	l = truth_find(text + n, len - n);
	if (l == NULL)
		broken(c, "Text is not changed in any way",
		    "nobody has said '%.60s', %zu", text, len);
	return l;
}

static void
hear_line(struct client *c, const char *text, size_t len)
{
	bool plain = c->answer == ANSWER_NONE;
	struct line *l = find(c, text, len);

	if (!plain && (c->answer != ANSWER_DONE || c->h.role == ROLE_SEND))
		broken(c, c->h.role == ROLE_SEND ? "send: no messages of the "
		    "room" : ONCE, "'%.40s'", text);
	if (truth_own(c, l, plain) == OWN_YES)
		broken(c, "Nobody gets back what was said on the same "
		    "connection, or in its session", "'%.40s'", text);
	if (c->missed && !plain)
		broken(c, "at: later before a message whose number is not "
		    "that of the message before it plus one",
		    "no at after lost");
	heard(c, HEARD_LINE, plain ? 0 : c->next, l);
	c->placed = c->late = c->missed = false;
	c->last = l;
	if (l->author->marks) {
		c->marker = l;
		c->marked = c->next;
	}
	if (plain) {
		if (l->known > moment)
			l->known = moment;
		return;
	}
	truth_put(c, c->run->life, c->next, l);
	if (c->h.times && c->time == -1)
		broken(c, "time: tell me when things were said",
		    "no time before the first message");
	if (c->h.times)
		truth_time(c, c->run->life, c->next, c->time);
	c->next++;
}

static void
hear_one(struct client *c, char *text, size_t len)
{
	moment++;
	if (c->bye)
		broken(c, "bye: It is the last line", "then '%.40s'", text);
	if (text[0] == *SOH && len < 255)
		hear_control(c, text + 1);
	else if (len > 4095 + 34)
		broken(c, "A line has at most 4096 bytes", "%zu", len);
	else
		hear_line(c, text, len);
}

void
hear(struct client *c, const char *buf, size_t len)
{
	char *lf, *text;
	size_t n;

	c->in = realloc(c->in, c->inlen + len + 1);
	if (c->in == NULL)
		abort();
	memcpy(c->in + c->inlen, buf, len);
	c->inlen += len;
	for (text = c->in; (lf = memchr(text, '\n', c->inlen -
	    (size_t)(text - c->in))) != NULL; text = lf + 1) {
		*lf = '\0';
		n = (size_t)(lf - text);
		if (n != strlen(text) || memchr(text, '\r', n) != NULL)
			broken(c, "CR and LF cannot stand in a text", "'%s'",
			    text);
		hear_one(c, text, n);
	}
	c->inlen -= (size_t)(text - c->in);
	memmove(c->in, text, c->inlen);
}
