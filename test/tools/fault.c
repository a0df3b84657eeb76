/*
 * fault.so - a library for LD_PRELOAD that lets calls of libc go wrong
 *
 * What goes wrong and when is in the environment: see plan.c. Programs that
 * check the sizes of their buffers (_FORTIFY_SOURCE) call functions of other
 * names: they are here, too.
 */
#define _GNU_SOURCE			/* RTLD_NEXT */

#include <sys/socket.h>
#include <sys/uio.h>

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "plan.h"

#define IOV_COUNT	128		/* pieces of a shortened writev */
#define ARENA_SIZE	4096

/* A macro, since it declares a pointer of the function's own type: "next" is
 * the function that would have been called without us. */
#define NEXT(function)							\
	static __typeof__(function) *next;				\
	if (next == NULL)						\
		find(&next, #function)

/* Volatile, since dlsym(3) is declared never to call what is in this file. It
 * does: malloc and free. */
static volatile bool finding;

static void
find(void *function, const char *name)
{
	void *p;

	finding = true;
	p = dlsym(RTLD_NEXT, name);
	finding = false;
	if (p == NULL)
		abort();
	memcpy(function, &p, sizeof(p));
}

/* Whether the call is not to be made. */
static bool
fails(int what)
{
	if (what > 0)
		errno = what;
	return what > 0;
}

static size_t
cut(int what, size_t n)
{
	if (what == PLAN_SHORT)
		return n < 1 ? n : 1;
	return what == PLAN_HALF ? (n + 1) / 2 : n;
}

ssize_t
read(int fd, void *buf, size_t n)
{
	int what = plan_call("read");
	NEXT(read);

	return fails(what) ? -1 : next(fd, buf, cut(what, n));
}

ssize_t
pread(int fd, void *buf, size_t n, off_t at)
{
	int what = plan_call("pread");
	NEXT(pread);

	return fails(what) ? -1 : next(fd, buf, cut(what, n), at);
}

ssize_t
recv(int fd, void *buf, size_t n, int flags)
{
	int what = plan_call("recv");
	NEXT(recv);

	return fails(what) ? -1 : next(fd, buf, cut(what, n), flags);
}

ssize_t
write(int fd, const void *buf, size_t n)
{
	int what = plan_call("write");
	NEXT(write);

	return fails(what) ? -1 : next(fd, buf, cut(what, n));
}

ssize_t
send(int fd, const void *buf, size_t n, int flags)
{
	int what = plan_call("send");
	NEXT(send);

	return fails(what) ? -1 : next(fd, buf, cut(what, n), flags);
}

/* Make a copy of iov that has only so much of it; returns its length. */
static int
cut_iov(int what, struct iovec *copy, const struct iovec *iov, int n)
{
	size_t left = 0;
	int i;

	for (i = 0; i < n; i++)
		left += iov[i].iov_len;
	left = cut(what, left);
	for (i = 0; i < n && i < IOV_COUNT && left > 0; i++) {
		copy[i] = iov[i];
		if (copy[i].iov_len > left)
			copy[i].iov_len = left;
		left -= copy[i].iov_len;
	}
	return i;
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	int what = plan_call("writev");
	struct iovec copy[IOV_COUNT];
	NEXT(writev);

	if (fails(what))
		return -1;
	if (what == 0)
		return next(fd, iov, n);
	return next(fd, copy, cut_iov(what, copy, iov, n));
}

ssize_t
pwritev(int fd, const struct iovec *iov, int n, off_t at)
{
	int what = plan_call("pwritev");
	struct iovec copy[IOV_COUNT];
	NEXT(pwritev);

	if (fails(what))
		return -1;
	if (what == 0)
		return next(fd, iov, n, at);
	return next(fd, copy, cut_iov(what, copy, iov, n), at);
}

/* Short of an address, as on systems that have none of who is gone again. */
int
accept(int fd, struct sockaddr *sa, socklen_t *len)
{
	int what = plan_call("accept");
	NEXT(accept);

	if (fails(what))
		return -1;
	if (what == PLAN_SHORT) {
		*len = 0;
		return next(fd, NULL, NULL);
	}
	return next(fd, sa, len);
}

int
accept4(int fd, struct sockaddr *sa, socklen_t *len, int flags)
{
	NEXT(accept4);

	return fails(plan_call("accept")) ? -1 : next(fd, sa, len, flags);
}

int
poll(struct pollfd *pfd, nfds_t n, int timeout)
{
	NEXT(poll);

	return fails(plan_call("poll")) ? -1 : next(pfd, n, timeout);
}

/* What open(2) has after its flags, if anything. */
static mode_t
mode_of(int flags, va_list ap)
{
	return (flags & O_CREAT) != 0 ? va_arg(ap, mode_t) : 0;
}

int
open(const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;
	NEXT(open);

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return fails(plan_call("open")) ? -1 : next(path, flags, mode);
}

int
openat(int fd, const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;
	NEXT(openat);

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return fails(plan_call("openat")) ? -1 : next(fd, path, flags, mode);
}

int
fsync(int fd)
{
	NEXT(fsync);

	return fails(plan_call("fsync")) ? -1 : next(fd);
}

int
fdatasync(int fd)
{
	NEXT(fdatasync);

	return fails(plan_call("fdatasync")) ? -1 : next(fd);
}

int
ftruncate(int fd, off_t len)
{
	NEXT(ftruncate);

	return fails(plan_call("ftruncate")) ? -1 : next(fd, len);
}

int
rename(const char *from, const char *to)
{
	NEXT(rename);

	return fails(plan_call("rename")) ? -1 : next(from, to);
}

int
renameat(int fd, const char *from, int to_fd, const char *to)
{
	NEXT(renameat);

	return fails(plan_call("renameat")) ? -1 : next(fd, from, to_fd, to);
}

int
unlinkat(int fd, const char *path, int flags)
{
	NEXT(unlinkat);

	return fails(plan_call("unlinkat")) ? -1 : next(fd, path, flags);
}

int
tcsetattr(int fd, int how, const struct termios *modes)
{
	int what = plan_call("tcsetattr"), n;
	NEXT(tcsetattr);

	if (fails(what))
		return -1;
	n = next(fd, how, modes);
	if (what == PLAN_TERM)
		(void)raise(SIGTERM);
	return n;
}

/* What dlsym(3) asks for before we know who has memory. It is never freed. */
static union {
	max_align_t	 aligned;
	char		 bytes[ARENA_SIZE];
} arena;

static void *
early(size_t n)
{
	static size_t used;
	void *p = arena.bytes + used;

	n = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) *
	    sizeof(max_align_t);
	if (n > ARENA_SIZE - used)
		return NULL;
	used += n;
	return p;
}

