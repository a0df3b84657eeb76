/*
 * Relay: what a link reports, told to a front end
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "input.h"
#include "relay.h"
#include "tell.h"

/* The room's answer to what we have asked of it ourselves. */
#define NO_PRESENCE	"this room does not name its speakers: presence"

/* Returns its length, as show_text() does. */
static size_t
show_address(char *shown, const char *address)
{
	return show_text(shown, address, strnlen(address, RELAY_ADDRESS_MAX));
}

void
relay_reason(char *buf, const struct link *l, const char *address,
    const char *why)
{
	char shown[SHOW_GROWTH * RELAY_ADDRESS_MAX];

	if (link_has_others(l))
		(void)snprintf(buf, RELAY_WHY_SIZE, "%.*s: %s",
		    (int)show_address(shown, address), shown, why);
	else
		(void)strlcpy(buf, why, RELAY_WHY_SIZE);
}

static void
tell_address(struct relay *r)
{
	char shown[SHOW_GROWTH * RELAY_ADDRESS_MAX];

	tell_text(r->tell, "up", shown, show_address(shown,
	    link_address(r->link)));
}

/* A room has answered on this connection, which may be over by now. */
static void
tell_up(struct relay *r)
{
	if (r->up || !link_is_up(r->link) || !link_is_answered(r->link))
		return;
	r->up = true;
	tell_address(r);
	if (r->you[0] != '\0')
		tell_text(r->tell, "you", r->you, strlen(r->you));
	r->you[0] = '\0';
}

/* How many of the front end's lines are settled, those that never went out
 * included. */
static uint64_t
settled_input(const struct relay *r)
{
	if (link_owed(r->link) == 0)
		return r->in->lines;
	return link_input(r->link, link_settled(r->link) + 1) - 1;
}

static void
tell_settled(struct relay *r)
{
	uint64_t n = settled_input(r);

	if (n == r->told)
		return;
	r->told = n;
	tell_number(r->tell, "ok", n);
}

void
relay_catch_up(struct relay *r)
{
	tell_up(r);
	tell_settled(r);
}

static void
relay_lines(void *arg, const char *lines, size_t len)
{
	struct relay *r = arg;

	relay_catch_up(r);
	tell_lines(r->tell, lines, len);
}

/* About a line of ours that isn't settled, or about anything else. */
static void
tell_error(struct relay *r, const struct notice *n)
{
	char words[CTL_NUMBER_SIZE];
	uint64_t line = 0;

	if (n->n > link_settled(r->link)) {
		line = link_input(r->link, n->n);
		r->missing = true;
	} else if (n->textlen == strlen(NO_PRESENCE) &&
	    memcmp(n->text, NO_PRESENCE, n->textlen) == 0) {
		return;
	}
	(void)snprintf(words, sizeof(words), "error %" PRIu64, line);
	tell_text(r->tell, words, n->text, n->textlen);
}

static void
tell_lost(struct relay *r, const struct notice *n)
{
	r->missing = true;
	if (!r->up)
		return;		/* no room says so before its answer */
	if (n->counted)
		tell_number(r->tell, "lost", n->n);
	else
		tell_text(r->tell, "lost", "?", 1);
}

/* A room says it before it answers, so "up" comes first. */
static void
keep_name(struct relay *r, const struct notice *n)
{
	memcpy(r->you, n->text, n->textlen);
	r->you[n->textlen] = '\0';
}

static void
tell_name(struct relay *r, const char *word, const struct notice *n)
{
	if (text_is_name(n->text, n->textlen))
		tell_text(r->tell, word, n->text, n->textlen);
}

/* Names that are none are left out; without any the line ends a list. */
static void
tell_here(struct relay *r, const struct notice *n)
{
	struct word w, rest = { n->text, n->textlen };
	char names[LINE_SIZE];
	size_t len = 0;

	while (word_next(&w, &rest)) {
		if (!text_is_name(w.s, w.len))
			continue;
		if (len > 0)
			names[len++] = ' ';
		memcpy(names + len, w.s, w.len);
		len += w.len;
	}
	if (len > 0 || n->textlen == 0)
		tell_text(r->tell, "here", names, len);
}

/* What is only said by a room that has answered. */
static void
tell_notice(struct relay *r, const struct notice *n)
{
	if (n->kind == NOTICE_AT)
		tell_number(r->tell, "at", n->n);
	else if (n->kind == NOTICE_TIME && r->times)
		tell_number(r->tell, "time", n->n);
	else if (n->kind == NOTICE_HERE)
		tell_here(r, n);
	else if (n->kind == NOTICE_JOIN)
		tell_name(r, "join", n);
	else if (n->kind == NOTICE_PART)
		tell_name(r, "part", n);
}

static void
relay_notice(void *arg, const struct notice *n)
{
	struct relay *r = arg;

	relay_catch_up(r);
	if (n->kind == NOTICE_ERROR)
		tell_error(r, n);
	else if (n->kind == NOTICE_LOST)
		tell_lost(r, n);
	else if (n->kind == NOTICE_YOU)
		keep_name(r, n);
	else if (r->up)
		tell_notice(r, n);
}

static void
relay_cut(void *arg, const char *address, const char *why)
{
	struct relay *r = arg;

	tell_settled(r);
	relay_reason(r->why, r->link, address, why);
	tell_text(r->tell, "down", r->why, strlen(r->why));
	r->up = false;
	r->you[0] = '\0';
}

static void
relay_back(void *arg, bool forgotten, uint64_t doubtful)
{
	struct relay *r = arg;

	tell_up(r);
	r->missing |= doubtful > 0;
	if (forgotten)
		tell_number(r->tell, "forgotten", doubtful);
}

const struct link_reader relay_reader = {
	relay_lines, relay_notice, relay_cut, relay_back
};
