/*
 * The store: a directory of segments
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disk.h"
#include "store.h"

#define UNFINISHED	"new"		/* a segment without a whole head */
#define GROW		64		/* segments at a time */

char *
store_name(char *buf, uint64_t first)
{
	(void)snprintf(buf, STORE_NAME_SIZE, "%020" PRIu64, first);
	return buf;
}

static bool
is_segment(const char *name, uint64_t *first)
{
	return strlen(name) == STORE_NAME_SIZE - 1 &&
	    strspn(name, "0123456789") == STORE_NAME_SIZE - 1 &&
	    (*first = strtoull(name, NULL, 10)) > 0 &&
	    *first <= STORE_NUMBER_MAX;
}

/* Make space for one more segment. */
static int
reserve_segment(struct store *st)
{
	struct segment *p;

	if (st->n < st->allocated)
		return 0;
	p = reallocarray(st->segments, st->n + GROW, sizeof(*p));
	if (p == NULL)
		return -1;
	st->segments = p;
	st->allocated = st->n + GROW;
	return 0;
}

static void
add_segment(struct store *st, uint64_t first, uint64_t size, uint64_t head,
    int64_t latest)
{
	struct segment *s = &st->segments[st->n++];

	s->first = first;
	s->size = size;
	s->head = head;
	s->latest = latest;
	st->total += size - head;
}

static int
compare_segments(const void *a, const void *b)
{
	const struct segment *s = a, *t = b;

	return (s->first > t->first) - (s->first < t->first);
}

/*
 * Add a file of the directory if it is a segment. The file may no longer exist:
 * during the trial of an upgrade the old program goes on deleting segments.
 */
static int
add_file(struct store *st, const char *name)
{
	struct stat sb;
	uint64_t first;

	if (!is_segment(name, &first))
		return 0;
	if (fstatat(st->dir, name, &sb, AT_SYMLINK_NOFOLLOW) == -1)
		return errno == ENOENT ? 0 : -1;
	if (!S_ISREG(sb.st_mode))
		return 0;
	if (reserve_segment(st) == -1)
		return -1;
	add_segment(st, first, (uint64_t)sb.st_size, 0, INT64_MAX);
	return 0;
}

static int
list_segments(struct store *st)
{
	struct dirent *d;
	DIR *dir;
	int fd = openat(st->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = 0;

	dir = fd == -1 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd != -1)
			(void)close(fd);
		return -1;
	}
	while (error == 0 && (errno = 0, d = readdir(dir)) != NULL) {
		if (add_file(st, d->d_name) == -1)
			error = errno;
	}
	if (error == 0)
		error = errno;
	(void)closedir(dir);
	if (st->n > 0)
		qsort(st->segments, st->n, sizeof(*st->segments),
		    compare_segments);
	errno = error;
	return error == 0 ? 0 : -1;
}