static bool
is_early(const void *p)
{
	return (uintptr_t)p >= (uintptr_t)&arena &&
	    (uintptr_t)p < (uintptr_t)(&arena + 1);
}

/*
 * Whether libseccomp asks. When it has no memory to load a filter it loops for
 * ever, and what others do wrong isn't looked for.
 */
static bool
is_others(void *caller)
{
	Dl_info info;

	return dladdr(caller, &info) != 0 && info.dli_fname != NULL &&
	    strstr(info.dli_fname, "/libseccomp.so") != NULL;
}

#define ALLOCATION_FAILS(name)	(!is_others(__builtin_return_address(0)) && \
	fails(plan_call(name)))

void *
malloc(size_t n)
{
	if (finding)
		return early(n);
	NEXT(malloc);
	return ALLOCATION_FAILS("malloc") ? NULL : next(n);
}

void *
calloc(size_t n, size_t size)
{
	if (finding)
		return early(n * size);
	NEXT(calloc);
	return ALLOCATION_FAILS("calloc") ? NULL : next(n, size);
}

void *
realloc(void *p, size_t n)
{
	if (finding || is_early(p))
		abort();
	NEXT(realloc);
	return ALLOCATION_FAILS("realloc") ? NULL : next(p, n);
}

void *
reallocarray(void *p, size_t n, size_t size)
{
	NEXT(reallocarray);

	return ALLOCATION_FAILS("reallocarray") ? NULL : next(p, n, size);
}

void
free(void *p)
{
	if (finding || is_early(p))
		return;
	NEXT(free);
	next(p);
}

#ifdef __GLIBC__
ssize_t	 __read_chk(int, void *, size_t, size_t);
ssize_t	 __pread_chk(int, void *, size_t, off_t, size_t);
ssize_t	 __pread64_chk(int, void *, size_t, off64_t, size_t);
ssize_t	 __recv_chk(int, void *, size_t, size_t, int);
int	 __poll_chk(struct pollfd *, nfds_t, int, size_t);
int	 __open_2(const char *, int);
int	 __open64_2(const char *, int);
int	 __openat_2(int, const char *, int);
int	 __openat64_2(int, const char *, int);

static void
check(bool fits)
{
	if (!fits)
		abort();
}

ssize_t
__read_chk(int fd, void *buf, size_t n, size_t size)
{
	check(n <= size);
	return read(fd, buf, n);
}

ssize_t
__pread_chk(int fd, void *buf, size_t n, off_t at, size_t size)
{
	check(n <= size);
	return pread(fd, buf, n, at);
}

ssize_t
__pread64_chk(int fd, void *buf, size_t n, off64_t at, size_t size)
{
	check(n <= size);
	return pread64(fd, buf, n, at);
}

ssize_t
__recv_chk(int fd, void *buf, size_t n, size_t size, int flags)
{
	check(n <= size);
	return recv(fd, buf, n, flags);
}

int
__poll_chk(struct pollfd *pfd, nfds_t n, int timeout, size_t size)
{
	check(n <= size / sizeof(*pfd));
	return poll(pfd, n, timeout);
}

ssize_t
pread64(int fd, void *buf, size_t n, off64_t at)
{
	int what = plan_call("pread");
	NEXT(pread64);

	return fails(what) ? -1 : next(fd, buf, cut(what, n), at);
}

ssize_t
pwritev64(int fd, const struct iovec *iov, int n, off64_t at)
{
	int what = plan_call("pwritev");
	struct iovec copy[IOV_COUNT];
	NEXT(pwritev64);

	if (fails(what))
		return -1;
	if (what == 0)
		return next(fd, iov, n, at);
	return next(fd, copy, cut_iov(what, copy, iov, n), at);
}

int
ftruncate64(int fd, off64_t len)
{
	NEXT(ftruncate64);

	return fails(plan_call("ftruncate")) ? -1 : next(fd, len);
}

int
open64(const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return open(path, flags | O_LARGEFILE, mode);
}

int
openat64(int fd, const char *path, int flags, ...)
{
	mode_t mode;
	va_list ap;

	va_start(ap, flags);
	mode = mode_of(flags, ap);
	va_end(ap);
	return openat(fd, path, flags | O_LARGEFILE, mode);
}

int
__open_2(const char *path, int flags)
{
	return open(path, flags);
}

int
__open64_2(const char *path, int flags)
{
	return open64(path, flags);
}

int
__openat_2(int fd, const char *path, int flags)
{
	return openat(fd, path, flags);
}

int
__openat64_2(int fd, const char *path, int flags)
{
	return openat64(fd, path, flags);
}
#endif
