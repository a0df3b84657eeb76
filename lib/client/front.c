/*
 * Front: the protocol of chat(7) over standard input and output
 */
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "front.h"
#include "input.h"
#include "link.h"
#include "pollfd.h"
#include "relay.h"
#include "sandbox.h"
#include "sigpipe.h"
#include "tell.h"

enum { PFD_LINK, PFD_IN, PFD_OUT, PFD_COUNT };

struct front {
	const struct front_options *o;
	struct link	*link;
	struct input	 in;
	struct tell	 tell;
	struct relay	 relay;
	void		(*on_sigpipe)(int); /* as it was at the start */
};

/* A line of the front end's is refused here: line 0 is a control line. */
static void
refuse(void *arg, uint64_t line, const char *reason)
{
	struct front *f = arg;
	char words[CTL_NUMBER_SIZE];

	f->relay.missing |= line > 0;
	(void)snprintf(words, sizeof(words), "error %ju", (uintmax_t)line);
	tell_text(&f->tell, words, reason, strlen(reason));
}

static void
refuse_word(void *arg, const char *reason)
{
	refuse(arg, 0, reason);
}

/* What a room says, or we say. An answer could loop for ever where somebody has
 * linked two of us, so there is none. */
static bool
is_answer(const char *s, size_t len)
{
	static const char *const ours[] = { "up", "down", "forgotten", "end" };
	struct word w, rest = ctl_words(s, len);
	struct notice n;
	size_t i;

	(void)notice_parse(&n, s, len);
	if (n.kind != NOTICE_UNKNOWN)
		return true;
	(void)word_next(&w, &rest);
	for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
		if (word_is(&w, ours[i]))
			return true;
	}
	return false;
}

static void
refuse_unknown(struct front *f, const char *s, size_t len)
{
	struct word w, rest = ctl_words(s, len);
	char reason[128];
	int shown;

	(void)word_next(&w, &rest);
	shown = w.len < CTL_WORD_SHOWN ? (int)w.len : CTL_WORD_SHOWN;
	(void)snprintf(reason, sizeof(reason), "unknown word: %.*s%s", shown,
	    w.s, w.len > CTL_WORD_SHOWN ? "..." : "");
	refuse(f, 0, reason);
}

static void
obey(void *arg, const char *s, size_t len)
{
	struct front *f = arg;

	if (is_answer(s, len))
		return;
	if (who_parse(s, len, refuse_word, f))
		link_ask(f->link);
	else
		refuse_unknown(f, s, len);
}

static bool
can_answer(void *arg)
{
	struct front *f = arg;

	return tell_has_spare(&f->tell);
}

static const struct input_talker talker = { can_answer, refuse, obey };

static bool
wants_input(const struct front *f)
{
	return !link_is_finishing(f->link) && input_wanted(&f->in);
}

static void
poll_front(struct front *f, struct pollfd *pfd)
{
	bool deaf = f->tell.deaf;

	link_poll(f->link, tell_ready(&f->tell), &pfd[PFD_LINK]);
	pollfd_set(&pfd[PFD_IN], wants_input(f) ? STDIN_FILENO : -1, POLLIN);
	/* Polled even for nothing, to see at once when its reader goes away. */
	pollfd_set(&pfd[PFD_OUT], deaf ? -1 : STDOUT_FILENO,
	    outbuf_pending(&f->tell.out) ? POLLOUT : 0);
}

static void
wait_for_front(struct front *f, struct pollfd *pfd)
{
	/* Nothing waits for the queue: what can be read now is all there is. */
	bool last_words = f->tell.deaf && wants_input(f) &&
	    link_has_space(f->link);
	int n;

	poll_front(f, pfd);
	do {
		n = poll(pfd, PFD_COUNT, last_words ? 0 :
		    clock_timeout(link_deadline(f->link)));
	} while (n == -1 && errno == EINTR);
	if (n == -1)
		err(2, "poll");
	if (last_words && pfd[PFD_IN].revents == 0)
		link_finish(f->link);
}

static void
write_output(struct front *f)
{
	if (outbuf_write(&f->tell.out) == 0)
		return;
	if (errno != EPIPE)
		err(2, "standard output");
	tell_nobody(&f->tell);
}

/* Write all that is left, however long it takes. */
static void
drain_output(struct front *f)
{
	struct pollfd pfd = { .fd = STDOUT_FILENO, .events = POLLOUT };

	while (outbuf_pending(&f->tell.out)) {
		if (poll(&pfd, 1, -1) == -1 && errno != EINTR)
			err(2, "poll");
		write_output(f);
	}
}

