/*
 * The disk: reading, writing and syncing all of what is asked for
 */
#ifndef DISK_H
#define DISK_H

#include <sys/types.h>
#include <sys/uio.h>

#include <stddef.h>
#include <stdint.h>

/* Read size bytes at an offset. Returns fewer only at the end of the file, or
 * -1 with errno. */
ssize_t	 disk_read(int fd, void *buf, size_t size, uint64_t offset);

/* Write everything at an offset; iov is used up. Returns 0, or -1 with errno,
 * and then a part of it may be written. */
int	 disk_write(int fd, struct iovec *iov, int n, uint64_t offset);

/* Sync the names in the directory open at dir, where the system can do that.
 * Returns 0, or -1 with errno. */
int	 disk_sync_directory(int dir);

/* The same for the directory that dir is in. */
int	 disk_sync_parent(int dir);

#endif
