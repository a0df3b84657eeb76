/*
 * The store: a directory that keeps the room
 *
 * The room is cut into segments, files that are named by the number of their
 * first line and stay as they are once the next one has begun. What they have
 * inside is chatd(8)'s section THE STORE; here they are bytes. A segment
 * exists from the moment on when its head is in it as a whole.
 *
 * Heads repeat what others have said before, so they don't count as part of
 * what is kept: otherwise many sessions would push out the past.
 *
 * A loss of power may undo whatever the disk hasn't confirmed, in any order. So
 * a segment is confirmed before the next one begins, its head before it has its
 * name, and a deletion before the next one: what is lost is always the end of
 * the newest segment, and with sync it is nothing that counts.
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
	uint64_t	 segment_size;	/* with so many bytes it is full */
	uint64_t	 keep;		/* bytes in all but the heads,
					   UINT64_MAX: any */
	bool		 sync;		/* survive the loss of power, too */
	bool		 go_on;		/* over damage */
};

struct segment {
	uint64_t	 first;		/* number of its first line */
	uint64_t	 size;		/* bytes that count */
	uint64_t	 head;		/* of them, its head's; 0: not known */
};

struct store {
	struct store_config config;
	int		 dir;		/* the directory, locked */
	int		 fd;		/* of the newest segment, or -1 */
	dev_t		 dev;		/* which file that is */
	ino_t		 ino;
	bool		 unsure;	/* the disk may have other names */
	int		 reader;	/* of the one that was read last, or the
					   directory's: so that one can be */
	uint64_t	 reading;	/* its first line, 0: of none */
	uint64_t	 failed;	/* that couldn't be opened; 0: none */
	struct segment	*segments;	/* the oldest first */
	size_t		 n;
	size_t		 allocated;
	uint64_t	 total;		/* bytes of all but the heads */
};

/*
 * Open the directory, which is made if there is none, lock it, and find its
 * segments. Returns 0, or -1 with *why; then nothing is left open, and errno
 * is EWOULDBLOCK if another room is kept there.
 */
int	 store_open(struct store *st, const struct store_config *config,
	    const char **why);

/* The same for a directory that somebody has left open and locked at dir. */
int	 store_reopen(struct store *st, const struct store_config *config,
	    int dir, const char **why);

void	 store_close(struct store *st);

/* The name of a segment; buf has STORE_NAME_SIZE bytes. Returns buf. */
char	*store_name(char *buf, uint64_t first);

/* The newest segment, NULL if there is none. */
struct segment	*store_newest(const struct store *st);

/* The segment that line number is in if it is in any; NULL: all are newer. */
const struct segment	*store_find(const struct store *st, uint64_t number);

/* The one after it, or NULL. */
const struct segment	*store_next(const struct store *st, uint64_t first);

/*
 * Read what counts of a segment, from offset on. Returns how many bytes, 0 at
 * its end; -1 with errno, ENOENT if it has been deleted.
 */
ssize_t	 store_read(struct store *st, uint64_t first, uint64_t offset,
	    void *buf, size_t size);

/* So many bytes of a segment are its head. */
void	 store_head(struct store *st, struct segment *s, uint64_t size);

/* Whether the newest segment has come to its end. */
bool	 store_is_full(const struct store *st);

/*
 * Begin a new segment with a head of len bytes; afterwards it is the newest,
 * and those before it can't be lost. It takes the place of one that begins with
 * the same line, and so has none yet. Returns 0, or -1 with errno and
 * everything as before.
 */
int	 store_begin(struct store *st, uint64_t first, const char *head,
	    size_t len);

/* Open the newest segment for writing. 0, or -1 with errno. */
int	 store_append(struct store *st);

/*
 * Whether the file that is written to is still the newest segment. Somebody may
 * have deleted it, with its directory or without, or put another in its place.
 */
bool	 store_is_there(const struct store *st);

/* Go on with a file that was put there again, and has all that counted, as far
 * as its size tells. 0, or -1. */
int	 store_return(struct store *st);

/*
 * Write to the newest segment at offset, as writev(2) does but all of it; iov
 * is used up. What is written counts only when store_settle() says so.
 */
int	 store_write(struct store *st, struct iovec *iov, int n,
	    uint64_t offset);

/* Have it written down as safely as the store promises. 0, or -1 with errno.
 * From then on, size bytes of the newest segment count. */
int	 store_settle(struct store *st, uint64_t size);

/* They count, and nobody minds if a loss of power takes them back. */
void	 store_count(struct store *st, uint64_t size);

/* The same for the segment that was read last: whoever wrote it may not have
 * come to that. */
int	 store_confirm(const struct store *st);

/* Cut the newest segment to size bytes for good. 0, or -1 with errno. */
int	 store_cut(struct store *st, uint64_t size);

/* Delete the newest segment. 0, or -1 with errno. */
int	 store_drop(struct store *st);

/* Delete old segments until no more is kept than should be; the newest one
 * always is. 0, or -1 with errno. */
int	 store_prune(struct store *st);

#endif
