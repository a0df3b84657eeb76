/*
 * recorder.so - a library for LD_PRELOAD that records what a program has its
 * disk do, and what it says to its clients, for powerloss
 *
 * In the environment:
 *
 *	RECORD_LOG	the file to append to: see recording.h
 *	RECORD_DIE	N: the process ends instead of its Nth operation on
 *			files, as if it were killed
 *
 * It is opened before the program begins, so a sandbox doesn't matter that
 * allows write(2) and fstat(2). Several processes can write to it; each
 * operation is one write to its end. Not all calls are here that there are, but
 * those that chatd makes: powerloss compares what it was told with the files.
 */
#define _GNU_SOURCE			/* RTLD_NEXT */

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recording.h"

#define FD_FIRST	100		/* ours is out of the program's way */
#define IOV_COUNT	1024
#define STATUS_DIED	137

/* "next" is the function that would have been called without us. */
#define NEXT(function)							\
	static __typeof__(function) *next;				\
	if (next == NULL)						\
		find(&next, #function)

static int log_fd = -1;

static void
find(void *function, const char *name)
{
	void *p = dlsym(RTLD_NEXT, name);

	if (p == NULL)
		abort();
	memcpy(function, &p, sizeof(p));
}

static void __attribute__((constructor))
begin(void)
{
	const char *path = getenv("RECORD_LOG");
	int fd = path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_APPEND |
	    O_CLOEXEC, 0600);

	if (fd == -1)
		return;
	log_fd = fcntl(fd, F_DUPFD_CLOEXEC, FD_FIRST);
	(void)close(fd);
}

static void
note(struct op op, const struct iovec *data, int n, size_t len)
{
	struct iovec iov[1 + IOV_COUNT] = { { &op, sizeof(op) } };
	size_t left = len;
	int i, count = 1;
	NEXT(writev);

	if (log_fd == -1)
		return;
	op.len = (uint32_t)len;
	for (i = 0; i < n && left > 0; i++) {
		iov[count] = data[i];
		if (iov[count].iov_len > left)
			iov[count].iov_len = left;
		left -= iov[count++].iov_len;
	}
	/* Half a recording would be wrong in silence. */
	if (left > 0 || next(log_fd, iov, count) != (ssize_t)(sizeof(op) + len))
		abort();
}

static void
note_text(struct op op, const void *text, size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)text, len };

	note(op, &iov, 1, len);
}

/* The inode of what is open, of that kind; 0 if it is something else. */
static uint64_t
inode(int fd, mode_t kind)
{
	struct stat sb;

	return log_fd == -1 || fstat(fd, &sb) == -1 ||
	    (kind != 0 && (sb.st_mode & S_IFMT) != kind) ? 0 : sb.st_ino;
}

/* Before each operation. */
static void
live(void)
{
	const char *die = getenv("RECORD_DIE");
	static long count;

	if (die != NULL && log_fd != -1 && ++count == strtol(die, NULL, 10))
		_exit(STATUS_DIED);
}

/* Says to a socket whatever has been said, hears what has been heard. */
static void
note_socket(enum op_kind kind, int fd, const struct iovec *iov, int n,
    ssize_t done)
{
	struct op op = { .kind = kind, .file = inode(fd, S_IFSOCK) };

	if (op.file != 0 && done > 0)
		note(op, iov, n, (size_t)done);
}

ssize_t
recv(int fd, void *buf, size_t n, int flags)
{
	struct iovec iov = { buf, n };
	ssize_t done;
	NEXT(recv);

	done = next(fd, buf, n, flags);
	if ((flags & MSG_PEEK) == 0)
		note_socket(OP_HEARD, fd, &iov, 1, done);
	return done;
}

ssize_t
send(int fd, const void *buf, size_t n, int flags)
{
	struct iovec iov = { (void *)(uintptr_t)buf, n };
	ssize_t done;
	NEXT(send);

	done = next(fd, buf, n, flags);
	note_socket(OP_SAID, fd, &iov, 1, done);
	return done;
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	ssize_t done;
	NEXT(writev);

	done = next(fd, iov, n);
	note_socket(OP_SAID, fd, iov, n, done);
	return done;
}

