/*
 * A person in a room, line by line, on any terminal
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "lines.h"
#include "pollfd.h"
#include "signals.h"
#include "tty.h"

#define READ_MAX	4096

/* A line that is longer ends here: no room would take it. */
#define TYPED_MAX	(64 * 1024)

enum { PFD_LINK, PFD_INPUT, PFD_SIGNALS, PFD_COUNT };

struct lines {
	struct session	 session;
	struct buf	 out;		/* to be written */
	struct buf	 typed;		/* read and not yet a line */
	int		 signals;	/* to poll for them */
};

/* Blocks as long as nobody reads: then nothing is lost, here or on the way. */
static void
write_out(struct lines *l)
{
	if (l->out.len > 0 && tty_write(l->out.bytes, l->out.len) == -1)
		err(2, "standard output");
	l->out.len = 0;
}

static void
take_line(struct lines *l, char *line, size_t len)
{
	const char *rest;

	/* What is after a NUL can't be said. */
	line[len] = '\0';
	if (len > 0 && line[len - 1] == '\r')
		line[len - 1] = '\0';
	if (session_take(&l->session, line, &rest) == COMMAND_QUIT)
		session_quit(&l->session);
}

static void
take_typed(struct lines *l)
{
	char *lf;
	size_t len;

	while (!link_is_finishing(l->session.link) && l->typed.len > 0) {
		lf = memchr(l->typed.bytes, '\n', l->typed.len);
		if (lf == NULL && l->typed.len < TYPED_MAX)
			return;
		len = lf == NULL ? TYPED_MAX - 1 :
		    (size_t)(lf - l->typed.bytes);
		take_line(l, l->typed.bytes, len);
		buf_drop(&l->typed, len + 1);
	}
}

/* The end of the input, also in the middle of a line. */
static void
end_typed(struct lines *l)
{
	if (l->typed.len > 0) {
		buf_adds(&l->out, "\n");
		buf_adds(&l->typed, "\n");
		take_typed(l);
	}
	session_quit(&l->session);
}

static void
read_typed(struct lines *l)
{
	char *s = buf_space(&l->typed, READ_MAX);
	ssize_t n = read(STDIN_FILENO, s, READ_MAX);

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end_typed(l);
		return;
	}
	l->typed.len += (size_t)n;
	take_typed(l);
}

static void
take_signals(struct lines *l)
{
	while (signals_next() == SIGCONT) {
		away_stopped(&l->session.away);
		notices_was_away(&l->session.notices);
	}
}

static void
wait_for_lines(struct lines *l, struct pollfd *pfd)
{
	bool typing = !link_is_finishing(l->session.link);
	int n;

	link_poll(l->session.link, true, &pfd[PFD_LINK]);
	pollfd_set(&pfd[PFD_INPUT], typing ? STDIN_FILENO : -1, POLLIN);
	pollfd_set(&pfd[PFD_SIGNALS], l->signals, POLLIN);
	do {
		n = poll(pfd, PFD_COUNT,
		    clock_timeout(session_deadline(&l->session)));
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		err(2, "poll");
}

static void
run_lines(struct lines *l)
{
	struct pollfd pfd[PFD_COUNT];

	do {
		session_look(&l->session);
		write_out(l);
		wait_for_lines(l, pfd);
		take_signals(l);
		if (pfd[PFD_INPUT].revents != 0)
			read_typed(l);
	} while (!session_has_no_room(&l->session) &&
	    link_ready(l->session.link, pfd[PFD_LINK].revents));
}

int
lines_run(const struct session_options *o)
{
	struct lines l;
	struct transcript_style style = {
		.out = &l.out, .eol = "\n",
		.stamp = o->hello.times ? STAMP_LONG : STAMP_NONE,
		.bell = !o->bare
	};
	int status;

	memset(&l, 0, sizeof(l));
	(void)signal(SIGPIPE, SIG_IGN);
	l.signals = signals_open();
	if (l.signals == -1 || signals_catch(SIGCONT) == -1)
		err(2, "signals");
	session_init(&l.session, o, &style);
	/* They stand where they were typed. */
	l.session.echo.hidden = true;
	write_out(&l);
	session_connect(&l.session);
	session_confine(&l.session);
	run_lines(&l);
	write_out(&l);
	status = session_report(&l.session);
	session_free(&l.session);
	buf_free(&l.typed);
	buf_free(&l.out);
	return status;
}
