/*
 * Logins: the login name of a user
 */
#ifndef LOGIN_H
#define LOGIN_H

#include <sys/types.h>

/*
 * Look up a user in the user database, getpwuid(3). Returns NULL if there is no
 * such user, or if uid is the overflow uid of a user namespace, which stands
 * for many users (see user_namespaces(7)). The name is valid until the next
 * call.
 */
const char	*login_lookup(uid_t uid);

#endif
