/*
 * A recording: what a program had its disk do and said to its clients
 *
 * It is operations, one after another: a head and then len bytes. An operation
 * is in it when it has been done, so if power is lost at some place of it, all
 * before is done, and any part of the next one.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include <stdint.h>

enum op_kind {
	OP_OPEN,			/* name in directory; file, at: flags */
	OP_WRITE,			/* bytes to file, at an offset */
	OP_TRUNCATE,			/* file, at: its size */
	OP_SYNC,			/* file, which can be a directory */
	OP_DATASYNC,			/* file */
	OP_SYNC_ALL,			/* sync(2) */
	OP_RENAME,			/* two names in directory, with NULs */
	OP_UNLINK,			/* name in directory */
	OP_MKDIR,			/* file: the new one */
	OP_SAID,			/* bytes to the socket that is file */
	OP_HEARD			/* bytes from it */
};

struct op {
	uint64_t	 directory;	/* its inode's number */
	uint64_t	 file;
	uint64_t	 at;
	uint32_t	 kind;
	uint32_t	 len;
};

#endif
