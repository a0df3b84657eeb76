/*
 * Commands: lines that are for chat itself, and the room's answers to them
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "text.h"
#include "word.h"

#define ROW_SIZE	72		/* of a list of names, bytes */

static const char *const commands[] = { "/help", "/quit", "/who" };

void
command_init(struct command *c, struct link *l, struct transcript *t)
{
	memset(c, 0, sizeof(*c));
	c->link = l;
	c->transcript = t;
}

void
command_free(struct command *c)
{
	buf_free(&c->here);
}

/* Completion may have left a space behind. */
static bool
is_command(const char *line, const char *command)
{
	size_t len = strlen(command);

	return strncmp(line, command, len) == 0 &&
	    line[len + strspn(line + len, " \t")] == '\0';
}

static void
help(struct command *c)
{
	static const char *const lines[] = {
		"/who   who is here",
		"/quit  leave, as Ctrl-D does",
		"/help  this list",
		"//     begins a line with a single /"
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		transcript_notice(c->transcript, "%s", lines[i]);
}

enum command_kind
command_take(struct command *c, const char *line, const char **text)
{
	*text = line;
	if (line[0] != '/' || strchr(line, '\n') != NULL)
		return COMMAND_SAY;
	if (line[1] == '/') {
		*text = line + 1;
		return COMMAND_SAY;
	}
	if (is_command(line, "/quit"))
		return COMMAND_QUIT;
	if (is_command(line, "/help")) {
		help(c);
		return COMMAND_DONE;
	}
	if (is_command(line, "/who")) {
		c->asked = true;
		link_ask(c->link);
		return COMMAND_DONE;
	}
	transcript_notice(c->transcript, "not sent: no such command; /help "
	    "lists commands, and // begins a line with /");
	return COMMAND_WRONG;
}

const char *
command_match(const char *s, size_t len, size_t i)
{
	size_t k;

	for (k = 0; k < sizeof(commands) / sizeof(commands[0]); k++) {
		if (strncmp(commands[k], s, len) == 0 && i-- == 0)
			return commands[k];
	}
	return NULL;
}

/* Only what is a name can be typed as one. */
static void
learn(struct command *c, const char *name, size_t len)
{
	if (text_is_name(name, len))
		names_add(&c->transcript->names, name, len);
}

static void
show_row(struct command *c, struct buf *row)
{
	if (row->len > 0)
		transcript_notice(c->transcript, "here: %.*s", (int)row->len,
		    row->bytes);
	row->len = 0;
}

/* The whole list, in rows. */
static void
show_list(struct command *c)
{
	const char *p = c->here.bytes, *end = p + c->here.len, *lf;
	struct buf row = { 0 };
	size_t left = c->names;

	for (; p < end; p = lf + 1, left--) {
		lf = memchr(p, '\n', (size_t)(end - p));
		if (row.len > 0 && row.len + (size_t)(lf - p) + 2 > ROW_SIZE)
			show_row(c, &row);
		if (row.len > 0)
			buf_adds(&row, ", ");
		buf_add(&row, p, (size_t)(lf - p));
	}
	show_row(c, &row);
	buf_free(&row);
	if (left > 0)
		transcript_notice(c->transcript, "here: %zu more", left);
}

static void
forget_list(struct command *c)
{
	c->here.len = 0;
	c->names = 0;
}

static void
end_list(struct command *c)
{
	if (c->asked)
		show_list(c);
	c->asked = false;
	forget_list(c);
}

void
command_here(struct command *c, const struct notice *n)
{
	struct word w, rest = { n->text, n->textlen };

	if (n->textlen == 0) {
		end_list(c);
		return;
	}
	while (word_next(&w, &rest)) {
		/* A room that knows no end is not listened to for ever. */
		if (c->names++ >= COMMAND_NAMES || w.len > PERSON_MAX)
			continue;
		buf_add(&c->here, w.s, w.len);
		buf_adds(&c->here, "\n");
		learn(c, w.s, w.len);
	}
}

void
command_join(struct command *c, const struct notice *n)
{
	learn(c, n->text, n->textlen);
	transcript_notice(c->transcript, "%.*s is here", (int)n->textlen,
	    n->text);
}

void
command_part(struct command *c, const struct notice *n)
{
	transcript_notice(c->transcript, "%.*s has left", (int)n->textlen,
	    n->text);
}

/* That a room has no names is of interest only to who asks for them. */
bool
command_refused(struct command *c, const struct notice *n)
{
	if (n->n != 0)
		return false;
	if (strnstr(n->text, "presence", n->textlen) != NULL)
		return true;
	if (!c->asked)
		return false;
	c->asked = false;
	transcript_notice(c->transcript, "this room does not name its "
	    "speakers");
	return true;
}

void
command_cut(struct command *c)
{
	forget_list(c);
	if (c->asked)
		link_ask(c->link);
}
