/*
 * A person in a room, at a terminal
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/link.h"
#include "clock.h"
#include "command.h"
#include "dim.h"
#include "echo.h"
#include "edit.h"
#include "job.h"
#include "keys.h"
#include "notices.h"
#include "paste.h"
#include "plural.h"
#include "pollfd.h"
#include "sandbox.h"
#include "say.h"
#include "screen.h"
#include "signals.h"
#include "term.h"
#include "transcript.h"
#include "tty.h"

/*
 * A frame is drawn at once after a rest, but no more than about sixty in a
 * second: what comes meanwhile goes into one.
 */
#define FRAME_MS	16

/* Read no more from the room as long as this much waits for a frame. */
#define WAITING_MAX	(256 * 1024)

enum { PFD_LINK, PFD_KEYS, PFD_SIGNALS, PFD_COUNT };

struct term {
	const struct term_options *o;
	struct link	*link;
	struct screen	 screen;
	struct transcript transcript;
	struct keys	 keys;
	struct edit	 edit;
	struct echo	 echo;
	struct say	 say;
	struct command	 command;
	struct notices	 notices;
	int		 signals;	/* to poll for them */
	int64_t		 next_frame;	/* not before then */
};

bool
term_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 &&
	    term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

/* The terminal itself is gone, or doesn't do any more what it's asked to. */
static void
check_terminal(struct term *t, int result)
{
	if (result == -1)
		job_die(&t->screen, SIGHUP, false);
}

static void
stop_terminal(struct term *t, bool group)
{
	check_terminal(t, job_stop(&t->screen, group));
	notices_was_away(&t->notices);
	t->edit.dirty = true;
}

static void
resume_terminal(struct term *t)
{
	check_terminal(t, job_take(&t->screen));
	notices_was_away(&t->notices);
}

static void
interrupt(struct term *t, bool group)
{
	if (link_is_finishing(t->link))
		job_die(&t->screen, SIGINT, group);
	keys_clear(&t->keys);
	edit_drop(&t->edit);
}

static void
take_signals(struct term *t)
{
	int signo;

	while ((signo = signals_next()) != 0) {
		if (signo == SIGINT)
			interrupt(t, false);
		else if (signo == SIGTSTP)
			stop_terminal(t, false);
		else if (signo == SIGCONT)
			resume_terminal(t);
		else if (signo != SIGWINCH)
			job_die(&t->screen, signo, false);
		t->edit.dirty = true;
	}
}

static void
take_paste(struct term *t)
{
	struct buf text = { 0 };

	paste_clean(&text, t->keys.paste.bytes, t->keys.paste.len);
	if (t->keys.cut)
		transcript_notice(&t->transcript, "the paste was cut: it had "
		    "more than %d bytes", KEYS_PASTE_MAX);
	if (text.len > 0 && !link_is_finishing(t->link))
		edit_insert(&t->edit, text.bytes, text.len);
	buf_free(&text);
	keys_done(&t->keys);
}

static void
take_char(struct term *t)
{
	if (link_is_finishing(t->link))
		(void)keys_byte(&t->keys);
	else
		edit_keys(&t->edit);
}

static void
take_keys(struct term *t)
{
	for (;;) {
		switch (keys_peek(&t->keys)) {
		case KEYS_NONE:
			return;
		case KEYS_CHAR:
			take_char(t);
			break;
		case KEYS_PASTE:
			take_paste(t);
			break;
		case KEYS_INTR:
			interrupt(t, true);
			break;
		case KEYS_SUSP:
			keys_done(&t->keys);
			stop_terminal(t, true);
			break;
		case KEYS_QUIT:
			job_die(&t->screen, SIGQUIT, true);
		}
	}
}

static void
quit(struct term *t)
{
	link_finish(t->link);
	if (link_is_cut(t->link))
		notices_waiting(&t->notices);
}

/* Queue a text. The part that can't be queued goes back into the editor. */
static void
say_line(struct term *t, const char *line, const char *text)
{
	const char *rest = say_text(&t->say, text);

	if (rest != NULL)
		edit_give_back(&t->edit, rest == text ? line : rest);
	else if (line[0] != '\0')
		edit_remember(line);
}

static void
on_line(void *arg, const char *line)
{
	struct term *t = arg;
	const char *text;

	if (line == NULL) {
		quit(t);
		return;
	}
	switch (command_take(&t->command, line, &text)) {
	case COMMAND_SAY:
		say_line(t, line, text);
		break;
	case COMMAND_DONE:
		edit_remember(line);
		break;
	case COMMAND_QUIT:
		quit(t);
		break;
	case COMMAND_WRONG:
		edit_give_back(&t->edit, line);
		break;
	}
}

static void
on_words(void *arg, char **words, size_t n)
{
	struct term *t = arg;
	struct buf line = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_adds(&line, " ");
		buf_adds(&line, words[i]);
	}
	transcript_notice(&t->transcript, "%.*s", (int)line.len, line.bytes);
	buf_free(&line);
}

static void
on_clear(void *arg)
{
	struct term *t = arg;

	screen_clear(&t->screen);
}

static const struct edit_user edit_user = { on_line, on_words, on_clear };

/* Whether there's something to draw. */
static bool
is_dirty(const struct term *t)
{
	return t->edit.dirty || t->echo.dirty || t->screen.transcript.len > 0;
}

static void
draw_terminal(struct term *t)
{
	struct typing typing = { .prompt = "" };
	int64_t now = clock_now();
	struct tty_size size;

	if (!is_dirty(t) || now < t->next_frame)
		return;
	/* Nothing is typed any more after the end. */
	if (link_is_finishing(t->link))
		t->edit.dirty = false;
	else
		edit_typing(&t->edit, &typing);
	tty_size(&size);
	/* No more than stays on a screen that becomes lower. */
	typing.echo = echo_rows(&t->echo, size.cols, size.rows / 2);
	check_terminal(t, screen_draw(&t->screen, &typing));
	t->next_frame = now + FRAME_MS;
}

