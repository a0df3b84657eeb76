/*
 * Asking: what the room can't find out by itself
 */
#include <pwd.h>
#include <stddef.h>

#include "ask.h"
#include "guard.h"

void
ask_name(struct server *s, uid_t uid)
{
	const struct passwd *pw = getpwuid(uid);

	guard_name(s, uid, pw == NULL ? "" : pw->pw_name);
}
