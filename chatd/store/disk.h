/*
 * The disk: reading, writing and syncing all of what is asked for
 *
 * read(2) and write(2) may do only a part of what they are asked to do, and a
 * signal may interrupt them; these functions go on until all is done. POSIX
 * leaves open whether fsync(2) of a file makes its name durable: on Linux, and
 * elsewhere, the directory has to be synced as well.
 */
#ifndef DISK_H
#define DISK_H

#include <sys/types.h>
#include <sys/uio.h>

#include <stddef.h>
#include <stdint.h>

/*
 * Read size bytes at an offset into buf. Returns how many bytes that were,
 * fewer only at the end of the file, or -1 with errno.
 */
ssize_t	 disk_read(int fd, void *buf, size_t size, uint64_t offset);

/*
 * Write the n pieces of iov at an offset. Changes iov. Returns 0, or -1 with
 * errno, and then a part of the bytes may have been written.
 */
int	 disk_write(int fd, struct iovec *iov, int n, uint64_t offset);

/*
 * Sync the names in the directory that is open as dir. Succeeds where the file
 * system cannot sync directories, and fsync(2) says EINVAL. Returns 0, or -1
 * with errno.
 */
int	 disk_sync_directory(int dir);

/*
 * The same for the parent of the directory dir. If that may not be read, the
 * whole system is synced instead.
 */
int	 disk_sync_parent(int dir);

#endif
