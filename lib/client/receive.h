/*
 * Hearing: what a room says on a link
 */
#ifndef RECEIVE_H
#define RECEIVE_H

#include <stdbool.h>

struct link;

/*
 * Read once from a link that is up, and hand out what has come. Returns
 * whether the link goes on, as link_ready() does.
 */
bool	 receive_some(struct link *l);

/*
 * Read once from a link that wanted to shake hands and got an answer in plain
 * text. It can only be the reason why it is turned away. Returns whether the
 * link goes on.
 */
bool	 receive_plain(struct link *l);

#endif
