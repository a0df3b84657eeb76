/*
 * Becoming another user, for good
 */
#ifndef BECOME_H
#define BECOME_H

struct passwd;

/*
 * The user of that name, whom we can become, or are already: NULL then. Errors
 * end the program. What it returns is good until the next getpwnam(3).
 */
const struct passwd	*become_find(const char *name);

/* Be that user, with its groups and no others, for good. */
void	 become(const struct passwd *pw);

/* Have a directory that this user can use; one that is there stays as it is. 0, or
 * -1 with errno. */
int	 become_directory(const char *path, const struct passwd *pw);

#endif
