/*
 * The lines on their way to a room, kept until the room has settled them
 */
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "sendq.h"

int
sendq_init(struct sendq *q)
{
	memset(q, 0, sizeof(*q));
	q->buf = malloc(SENDQ_SIZE);
	q->runs = calloc(SENDQ_RUNS, sizeof(*q->runs));
	if (q->buf != NULL && q->runs != NULL)
		return 0;
	sendq_free(q);
	return -1;
}

void
sendq_free(struct sendq *q)
{
	free(q->buf);
	free(q->runs);
	q->buf = NULL;
	q->runs = NULL;
}

static struct sendq_run *
run_at(const struct sendq *q, uint64_t i)
{
	return &q->runs[i % SENDQ_RUNS];
}

/* The bytes from a position on that lie together, up to another one. */
static struct iovec
piece(const struct sendq *q, uint64_t from, uint64_t to)
{
	size_t at = from % SENDQ_SIZE, len = (size_t)(to - from);
	struct iovec iov;

	iov.iov_base = q->buf + at;
	iov.iov_len = len < SENDQ_SIZE - at ? len : SENDQ_SIZE - at;
	return iov;
}

static void
copy_in(struct sendq *q, const char *s, size_t len)
{
	struct iovec iov;

	while (len > 0) {
		iov = piece(q, q->end, q->end + len);
		memcpy(iov.iov_base, s, iov.iov_len);
		s += iov.iov_len;
		len -= iov.iov_len;
		q->end += iov.iov_len;
	}
}

/* Whether len bytes can go in which the input has from that line on. */
static bool
begin(struct sendq *q, size_t len, uint64_t input)
{
	int64_t shift = (int64_t)(input - (q->lines + 1));
	struct sendq_run *run;

	if (len > SENDQ_SIZE - (q->end - q->acked))
		return false;
	if (q->run_first < q->run_end &&
	    run_at(q, q->run_end - 1)->shift == shift)
		return true;
	if (q->run_end - q->run_first == SENDQ_RUNS)
		return false;
	run = run_at(q, q->run_end++);
	run->first = q->lines + 1;
	run->shift = shift;
	return true;
}

bool
sendq_put(struct sendq *q, const char *prefix, size_t prefixlen,
    const char *text, size_t len, uint64_t input)
{
	if (!begin(q, prefixlen + len + 1, input))
		return false;
	copy_in(q, prefix, prefixlen);
	copy_in(q, text, len);
	copy_in(q, "\n", 1);
	q->lines++;
	return true;
}

bool
sendq_put_lines(struct sendq *q, const char *lines, size_t len, size_t n,
    uint64_t input)
{
	if (!begin(q, len, input))
		return false;
	copy_in(q, lines, len);
	q->lines += n;
	return true;
}

bool
sendq_has_space(const struct sendq *q)
{
	return SENDQ_SIZE - (q->end - q->acked) >= LINE_SIZE &&
	    q->run_end - q->run_first < SENDQ_RUNS;
}

int
sendq_iov(const struct sendq *q, struct iovec iov[2])
{
	uint64_t at = q->sent;
	int n;

	for (n = 0; n < 2 && at < q->end; n++) {
		iov[n] = piece(q, at, q->end);
		at += iov[n].iov_len;
	}
	return n;
}

void
sendq_wrote(struct sendq *q, size_t n)
{
	q->sent += n;
}

uint64_t
sendq_written(const struct sendq *q)
{
	uint64_t at, n = 0;
	struct iovec iov;

	for (at = q->acked; at < q->sent; at += iov.iov_len) {
		iov = piece(q, at, q->sent);
		n += line_count(iov.iov_base, iov.iov_len);
	}
	return n;
}

void
sendq_again(struct sendq *q)
{
	q->sent = q->acked;
}

static bool
begins_with(const struct sendq *q, uint64_t at, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && at + i < q->end; i++) {
		if (q->buf[(at + i) % SENDQ_SIZE] != s[i])
			return false;
	}
	return i == n;
}

void
sendq_strip(struct sendq *q, const char *prefix, size_t n)
{
	uint64_t from, to = q->acked, sent = q->acked;
	size_t column = 0, first = 0, end = 0;
	char c;

	for (from = q->acked; from < q->end; from++) {
		if (column == 0) {
			first = begins_with(q, from, prefix, n) ? 0 : 2;
			end = first == 0 ? n : n + 1;
		}
		c = q->buf[from % SENDQ_SIZE];
		if (column < first || column >= end)
			q->buf[to++ % SENDQ_SIZE] = c;
		column = c == '\n' ? 0 : column + 1;
		if (from + 1 == q->sent)
			sent = to;
	}
	q->sent = sent;
	q->end = to;
}

bool
sendq_at_line(const struct sendq *q)
{
	return q->sent == q->acked ||
	    q->buf[(q->sent - 1) % SENDQ_SIZE] == '\n';
}

bool
sendq_settle(struct sendq *q, uint64_t lines)
{
	uint64_t acked = q->acked, settled = q->settled, missing;
	struct iovec iov;
	size_t n;

	if (lines < q->settled)
		return false;
	while (q->settled < lines) {
		iov = piece(q, q->acked, q->sent);
		missing = lines - q->settled;
		n = line_skip(iov.iov_base, iov.iov_len, &missing);
		q->settled = lines - missing;
		if (missing == 0)
			q->acked += n;
		else if (q->acked + iov.iov_len < q->sent)
			q->acked += iov.iov_len;	/* it wraps */
		else {
			q->acked = acked;
			q->settled = settled;
			return false;
		}
	}
	while (q->run_end - q->run_first > 1 &&
	    run_at(q, q->run_first + 1)->first <= q->settled + 1)
		q->run_first++;
	return true;
}

uint64_t
sendq_input(const struct sendq *q, uint64_t line)
{
	uint64_t i = q->run_end;

	if (i == q->run_first)
		return line;
	/* The last run that begins at or before the line. */
	while (--i > q->run_first && run_at(q, i)->first > line)
		;
	return line + (uint64_t)run_at(q, i)->shift;
}
