/*
 * Joint: a room joined to standard input, standard output, or both
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "input.h"
#include "joint.h"
#include "line.h"
#include "link.h"
#include "output.h"
#include "plural.h"
#include "pollfd.h"
#include "sandbox.h"
#include "show.h"
#include "sigpipe.h"

#define TOO_LATE	3		/* exit status when -w is over */
#define LINES_SIZE	96		/* bytes: two numbers, and words */

enum { PFD_LINK, PFD_IN, PFD_OUT, PFD_COUNT };

struct joint {
	const struct joint_options *o;
	struct link	*link;
	struct input	 in;
	struct output	 out;
	bool		 sends;
	bool		 listens;
	bool		 reader_gone;	/* of standard output */
	bool		 done;		/* all lines that -c wants are here */
	bool		 lines_missing;	/* lines were refused, or lost */
	void		(*on_sigpipe)(int); /* as it was at the start */
	uint64_t	 count;		/* lines still wanted */
	int64_t		 deadline;	/* for them */
};

/* How many of the len bytes are lines still wanted: what's more is dropped. */
static size_t
count_lines(struct joint *j, const char *lines, size_t len)
{
	len = line_skip(lines, len, &j->count);
	j->done = j->count == 0;
	return len;
}

static void
print_lines(void *arg, const char *lines, size_t len)
{
	struct joint *j = arg;
	uint64_t next;

	if (j->done || j->reader_gone)
		return;
	if (j->o->json && link_next_number(j->link, &next))
		j->out.number = next - line_count(lines, len);
	if (j->o->counted)
		len = count_lines(j, lines, len);
	else if (j->o->wait != CLOCK_NEVER)
		j->deadline = clock_now() + j->o->wait;
	output_put(&j->out, lines, len);
}

static void
warn_error(struct joint *j, const struct notice *n)
{
	char shown[SHOW_GROWTH * LINE_SIZE];
	int len = (int)show_text(shown, n->text, n->textlen);

	j->lines_missing = true;
	if (n->n > link_settled(j->link))
		warnx("line %" PRIu64 ": %.*s",
		    link_input(j->link, n->n), len, shown);
	else
		warnx("%s: the room says: %.*s", link_address(j->link), len,
		    shown);
}

static bool
wants_output(const struct joint *j)
{
	return j->listens && !j->reader_gone;
}

static void
handle_notice(void *arg, const struct notice *n)
{
	struct joint *j = arg;

	if (n->kind == NOTICE_ERROR)
		warn_error(j, n);
	else if (n->kind == NOTICE_LOST && n->counted)
		warnx("%" PRIu64 " line%s lost", n->n, plural(n->n));
	else if (n->kind == NOTICE_LOST)
		warnx("an unknown number of lines lost");
	else if (n->kind == NOTICE_TIME)
		output_time(&j->out, (int64_t)n->n);
	else if (n->kind == NOTICE_YOU)
		j->out.named = true;
	if (n->kind != NOTICE_LOST)
		return;
	j->lines_missing = true;
	if (wants_output(j) && !j->done)
		output_lost(&j->out, n->n, n->counted);
}

static void
warn_cut(void *arg, const char *address, const char *why)
{
	struct joint *j = arg;

	/* The next room says anew whether it names its speakers. */
	j->out.named = false;
	warnx("%s: %s, retrying", address, why);
}

static void
warn_back(void *arg, bool forgotten, uint64_t doubtful)
{
	struct joint *j = arg;
	const char *address = link_address(j->link);

	warnx("%s: connected", address);
	if (forgotten && doubtful == 0)
		warnx("%s: the room has forgotten this session", address);
	if (doubtful == 0)
		return;
	warnx("%s: the room has forgotten this session: %" PRIu64 " line%s "
	    "may be there twice", address, doubtful, plural(doubtful));
	j->lines_missing = true;
}

static const struct link_reader reader = {
	print_lines, handle_notice, warn_cut, warn_back
};

static bool
wants_input(const struct joint *j)
{
	return j->sends && !link_is_finishing(j->link) && input_wanted(&j->in);
}

static void
poll_joint(struct joint *j, struct pollfd *pfd)
{
	link_poll(j->link, !wants_output(j) || output_ready(&j->out),
	    &pfd[PFD_LINK]);
	pollfd_set(&pfd[PFD_IN], wants_input(j) ? STDIN_FILENO : -1, POLLIN);
	/* Polled even for nothing, to see at once when its reader goes away. */
	pollfd_set(&pfd[PFD_OUT], wants_output(j) ? STDOUT_FILENO : -1,
	    output_pending(&j->out) ? POLLOUT : 0);
}

