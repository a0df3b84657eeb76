/*
 * A person in a room, at a terminal that can be drawn on
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "edit.h"
#include "job.h"
#include "keys.h"
#include "paste.h"
#include "pollfd.h"
#include "screen.h"
#include "sgr.h"
#include "signals.h"
#include "term.h"
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
	struct session	 session;
	struct screen	 screen;
	struct keys	 keys;
	struct edit	 edit;
	int		 signals;	/* to poll for them */
	struct buf	 below;		/* rows below the transcript */
	char		 status[NOTICES_STATUS_SIZE]; /* the last of them */
	int64_t		 status_until;	/* it is another one by then */
	int64_t		 next_frame;	/* not before then */
};

bool
term_possible(void)
{
	const char *term = getenv("TERM");

	return term != NULL && term[0] != '\0' && strcmp(term, "dumb") != 0;
}

/* The terminal itself is gone, or doesn't do any more what it's asked to. */
static void
check_terminal(struct term *t, int result)
{
	if (result == -1)
		job_die(&t->screen, SIGHUP, false);
}

static void
was_stopped(struct term *t)
{
	notices_was_away(&t->session.notices);
	away_stopped(&t->session.away);
}

static void
stop_terminal(struct term *t, bool group)
{
	check_terminal(t, job_stop(&t->screen, group));
	was_stopped(t);
	t->edit.dirty = true;
}

static void
resume_terminal(struct term *t)
{
	check_terminal(t, job_take(&t->screen));
	was_stopped(t);
}

static void
interrupt(struct term *t, bool group)
{
	if (link_is_finishing(t->session.link))
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
		transcript_notice(&t->session.transcript, "the paste was cut: "
		    "it had more than %d bytes", KEYS_PASTE_MAX);
	if (text.len > 0 && !link_is_finishing(t->session.link))
		edit_insert(&t->edit, text.bytes, text.len);
	buf_free(&text);
	keys_done(&t->keys);
}

static void
take_char(struct term *t)
{
	if (link_is_finishing(t->session.link))
		(void)keys_byte(&t->keys);
	else
		edit_keys(&t->edit);
}

