/*
 * A tape: numbers and bytes written to a file, or read from it
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "serialise.h"

void
serialise_refuse(struct serialiser *t, const char *why)
{
	if (t->why == NULL)
		t->why = why;
}

/* How many bytes were written or read. */
static size_t
pass(const struct serialiser *t, void *buf, size_t len)
{
	if (t->writing)
		return fwrite(buf, 1, len, t->file);
	return fread(buf, 1, len, t->file);
}

void
serialise_bytes(struct serialiser *t, void *buf, size_t len)
{
	if (t->why == NULL && len > 0) {
		if (pass(t, buf, len) == len)
			return;
		t->why = t->writing || ferror(t->file) ? strerror(errno) :
		    "the state is cut short";
	}
	if (!t->writing && len > 0)
		memset(buf, 0, len);
}

void
serialise_text(struct serialiser *t, const char *text, const char *why)
{
	char got[SERIALISE_TEXT_MAX + 1];

	(void)strlcpy(got, text, sizeof(got));
	serialise_bytes(t, got, strlen(text));
	if (strcmp(got, text) != 0)
		serialise_refuse(t, why);
}

/* As the machine has them: nobody reads it but its next program. */
uint64_t
serialise_value(struct serialiser *t, uint64_t n, uint64_t max)
{
	serialise_bytes(t, &n, sizeof(n));
	if (n <= max)
		return n;
	serialise_refuse(t, "a number in the state is too large");
	return 0;
}

void
serialise_number(struct serialiser *t, uint64_t *n, uint64_t max)
{
	*n = serialise_value(t, *n, max);
}

void
serialise_size(struct serialiser *t, size_t *n, size_t max)
{
	*n = (size_t)serialise_value(t, *n, max);
}

void
serialise_bool(struct serialiser *t, bool *b)
{
	*b = serialise_value(t, *b, 1) != 0;
}

void
serialise_time(struct serialiser *t, int64_t *time)
{
	*time = (int64_t)serialise_value(t, (uint64_t)*time, UINT64_MAX);
}

void
serialise_string(struct serialiser *t, char *buf, size_t size)
{
	size_t len = t->writing ? strlen(buf) : 0;

	serialise_size(t, &len, size - 1);
	serialise_bytes(t, buf, len);
	buf[len] = '\0';
	if (strlen(buf) != len)
		serialise_refuse(t, "a string in the state has a NUL");
}

void
serialise_descriptor(struct serialiser *t, int *fd)
{
	uint64_t n = t->writing ? t->nfds++ : 0;

	serialise_number(t, &n, INT_MAX);
	if (t->writing)
		return;
	*fd = t->why == NULL && n < t->nfds ? t->fds[n] : -1;
	if (*fd == -1 && !t->trial)
		serialise_refuse(t, "a descriptor in the state can't be");
}

void
serialise_blob(struct serialiser *t, char **buf, size_t *len, size_t max)
{
	serialise_size(t, len, max);
	if (!t->writing) {
		*buf = *len > 0 ? malloc(*len) : NULL;
		if (*len > 0 && *buf == NULL) {
			serialise_refuse(t, strerror(errno));
			*len = 0;
		}
	}
	serialise_bytes(t, *buf, *len);
}
