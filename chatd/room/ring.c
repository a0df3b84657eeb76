/*
 * The ring: what was said, kept once for everybody
 */
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "ring.h"

struct ring *
ring_new(size_t size, uint64_t first)
{
	struct ring *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->size = size;
	r->nspans = size / RING_SPAN_BYTES;
	r->first = r->next = first;
	r->forgotten = INT64_MIN;
	r->bytes = malloc(r->size);
	r->spans = calloc(r->nspans, sizeof(*r->spans));
	if (r->bytes != NULL && r->spans != NULL)
		return r;
	ring_free(r);
	return NULL;
}

void
ring_free(struct ring *r)
{
	if (r == NULL)
		return;
	free(r->bytes);
	free(r->spans);
	free(r);
}

size_t
ring_memory(size_t size)
{
	return size + size / RING_SPAN_BYTES * sizeof(struct ring_span);
}

void
ring_forget(struct ring *r, int64_t time)
{
	if (time > r->forgotten)
		r->forgotten = time;
}

static struct ring_span *
span(const struct ring *r, uint64_t i)
{
	return &r->spans[i % r->nspans];
}

void
ring_restart(struct ring *r, uint64_t next)
{
	for (; r->span_first < r->span_end; r->span_first++)
		ring_forget(r, span(r, r->span_first)->time);
	r->base = r->visible = r->head;
	r->next = next;
}

void
ring_publish(struct ring *r)
{
	r->visible = r->head;
	r->held = false;
}

void
ring_hold(struct ring *r)
{
	r->held = true;
}

size_t
ring_space(const struct ring *r)
{
	if (r->held || r->span_end - r->span_first == r->nspans)
		return 0;
	return r->size - (size_t)(r->head - r->base);
}

bool
ring_has(const struct ring *r, size_t bytes, size_t appends)
{
	return ring_space(r) >= bytes &&
	    r->nspans - (size_t)(r->span_end - r->span_first) >= appends;
}

int
ring_iov(const struct ring *r, uint64_t from, uint64_t to, struct iovec iov[2])
{
	size_t at = (size_t)(from % r->size), len = (size_t)(to - from);

	iov[0].iov_base = r->bytes + at;
	iov[0].iov_len = len;
	if (len <= r->size - at)
		return len > 0;
	iov[0].iov_len = r->size - at;
	iov[1].iov_base = r->bytes;
	iov[1].iov_len = len - iov[0].iov_len;
	return 2;
}

const struct ring_span *
ring_span(const struct ring *r, uint64_t i)
{
	return span(r, i);
}

uint64_t
ring_span_end(const struct ring *r, uint64_t i)
{
	return i + 1 == r->span_end ? r->head : span(r, i + 1)->start;
}

/* The number of the first line after a span. */
static uint64_t
span_next_line(const struct ring *r, uint64_t i)
{
	return i + 1 == r->span_end ? r->next : span(r, i + 1)->line;
}

static void
span_extend(struct ring *r, uint64_t author, int64_t time)
{
	struct ring_span *s;

	if (r->span_end > r->span_first) {
		s = span(r, r->span_end - 1);
		if (s->author == author && s->time == time &&
		    r->head - s->start < RING_SPAN_FULL)
			return;
		if (s->time > time)
			r->sorted = r->span_end;
	}
	s = span(r, r->span_end++);
	s->start = r->head;
	s->line = r->next;
	s->author = author;
	s->time = time;
}

bool
ring_append(struct ring *r, uint64_t author, int64_t time, const char *lines,
    size_t len, size_t nlines)
{
	struct iovec iov[2];
	int i, n;

	if (len > ring_space(r))
		return false;
	span_extend(r, author, time);
	n = ring_iov(r, r->head, r->head + len, iov);
	for (i = 0; i < n; i++) {
		memcpy(iov[i].iov_base, lines, iov[i].iov_len);
		lines += iov[i].iov_len;
	}
	r->head += len;
	r->next += nlines;
	if (!r->stored)
		r->visible = r->head;
	return true;
}

bool
ring_at_line(const struct ring *r, uint64_t pos)
{
	return pos == r->base || r->bytes[(pos - 1) % r->size] == '\n';
}

/* The position after the nth LF at or after pos; head if there are fewer. */
static uint64_t
after_lf(const struct ring *r, uint64_t pos, uint64_t nth)
{
	struct iovec iov[2];
	int i, n = ring_iov(r, pos, r->head, iov);
	char *p, *lf, *end;

	for (i = 0; i < n && nth > 0; i++) {
		p = iov[i].iov_base;
		end = p + iov[i].iov_len;
		for (; nth > 0 && p < end; p = lf + 1, nth--) {
			lf = memchr(p, '\n', (size_t)(end - p));
			if (lf == NULL)
				break;
		}
		if (nth > 0)
			p = end;
		pos += (uint64_t)(p - (char *)iov[i].iov_base);
	}
	return pos;
}

