/*
 * The disk: files read and written, all of what is asked for
 */
#ifndef DISK_H
#define DISK_H

#include <sys/types.h>
#include <sys/uio.h>

#include <stddef.h>
#include <stdint.h>

/* Read size bytes at an offset. Returns fewer only at the file's end, or -1
 * with errno. */
ssize_t	 disk_read(int fd, void *buf, size_t size, uint64_t offset);

/* Write everything at an offset; iov is used up. 0, or -1 with errno, and a
 * part of it may be there. */
int	 disk_write(int fd, struct iovec *iov, int n, uint64_t offset);

/* Have it written down which files the directory open at dir has, if the system
 * can be asked for that. 0, or -1 with errno. */
int	 disk_sync_directory(int dir);

/* The same for the directory that it is in. */
int	 disk_sync_parent(int dir);

#endif
