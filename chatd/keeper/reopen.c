/*
 * Again: what was opened as root, and is to be opened later as somebody else
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
check_keys(const char *path, const char *user)
{
	char why[KEYS_WHY_SIZE];
	int fd;

	if (path == NULL)
		return;
	if (access(path, R_OK) == -1)
		errx(2, "%s: as %s: %s; SIGHUP has it read again, so chown it "
		    "to %s", path, user, strerror(errno), user);
	fd = key_open(path, why);
	if (fd == -1)
		errx(2, "%s", why);
	(void)close(fd);
}

/* 0, or what is wrong with one directory of PATH, which is an errno. */
static int
look_in(const char *directory, size_t len, const char *program)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%.*s%s%s", (int)len, directory,
	    len == 0 ? "" : "/", program);

	if (n >= (int)sizeof(path))
		return ENAMETOOLONG;
	return access(path, X_OK) == 0 ? 0 : errno;
}

static int
look_up(const char *program)
{
	const char *path = getenv("PATH"), *directory = path;
	int error = ENOENT, last;
	size_t len;

	if (strchr(program, '/') != NULL)
		return look_in("", 0, program);
	/* As execvp(3) does. */
	if (path == NULL)
		directory = "/bin:/usr/bin";
	while (directory != NULL) {
		len = strcspn(directory, ":");
		last = look_in(directory, len, program);
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
	int error = look_up(program);

	if (error != 0)
		log_event("%s: as %s: %s; without it SIGUSR2 can't upgrade",
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
		check_keys(keys, pw->pw_name);
		check_program(program, pw->pw_name);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	/* It has said why. */
	if (status != 0)
		exit(2);
}
