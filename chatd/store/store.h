/*
 * The store: a directory that keeps the room
 *
 * The room is cut into segments: files that are named by the number of their
 * first line, and don't change once the next one was started. What is in them
 * is told by THE STORE in chatd(8); here they are bytes. A segment exists once
 * its whole head is in it. Heads repeat what earlier segments say, so they
 * don't count as part of what is kept: otherwise many sessions would push out
 * the lines.
 *
 * A loss of power may undo whatever wasn't synced, in any order. So a segment
 * is synced before the next one is started, a head before its segment has a
 * name, and a deletion before the next one. Whatever is lost is then the end of
 * the newest segment, and with config.sync nothing that was committed.
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
	bool		 go_on;		/* in spite of damage */
};

struct segment {
	uint64_t	 first;		/* number of its first line */
	uint64_t	 size;		/* bytes that count */
	uint64_t	 head;		/* of these, the head's; 0: unknown */
};

struct store {
	struct store_config config;
	int		 dir;		/* the directory, locked */
	int		 fd;		/* the newest segment's file, or -1 */
	dev_t		 dev;		/* which file this is */
	ino_t		 ino;
	bool		 names_unsynced; /* names changed since the last sync */
	int		 reader;	/* the segment last read, or, to keep
					   a descriptor, the directory */
	uint64_t	 reading;	/* the first line of that one, or 0 */
	uint64_t	 failed;	/* one that couldn't be opened, or 0 */
	struct segment	*segments;	/* the oldest first */
	size_t		 n;
	size_t		 allocated;
	uint64_t	 total;		/* bytes of all, without heads */
};

/*
 * Open the directory, made if there is none, lock it, and find its segments.
 * Returns 0, or -1 with *why; nothing is left open then, and errno is
 * EWOULDBLOCK if in use by another room.
 */
int	 store_open(struct store *st, const struct store_config *config,
	    const char **why);

/* The same for a directory that an upgrade has handed over, locked, at dir. */
int	 store_reopen(struct store *st, const struct store_config *config,
	    int dir, const char **why);

void	 store_close(struct store *st);

/* Write the name of a segment to buf, of STORE_NAME_SIZE bytes, and return
 * it. */
char	*store_name(char *buf, uint64_t first);

/* The newest segment, or NULL if there is none. */
struct segment	*store_newest(const struct store *st);

/* The last segment that begins with line number or before; NULL: none does. */
const struct segment	*store_find(const struct store *st, uint64_t number);

/* The segment after the one that begins with line first, or NULL. */
const struct segment	*store_next(const struct store *st, uint64_t first);

/*
 * Read what counts of a segment, from offset on. Returns the number of bytes, 0
 * at its end, or -1 with errno: ENOENT if it was deleted.
 */
ssize_t	 store_read(struct store *st, uint64_t first, uint64_t offset,
	    void *buf, size_t size);

/* Sync the segment that was read last, if config.sync: a crash may have come
 * between its last write and the sync. Returns 0, or -1 with errno. */
int	 store_sync_read(const struct store *st);

/* A reader has found out that the head of a segment has so many bytes. */
void	 store_set_head(struct store *st, struct segment *s, uint64_t size);

/* Whether it is time to start a new segment. */
bool	 store_is_full(const struct store *st);

/*
 * Start a new segment with a head of len bytes. It is the newest one then, and
 * all before it are synced. It replaces one that begins with the same line, and
 * so has no line yet. Returns 0, or -1 with errno and everything as before.
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

/* Go on with a file that was put back in its place, if it has at least the size
 * that counts. Returns 0, or -1. */
int	 store_reattach(struct store *st);

/*
 * Write all of iov, which is used up, to the newest segment at offset. It
 * doesn't count before store_commit(). Returns 0, or -1 with errno.
 */
int	 store_write(struct store *st, struct iovec *iov, int n,
	    uint64_t offset);

/* Sync, if config.sync, and let size bytes of the newest segment count. Returns
 * 0, or -1 with errno. */
int	 store_commit(struct store *st, uint64_t size);

/* Let them count without a sync: a loss of power may take them back. */
void	 store_extend(struct store *st, uint64_t size);

/* Truncate the newest segment to size bytes. Returns 0, or -1 with errno. */
int	 store_truncate(struct store *st, uint64_t size);

/* Delete the newest segment. Returns 0, or -1 with errno. */
int	 store_drop_newest(struct store *st);

/* Delete the oldest segments, but never the newest, until no more than
 * config.keep is left. Returns 0, or -1 with errno. */
int	 store_prune(struct store *st);

#endif
