/*
 * Receiving: acting on what a room sends on a link
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "line.h"
#include "link_private.h"
#include "receive.h"
#include "show.h"

#define BYE_SHOWN	100		/* bytes of a room's last words */

/* What to do about a reason that the room would give every time; NULL if it is
 * another. */
static const char *
final_advice(const struct notice *n)
{
	static const struct {
		const char	*reason;
		const char	*advice;
	} table[] = {
		{ BYE_TEXT_KEY, "; give one with -k" },
		{ BYE_TEXT_LISTENS, "; chat-recv can use it" },
		{ BYE_TEXT_NO_KEYS, "; connect without -k and CHAT_KEY" },
		{ BYE_TEXT_REVOKED, "; the room's owner can give you another" },
		{ BYE_TEXT_SENDS, "; chat-send can use it" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (n->textlen == strlen(table[i].reason) &&
		    memcmp(n->text, table[i].reason, n->textlen) == 0)
			return table[i].advice;
	}
	return NULL;
}

/* A reason given by the room, as it may be shown. */
static bool
cut_by_bye(struct link *l, const struct notice *n)
{
	size_t len = n->textlen < BYE_SHOWN ? n->textlen : BYE_SHOWN;
	char shown[SHOW_GROWTH * BYE_SHOWN], why[LINK_WHY_SIZE];
	const char *advice = final_advice(n);

	len = show_text(shown, n->text, len);
	(void)snprintf(why, sizeof(why), LINK_GOODBYE "%.*s", (int)len, shown);
	/* In a handshake it may be anybody's word. */
	if (advice == NULL || (l->state == LINK_HANDSHAKE && l->ever_answered))
		return link_cut(l, why);
	return link_fail(l, "%s%s", why, advice);
}

/* So many lines are settled, as the room counts them. */
static bool
settle_lines(struct link *l, uint64_t lines)
{
	lines += l->forgotten;
	if (!sendq_settle(&l->queue, lines))
		return link_fail(l, "the room acknowledged lines that were "
		    "never sent");
	if (lines >= l->last_named) {
		l->refused += l->named;
		l->named = 0;
	}
	return true;
}

/*
 * The first answer of a room on this connection. For a link that has come
 * back, settled is how much the room knows of what was said before; if it
 * begins a session that it had begun already, it has forgotten it and counts
 * anew.
 */
static bool
receive_answer(struct link *l, uint64_t settled, bool new_session)
{
	bool forgotten = (l->ever_answered && new_session) ||
	    settled + l->forgotten < l->queue.settled;
	uint64_t doubtful = 0;

	if (forgotten) {
		l->forgotten = l->queue.settled - settled;
		doubtful = sendq_written(&l->queue);
	}
	l->answered = l->ever_answered = true;
	memset(l->whys, 0, l->rooms->n * sizeof(*l->whys));
	/* Nobody connects any more. */
	if (!l->resume)
		dial_close(&l->dial);
	if (!settle_lines(l, settled))
		return false;
	if (l->again)
		sendq_again(&l->queue);
	retry_end(&l->retry);
	if (l->cut_reported)
		l->reader->back(l->arg, forgotten, doubtful);
	l->cut_reported = l->cut_off = false;
	return true;
}

/* Whether a room says that it doesn't know what since= is. */
static bool
is_too_old(const struct link *l, const struct notice *n)
{
	static const char reason[] = "unknown word: since=";

	return l->hello.history == HISTORY_SINCE && !l->answered &&
	    n->textlen >= strlen(reason) &&
	    memcmp(n->text, reason, strlen(reason)) == 0;
}

/* Lines are numbered as we count them from here on, 0 for a control line. */
static bool
receive_error(struct link *l, struct notice *n)
{
	if (n->n == 0 && is_too_old(l, n))
		return link_fail(l, "this room is too old for -l with a time; "
		    "give it a number of messages, as in -l 10");
	if (n->n > 0)
		n->n += l->forgotten;
	if (n->n <= l->queue.settled)
		return true;
	if (n->n > l->queue.lines)
		return link_fail(l, "the room refused a line that was never "
		    "sent");
	if (n->n > l->last_named) {
		l->last_named = n->n;
		l->named++;
	}
	return true;
}

/*
 * A link that is cut before it knows where it goes on is told again, from where
 * it was: so lines count as lost only when their place has been passed.
 */
static void
receive_lost(struct link *l, const struct notice *n)
{
	l->lost += n->n;
	l->lost_uncounted |= !n->counted;
	if (!l->resume)
		link_report_lost(l);
}

/*
 * The room puts a name before our lines itself. Of those that wait nothing was
 * said on this connection, which has not been answered yet.
 */
static bool
receive_you(struct link *l, const struct notice *n)
{
	if (l->prefixlen == 0 || l->answered)
		return true;
	if (l->insists)
		return link_fail(l, "-n: this room names its speakers, and you "
		    "are %.*s", (int)n->textlen, n->text);
	sendq_strip(&l->queue, l->prefix, l->prefixlen);
	l->prefixlen = 0;
	return true;
}

static bool
receive_notice(struct link *l, const char *s, size_t len)
{
	struct notice n;

	if (!notice_parse(&n, s, len))
		return link_fail(l, "not a chat room: it sent a bad control "
		    "line");
	if (n.kind == NOTICE_BYE)
		return cut_by_bye(l, &n);
	if (n.kind == NOTICE_ERROR && !receive_error(l, &n))
		return false;
	if (n.kind == NOTICE_YOU && !receive_you(l, &n))
		return false;
	if (n.kind == NOTICE_LOST) {
		receive_lost(l, &n);
		return true;
	}
	if (n.kind == NOTICE_AT)
		link_report_lost(l);
	/* The reader asks which line an error is about: it goes first. */
	l->reader->notice(l->arg, &n);
	if (n.kind == NOTICE_AT) {
		l->next = n.n;
		l->placed = true;
	}
	if (n.kind == NOTICE_AT && l->hello.role == ROLE_RECV && !l->answered)
		return receive_answer(l, 0, false);
	if (n.kind != NOTICE_OK)
		return true;
	return l->answered ? settle_lines(l, n.n) :
	    receive_answer(l, n.n, n.new_session);
}

static void
receive_lines(struct link *l, const char *s, size_t len)
{
	/* What came before the answer isn't for our role. */
	if (!l->answered || (l->hello.role & ROLE_RECV) == 0)
		return;
	link_report_lost(l);
	l->next += line_count(s, len);
	l->reader->lines(l->arg, s, len);
}

static bool
fail_endless(struct link *l, bool control)
{
	if (control)
		return link_fail(l, "not a chat room: it sent an endless "
		    "control line");
	return link_fail(l, "not a chat room: it sent a line of more than %d "
	    "bytes", MESSAGE_SIZE);
}

static bool
receive_incoming(struct link *l)
{
	const char *s;
	size_t len;

	for (;;) {
		switch (incoming_next(&l->in, &s, &len)) {
		case INCOMING_NOTHING:
			return true;
		case INCOMING_LINES:
			receive_lines(l, s, len);
			break;
		case INCOMING_CONTROL:
			if (!receive_notice(l, s, len))
				return false;
			if (l->state != LINK_UP)
				return true;
			break;
		case INCOMING_ENDLESS:
			return fail_endless(l, *s == CTL_MARK);
		}
	}
}

/* The room has closed its half: was it the end that we asked for? */
static bool
receive_end(struct link *l)
{
	if (!l->answered)
		return link_cut(l, "not a chat room: it closed the connection "
		    "without an answer");
	if (!l->shut || l->queue.settled < l->queue.lines ||
	    !incoming_is_empty(&l->in))
		return link_cut(l, "the room closed the connection");
	return link_end(l);
}

bool
receive_plain(struct link *l)
{
	ssize_t n = incoming_read(&l->in, &l->conn);
	struct notice notice;
	const char *s;
	size_t len;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return true;
	switch (n <= 0 ? INCOMING_LINES : incoming_next(&l->in, &s, &len)) {
	case INCOMING_NOTHING:
		return true;
	case INCOMING_CONTROL:
		if (notice_parse(&notice, s, len) && notice.kind == NOTICE_BYE)
			return cut_by_bye(l, &notice);
		break;
	default:
		break;
	}
	return link_reject(l, "the room has no keys, or is not a chat room: "
	    "it answers in plain text");
}

bool
receive_some(struct link *l)
{
	ssize_t n = incoming_read(&l->in, &l->conn);

	if (n > 0)
		return receive_incoming(l);
	if (n == 0)
		return receive_end(l);
	return errno == EAGAIN || errno == EINTR ||
	    link_cut(l, conn_why(&l->conn));
}
