/*
 * Cutting: what doesn't count at the end of the newest segment is removed
 *
 * A crash or a loss of power leaves a torn end: what was being written or,
 * without config.sync, was never synced. In a replica, all after the last
 * position in the log goes, too, torn or not.
 */
#ifndef CUT_H
#define CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEADLESS	"the head is incomplete"

struct store;

/* Where a store is being read. */
struct reading {
	struct store	*store;
	char		*buf;		/* what was read */
	size_t		 size;		/* of buf, in bytes */
	const char	*why;		/* it failed; NULL: it didn't */
	uint64_t	 first;		/* number of the segment's first line */
	uint64_t	 offset;	/* of its next line or record */
	bool		 head;		/* its head isn't complete yet */
};

/*
 * Read from the segment at an offset into in->buf. Returns the number of bytes,
 * 0 at the end or, with in->why, on failure.
 */
size_t	 reading_at(struct reading *in, uint64_t offset);

/*
 * Whether the size bytes at in->offset, which can't be a line, and all after
 * them, were being written when the room process or the power failed: no valid
 * line follows, or only lines of ten minutes follow a hole. With -S a hole can
 * be in the last batch alone, but where that begins isn't recorded, so the
 * bound is the same. bytes may be in in->buf, which is overwritten.
 */
bool	 cut_is_torn(struct reading *in, const char *bytes, size_t size);

/*
 * Cut a torn end of the newest segment off, at in->offset, and log what it was;
 * without a whole head the segment is deleted. With -S nobody has seen it, and
 * nobody was told that it was stored; without -S it was never synced. Sets
 * in->why on failure.
 */
void	 cut_torn(struct reading *in, const char *what);

/*
 * In a replica, cut the newest segment off after the last position in the log:
 * only up to there does it have all of what the entries of the log have made,
 * and nobody was told of what follows. Where it is torn that is the last one
 * before, and with -f where it is damaged, too: the log has the rest. It has to
 * be done before loading, which can't take a line back. Damage that can't be
 * cut off is left for that. Sets in->why on failure.
 */
void	 cut_replica(struct reading *in);

#endif