/* Wait for what can be done next; false when the time for lines is over. */
static bool
wait_for_joint(struct joint *j, struct pollfd *pfd)
{
	/* Nothing waits for the queue: what can be read now is all there is. */
	bool last_words = j->reader_gone && wants_input(j) &&
	    link_has_space(j->link);
	int64_t deadline = link_deadline(j->link);
	int n;

	poll_joint(j, pfd);
	if (j->deadline < deadline)
		deadline = j->deadline;
	do {
		n = poll(pfd, PFD_COUNT,
		    last_words ? 0 : clock_timeout(deadline));
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		err(2, "poll");
	if (last_words && pfd[PFD_IN].revents == 0)
		link_finish(j->link);
	/* The time for all is over however many keep on coming. */
	return last_words || clock_now() < j->deadline ||
	    (n > 0 && !j->o->counted);
}

/*
 * The reader is gone. If it is also who writes to us, what it said last has to
 * get into the room before we follow.
 */
static void
hang_up(struct joint *j)
{
	if (!j->sends)
		sigpipe_end(j->on_sigpipe);
	j->reader_gone = true;
}

static void
write_output(struct joint *j)
{
	if (output_write(&j->out) == 0)
		return;
	if (errno != EPIPE)
		err(2, "standard output");
	hang_up(j);
}

/* Write all that is left, however long it takes. */
static void
drain_output(struct joint *j)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (wants_output(j) && output_pending(&j->out)) {
		if (poll(&pfd, 1, -1) == -1 && errno != EINTR)
			err(2, "poll");
		write_output(j);
	}
}

static void
read_input(struct joint *j)
{
	if (input_read(&j->in) == -1)
		err(2, "standard input");
}

/* Say what has been read, as far as there is space for it. */
static void
queue_input(struct joint *j)
{
	if (j->sends && !link_is_finishing(j->link) &&
	    input_take(&j->in, j->link))
		link_finish(j->link);
}

static void
serve_joint(struct joint *j, const struct pollfd *pfd)
{
	if (pfd[PFD_IN].revents != 0)
		read_input(j);
	queue_input(j);
	if ((pfd[PFD_OUT].revents & POLLOUT) != 0)
		write_output(j);
	else if (pfd[PFD_OUT].revents != 0)
		hang_up(j);
}

/* Why it ended, and what has become of the lines. */
static int
report_end(struct joint *j)
{
	uint64_t taken = link_settled(j->link) - link_refused(j->link);
	uint64_t doubtful = link_doubtful(j->link);
	const char *address, *why;
	char lines[LINES_SIZE] = "";
	size_t i = 0;

	if (link_why(j->link) == NULL)
		return j->lines_missing || j->in.refused > 0 ? 1 : 0;
	/* Nothing has become of what was never sent. */
	if (taken + doubtful > 0)
		(void)snprintf(lines, sizeof(lines), ": %" PRIu64 " line%s "
		    "acknowledged, %" PRIu64 " in doubt", taken, plural(taken),
		    doubtful);
	while (link_next_reason(j->link, &i, &address, &why))
		warnx("%s: %s%s", address, why,
		    link_has_others(j->link) ? "" : lines);
	if (link_has_others(j->link) && lines[0] != '\0')
		warnx("%s%s", j->o->room.name, lines);
	return 2;
}

/* Nobody is left to read for, and nothing to say. */
static bool
has_no_peers(const struct joint *j)
{
	return j->reader_gone && link_is_finishing(j->link) &&
	    link_owed(j->link) == 0;
}

static int
run_joint(struct joint *j)
{
	struct pollfd pfd[PFD_COUNT];

	while (!j->done) {
		if (!wait_for_joint(j, pfd)) {
			drain_output(j);
			return TOO_LATE;
		}
		serve_joint(j, pfd);
		if (!link_ready(j->link, pfd[PFD_LINK].revents) ||
		    has_no_peers(j))
			break;
		/* There may be space now, and nothing else to wake us up. */
		queue_input(j);
	}
	drain_output(j);
	return j->done ? j->lines_missing : report_end(j);
}

static int
open_input(struct joint *j)
{
	const struct joint_options *o = j->o;

	if (o->text != NULL)
		return input_text(&j->in, o->text, o->repair);
	return input_init(&j->in, STDIN_FILENO, o->repair);
}

static int
open_link(struct joint *j)
{
	return j->o->resume ?
	    link_open_resuming(j->link, true, j->o->patience) :
	    link_open(j->link);
}

/* All is open, and with -r a child connects. If the system lacks a part of the
 * sandbox, users can't change that, so nothing is reported. */
static void
enter_pipe_sandbox(const struct joint *j)
{
	char lack[SANDBOX_LACK];

	(void)sandbox_enter(SANDBOX_PIPE, -1, NULL, link_helper(j->link), lack);
}

int
joint_run(const struct joint_options *o)
{
	struct joint j;
	int status;

	memset(&j, 0, sizeof(j));
	j.o = o;
	j.sends = (o->hello.role & ROLE_SEND) != 0;
	j.listens = (o->hello.role & ROLE_RECV) != 0;
	j.count = o->count;
	j.on_sigpipe = signal(SIGPIPE, SIG_IGN);
	if (j.sends && open_input(&j) == -1)
		err(2, NULL);
	if (j.listens && output_init(&j.out, STDOUT_FILENO, o->format,
	    o->json) == -1)
		err(2, "standard output");
	j.link = link_new(&o->room, o->tls, &o->hello, &reader, &j);
	if (j.link == NULL)
		err(2, "%s", o->room.name);
	if (open_link(&j) == -1)
		errx(2, "%s: %s", o->room.name, link_why(j.link));
	if (o->name != NULL)
		link_name(j.link, o->name, o->insists);
	if (o->ends)
		link_finish(j.link);
	enter_pipe_sandbox(&j);
	j.deadline = o->wait == CLOCK_NEVER ? CLOCK_NEVER :
	    clock_now() + o->wait;
	status = run_joint(&j);
	if (j.reader_gone)
		sigpipe_end(j.on_sigpipe);
	link_free(j.link);
	input_free(&j.in);
	output_free(&j.out);
	return status;
}
