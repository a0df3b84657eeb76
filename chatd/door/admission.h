/*
 * Admission: letting a client in, or turning it away
 */
#ifndef ADMISSION_H
#define ADMISSION_H

#include "core/bye.h"

#define TURNED_MAX	16		/* lingering at once from one address */

struct client;
struct server;

/*
 * Let a client in that has authenticated, or doesn't have to. name is its
 * verified name, borrowed, or NULL; without a name, a room that names its
 * speakers turns it away.
 */
void	 admission_admit(struct server *s, struct client *c, const char *name);

/* Turn a client away, with the reason, or, for BYE_NONE, without. */
void	 admission_turn_away(struct server *s, struct client *c, enum bye bye);

/*
 * Write the reason to a socket whose client there is no memory or descriptor
 * for, as far as that can be done at once. The socket stays the caller's.
 */
void	 admission_say_bye(int fd, enum bye bye);

#endif
