/*
 * Temporary files: files without a name, gone once nobody has them open
 */
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tempfile.h"

#define NAME		"chatd"		/* shown in /proc, and nowhere else */
#define TMP		"/tmp"

/* Flags that older headers lack. */
#define CLOEXEC		1U		/* MFD_CLOEXEC */
#define NOEXEC		8U		/* MFD_NOEXEC_SEAL: Linux 6.3 */

/* Returns a descriptor, or -1. The reason doesn't matter: there are other ways.
 */
static int
open_memory(void)
{
#ifdef SYS_memfd_create
	long fd = syscall(SYS_memfd_create, NAME, CLOEXEC | NOEXEC);

	if (fd == -1 && errno == EINVAL)
		fd = syscall(SYS_memfd_create, NAME, CLOEXEC);
	return (int)fd;
#else
	return -1;
#endif
}

/* Returns a descriptor, or -1 with errno. */
static int
open_in(const char *directory)
{
	static const char name[] = "/chatd.XXXXXX";
	size_t size = strlen(directory) + sizeof(name);
	char *path = malloc(size);
	int fd, error;

	if (path == NULL)
		return -1;
	(void)snprintf(path, size, "%s%s", directory, name);
	fd = mkstemp(path);
	error = errno;
	if (fd != -1)
		(void)unlink(path);
	free(path);
	errno = error;
	return fd;
}

static int
open_in_tmpdir(void)
{
	const char *directory = getenv("TMPDIR");

	if (directory == NULL || directory[0] == '\0')
		return -1;
	return open_in(directory);
}

static int
open_in_tmp(void)
{
	return open_in(TMP);
}

FILE *
tempfile_open(char *why)
{
	static int (*const ways[])(void) = {
		open_memory, open_in_tmpdir, open_in_tmp
	};
	size_t i;
	int fd = -1;
	FILE *f;

	for (i = 0; fd == -1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		fd = ways[i]();
	if (fd == -1) {
		(void)snprintf(why, TEMPFILE_WHY_SIZE, "a file in %s: %s", TMP,
		    strerror(errno));
		return NULL;
	}
	f = fdopen(fd, "w+");
	if (f != NULL)
		return f;
	(void)snprintf(why, TEMPFILE_WHY_SIZE, "%s", strerror(errno));
	(void)close(fd);
	return NULL;
}
