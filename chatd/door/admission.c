/*
 * Admission: letting a client in, or turning it away
 *
 * A client that is turned away gets the reason and lingers until it has closed
 * its side, for a bounded time: when a socket is closed with unread input, TCP
 * destroys what is still on its way to the other side (RFC 1122, 4.2.2.13).
 */
#include <sys/socket.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "admission.h"
#include "core/client.h"
#include "core/person.h"
#include "core/presence.h"
#include "core/server.h"
#include "line.h"
#include "log.h"
#include "member/voice.h"
#include "peer.h"
#include "room/ring.h"

#define DRAIN_MAX	16		/* reads from one that can't be kept */

void
admission_say_bye(int fd, enum bye bye)
{
	char line[CTL_SIZE], rest[LINE_SIZE];
	int n = snprintf(line, sizeof(line), "%cbye %s\n", CTL_MARK,
	    bye_text(bye));
	int i = 0;

	if (fcntl(fd, F_SETFL, O_NONBLOCK) == 0 &&
	    write(fd, line, (size_t)n) == n && shutdown(fd, SHUT_WR) == 0) {
		/* Whoever sends faster than that would hold up the rest. */
		while (i < DRAIN_MAX && read(fd, rest, sizeof(rest)) > 0)
			i++;
	}
}

void
admission_turn_away(struct server *s, struct client *c, enum bye bye)
{
	char address[CLIENT_ADDRESS_SIZE];

	s->count.turned_away++;
	if (bye != BYE_NONE)
		log_event("%s: turned away: %s", client_address(c, address),
		    bye_text(bye));
	if (c->peer != NULL && c->peer->turned_away >= TURNED_MAX) {
		if (bye != BYE_NONE && c->conn.tls == NULL)
			admission_say_bye(c->conn.fd, bye);
		client_give_up(c);
		return;
	}
	c->turned_away = true;
	s->nturned++;
	if (c->peer != NULL) {
		c->peer->clients--;
		c->peer->turned_away++;
	}
	server_dismiss(s, c, CURSOR_NONE, s->now + BYE_MS, bye);
	server_wake(s, c->deadline);
}

void
admission_admit(struct server *s, struct client *c, const char *name)
{
	char address[CLIENT_ADDRESS_SIZE];

	if (name == NULL && s->config.named) {
		admission_turn_away(s, c, BYE_NAMELESS);
		return;
	}
	if (name != NULL && person_enter(&s->persons, c, name) == -1) {
		admission_turn_away(s, c, BYE_MEMORY);
		return;
	}
	if (c->person != NULL && c->person->clients == 1) {
		if (c->person->elsewhere == 0)
			presence_join(s, c->person->name);
		if (s->member != NULL)
			voice_here(s, c->person->name);
	}
	client_admit(c, s->now + FRESH_MS);
	if ((c->role & ROLE_RECV) != 0)
		c->cursor = s->ring->visible;
	server_wake(s, c->deadline);
	if (s->config.verbose)
		log_event("%s: joined%s%s", client_address(c, address),
		    name == NULL ? "" : " as ", name == NULL ? "" : name);
}
