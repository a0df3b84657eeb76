/*
 * A tape: numbers and bytes written to a file, or read from it
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tape.h"

void
tape_refuse(struct tape *t, const char *why)
{
	if (t->why == NULL)
		t->why = why;
}

/* How many bytes were written or read. */
static size_t
pass(const struct tape *t, void *buf, size_t len)
{
	if (t->writing)
		return fwrite(buf, 1, len, t->file);
	return fread(buf, 1, len, t->file);
}

void
tape_bytes(struct tape *t, void *buf, size_t len)
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
tape_text(struct tape *t, const char *text, const char *why)
{
	char got[TAPE_TEXT_MAX + 1];

	(void)strlcpy(got, text, sizeof(got));
	tape_bytes(t, got, strlen(text));
	if (strcmp(got, text) != 0)
		tape_refuse(t, why);
}

/* As the machine has them: nobody reads it but its next program. */
uint64_t
tape_value(struct tape *t, uint64_t n, uint64_t max)
{
	tape_bytes(t, &n, sizeof(n));
	if (n <= max)
		return n;
	tape_refuse(t, "a number in the state is too large");
	return 0;
}

void
tape_number(struct tape *t, uint64_t *n, uint64_t max)
{
	*n = tape_value(t, *n, max);
}

void
tape_size(struct tape *t, size_t *n, size_t max)
{
	*n = (size_t)tape_value(t, *n, max);
}

void
tape_bool(struct tape *t, bool *b)
{
	*b = tape_value(t, *b, 1) != 0;
}

void
tape_time(struct tape *t, int64_t *time)
{
	*time = (int64_t)tape_value(t, (uint64_t)*time, UINT64_MAX);
}

void
tape_string(struct tape *t, char *buf, size_t size)
{
	size_t len = t->writing ? strlen(buf) : 0;

	tape_size(t, &len, size - 1);
	tape_bytes(t, buf, len);
	buf[len] = '\0';
	if (strlen(buf) != len)
		tape_refuse(t, "a string in the state has a NUL");
}

void
tape_descriptor(struct tape *t, int *fd)
{
	uint64_t n = t->writing ? t->nfds++ : 0;

	tape_number(t, &n, INT_MAX);
	if (t->writing)
		return;
	*fd = t->why == NULL && n < t->nfds ? t->fds[n] : -1;
	if (*fd == -1 && !t->trial)
		tape_refuse(t, "a descriptor in the state can't be");
}

void
tape_blob(struct tape *t, char **buf, size_t *len, size_t max)
{
	tape_size(t, len, max);
	if (!t->writing) {
		*buf = *len > 0 ? malloc(*len) : NULL;
		if (*len > 0 && *buf == NULL) {
			tape_refuse(t, strerror(errno));
			*len = 0;
		}
	}
	tape_bytes(t, *buf, *len);
}
