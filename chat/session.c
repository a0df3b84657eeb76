/*
 * A session: what a person has in a room, however the terminal shows it
 */
#include <err.h>
#include <inttypes.h>
#include <string.h>

#include "clock.h"
#include "plural.h"
#include "sandbox.h"
#include "session.h"

static void
make_link(struct session *s, bool times)
{
	struct hello hello = s->o->hello;

	hello.role = ROLE_CHAT;
	hello.times = times;
	hello.presence = true;
	s->link = link_new(&s->o->room, s->o->tls, &hello, &notices_reader,
	    &s->notices);
	if (s->link == NULL)
		err(2, "%s", s->o->room.name);
}

void
session_init(struct session *s, const struct session_options *o,
    const struct transcript_style *style)
{
	memset(s, 0, sizeof(*s));
	s->o = o;
	/* Without times, history would ring the bell. */
	make_link(s, style->stamp != STAMP_NONE || style->bell);
	transcript_init(&s->transcript, style);
	comings_init(&s->comings, &s->transcript, !o->bare);
	away_init(&s->away);
	echo_init(&s->echo, s->link, &s->transcript);
	echo_as(&s->echo, o->name, strlen(o->name));
	say_init(&s->say, s->link, &s->transcript, &s->echo);
	command_init(&s->command, s->link, &s->transcript, &s->comings);
	notices_init(&s->notices, s->link, &s->transcript, &s->echo,
	    &s->command, &s->away);
	transcript_notice(&s->transcript, "connecting to %s", o->room.name);
}

void
session_free(struct session *s)
{
	command_free(&s->command);
	echo_free(&s->echo);
	transcript_free(&s->transcript);
	link_free(s->link);
}

void
session_connect(struct session *s)
{
	if (link_open_resuming(s->link, s->o->wait, s->o->patience) == -1)
		errx(2, "%s: %s", s->o->room.name, link_why(s->link));
	link_name(s->link, s->o->name, s->o->insists);
}

void
session_confine(const struct session *s)
{
	char lack[SANDBOX_LACK];

	(void)sandbox_enter(SANDBOX_TERMINAL, -1, NULL, link_helper(s->link),
	    lack);
}

void
session_look(struct session *s)
{
	uint64_t new = away_look(&s->away);

	echo_look(&s->echo);
	notices_look(&s->notices);
	comings_look(&s->comings);
	if (new > 0 && !s->o->bare)
		transcript_rule(&s->transcript, new);
}

int64_t
session_deadline(const struct session *s)
{
	const int64_t all[] = {
		link_deadline(s->link), notices_deadline(&s->notices),
		comings_deadline(&s->comings), away_deadline(&s->away)
	};
	int64_t deadline = CLOCK_NEVER;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i] < deadline)
			deadline = all[i];
	}
	return deadline;
}

enum command_kind
session_take(struct session *s, const char *line, const char **rest)
{
	const char *text;
	enum command_kind kind = command_take(&s->command, line, &text);

	*rest = kind == COMMAND_WRONG ? line : NULL;
	if (kind == COMMAND_SAY || kind == COMMAND_ACT)
		*rest = say_text(&s->say, text, kind == COMMAND_ACT);
	/* What is none of it said goes back with its command. */
	if (*rest == text)
		*rest = line;
	return kind;
}

void
session_quit(struct session *s)
{
	link_finish(s->link);
	if (link_is_cut(s->link))
		notices_waiting(&s->notices);
}

bool
session_has_no_room(const struct session *s)
{
	return link_is_finishing(s->link) && !link_is_up(s->link) &&
	    link_owed(s->link) == 0;
}

int
session_report(const struct session *s)
{
	const char *address, *why;
	uint64_t doubtful = link_doubtful(s->link);
	uint64_t owed = link_owed(s->link);
	uint64_t unsent = owed > doubtful ? owed - doubtful : 0;
	size_t i = 0;

	if (link_why(s->link) == NULL)
		return link_refused(s->link) > 0 ? 1 : 0;
	while (link_next_reason(s->link, &i, &address, &why))
		warnx("%s: %s", address, why);
	if (doubtful > 0)
		warnx("%s: %" PRIu64 " line%s in doubt", s->o->room.name,
		    doubtful, plural(doubtful));
	if (unsent > 0)
		warnx("%s: %" PRIu64 " line%s not sent", s->o->room.name,
		    unsent, plural(unsent));
	return 2;
}