static void
wait_for_terminal(struct term *t, struct pollfd *pfd)
{
	int64_t deadline = keys_deadline(&t->keys);
	int n;

	if (link_deadline(t->link) < deadline)
		deadline = link_deadline(t->link);
	if (notices_deadline(&t->notices) < deadline)
		deadline = notices_deadline(&t->notices);
	if (is_dirty(t) && t->next_frame < deadline)
		deadline = t->next_frame;
	link_poll(t->link, t->screen.transcript.len < WAITING_MAX,
	    &pfd[PFD_LINK]);
	pollfd_set(&pfd[PFD_KEYS], STDIN_FILENO, POLLIN);
	pollfd_set(&pfd[PFD_SIGNALS], t->signals, POLLIN);
	/* A signal that interrupts it is in the pipe, so it won't be missed. */
	do {
		n = poll(pfd, PFD_COUNT, clock_timeout(deadline));
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		err(2, "poll");
}

/*
 * Nothing that was said is on its way, and nobody is there: the link would
 * still wait for a room that it has never met.
 */
static bool
has_no_room(const struct term *t)
{
	return link_is_finishing(t->link) && !link_is_up(t->link) &&
	    link_owed(t->link) == 0;
}

static void
run_terminal(struct term *t)
{
	struct pollfd pfd[PFD_COUNT];

	do {
		echo_look(&t->echo);
		notices_look(&t->notices);
		draw_terminal(t);
		wait_for_terminal(t, pfd);
		take_signals(t);
		if (pfd[PFD_KEYS].revents != 0)
			check_terminal(t, keys_read(&t->keys));
		take_keys(t);
	} while (!has_no_room(t) && link_ready(t->link, pfd[PFD_LINK].revents));
}

/* Leave the terminal as it was; a line that could not be said is still seen. */
static int
end_session(struct term *t)
{
	const char *why = link_why(t->link);
	uint64_t doubtful = link_doubtful(t->link);
	uint64_t owed = link_owed(t->link);
	uint64_t unsent = owed > doubtful ? owed - doubtful : 0;
	struct typing typing;

	echo_leave(&t->echo);
	edit_typing(&t->edit, &typing);
	check_terminal(t, typing.len > 0 && !link_is_finishing(t->link) ?
	    screen_leave(&t->screen, &typing) : screen_erase(&t->screen));
	job_leave();
	if (why == NULL)
		return link_refused(t->link) > 0 ? 1 : 0;
	warnx("%s: %s", t->o->addr.name, why);
	if (doubtful > 0)
		warnx("%s: %" PRIu64 " line%s in doubt", t->o->addr.name,
		    doubtful, plural(doubtful));
	if (unsent > 0)
		warnx("%s: %" PRIu64 " line%s not sent", t->o->addr.name,
		    unsent, plural(unsent));
	return 2;
}

/* Have a link that isn't connected yet. */
static void
make_link(struct term *t)
{
	const struct hello hello = {
		.role = ROLE_CHAT,
		.history = t->o->history,
		.n = t->o->n,
		.times = t->o->times,
		.presence = true
	};

	t->link = link_new(&t->o->addr, t->o->tls, &hello, &notices_reader,
	    &t->notices);
	if (t->link == NULL)
		err(2, "%s", t->o->addr.name);
}

static void
connect_to_room(struct term *t)
{
	if (link_open_resuming(t->link, t->o->wait, t->o->patience) == -1)
		errx(2, "%s: %s", t->o->addr.name, link_why(t->link));
	link_name(t->link, t->o->name, t->o->insists);
}

static void
open_terminal(struct term *t)
{
	struct tty_signals signals;

	t->signals = signals_open();
	if (t->signals == -1)
		err(2, "signals");
	if (tty_open(&signals) == -1)
		err(2, "terminal");
	keys_init(&t->keys, STDIN_FILENO, &signals);
	if (edit_open(&t->edit, &edit_user, t, &t->keys,
	    &t->transcript.names) == -1)
		err(2, "readline");
	check_terminal(t, job_take(&t->screen));
}

/* All is open, and readline has read its files. */
static void
enter_terminal_sandbox(const struct term *t)
{
	char lack[SANDBOX_LACK];

	(void)sandbox_enter(SANDBOX_TERMINAL, -1, NULL, link_helper(t->link),
	    lack);
}

int
term_run(const struct term_options *o)
{
	struct term t;
	int status;

	memset(&t, 0, sizeof(t));
	t.o = o;
	(void)signal(SIGPIPE, SIG_IGN);
	make_link(&t);
	screen_init(&t.screen);
	transcript_init(&t.transcript, &t.screen, o->times, dim_possible());
	echo_init(&t.echo, t.link, &t.transcript);
	echo_as(&t.echo, o->name, strlen(o->name));
	say_init(&t.say, t.link, &t.transcript, &t.echo);
	command_init(&t.command, t.link, &t.transcript);
	notices_init(&t.notices, o->addr.name, t.link, &t.transcript, &t.echo,
	    &t.command);
	transcript_notice(&t.transcript, "connecting to %s", o->addr.name);
	check_terminal(&t, screen_erase(&t.screen));
	connect_to_room(&t);
	open_terminal(&t);
	enter_terminal_sandbox(&t);
	run_terminal(&t);
	status = end_session(&t);
	edit_close(&t.edit);
	keys_free(&t.keys);
	command_free(&t.command);
	echo_free(&t.echo);
	transcript_free(&t.transcript);
	screen_free(&t.screen);
	link_free(t.link);
	return status;
}
