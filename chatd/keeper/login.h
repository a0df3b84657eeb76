/*
 * Logins: by which name the system knows a user
 */
#ifndef LOGIN_H
#define LOGIN_H

#include <sys/types.h>

/*
 * The login name of a user; NULL if there is none, or if the number may stand
 * for anybody whom the system can't tell us of. It is good until the next call.
 */
const char	*login_name(uid_t uid);

#endif
