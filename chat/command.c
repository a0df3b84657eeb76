/*
 * Commands: lines that are for chat itself, and the room's answers to them
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "text.h"
#include "word.h"

#define ROW_SIZE	72		/* of a list of names, bytes */

#define BLANKS		" \t"

static const char *const commands[] = {
	"/bell", "/help", "/me", "/quit", "/who"
};

void
command_init(struct command *c, struct link *l, struct transcript *t,
    struct comings *comings)
{
	memset(c, 0, sizeof(*c));
	c->link = l;
	c->transcript = t;
	c->comings = comings;
}

void
command_free(struct command *c)
{
	buf_free(&c->here);
}

/* What comes after the command and a blank, or after the command alone; NULL if
 * the line is another one. Completion may have left blanks behind. */
static const char *
words_after(const char *line, const char *command)
{
	size_t len = strlen(command);

	if (strncmp(line, command, len) != 0 ||
	    strcspn(line + len, BLANKS "\n") > 0)
		return NULL;
	return line + len + strspn(line + len, BLANKS);
}

static bool
is_command(const char *line, const char *command)
{
	const char *rest = words_after(line, command);

	return rest != NULL && rest[0] == '\0';
}

static void
help(struct command *c)
{
	static const char *const lines[] = {
		"/who           who is here",
		"/me TEXT       say what you do, as in: * alice waves",
		"/bell on, off  ring when somebody says your name, or don't",
		"/quit          leave, as Ctrl-D does",
		"/help          this list",
		"//             begins a line with a single /"
	};
	size_t i;

	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		transcript_notice(c->transcript, "%s", lines[i]);
}

static enum command_kind
set_bell(struct command *c, const char *word)
{
	struct transcript_style *style = &c->transcript->style;

	if (is_command(word, "on"))
		style->bell = true;
	else if (is_command(word, "off"))
		style->bell = false;
	else if (word[0] != '\0') {
		transcript_notice(c->transcript, "not done: /bell on or "
		    "/bell off");
		return COMMAND_WRONG;
	}
	transcript_notice(c->transcript, "the bell is %s",
	    style->bell ? "on" : "off");
	return COMMAND_DONE;
}

static enum command_kind
take_act(struct command *c, const char *words, const char **text)
{
	*text = words;
	if (words[0] != '\0')
		return COMMAND_ACT;
	transcript_notice(c->transcript, "not sent: /me needs what you do, as "
	    "in /me waves");
	return COMMAND_WRONG;
}

static enum command_kind
ask_who(struct command *c)
{
	c->asked = true;
	link_ask(c->link);
	return COMMAND_DONE;
}

enum command_kind
command_take(struct command *c, const char *line, const char **text)
{
	const char *words;

	*text = line;
	if (line[0] != '/' || strchr(line, '\n') != NULL)
		return COMMAND_SAY;
	if (line[1] == '/') {
		*text = line + 1;
		return COMMAND_SAY;
	}
	if ((words = words_after(line, "/me")) != NULL)
		return take_act(c, words, text);
	if ((words = words_after(line, "/bell")) != NULL)
		return set_bell(c, words);
	if (is_command(line, "/quit"))
		return COMMAND_QUIT;
	if (is_command(line, "/who"))
		return ask_who(c);
	if (is_command(line, "/help")) {
		help(c);
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
	comings_note(c->comings, n->text, n->textlen, true);
}

void
command_part(struct command *c, const struct notice *n)
{
	comings_note(c->comings, n->text, n->textlen, false);
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
	comings_show(c->comings);
	if (c->asked)
		link_ask(c->link);
}