static void
take_focus(struct term *t)
{
	struct session *s = &t->session;
	uint64_t new;

	if (keys_peek(&t->keys) == KEYS_NO_FOCUS) {
		away_leave(&s->away);
	} else {
		new = away_return(&s->away);
		if (new > 0 && !s->o->bare)
			transcript_rule(&s->transcript, new);
	}
	keys_done(&t->keys);
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
		case KEYS_FOCUS:
		case KEYS_NO_FOCUS:
			take_focus(t);
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
on_line(void *arg, const char *line)
{
	struct term *t = arg;
	const char *rest;

	if (line == NULL ||
	    session_take(&t->session, line, &rest) == COMMAND_QUIT)
		session_quit(&t->session);
	else if (rest != NULL)
		edit_give_back(&t->edit, rest);
	else if (line[0] != '\0')
		edit_remember(line);
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
	transcript_notice(&t->session.transcript, "%.*s", (int)line.len,
	    line.bytes);
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
	return t->edit.dirty || t->session.echo.dirty ||
	    t->screen.transcript.len > 0;
}

/* Nothing is typed any more after the end. */
static bool
is_over(const struct term *t)
{
	return link_is_finishing(t->session.link);
}

/* The state of the connection stands below the transcript: it isn't part of
 * it. */
static void
look_at_status(struct term *t)
{
	char status[NOTICES_STATUS_SIZE];

	t->status_until = notices_status(&t->session.notices, status);
	if (strcmp(status, t->status) == 0)
		return;
	(void)strlcpy(t->status, status, sizeof(t->status));
	t->edit.dirty = true;
}

/* Lines of the person's own, no more than stay on a screen that becomes lower,
 * and the status. */
static const struct buf *
rows_below(struct term *t, const struct tty_size *size)
{
	const struct buf *echo = echo_rows(&t->session.echo, size->cols,
	    size->rows / 2);

	t->below.len = 0;
	buf_add(&t->below, echo->bytes, echo->len);
	if (t->status[0] != '\0')
		transcript_status(&t->session.transcript, &t->below,
		    size->cols, t->status);
	return &t->below;
}

static void
draw_terminal(struct term *t)
{
	struct typing typing = { .prompt = "" };
	int64_t now = clock_now();
	struct tty_size size;

	if (!is_dirty(t) || now < t->next_frame)
		return;
	if (is_over(t))
		t->edit.dirty = false;
	else
		edit_typing(&t->edit, &typing);
	tty_size(&size);
	typing.echo = rows_below(t, &size);
	check_terminal(t, screen_draw(&t->screen, &typing));
	t->next_frame = now + FRAME_MS;
}

static void
wait_for_terminal(struct term *t, struct pollfd *pfd)
{
	int64_t deadline = keys_deadline(&t->keys);
	int n;

	if (session_deadline(&t->session) < deadline)
		deadline = session_deadline(&t->session);
	if (t->status_until < deadline)
		deadline = t->status_until;
	if (is_dirty(t) && t->next_frame < deadline)
		deadline = t->next_frame;
	link_poll(t->session.link, t->screen.transcript.len < WAITING_MAX,
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

static void
run_terminal(struct term *t)
{
	struct pollfd pfd[PFD_COUNT];

	do {
		session_look(&t->session);
		look_at_status(t);
		draw_terminal(t);
		wait_for_terminal(t, pfd);
		take_signals(t);
		if (pfd[PFD_KEYS].revents != 0)
			check_terminal(t, keys_read(&t->keys));
		take_keys(t);
	} while (!session_has_no_room(&t->session) &&
	    link_ready(t->session.link, pfd[PFD_LINK].revents));
}

/* Leave the terminal as it was; a line that could not be said is still seen. */
static void
leave_terminal(struct term *t)
{
	struct typing typing;

	echo_leave(&t->session.echo);
	edit_typing(&t->edit, &typing);
	check_terminal(t, typing.len > 0 && !is_over(t) ?
	    screen_leave(&t->screen, &typing) : screen_erase(&t->screen));
	job_leave();
}

static void
open_terminal(struct term *t)
{
	struct tty_signals signals;

	t->signals = signals_open();
	if (t->signals == -1)
		err(2, "signals");
	if (tty_open(&signals, !t->session.o->bare) == -1)
		err(2, "terminal");
	keys_init(&t->keys, STDIN_FILENO, &signals);
	if (edit_open(&t->edit, &edit_user, t, &t->keys,
	    &t->session.transcript.names) == -1)
		err(2, "readline");
	check_terminal(t, job_take(&t->screen));
}

static void
choose_style(struct transcript_style *style, struct term *t,
    const struct session_options *o)
{
	style->out = &t->screen.transcript;
	style->eol = "\r\n";
	style->stamp = o->hello.times ? STAMP_LONG : o->bare ? STAMP_NONE :
	    STAMP_CLOCK;
	style->bell = !o->bare;
	sgr_find(&style->sgr);
	if (o->bare) {
		style->sgr.bold = false;
		style->sgr.colours = 0;
	}
}

int
term_run(const struct session_options *o)
{
	struct transcript_style style;
	struct term t;
	int status;

	memset(&t, 0, sizeof(t));
	(void)signal(SIGPIPE, SIG_IGN);
	screen_init(&t.screen);
	choose_style(&style, &t, o);
	session_init(&t.session, o, &style);
	check_terminal(&t, screen_erase(&t.screen));
	session_connect(&t.session);
	open_terminal(&t);
	/* Readline has read its files. */
	session_confine(&t.session);
	run_terminal(&t);
	leave_terminal(&t);
	status = session_report(&t.session);
	edit_close(&t.edit);
	keys_free(&t.keys);
	session_free(&t.session);
	buf_free(&t.below);
	screen_free(&t.screen);
	return status;
}
