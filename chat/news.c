/*
 * News: what the link tells, as the person gets to see it
 */
#include <inttypes.h>

#include "news.h"
#include "plural.h"

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
}

static void
on_notice(void *arg, const struct notice *n)
{
	struct news *news = arg;

	switch (n->kind) {
	case NOTICE_TIME:
		transcript_time(news->transcript, (int64_t)n->n);
		break;
	case NOTICE_LOST:
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
		say_as(news->say, n->text, n->textlen);
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

	/* Why a room went away says little: its coming back is what counts. */
	if (news->link->met)
		transcript_notice(news->transcript,
		    "connection lost, retrying");
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

	transcript_notice(news->transcript, "connected");
	if (forgotten && doubtful == 0)
		transcript_notice(news->transcript,
		    "the room has forgotten us");
	else if (doubtful > 0)
		transcript_notice(news->transcript, "the room has forgotten "
		    "us: %" PRIu64 " line%s may be there twice", doubtful,
		    plural(doubtful));
}

const struct link_reader news_reader = {
	on_lines, on_notice, on_cut, on_back
};
