/*
 * The store: a directory of segments
 *
 * A segment is a file named after the number of its first line. It doesn't
 * change any more once the next one exists. THE STORE in chatd(8) says what is
 * in it; to these functions it is bytes. It begins with a head, which repeats
 * what earlier segments say, so that they can be deleted. Heads don't count for
 * config.segment_size and config.keep: otherwise a store with many sessions
 * would keep fewer lines.
 *
 * A segment is written under another name and then renamed, so one that exists
 * has its whole head: rename(2) is atomic. That says nothing about a loss of
 * power, which may undo all that wasn't synced, in any order (POSIX, fsync). So
 * these are synced, in this order, with config.sync or without:
 *
 * - a segment and its name before the next segment is started
 * - a head before its segment gets its name
 * - the deletion of a segment before the next deletion
 *
 * What is lost is then always the end of the newest segment, or that segment as
 * a whole, and with config.sync nothing that was committed.
 */
#ifndef STORE_H
#define STORE_H

#include <sys/types.h>
#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_NAME_SIZE	21		/* 20 digits, so that names sort */
#define STORE_NUMBER_MAX ((uint64_t)INT64_MAX) /* of a first line */

struct store_config {
	const char	*path;		/* of the directory; NULL: no store */
	uint64_t	 segment_size;	/* bytes that make a segment full */
	uint64_t	 keep;		/* most bytes, without heads;
					   UINT64_MAX: no limit */
	bool		 sync;		/* commits survive a loss of power */
	bool		 go_on;		/* load in spite of damage */
};

struct segment {
	uint64_t	 first;		/* number of its first line */
	uint64_t	 size;		/* bytes committed, with the head */
	uint64_t	 head;		/* bytes of the head; 0: unknown */
	int64_t		 latest;	/* no line in it was said later, in
					   seconds since 1970; INT64_MAX:
					   nobody has looked */
};

struct store {
	struct store_config config;
	int		 dir;		/* the directory, locked */
	int		 fd;		/* the newest segment's file, or -1 */
	dev_t		 dev;		/* the device and the inode of fd */
	ino_t		 ino;
	bool		 names_unsynced; /* names changed since the last sync */
	int		 reader;	/* the file of the segment last read;
					   if none is, the directory, which
					   reserves a file descriptor */
	uint64_t	 reading;	/* that segment's first line; 0: none */
	uint64_t	 failed;	/* the first line of the last segment
					   that couldn't be opened; 0: none */
	struct segment	*segments;	/* the oldest first */
	size_t		 n;		/* segments in use */
	size_t		 allocated;	/* segments there is space for */
	uint64_t	 total;		/* bytes of all, without heads */
};

/*
 * Open the directory config->path, which is created if it doesn't exist, lock
 * it, and list its segments. Fills in st, which borrows the path; close it with
 * store_close(). Returns 0. On failure returns -1 with *why, a string that may
 * change with the next call of strerror(3), and st is closed; errno is
 * EWOULDBLOCK if another process holds the lock.
 */
int	 store_open(struct store *st, const struct store_config *config,
	    const char **why);

/*
 * The same for a directory that an upgrade has handed over, open and locked as
 * dir. st owns dir from now on.
 */
int	 store_reopen(struct store *st, const struct store_config *config,
	    int dir, const char **why);

/* Close all files and the directory, which unlocks it. */
void	 store_close(struct store *st);

/*
 * Format the name of the segment that begins with line first. buf has
 * STORE_NAME_SIZE bytes. Returns buf.
 */
char	*store_name(char *buf, uint64_t first);

/* The newest segment, or NULL if there is none. */
struct segment	*store_newest(const struct store *st);

/* The last segment that begins at or before line number; NULL if none does. */
const struct segment	*store_find(const struct store *st, uint64_t number);

/* The first segment that begins after line first; NULL if none does. */
const struct segment	*store_next(const struct store *st, uint64_t first);

/* The first segment that may have a line said at that time or later; NULL if
 * none has. */
const struct segment	*store_since(const struct store *st, int64_t time);

/*
 * Read up to size bytes, from offset on, of what is committed of the segment
 * that begins with line first. Returns the number of bytes, 0 at the end, or -1
 * with errno: ENOENT if the segment was deleted.
 */
ssize_t	 store_read(struct store *st, uint64_t first, uint64_t offset,
	    void *buf, size_t size);

/*
 * With config.sync, sync the segment that was read last: the process that wrote
 * it may have crashed before its last sync. Returns 0, or -1 with errno.
 */
int	 store_sync_read(const struct store *st);

/* Set how many bytes of a segment are its head, so they don't count. */
void	 store_set_head(struct store *st, struct segment *s, uint64_t size);

/* Whether the newest segment has reached its size, so store_rotate() is due. */
bool	 store_is_full(const struct store *st);

/*
 * Sync the newest segment, and create the next one, which begins with line
 * first and with the len bytes of head. If the newest one begins with the same
 * line, it has no line yet, and the new segment replaces it. Returns 0, or -1
 * with errno, and then the newest segment is the same as before.
 */
int	 store_rotate(struct store *st, uint64_t first, const char *head,
	    size_t len);

/* Open the newest segment for writing. Returns 0, or -1 with errno. */
int	 store_open_newest(struct store *st);

/*
 * Whether the file that is open for writing still has the newest segment's
 * name: somebody may have deleted or replaced it, or the directory.
 */
bool	 store_is_intact(const struct store *st);

/*
 * Open the newest segment again after somebody has put its file back, and
 * truncate it to what is committed. Returns 0, or -1 if there is no such file
 * or if that is shorter.
 */
int	 store_reattach(struct store *st);

/*
 * Write the n pieces of iov to the newest segment at offset. Changes iov. The
 * bytes aren't part of the segment before store_commit() or store_extend().
 * Returns 0, or -1 with errno.
 */
int	 store_write(struct store *st, struct iovec *iov, int n,
	    uint64_t offset);

/*
 * Make the first size bytes of the newest segment count as committed; with
 * config.sync, sync them before. Returns 0, or -1 with errno.
 */
int	 store_commit(struct store *st, uint64_t size);

/* Sync what is committed, with config.sync or without. Returns 0, or -1 with
 * errno. */
int	 store_sync(struct store *st);

/* Commit without a sync, so a loss of power may undo it. */
void	 store_extend(struct store *st, uint64_t size);

/* Truncate the newest segment to size bytes. Returns 0, or -1 with errno. */
int	 store_truncate(struct store *st, uint64_t size);

/*
 * Delete the newest segment, and open the one before it, if there is one, for
 * writing. Returns 0, or -1 with errno.
 */
int	 store_drop_newest(struct store *st);

/*
 * Delete the oldest segments, but never the newest, until all together have at
 * most config.keep bytes without heads. Returns 0, or -1 with errno.
 */
int	 store_prune(struct store *st);

#endif
