/*
 * Asking: what the room can't find out by itself
 */
#ifndef ASK_H
#define ASK_H

#include <sys/types.h>

struct server;

/* What is the login name of a user? guard_name() gets the answer. */
void	 ask_name(struct server *s, uid_t uid);

#endif