/* Say what has been read, as far as there is space for it and for answers. */
static void
take_input(struct front *f)
{
	if (!link_is_finishing(f->link) && input_take(&f->in, f->link))
		link_finish(f->link);
}

static void
serve_front(struct front *f, const struct pollfd *pfd)
{
	if (pfd[PFD_IN].revents != 0 && input_read(&f->in) == -1)
		err(2, "standard input");
	take_input(f);
	if ((pfd[PFD_OUT].revents & POLLOUT) != 0)
		write_output(f);
	else if (pfd[PFD_OUT].revents != 0)
		tell_nobody(&f->tell);
}

/*
 * The front end has no more to say, and nothing is left to wait for. Without a
 * connection that is so once all is settled. When nobody reads any more, lines
 * that can't go out now don't go out later: nobody was told that they would.
 */
static bool
is_over(const struct front *f)
{
	bool settled = link_owed(f->link) == 0;

	if (!link_is_finishing(f->link))
		return false;
	return link_is_cut(f->link) ? settled || f->tell.deaf :
	    settled && f->tell.deaf;
}

static void
run_front(struct front *f)
{
	struct pollfd pfd[PFD_COUNT];

	do {
		wait_for_front(f, pfd);
		serve_front(f, pfd);
		if (!link_ready(f->link, pfd[PFD_LINK].revents))
			return;
		/* There may be space now, and nothing else to wake us up. */
		take_input(f);
		relay_catch_up(&f->relay);
	} while (!is_over(f));
}

/* Why the link has ended, of each address where there are several; as much of
 * it as fits into a line. */
static void
join_reasons(const struct link *l, char *all, size_t size)
{
	const char *address, *why;
	char one[RELAY_WHY_SIZE];
	size_t i = 0;

	all[0] = '\0';
	while (link_next_reason(l, &i, &address, &why)) {
		relay_reason(one, l, address, why);
		if (all[0] != '\0')
			(void)strlcat(all, "; ", size);
		(void)strlcat(all, one, size);
	}
}

/* The last line tells why. One that never was there is no good end. */
static int
end_front(struct front *f)
{
	bool failed = link_why(f->link) != NULL ||
	    !link_was_answered(f->link);
	char why[LINE_SIZE];

	relay_catch_up(&f->relay);
	join_reasons(f->link, why, sizeof(why));
	if (link_why(f->link) == NULL && failed)
		(void)strlcpy(why, f->relay.why, sizeof(why));
	tell_text(&f->tell, "end", why, strlen(why));
	drain_output(f);
	if (failed)
		return 2;
	return f->relay.missing ? 1 : 0;
}

static int
open_link(struct front *f)
{
	const struct front_options *o = f->o;

	if (o->name != NULL)
		link_name(f->link, o->name, false);
	return o->resume ?
	    link_open_resuming(f->link, true, o->patience) :
	    link_open(f->link);
}

static void
open_front(struct front *f, const struct front_options *o)
{
	struct hello hello = o->hello;

	memset(f, 0, sizeof(*f));
	f->o = o;
	f->on_sigpipe = signal(SIGPIPE, SIG_IGN);
	if (input_init(&f->in, STDIN_FILENO, false) == -1)
		err(2, NULL);
	input_listen(&f->in, &talker, f);
	if (tell_init(&f->tell, STDOUT_FILENO) == -1)
		err(2, "standard output");
	hello.presence = true;
	f->link = link_new(&o->room, o->tls, &hello, &relay_reader, &f->relay);
	if (f->link == NULL)
		err(2, "%s", o->room.name);
	f->relay.tell = &f->tell;
	f->relay.link = f->link;
	f->relay.in = &f->in;
	f->relay.times = o->hello.times;
}

static void
close_front(struct front *f)
{
	link_free(f->link);
	input_free(&f->in);
	tell_free(&f->tell);
}

int
front_run(const struct front_options *o)
{
	char lack[SANDBOX_LACK];
	struct front f;
	int status;

	open_front(&f, o);
	if (open_link(&f) == 0) {
		/* All is open, and with resume a child connects. */
		(void)sandbox_enter(SANDBOX_PIPE, -1, NULL,
		    link_helper(f.link), lack);
		run_front(&f);
	}
	status = end_front(&f);
	if (f.tell.deaf)
		sigpipe_end(f.on_sigpipe);
	close_front(&f);
	return status;
}