static int
open_directory(struct store *st)
{
	if (mkdir(st->config.path, 0700) == -1 && errno != EEXIST)
		return -1;
	st->dir = open(st->config.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (st->dir == -1 || flock(st->dir, LOCK_EX | LOCK_NB) == -1)
		return -1;
	/* An earlier run may have created it and crashed before this. */
	return disk_sync_parent(st->dir);
}

/*
 * Close the segment that is read, but reserve its file descriptor, so that
 * reading works even when clients have all the others.
 */
static void
stop_reading(struct store *st)
{
	if (st->reader != -1)
		(void)close(st->reader);
	st->reader = fcntl(st->dir, F_DUPFD_CLOEXEC, 0);
	st->reading = 0;
}

int
store_reopen(struct store *st, const struct store_config *config, int dir,
    const char **why)
{
	memset(st, 0, sizeof(*st));
	st->config = *config;
	st->fd = st->reader = -1;
	st->dir = dir;
	st->names_unsynced = true;
	stop_reading(st);
	if (st->reader != -1 && list_segments(st) == 0 &&
	    (st->n == 0 || store_open_newest(st) == 0))
		return 0;
	*why = strerror(errno);
	store_close(st);
	return -1;
}

int
store_open(struct store *st, const struct store_config *config,
    const char **why)
{
	int error;

	memset(st, 0, sizeof(*st));
	st->config = *config;
	st->fd = st->dir = st->reader = -1;
	if (open_directory(st) == -1) {
		error = errno;
		*why = error == EWOULDBLOCK ? "in use by another room" :
		    strerror(error);
		store_close(st);
		errno = error;
		return -1;
	}
	/* A crash has left it. It never was a segment. */
	if (unlinkat(st->dir, UNFINISHED, 0) == -1 && errno != ENOENT) {
		*why = strerror(errno);
		store_close(st);
		return -1;
	}
	return store_reopen(st, config, st->dir, why);
}

void
store_close(struct store *st)
{
	if (st->fd != -1)
		(void)close(st->fd);
	if (st->reader != -1)
		(void)close(st->reader);
	if (st->dir != -1)
		(void)close(st->dir);
	free(st->segments);
	st->segments = NULL;
	st->n = 0;
	st->fd = st->dir = st->reader = -1;
}

struct segment *
store_newest(const struct store *st)
{
	return st->n == 0 ? NULL : &st->segments[st->n - 1];
}

/* How many segments begin with line number or before. */
static size_t
count_before(const struct store *st, uint64_t number)
{
	size_t low = 0, high = st->n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (st->segments[middle].first <= number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct segment *
store_find(const struct store *st, uint64_t number)
{
	size_t i = count_before(st, number);

	return i == 0 ? NULL : &st->segments[i - 1];
}

const struct segment *
store_next(const struct store *st, uint64_t first)
{
	size_t i = count_before(st, first);

	return i == st->n ? NULL : &st->segments[i];
}

const struct segment *
store_since(const struct store *st, int64_t time)
{
	size_t i;

	for (i = 0; i < st->n; i++) {
		if (st->segments[i].latest >= time)
			return &st->segments[i];
	}
	return NULL;
}

static int
start_reading(struct store *st, uint64_t first)
{
	char name[STORE_NAME_SIZE];
	int error;

	if (st->reading == first)
		return 0;
	if (st->reader != -1)
		(void)close(st->reader);
	st->reader = openat(st->dir, store_name(name, first),
	    O_RDONLY | O_CLOEXEC);
	st->reading = first;
	if (st->reader != -1)
		return 0;
	error = errno;
	st->failed = first;
	stop_reading(st);
	errno = error;
	return -1;
}

ssize_t
store_read(struct store *st, uint64_t first, uint64_t offset, void *buf,
    size_t size)
{
	const struct segment *s = store_find(st, first);

	if (s == NULL || s->first != first) {
		errno = ENOENT;
		return -1;
	}
	if (offset >= s->size)
		return 0;
	if (size > s->size - offset)
		size = (size_t)(s->size - offset);
	if (start_reading(st, first) == -1)
		return -1;
	return disk_read(st->reader, buf, size, offset);
}

void
store_set_head(struct store *st, struct segment *s, uint64_t size)
{
	st->total += s->head;
	st->total -= size;
	s->head = size;
}

/*
 * A segment that is smaller than its head would waste most of the disk on
 * heads, so a segment gets at least as large as its head; but no larger than a
 * quarter of what is kept, so that at least four segments are.
 */
bool
store_is_full(const struct store *st)
{
	const struct segment *s = store_newest(st);
	uint64_t most = st->config.keep / 4;

	if (s->head < most)
		most = s->head;
	if (most < st->config.segment_size)
		most = st->config.segment_size;
	return s->size - s->head >= most;
}

/* Sync the file of a new segment, and give it its name. */
static int
name_file(const struct store *st, int fd, const char *name)
{
	if (fsync(fd) == -1)
		return -1;
	return renameat(st->dir, UNFINISHED, st->dir, name);
}

/* Make a segment's file. Returns its descriptor, or -1 with errno. */
static int
make_file(const struct store *st, const char *name, const char *head,
    size_t len)
{
	struct iovec iov = { (void *)(uintptr_t)head, len };
	int error, fd = openat(st->dir, UNFINISHED, O_WRONLY | O_CREAT |
	    O_TRUNC | O_CLOEXEC, 0600);

	if (fd == -1)
		return -1;
	if (disk_write(fd, &iov, 1, 0) == 0 && name_file(st, fd, name) == 0)
		return fd;
	error = errno;
	(void)close(fd);
	(void)unlinkat(st->dir, UNFINISHED, 0);
	errno = error;
	return -1;
}

/* Write to that file from now on. */
static void
use_file(struct store *st, int fd)
{
	struct stat sb = { .st_ino = 0 };

	(void)fstat(fd, &sb);
	if (st->fd != -1)
		(void)close(st->fd);
	st->fd = fd;
	st->dev = sb.st_dev;
	st->ino = sb.st_ino;
}

static void
forget_newest(struct store *st)
{
	const struct segment *s = store_newest(st);

	if (st->reading == s->first)
		stop_reading(st);
	st->total -= s->size - s->head;
	st->n--;
}

static int
sync_names(struct store *st)
{
	if (st->names_unsynced && disk_sync_directory(st->dir) == -1)
		return -1;
	st->names_unsynced = false;
	return 0;
}

/* Earlier segments, and their names, were synced when the next one began. */
int
store_sync(struct store *st)
{
	if (st->fd != -1 && fdatasync(st->fd) == -1)
		return -1;
	return sync_names(st);
}

int
store_rotate(struct store *st, uint64_t first, const char *head, size_t len)
{
	char name[STORE_NAME_SIZE];
	int fd;

	if (store_sync(st) == -1 || reserve_segment(st) == -1)
		return -1;
	fd = make_file(st, store_name(name, first), head, len);
	if (fd == -1)
		return -1;
	if (st->n > 0 && store_newest(st)->first == first)
		forget_newest(st);
	add_segment(st, first, len, len, 0);
	use_file(st, fd);
	st->names_unsynced = true;
	return 0;
}

static int
open_newest(const struct store *st)
{
	char name[STORE_NAME_SIZE];

	return openat(st->dir, store_name(name, store_newest(st)->first),
	    O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
}

int
store_open_newest(struct store *st)
{
	int fd = open_newest(st);

	if (fd == -1) {
		st->failed = store_newest(st)->first;
		return -1;
	}
	use_file(st, fd);
	return 0;
}

bool
store_is_intact(const struct store *st)
{
	char name[STORE_NAME_SIZE];
	struct stat sb;

	return fstatat(st->dir, store_name(name, store_newest(st)->first),
	    &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
	    sb.st_ino == st->ino && sb.st_dev == st->dev;
}

int
store_reattach(struct store *st)
{
	const struct segment *s = store_newest(st);
	int fd = open_newest(st);
	struct stat sb;

	if (fd == -1)
		return -1;
	/* What isn't committed yet will be written again. */
	if (fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode) &&
	    (uint64_t)sb.st_size >= s->size &&
	    ftruncate(fd, (off_t)s->size) == 0) {
		if (st->reading == s->first)
			stop_reading(st);
		st->names_unsynced = true;
		use_file(st, fd);
		return 0;
	}
	(void)close(fd);
	return -1;
}

int
store_write(struct store *st, struct iovec *iov, int n, uint64_t offset)
{
	return disk_write(st->fd, iov, n, offset);
}

void
store_extend(struct store *st, uint64_t size)
{
	struct segment *s = store_newest(st);

	st->total += size - s->size;
	s->size = size;
}

int
store_commit(struct store *st, uint64_t size)
{
	if (st->config.sync && store_sync(st) == -1)
		return -1;
	store_extend(st, size);
	return 0;
}

int
store_sync_read(const struct store *st)
{
	return st->config.sync ? fsync(st->reader) : 0;
}

int
store_truncate(struct store *st, uint64_t size)
{
	/* fdatasync(2) need not write a smaller size. */
	if (ftruncate(st->fd, (off_t)size) == -1 || fsync(st->fd) == -1)
		return -1;
	return store_commit(st, size);
}

static int
remove_segment(struct store *st, size_t i)
{
	char name[STORE_NAME_SIZE];

	if (unlinkat(st->dir, store_name(name, st->segments[i].first), 0) ==
	    -1 && errno != ENOENT)
		return -1;
	if (st->reading == st->segments[i].first)
		stop_reading(st);
	st->names_unsynced = true;
	st->total -= st->segments[i].size - st->segments[i].head;
	st->n--;
	memmove(&st->segments[i], &st->segments[i + 1],
	    (st->n - i) * sizeof(*st->segments));
	return 0;
}

int
store_drop_newest(struct store *st)
{
	/* If a loss of power undid this, lines would be numbered twice. */
	if (remove_segment(st, st->n - 1) == -1 || sync_names(st) == -1)
		return -1;
	return st->n == 0 ? 0 : store_open_newest(st);
}

int
store_prune(struct store *st)
{
	while (st->n > 1 && st->total > st->config.keep) {
		/* If a loss of power undid only the deletion of an older one,
		 * there would be a gap after it. */
		if (sync_names(st) == -1 || remove_segment(st, 0) == -1)
			return -1;
	}
	return 0;
}
