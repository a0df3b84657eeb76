/*
 * A platter: what a disk may show of a directory of files after a loss of power
 *
 * It knows no file system, only POSIX, so it allows for more than any of them
 * does. What a sync has confirmed is there. Of the rest:
 *
 *	bytes		each sector of a file is as it was after any of the
 *			writes since its last sync, or as it was before them;
 *			zeros if that was beyond the end
 *	size		any that the file has had since then, or between
 *	names		each that came or went since the directory's last sync
 *			has, or hasn't; a rename is one that goes and another
 *			one that comes; a file's own sync is none of its name
 *	directory		the same in the directory that it is in
 *
 * fdatasync(2) confirms bytes, and the size that it takes to read them: if the
 * file has become shorter, the old size and what was there may come back.
 * sync(2) confirms everything. A sector is written whole or not at all.
 */
#ifndef PLATTER_H
#define PLATTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "recording.h"

#define SECTOR		512
#define NAME_SIZE	32

/* A write, or if data is NULL a change of the size to at. */
struct change {
	uint64_t	 at;
	size_t		 len;
	const char	*data;		/* borrowed from the recording */
};

struct file {
	uint64_t	 inode;
	char		*now;		/* as the program sees it */
	size_t		 size;
	char		*safe;		/* as confirmed */
	size_t		 safe_size;
	struct change	*changes;	/* since then */
	size_t		 n;
	struct file	*next;
	char		*built;		/* where the state at hand has it */
};

struct name {
	char		 name[NAME_SIZE];
	struct file	*file;		/* of a change: NULL if it goes */
};

struct names {
	struct name	*list;
	size_t		 n;
};

struct platter {
	uint64_t	 directory;	/* its inode */
	bool		 made;		/* as the program sees it */
	bool		 safe_made;
	struct file	*files;		/* all that there ever were */
	struct names	 now;
	struct names	 safe;
	struct names	 changes;	/* since then, in order */
};

/* Which syncs aren't taken for any, to see what would be without them. */
enum ignore {
	IGNORE_DATA = 1,		/* fdatasync(2) */
	IGNORE_FILE = 2,		/* fsync(2) of a file ... */
	IGNORE_DIRECTORY = 4,		/* ... of the directory ... */
	IGNORE_PARENT = 8		/* ... and of the one that it is in */
};

/* A directory that there is not; directory is the inode that it gets. */
void	 platter_init(struct platter *p, uint64_t directory);

/* A directory whose files are all on the disk as they are at path, if it is. */
void	 platter_load(struct platter *p, const char *path);

void	 platter_free(struct platter *p);

void	 platter_do(struct platter *p, const struct op *op, const char *data,
	    unsigned ignore);

/* Everything is written down. */
void	 platter_sync(struct platter *p);

/* Make at path what the disk may show; what was there has to be gone. */
void	 platter_build(struct platter *p, const char *path);

/* Whether path has just what the program sees. */
bool	 platter_equals(const struct platter *p, const char *path);

/* What is random follows from it. */
void	 random_seed(uint64_t seed);

/* A number below n. */
uint64_t random_below(uint64_t n);

/* All of a file; exits on errors. */
char	*read_whole(const char *path, size_t *size);

#endif
