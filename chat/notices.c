/*
 * Notices: what the link reports, in words for the person
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "line.h"
#include "notices.h"
#include "plural.h"

void
notices_init(struct notices *ns, struct link *l, struct transcript *t,
    struct echo *echo, struct command *c, struct away *away)
{
	memset(ns, 0, sizeof(*ns));
	ns->link = l;
	ns->transcript = t;
	ns->echo = echo;
	ns->command = c;
	ns->away = away;
	ns->since = CLOCK_NEVER;
}

static void
on_lines(void *arg, const char *lines, size_t len)
{
	struct notices *ns = arg;

	away_count(ns->away, line_count(lines, len));
	transcript_lines(ns->transcript, lines, len);
}

static void
on_error(struct notices *ns, const struct notice *n)
{
	bool line = n->n > link_settled(ns->link);

	if (!command_refused(ns->command, n))
		transcript_notice(ns->transcript, "%s: %.*s", line ?
		    "refused by the room" : "the room says", (int)n->textlen,
		    n->text);
	if (line)
		echo_refused(ns->echo, n->n);
}

/* With the first answer of all, a room that names its speakers has sent the
 * name. */
static void
on_answer(struct notices *ns)
{
	bool silence_reported = ns->silence_reported;

	ns->silence_reported = false;
	if (link_was_answered(ns->link)) {
		if (silence_reported)
			transcript_notice(ns->transcript,
			    "the room answers again");
		return;
	}
	transcript_notice(ns->transcript, "connected to %s as %s; /help lists "
	    "commands, Ctrl-D leaves", link_address(ns->link), ns->echo->name);
	ns->welcome = true;
}

static void
on_notice(void *arg, const struct notice *n)
{
	struct notices *ns = arg;

	switch (n->kind) {
	case NOTICE_TIME:
		transcript_time(ns->transcript, (int64_t)n->n);
		break;
	case NOTICE_OK:
		on_answer(ns);
		break;
	case NOTICE_AT:
		echo_at(ns->echo, n->n);
		break;
	case NOTICE_LOST:
		echo_lost(ns->echo, n);
		if (n->counted)
			transcript_notice(ns->transcript, "%" PRIu64
			    " line%s lost", n->n, plural(n->n));
		else
			transcript_notice(ns->transcript,
			    "an unknown number of lines lost");
		break;
	case NOTICE_ERROR:
		on_error(ns, n);
		break;
	case NOTICE_YOU:
		echo_named(ns->echo, n->text, n->textlen);
		break;
	case NOTICE_HERE:
		command_here(ns->command, n);
		break;
	case NOTICE_JOIN:
		command_join(ns->command, n);
		break;
	case NOTICE_PART:
		command_part(ns->command, n);
		break;
	default:
		break;
	}
}

void
notices_waiting(struct notices *ns)
{
	uint64_t n = link_owed(ns->link);

	if (ns->waiting || n == 0)
		return;
	ns->waiting = true;
	transcript_notice(ns->transcript, "%" PRIu64 " line%s waiting for "
	    "the room; Ctrl-C gives up", n, plural(n));
}

/* Whether a room's reason can stand for itself. */
static bool
is_about_the_room(const char *reason)
{
	return strncmp(reason, "the room is ", strlen("the room is ")) == 0 ||
	    strcmp(reason, BYE_TEXT_CUT_OFF) == 0;
}

static void
on_cut(void *arg, const char *address, const char *why)
{
	struct notices *ns = arg;
	size_t goodbye = strlen(LINK_GOODBYE);

	ns->welcome = ns->silence_reported = false;
	ns->cut_at = clock_now();
	ns->cut_date = clock_date();
	/* Why a room went away says little, if it doesn't itself: its coming
	 * back is what counts. */
	if (!link_was_answered(ns->link))
		transcript_notice(ns->transcript, "%s: %s, retrying", address,
		    why);
	else if (strncmp(why, LINK_GOODBYE, goodbye) != 0)
		transcript_notice(ns->transcript,
		    "connection lost, retrying");
	else if (is_about_the_room(why + goodbye))
		transcript_notice(ns->transcript, "%s, retrying",
		    why + goodbye);
	else
		transcript_notice(ns->transcript, "%s, retrying", why);
	command_cut(ns->command);
	if (link_is_finishing(ns->link))
		notices_waiting(ns);
}

