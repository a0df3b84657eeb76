/*
 * Saying: from a typed text to lines that are queued on the link
 */
#include <stdio.h>
#include <string.h>

#include "say.h"
#include "text.h"

void
say_init(struct say *s, struct link *l, struct transcript *t, struct echo *echo)
{
	s->link = l;
	s->transcript = t;
	s->echo = echo;
	s->lines = 0;
}

/* Where the line after this one begins, or NULL if this is the last. */
static const char *
after(const char *line, size_t len)
{
	return line[len] == '\0' || line[len + 1] == '\0' ? NULL :
	    line + len + 1;
}

static bool
may_say(const struct say *s, const char *line, size_t len, bool act,
    char *reason)
{
	size_t most = TEXT_MAX - (act ? link_act_size(s->link) :
	    link_prefix_size(s->link));
	struct text_fault f;

	if (!text_check(line, len, &f) && f.kind != FAULT_LONG) {
		(void)text_fault_say(reason, &f);
		return false;
	}
	if (len <= most)
		return true;
	(void)snprintf(reason, FAULT_SIZE, "longer than %zu bytes", most);
	return false;
}

static bool
check_all(struct say *s, const char *text, bool act)
{
	char reason[FAULT_SIZE];
	const char *line;
	size_t len, n = 1;

	for (line = text; line != NULL; line = after(line, len), n++) {
		len = strcspn(line, "\n");
		if (may_say(s, line, len, act, reason))
			continue;
		if (strchr(text, '\n') == NULL)
			transcript_notice(s->transcript, "not sent: %s",
			    reason);
		else
			transcript_notice(s->transcript,
			    "not sent: line %zu: %s", n, reason);
		return false;
	}
	return true;
}

static bool
queue(struct say *s, const char *line, size_t len, bool act)
{
	return act ? link_act(s->link, line, len, s->lines + 1) :
	    link_say(s->link, line, len, s->lines + 1);
}

const char *
say_text(struct say *s, const char *text, bool act)
{
	const char *line = text[0] == '\0' ? NULL : text;
	size_t len;

	if (!check_all(s, text, act))
		return text;
	for (; line != NULL; line = after(line, len)) {
		len = strcspn(line, "\n");
		if (!queue(s, line, len, act)) {
			transcript_notice(s->transcript, "not sent yet: the "
			    "room is behind; Enter tries again");
			return line;
		}
		s->lines++;
		echo_add(s->echo, line, len, act);
	}
	return NULL;
}
