/*
 * What is told of a room that differs from its page
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "show.h"

#define NOTES		4096		/* kept */
#define SHOWN		40		/* the last ones */

static char notes[NOTES][160];
static size_t nnotes;

void *
grown(void *p, size_t n, size_t size)
{
	size_t all = 64;

	if (p != NULL && (n & (n - 1)) != 0)
		return p;
	while (all < n + 1)
		all *= 2;
	p = realloc(p, all * size);
	if (p == NULL)
		abort();
	return p;
}

void
note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(notes[nnotes++ % NOTES], sizeof(notes[0]), fmt, ap);
	va_end(ap);
}

/* What was done last, and all that was done with a client. */
static void
show_notes(const struct client *c)
{
	size_t i = nnotes < NOTES ? 0 : nnotes - NOTES, n;
	const char *s;

	(void)printf("Operations:\n");
	for (; i < nnotes; i++) {
		s = notes[i % NOTES];
		n = strspn(s, "0123456789");
		if (nnotes - i <= SHOWN || n == 0 || strstr(s, "ession") ||
		    (c != NULL && strtoul(s, NULL, 10) == c->id))
			(void)printf("\t%s\n", s);
	}
}

static void
show_heard(const struct client *c)
{
	static const char *const kinds[] = { "line", "at", "lost", "time" };
	size_t i = c->nheard < 20 ? 0 : c->nheard - 20;

	for (; i < c->nheard; i++)
		(void)printf("\theard %s %ju %.40s\n", kinds[c->heard[i].kind],
		    (uintmax_t)c->heard[i].n, c->heard[i].line == NULL ? "" :
		    c->heard[i].line->text);
}

void
broken(const struct client *c, const char *promise, const char *fmt, ...)
{
	char text[512], shown[SHOW_GROWTH * sizeof(text)];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len >= (int)sizeof(text))
		len = sizeof(text) - 1;
	len = (int)show_text(shown, text, (size_t)len);
	show_notes(c);
	room_show_log();
	if (c != NULL) {
		(void)printf("Client %u, which has said %zu lines, %zu bytes "
		    "of the next one, and has heard:\n", c->id, c->nlines,
		    c->partlen);
		show_heard(c);
	}
	(void)printf("NOT TRUE: %s\n", promise);
	if (c == NULL)
		(void)printf("\t%.*s\n", len, shown);
	else
		(void)printf("\tclient %u: %.*s\n", c->id, len, shown);
	(void)fflush(stdout);
	if (room_log != -1)
		room_signal(9);
	exit(1);
}
