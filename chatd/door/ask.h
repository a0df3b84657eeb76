/*
 * Asking: what the room can't do by itself, and what the keeper tells it
 */
#ifndef ASK_H
#define ASK_H

#include <sys/types.h>

struct message;
struct server;

/* What is the login name of a user? guard_resolved() gets the answer, later. */
void	 ask_name(struct server *s, uid_t uid);

/* Ask for the next of those who wait for their names. */
void	 ask_again(struct server *s);

/* An answer has come. */
void	 ask_answered(struct server *s, const struct message *m);

/*
 * Wait for what the keeper has to tell. Its descriptors are the caller's. If
 * there is no keeper any more, the room ends here.
 */
void	 ask_hear(const struct server *s, struct message *m);

#endif
