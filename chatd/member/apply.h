/*
 * Applying: entries of the log take effect in the room
 *
 * All nodes do this with the same entries, so what it does follows from them
 * alone, except for what concerns our own clients.
 */
#ifndef APPLY_H
#define APPLY_H

#include <stdbool.h>
#include <stdint.h>

struct entry;
struct server;

/* Whether there is space in the ring for any entry. */
bool	 apply_has_space(const struct server *s);

/* Let the node end if it names speakers and the room doesn't, or the other way
 * round. */
void	 apply_check_named(struct server *s);

/*
 * Apply an entry that counts, at that position of the log; there has to be
 * space for it. If the node can't go on, server_fail() says why.
 */
void	 apply_entry(struct server *s, const struct entry *e, uint64_t pos);

#endif