static void
on_back(void *arg, bool forgotten, uint64_t doubtful)
{
	struct notices *ns = arg;

	if (!ns->welcome && link_has_others(ns->link))
		transcript_notice(ns->transcript, "connected to %s",
		    link_address(ns->link));
	else if (!ns->welcome)
		transcript_notice(ns->transcript, "connected");
	/* What another room has settled comes before all of this one. */
	if (forgotten)
		echo_place(ns->echo);
	if (forgotten && doubtful == 0)
		transcript_notice(ns->transcript,
		    "the room has forgotten this session");
	else if (doubtful > 0)
		transcript_notice(ns->transcript, "the room has forgotten "
		    "this session: %" PRIu64 " line%s may be there twice",
		    doubtful,
		    plural(doubtful));
}

/* That there's no connection is told already. */
static bool
awaits_answer(const struct notices *ns)
{
	const struct link *l = ns->link;

	return !link_is_cut(l) && link_is_connected(l) &&
	    (!link_is_answered(l) || link_is_finishing(l) || link_owed(l) > 0);
}

static void
report_silence(struct notices *ns)
{
	uint64_t n = link_owed(ns->link);
	const char *end = link_is_finishing(ns->link) ? "; Ctrl-C gives up" :
	    "";

	ns->silence_reported = true;
	if (n == 0)
		transcript_notice(ns->transcript,
		    "the room does not answer%s", end);
	else
		transcript_notice(ns->transcript, "the room does not answer; "
		    "%" PRIu64 " line%s waiting%s", n, n == 1 ? " is" :
		    "s are", end);
}

void
notices_look(struct notices *ns)
{
	const struct link *l = ns->link;
	bool progress = ns->settled != link_settled(l) ||
	    ns->answered != link_is_answered(l);

	ns->settled = link_settled(l);
	ns->answered = link_is_answered(l);
	/* After ^D there is something to say that wasn't said before. */
	if (link_is_finishing(l) && !ns->finishing)
		ns->silence_reported = false;
	ns->finishing = link_is_finishing(l);
	if (!awaits_answer(ns))
		ns->since = CLOCK_NEVER;
	else if (progress || ns->since == CLOCK_NEVER)
		ns->since = clock_now();
	if (clock_now() >= notices_deadline(ns))
		report_silence(ns);
}

int64_t
notices_status(const struct notices *ns, char *status)
{
	int64_t now = clock_now(), next = link_next_try(ns->link), left;
	char since[CLOCK_STAMP];
	char *time;

	status[0] = '\0';
	if (!link_is_cut(ns->link))
		return CLOCK_NEVER;
	if (now < ns->cut_at + NOTICES_CUT)
		return ns->cut_at + NOTICES_CUT;
	(void)clock_stamp(since, ns->cut_date);
	time = strchr(since, 'T');
	left = next == CLOCK_NEVER || next < now ? 0 : next - now;
	(void)snprintf(status, NOTICES_STATUS_SIZE,
	    "not connected since %.8s", time == NULL ? "?" : time + 1);
	if (left == 0)
		(void)strlcat(status, ", trying now", NOTICES_STATUS_SIZE);
	else
		(void)snprintf(status + strlen(status), NOTICES_STATUS_SIZE -
		    strlen(status), ", next try in %" PRId64 " s",
		    (left + 999) / 1000);
	return left == 0 ? CLOCK_NEVER : now + (left - 1) % 1000 + 1;
}

int64_t
notices_deadline(const struct notices *ns)
{
	return ns->since == CLOCK_NEVER || ns->silence_reported ? CLOCK_NEVER :
	    ns->since + NOTICES_PATIENCE;
}

void
notices_was_away(struct notices *ns)
{
	ns->since = CLOCK_NEVER;
}

const struct link_reader notices_reader = {
	on_lines, on_notice, on_cut, on_back
};
