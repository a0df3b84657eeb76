/*
 * Receiving: acting on what a room sends on a link
 */
#ifndef RECEIVE_H
#define RECEIVE_H

#include <stdbool.h>

struct link;

/*
 * Read once from a link that is up, and call the functions of its link_reader.
 * Returns whether the link goes on, as link_ready() does.
 */
bool	 receive_some(struct link *l);

/*
 * Read once from a link whose handshake was answered in plain text, which only
 * a room does that turns the client away: the text has the reason. Returns
 * whether the link goes on.
 */
bool	 receive_plain(struct link *l);

#endif