uint64_t
ring_line_end(const struct ring *r, uint64_t pos)
{
	return after_lf(r, pos, 1);
}

/* Find the last span for which starts_by() holds, of those in use. */
static uint64_t
find_span(const struct ring *r, uint64_t key,
    bool (*starts_by)(const struct ring_span *s, uint64_t key))
{
	uint64_t low = r->span_first, high = r->span_end, middle;

	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (starts_by(span(r, middle), key))
			low = middle;
		else
			high = middle;
	}
	return low;
}

static bool
starts_by_position(const struct ring_span *s, uint64_t pos)
{
	return s->start <= pos;
}

static bool
starts_by_number(const struct ring_span *s, uint64_t number)
{
	return s->line <= number;
}

uint64_t
ring_span_at(const struct ring *r, uint64_t pos)
{
	return find_span(r, pos, starts_by_position);
}

uint64_t
ring_number(const struct ring *r, uint64_t pos)
{
	struct iovec iov[2];
	uint64_t i, number;
	int k, n;

	if (pos == r->head)
		return r->next;
	i = ring_span_at(r, pos);
	if (pos == span(r, i)->start)
		return span(r, i)->line;
	number = span_next_line(r, i);
	n = ring_iov(r, pos, ring_span_end(r, i), iov);
	for (k = 0; k < n; k++)
		number -= line_count(iov[k].iov_base, iov[k].iov_len);
	return number;
}

uint64_t
ring_oldest(const struct ring *r)
{
	return r->span_first == r->span_end ? r->next :
	    span(r, r->span_first)->line;
}

uint64_t
ring_position(const struct ring *r, uint64_t number)
{
	uint64_t i;

	if (number >= r->next)
		return r->head;
	if (number <= ring_oldest(r))
		return r->base;
	i = find_span(r, number, starts_by_number);
	return after_lf(r, span(r, i)->start, number - span(r, i)->line);
}

uint64_t
ring_since(const struct ring *r, int64_t time)
{
	uint64_t low = r->span_first, high = r->span_end, middle;

	for (; low < r->sorted && low < high; low++) {
		if (span(r, low)->time >= time)
			return span(r, low)->start;
	}
	while (low < high) {
		middle = low + (high - low) / 2;
		if (span(r, middle)->time >= time)
			high = middle;
		else
			low = middle + 1;
	}
	return low == r->span_end ? r->head : span(r, low)->start;
}

uint64_t
ring_count_author(const struct ring *r, uint64_t author, uint64_t from,
    uint64_t to)
{
	uint64_t i, n = 0, start, end;

	if (from >= to)
		return 0;
	for (i = ring_span_at(r, from); i < r->span_end; i++) {
		start = span(r, i)->start > from ? span(r, i)->start : from;
		end = ring_span_end(r, i) < to ? ring_span_end(r, i) : to;
		if (start >= to)
			break;
		if (span(r, i)->author == author)
			n += ring_number(r, end) - ring_number(r, start);
	}
	return n;
}

/* The first start of a line that is num/4 of the ring's way from the base. */
static uint64_t
quarters(const struct ring *r, unsigned num)
{
	uint64_t pos = r->base + r->size / 4 * num, i;

	i = r->span_first + r->nspans / 4 * num;
	if (i < r->span_end && span(r, i)->start < pos)
		pos = span(r, i)->start;
	if (pos >= r->head)
		return r->head;
	return ring_at_line(r, pos) ? pos : ring_line_end(r, pos);
}

uint64_t
ring_quarter(const struct ring *r)
{
	return quarters(r, 1);
}

uint64_t
ring_middle(const struct ring *r)
{
	return quarters(r, 2);
}

void
ring_release(struct ring *r, uint64_t pos)
{
	uint64_t number = ring_number(r, pos);
	struct ring_span *s;

	while (r->span_first < r->span_end &&
	    ring_span_end(r, r->span_first) <= pos)
		ring_forget(r, span(r, r->span_first++)->time);
	r->base = pos;
	if (r->span_first == r->span_end)
		return;
	s = span(r, r->span_first);
	if (s->start < pos) {
		ring_forget(r, s->time);
		s->start = pos;
		s->line = number;
	}
}
