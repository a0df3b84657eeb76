/*
 * Reopening: whether the user of -u may open later what root can open now
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "key.h"
#include "log.h"
#include "privdrop.h"
#include "reopen.h"

static void
check_readable(const char *path, const char *user)
{
	char why[KEYS_WHY_SIZE];
	int fd;

	if (path == NULL)
		return;
	if (access(path, R_OK) == -1)
		errx(2, "%s: as %s: %s; it is read again on SIGHUP, so chown "
		    "it to %s", path, user, strerror(errno), user);
	fd = key_open(path, why);
	if (fd == -1)
		errx(2, "%s", why);
	(void)close(fd);
}

/* Look in one directory of PATH. Returns 0, or an errno. */
static int
find_program_in(const char *directory, size_t len, const char *program)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%.*s%s%s", (int)len, directory,
	    len == 0 ? "" : "/", program);

	if (n >= (int)sizeof(path))
		return ENAMETOOLONG;
	return access(path, X_OK) == 0 ? 0 : errno;
}

/* As execvp(3) does: a denied permission counts more than an absent file, and
 * there is a default without PATH. Returns 0, or an errno. */
static int
find_program(const char *program)
{
	const char *path = getenv("PATH"), *directory = path;
	int error = ENOENT, last;
	size_t len;

	if (strchr(program, '/') != NULL)
		return find_program_in("", 0, program);
	if (path == NULL)
		directory = "/bin:/usr/bin";
	while (directory != NULL) {
		len = strcspn(directory, ":");
		last = find_program_in(directory, len, program);
		if (last == 0)
			return 0;
		if (last == EACCES)
			error = last;
		directory = directory[len] == ':' ? directory + len + 1 : NULL;
	}
	return error;
}

static void
check_program(const char *program, const char *user)
{
	int error = find_program(program);

	if (error != 0)
		log_event("%s: as %s: %s; upgrades with SIGUSR2 will fail",
		    program, user, strerror(error));
}

void
reopen_check(const struct passwd *pw, const char *keys, const char *program)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == -1)
		err(2, "fork");
	if (pid == 0) {
		privdrop_to(pw);
		check_readable(keys, pw->pw_name);
		check_program(program, pw->pw_name);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	/* The child has printed the reason. */
	if (status != 0)
		exit(2);
}