ssize_t
pwritev(int fd, const struct iovec *iov, int n, off_t at)
{
	struct op op = { .kind = OP_WRITE, .file = inode(fd, S_IFREG),
	    .at = (uint64_t)at };
	ssize_t done;
	NEXT(pwritev);

	live();
	done = next(fd, iov, n, at);
	if (done > 0)
		note(op, iov, n, (size_t)done);
	return done;
}

int
ftruncate(int fd, off_t len)
{
	struct op op = { .kind = OP_TRUNCATE, .file = inode(fd, S_IFREG),
	    .at = (uint64_t)len };
	int status;
	NEXT(ftruncate);

	live();
	status = next(fd, len);
	if (status == 0)
		note(op, NULL, 0, 0);
	return status;
}

static int
note_sync(int status, enum op_kind kind, int fd)
{
	struct op op = { .kind = kind, .file = fd == -1 ? 0 : inode(fd, 0) };

	if (status == 0)
		note(op, NULL, 0, 0);
	return status;
}

int
fsync(int fd)
{
	NEXT(fsync);

	live();
	return note_sync(next(fd), OP_SYNC, fd);
}

int
fdatasync(int fd)
{
	NEXT(fdatasync);

	live();
	return note_sync(next(fd), OP_DATASYNC, fd);
}

void
sync(void)
{
	NEXT(sync);

	live();
	next();
	(void)note_sync(0, OP_SYNC_ALL, -1);
}

int
renameat(int fd, const char *from, int to_fd, const char *to)
{
	struct op op = { .kind = OP_RENAME, .directory = inode(fd, S_IFDIR) };
	struct iovec names[2] = { { (void *)(uintptr_t)from, strlen(from) + 1 },
	    { (void *)(uintptr_t)to, strlen(to) + 1 } };
	int status;
	NEXT(renameat);

	live();
	status = next(fd, from, to_fd, to);
	if (status == 0)
		note(op, names, 2, names[0].iov_len + names[1].iov_len);
	return status;
}

int
unlinkat(int fd, const char *path, int flags)
{
	struct op op = { .kind = OP_UNLINK, .directory = inode(fd, S_IFDIR) };
	int status;
	NEXT(unlinkat);

	live();
	status = next(fd, path, flags);
	if (status == 0)
		note_text(op, path, strlen(path) + 1);
	return status;
}

int
mkdir(const char *path, mode_t mode)
{
	struct op op = { .kind = OP_MKDIR };
	struct stat sb;
	int status;
	NEXT(mkdir);

	live();
	status = next(path, mode);
	if (status == 0 && stat(path, &sb) == 0) {
		op.file = sb.st_ino;
		note(op, NULL, 0, 0);
	}
	return status;
}

int
openat(int fd, const char *path, int flags, ...)
{
	struct op op = { .kind = OP_OPEN, .at = (uint64_t)flags };
	mode_t mode = 0;
	va_list ap;
	int file;
	NEXT(openat);

	va_start(ap, flags);
	if ((flags & O_CREAT) != 0) {
		mode = va_arg(ap, mode_t);
		live();
	}
	va_end(ap);
	file = next(fd, path, flags, mode);
	op.directory = fd == AT_FDCWD ? 0 : inode(fd, S_IFDIR);
	op.file = file == -1 ? 0 : inode(file, S_IFREG);
	if (op.directory != 0 && op.file != 0)
		note_text(op, path, strlen(path) + 1);
	return file;
}

#ifdef __GLIBC__
int	 __openat_2(int, const char *, int);
ssize_t	 __recv_chk(int, void *, size_t, size_t, int);

int
__openat_2(int fd, const char *path, int flags)
{
	return openat(fd, path, flags);
}

ssize_t
__recv_chk(int fd, void *buf, size_t n, size_t size, int flags)
{
	if (n > size)
		abort();
	return recv(fd, buf, n, flags);
}
#endif
