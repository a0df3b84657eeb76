/*
 * News: what the link tells, as the person gets to see it
 */
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "news.h"
#include "plural.h"

#define GOODBYE		"the room closed the connection: "

void
news_init(struct news *news, const char *room, struct link *l,
    struct transcript *t, struct said *said, struct command *c)
{
	memset(news, 0, sizeof(*news));
	news->room = room;
	news->link = l;
	news->transcript = t;
	news->said = said;
	news->command = c;
	news->since = CLOCK_NEVER;
}

static void
on_lines(void *arg, const char *lines, size_t len)
{
	struct news *news = arg;

	transcript_lines(news->transcript, lines, len);
}

static void
on_error(struct news *news, const struct notice *n)
{
	bool line = n->n > news->link->queue.settled;

	if (!command_refused(news->command, n))
		transcript_notice(news->transcript, "%s: %.*s", line ?
		    "refused by the room" : "the room says", (int)n->textlen,
		    n->text);
	if (line)
		said_refused(news->said, n->n);
}

/* By the first answer of all, the room has told our name if it does. */
static void
on_answer(struct news *news)
{
	const char *prefix = news->said->prefix;
	bool silent = news->silent;

	news->silent = false;
	if (news->link->met) {
		if (silent)
			transcript_notice(news->transcript,
			    "the room answers again");
		return;
	}
	transcript_notice(news->transcript, "connected to %s as %.*s; /help "
	    "lists commands, Ctrl-D leaves", news->room,
	    (int)strlen(prefix) - 2, prefix);
	news->welcome = true;
}

static void
on_notice(void *arg, const struct notice *n)
{
	struct news *news = arg;

	switch (n->kind) {
	case NOTICE_TIME:
		transcript_time(news->transcript, (int64_t)n->n);
		break;
	case NOTICE_OK:
		on_answer(news);
		break;
	case NOTICE_AT:
		said_at(news->said, n->n);
		break;
	case NOTICE_LOST:
		said_lost(news->said, n);
		if (n->counted)
			transcript_notice(news->transcript, "%" PRIu64
			    " line%s lost", n->n, plural(n->n));
		else
			transcript_notice(news->transcript,
			    "lines lost, how many is not known");
		break;
	case NOTICE_ERROR:
		on_error(news, n);
		break;
	case NOTICE_YOU:
		said_as(news->said, n->text, n->textlen);
		break;
	case NOTICE_HERE:
		command_here(news->command, n);
		break;
	case NOTICE_JOIN:
		command_join(news->command, n);
		break;
	case NOTICE_PART:
		command_part(news->command, n);
		break;
	default:
		break;
	}
}

void
news_waiting(struct news *news)
{
	uint64_t n = link_owed(news->link);

	if (news->waiting || n == 0)
		return;
	news->waiting = true;
	transcript_notice(news->transcript, "%" PRIu64 " line%s waiting for "
	    "the room; Ctrl-C gives up", n, plural(n));
}

static void
on_cut(void *arg, const char *why)
{
	struct news *news = arg;
	const char *goodbye = why + strlen(GOODBYE);

	news->welcome = news->silent = false;
	/* Why a room went away says little, if it doesn't itself: its coming
	 * back is what counts. */
	if (news->link->met && strncmp(why, GOODBYE "the room is ",
	    strlen(GOODBYE "the room is ")) == 0)
		transcript_notice(news->transcript, "%s, retrying", goodbye);
	else if (news->link->met && strncmp(why, GOODBYE, strlen(GOODBYE)) != 0)
		transcript_notice(news->transcript,
		    "connection lost, retrying");
	else if (news->link->met)
		transcript_notice(news->transcript, "%s, retrying", why);
	else
		transcript_notice(news->transcript, "%s: %s, retrying",
		    news->room, why);
	command_cut(news->command);
	if (news->link->finishing)
		news_waiting(news);
}

static void
on_back(void *arg, bool forgotten, uint64_t doubtful)
{
	struct news *news = arg;

	if (!news->welcome)
		transcript_notice(news->transcript, "connected");
	/* What another room has settled comes before all of this one. */
	if (forgotten)
		said_place(news->said);
	if (forgotten && doubtful == 0)
		transcript_notice(news->transcript,
		    "the room has forgotten us");
	else if (doubtful > 0)
		transcript_notice(news->transcript, "the room has forgotten "
		    "us: %" PRIu64 " line%s may be there twice", doubtful,
		    plural(doubtful));
}

/* That there's no connection is told already. */
static bool
awaits_answer(const struct news *news)
{
	const struct link *l = news->link;

	return !l->told && (l->state == LINK_UP || l->state == LINK_SHAKING) &&
	    (!l->answered || l->finishing || link_owed(l) > 0);
}

static void
tell_silence(struct news *news)
{
	uint64_t n = link_owed(news->link);
	const char *end = news->link->finishing ? "; Ctrl-C gives up" : "";

	news->silent = true;
	if (n == 0)
		transcript_notice(news->transcript,
		    "the room does not answer%s", end);
	else
		transcript_notice(news->transcript, "the room does not answer; "
		    "%" PRIu64 " line%s waiting%s", n, n == 1 ? " is" :
		    "s are", end);
}

void
news_look(struct news *news)
{
	const struct link *l = news->link;
	bool heard = news->settled != l->queue.settled ||
	    news->answered != l->answered;

	news->settled = l->queue.settled;
	news->answered = l->answered;
	/* After ^D there is something to say that wasn't said before. */
	if (l->finishing && !news->finishing)
		news->silent = false;
	news->finishing = l->finishing;
	if (!awaits_answer(news))
		news->since = CLOCK_NEVER;
	else if (heard || news->since == CLOCK_NEVER)
		news->since = clock_now();
	if (clock_now() >= news_deadline(news))
		tell_silence(news);
}

int64_t
news_deadline(const struct news *news)
{
	return news->since == CLOCK_NEVER || news->silent ? CLOCK_NEVER :
	    news->since + NEWS_PATIENCE;
}

void
news_was_away(struct news *news)
{
	news->since = CLOCK_NEVER;
}

const struct link_reader news_reader = {
	on_lines, on_notice, on_cut, on_back
};
