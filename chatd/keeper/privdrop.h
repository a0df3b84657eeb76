/*
 * Dropping privileges: from root to the user of -u
 */
#ifndef PRIVDROP_H
#define PRIVDROP_H

struct passwd;

/*
 * Look up a user to drop privileges to. Returns NULL if we are that user
 * already. Exits with status 2 if there is no such user, or if we are neither
 * that user nor root.
 * The result is valid until the next getpwnam(3) or getpwuid(3).
 */
const struct passwd	*privdrop_lookup(const char *name);

/*
 * Become the user, with the user's groups and no others, and make sure that
 * there is no way back to root. Exits with status 2 if that fails.
 */
void	 privdrop_to(const struct passwd *pw);

/*
 * Make a directory with mode 0700, and give it to the user. One that is there
 * stays as it is. Returns 0, or -1 with errno.
 */
int	 privdrop_mkdir(const char *path, const struct passwd *pw);

#endif
