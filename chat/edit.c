/*
 * The line being typed: GNU readline as the editor, without its drawing
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "command.h"
#include "edit.h"
#include "editkeys.h"

#define PROMPT		"> "
#define ADDRESS		": "		/* after a name at a line's beginning */
#define HISTORY_MAX	1000		/* lines to be called back */
#define WAIT_MS		30		/* for the rest of what a key sends */

/* Readline's functions are called without an argument: this is theirs. */
static struct edit *current;

static void
on_redisplay(void)
{
	current->dirty = true;
}

static void
on_terminal(int meta)
{
	(void)meta;
}

static void
on_terminal_end(void)
{
}

static int
on_getc(FILE *f)
{
	int c = keys_byte(current->keys);

	(void)f;
	return c == -1 ? EOF : c;
}

/* Readline asks whether ESC is a key or the first byte of one. */
static int
on_available(void)
{
	struct pollfd pfd = { .fd = current->keys->fd, .events = POLLIN };
	/* A negative one changes nothing, and tells what it is. */
	int ms = rl_set_keyboard_input_timeout(-1) / 1000;

	if (keys_peek(current->keys) == KEYS_NONE &&
	    poll(&pfd, 1, ms < WAIT_MS ? ms : WAIT_MS) == 1)
		(void)keys_read(current->keys);
	return keys_peek(current->keys) == KEYS_CHAR;
}

static void
on_entered_line(char *line)
{
	current->ended = line == NULL;
	current->user->line(current->arg, line);
	free(line);
}

static char *
next_name(const char *text, int state)
{
	const char *name;

	current->match = state == 0 ? 0 : current->match + 1;
	name = names_match(current->names, text, strlen(text), current->match);
	return name == NULL ? NULL : strdup(name);
}

/* Whoever is named first is spoken to. */
static char *
next_address(const char *text, int state)
{
	char *name = next_name(text, state), *address;
	size_t size;

	if (name == NULL)
		return NULL;
	size = strlen(name) + sizeof(ADDRESS);
	address = realloc(name, size);
	if (address == NULL) {
		free(name);
		return NULL;
	}
	(void)strlcat(address, ADDRESS, size);
	return address;
}

static char *
next_command(const char *text, int state)
{
	const char *command;

	current->match = state == 0 ? 0 : current->match + 1;
	command = command_match(text, strlen(text), current->match);
	return command == NULL ? NULL : strdup(command);
}

static char **
complete(const char *text, int start, int end)
{
	(void)end;
	rl_attempted_completion_over = 1;	/* never with names of files */
	if (start == 0 && text[0] == '/')
		return rl_completion_matches(text, next_command);
	if (start > 0)
		return rl_completion_matches(text, next_name);
	rl_completion_append_character = '\0';
	return rl_completion_matches(text, next_address);
}

/* The word alone, if that is a name with what follows it. */
static void
cut_address(char *word)
{
	size_t len = strlen(word), n = strlen(ADDRESS);

	if (len > n && strcmp(word + len - n, ADDRESS) == 0)
		word[len - n] = '\0';
}

static void
on_matches(char **matches, int n, int longest)
{
	int i;

	(void)longest;
	for (i = 1; i <= n; i++)
		cut_address(matches[i]);
	/* The first one is what all have in common. */
	current->user->words(current->arg, matches + 1, (size_t)n);
	current->dirty = true;
}

static int
on_clear_key(int count, int key)
{
	(void)count;
	(void)key;
	current->user->clear(current->arg);
	current->dirty = true;
	return 0;
}

static int
prepare(void)
{
	rl_readline_name = "chat";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_instream = stdin;
	rl_outstream = fopen("/dev/null", "w");
	rl_prep_term_function = on_terminal;
	rl_deprep_term_function = on_terminal_end;
	rl_redisplay_function = on_redisplay;
	rl_getc_function = on_getc;
	rl_input_available_hook = on_available;
	rl_attempted_completion_function = complete;
	rl_completion_display_matches_hook = on_matches;
	rl_basic_word_break_characters = " \t\n";
	rl_completer_word_break_characters = " \t\n";
	return rl_outstream == NULL ? -1 : 0;
}

int
edit_open(struct edit *e, const struct edit_user *user, void *arg,
    struct keys *keys, const struct names *names)
{
	memset(e, 0, sizeof(*e));
	e->user = user;
	e->arg = arg;
	e->keys = keys;
	e->names = names;
	e->dirty = true;
	current = e;
	if (prepare() == -1 || rl_initialize() != 0)
		return -1;
	/* What inputrc must not change: pastes and the screen are ours. */
	(void)rl_variable_bind("enable-bracketed-paste", "off");
	(void)rl_variable_bind("blink-matching-paren", "off");
	(void)rl_tty_set_echoing(0);
	editkeys_bind(on_clear_key);
	stifle_history(HISTORY_MAX);
	rl_callback_handler_install(PROMPT, on_entered_line);
	return 0;
}

void
edit_close(struct edit *e)
{
	rl_callback_handler_remove();
	clear_history();
	buf_free(&e->back);
	buf_free(&e->prompt);
	(void)fclose(rl_outstream);
	rl_outstream = NULL;
	current = NULL;
}

/* What user->line has given back becomes the new line. */
static void
take_back(struct edit *e)
{
	if (e->back.len == 0)
		return;
	edit_insert(e, e->back.bytes, e->back.len);
	e->back.len = 0;
}

void
edit_keys(struct edit *e)
{
	/* Readline must not read when there is nothing: that's its end. */
	while (!e->ended && keys_peek(e->keys) == KEYS_CHAR) {
		rl_callback_read_char();
		take_back(e);
	}
}

void
edit_insert(struct edit *e, const char *text, size_t len)
{
	struct buf s = { 0 };

	/* The next key may be awaited for something else, as after ^V. */
	rl_callback_sigcleanup();
	buf_add(&s, text, len);
	buf_add(&s, "", 1);
	(void)rl_insert_text(s.bytes);
	buf_free(&s);
	e->dirty = true;
}

void
edit_give_back(struct edit *e, const char *text)
{
	buf_adds(&e->back, text);
}

void
edit_drop(struct edit *e)
{
	rl_callback_sigcleanup();
	rl_free_line_state();
	rl_callback_handler_remove();
	rl_callback_handler_install(PROMPT, on_entered_line);
	e->dirty = true;
}

void
edit_remember(const char *line)
{
	const HIST_ENTRY *last = history_get(history_base +
	    history_length - 1);

	if (last == NULL || strcmp(last->line, line) != 0)
		add_history(line);
}

/* What shows the mode of editing, for those who want it shown. */
static const char *
mode_string(void)
{
	const char *on = rl_variable_value("show-mode-in-prompt"), *s;

	if (on == NULL || strcmp(on, "on") != 0)
		return "";
	if (rl_editing_mode == 1)
		s = rl_variable_value("emacs-mode-string");
	else if (rl_get_keymap() == vi_movement_keymap)
		s = rl_variable_value("vi-cmd-mode-string");
	else
		s = rl_variable_value("vi-ins-mode-string");
	return s == NULL ? "" : s;
}

void
edit_typing(struct edit *e, struct typing *t)
{
	e->dirty = false;
	e->prompt.len = 0;
	buf_adds(&e->prompt, mode_string());
	buf_adds(&e->prompt, rl_display_prompt);
	buf_add(&e->prompt, "", 1);
	t->echo = NULL;
	t->prompt = e->prompt.bytes;
	t->line = rl_line_buffer;
	t->len = (size_t)rl_end;
	t->point = (size_t)rl_point;
}
