/*
 * Serialising: numbers, strings and descriptors, to a file or from it
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "serialise.h"

void
serialise_refuse(struct serialiser *z, const char *why)
{
	if (z->why == NULL)
		z->why = why;
}

/* Returns how many bytes were written or read. */
static size_t
transfer_bytes(const struct serialiser *z, void *buf, size_t len)
{
	if (z->writing)
		return fwrite(buf, 1, len, z->file);
	return fread(buf, 1, len, z->file);
}

void
serialise_bytes(struct serialiser *z, void *buf, size_t len)
{
	if (z->why == NULL && len > 0) {
		if (transfer_bytes(z, buf, len) == len)
			return;
		z->why = z->writing || ferror(z->file) ? strerror(errno) :
		    "the state is truncated";
	}
	if (!z->writing && len > 0)
		memset(buf, 0, len);
}

void
serialise_text(struct serialiser *z, const char *text, const char *why)
{
	char got[SERIALISE_TEXT_MAX + 1];

	(void)strlcpy(got, text, sizeof(got));
	serialise_bytes(z, got, strlen(text));
	if (strcmp(got, text) != 0)
		serialise_refuse(z, why);
}

uint64_t
serialise_value(struct serialiser *z, uint64_t n, uint64_t max)
{
	serialise_bytes(z, &n, sizeof(n));
	if (n <= max)
		return n;
	serialise_refuse(z, "a number in the state is too large");
	return 0;
}

void
serialise_number(struct serialiser *z, uint64_t *n, uint64_t max)
{
	*n = serialise_value(z, *n, max);
}

void
serialise_size(struct serialiser *z, size_t *n, size_t max)
{
	*n = (size_t)serialise_value(z, *n, max);
}

void
serialise_bool(struct serialiser *z, bool *b)
{
	*b = serialise_value(z, *b, 1) != 0;
}

void
serialise_time(struct serialiser *z, int64_t *time)
{
	*time = (int64_t)serialise_value(z, (uint64_t)*time, UINT64_MAX);
}

void
serialise_string(struct serialiser *z, char *buf, size_t size)
{
	size_t len = z->writing ? strlen(buf) : 0;

	serialise_size(z, &len, size - 1);
	serialise_bytes(z, buf, len);
	buf[len] = '\0';
	if (strlen(buf) != len)
		serialise_refuse(z, "a string in the state has a NUL");
}

void
serialise_descriptor(struct serialiser *z, int *fd)
{
	uint64_t n = z->writing ? z->nfds++ : 0;

	serialise_number(z, &n, INT_MAX);
	if (z->writing)
		return;
	*fd = z->why == NULL && n < z->nfds ? z->fds[n] : -1;
	if (*fd == -1 && !z->trial)
		serialise_refuse(z, "invalid file descriptor in the state");
}

void
serialise_blob(struct serialiser *z, char **buf, size_t *len, size_t max)
{
	serialise_size(z, len, max);
	if (!z->writing) {
		*buf = *len > 0 ? malloc(*len) : NULL;
		if (*len > 0 && *buf == NULL) {
			serialise_refuse(z, strerror(errno));
			*len = 0;
		}
	}
	serialise_bytes(z, *buf, *len);
}
