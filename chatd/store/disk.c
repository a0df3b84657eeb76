/*
 * The disk: reading, writing and syncing all of what is asked for
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "disk.h"

ssize_t
disk_read(int fd, void *buf, size_t size, uint64_t offset)
{
	size_t done = 0;
	ssize_t n = 1;

	while (done < size && n > 0) {
		n = pread(fd, (char *)buf + done, size - done,
		    (off_t)(offset + done));
		if (n == -1 && errno == EINTR)
			n = 1;
		else if (n > 0)
			done += (size_t)n;
	}
	return n == -1 ? -1 : (ssize_t)done;
}

int
disk_write(int fd, struct iovec *iov, int n, uint64_t offset)
{
	ssize_t done;

	while (n > 0) {
		done = pwritev(fd, iov, n, (off_t)offset);
		if (done == -1 && errno == EINTR)
			continue;
		if (done <= 0) {
			if (done == 0)
				errno = ENOSPC;
			return -1;
		}
		offset += (uint64_t)done;
		for (; n > 0 && (size_t)done >= iov->iov_len; iov++, n--)
			done -= (ssize_t)iov->iov_len;
		if (n > 0) {
			iov->iov_base = (char *)iov->iov_base + done;
			iov->iov_len -= (size_t)done;
		}
	}
	return 0;
}

int
disk_sync_directory(int dir)
{
	return fsync(dir) == -1 && errno != EINVAL ? -1 : 0;
}

int
disk_sync_parent(int dir)
{
	int status, fd = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	/* The parent may be a directory that we can't read. */
	if (fd == -1 && errno == EACCES) {
		sync();
		return 0;
	}
	if (fd == -1)
		return -1;
	status = disk_sync_directory(fd);
	(void)close(fd);
	return status;
}
