/*
 * Becoming another user, for good
 */
#ifndef PRIVDROP_H
#define PRIVDROP_H

struct passwd;

/*
 * The user of that name, whom we can become, or are already: NULL then. Errors
 * end the program. What it returns is good until the next getpwnam(3).
 */
const struct passwd	*privdrop_find(const char *name);

/* Be that user, with its groups and no others, for good. */
void	 privdrop_to(const struct passwd *pw);

/* Have a directory that this user can use; one that is there stays as it is. 0, or
 * -1 with errno. */
int	 privdrop_mkdir(const char *path, const struct passwd *pw);

#endif
