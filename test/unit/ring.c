/*
 * chatd/room/ring.h: the ring, its spans, and what they know about lines
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "room/ring.h"
#include "unit.h"

#define FIRST	1000			/* number of a room's first line */
#define SMALL	RING_SIZE_MIN

static struct ring *
new_room(size_t size)
{
	struct ring *r = ring_new(size, FIRST);

	CHECK(r != NULL);
	return r;
}

/* The bytes [from, to), on loan until the next call. */
static const char *
bytes(const struct ring *r, uint64_t from, uint64_t to)
{
	static char buf[4 * SMALL + 1];
	struct iovec iov[2];
	size_t len = 0;
	int i, n = ring_iov(r, from, to, iov);

	CHECK(n >= 0 && n <= 2 && to - from < sizeof(buf));
	for (i = 0; i < n; i++) {
		CHECK(iov[i].iov_len > 0);
		memcpy(buf + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	CHECK(len == to - from);
	buf[len] = '\0';
	return buf;
}

/* One line of size bytes with its LF. */
static bool
append_line(struct ring *r, uint64_t author, int64_t time, size_t size)
{
	static char line[SMALL];

	memset(line, 'x', size - 1);
	line[size - 1] = '\n';
	return ring_append(r, author, time, line, size, 1);
}

static bool
append(struct ring *r, uint64_t author, int64_t time, const char *lines)
{
	size_t len = strlen(lines);

	return ring_append(r, author, time, lines, len, line_count(lines, len));
}

static void
fresh(void)
{
	struct ring *r = new_room(SMALL);
	struct iovec iov[2];

	CHECK(r->base == r->head && r->next == FIRST && r->first == FIRST);
	CHECK(ring_space(r) == SMALL);
	CHECK(ring_oldest(r) == FIRST);
	CHECK(ring_number(r, r->head) == FIRST);
	CHECK(ring_position(r, 0) == r->head);
	CHECK(ring_position(r, FIRST) == r->head);
	CHECK(ring_position(r, UINT64_MAX) == r->head);
	CHECK(ring_at_line(r, r->head));
	CHECK(ring_iov(r, r->head, r->head, iov) == 0);
	CHECK(ring_quarter(r) == r->head && ring_middle(r) == r->head);
	CHECK(ring_count_author(r, 1, r->base, r->head) == 0);
	ring_release(r, r->head);
	CHECK(ring_space(r) == SMALL && ring_oldest(r) == FIRST);
	CHECK(ring_memory(SMALL) == SMALL +
	    SMALL / 64 * sizeof(struct ring_span));
	ring_free(r);
	ring_free(NULL);
}

static void
full(void)
{
	struct ring *r = new_room(SMALL);
	size_t i, n = SMALL / 512;

	for (i = 0; i < n; i++) {
		CHECK(ring_space(r) == SMALL - i * 512);
		CHECK(append_line(r, 1, 1, 512));
	}
	CHECK(ring_space(r) == 0);
	CHECK(!append_line(r, 1, 1, 1));
	CHECK(r->head - r->base == SMALL && r->next == FIRST + n);
	CHECK(line_count(bytes(r, r->base, r->head), SMALL) == n);
	CHECK(ring_at_line(r, r->head) && ring_at_line(r, r->base));
	/* What is freed can be used at once, to the byte. */
	ring_release(r, r->base + 512);
	CHECK(ring_space(r) == 512 && ring_oldest(r) == FIRST + 1);
	CHECK(!append_line(r, 1, 1, 513));
	CHECK(append_line(r, 1, 1, 512));
	CHECK(ring_space(r) == 0);
	ring_release(r, r->head);
	CHECK(ring_space(r) == SMALL && ring_oldest(r) == r->next);
	CHECK(append_line(r, 1, 1, SMALL));
	CHECK(ring_space(r) == 0);
	ring_free(r);
}

static void
full_of_spans(void)
{
	struct ring *r = new_room(SMALL);
	uint64_t i, quarter;

	for (i = 0; ring_space(r) > 0; i++)
		CHECK(append(r, i % 2, 1, "x\n"));
	CHECK_IN(i == SMALL / RING_SPAN_BYTES, "%llu", (unsigned long long)i);
	CHECK(!append(r, i % 2, 1, "x\n") && r->next == FIRST + i);
	/* Few bytes, but a quarter of the spans has to go. */
	quarter = ring_quarter(r);
	CHECK(quarter == r->base + i / 4 * 2);
	CHECK(ring_middle(r) == r->base + i / 2 * 2);
	ring_release(r, quarter);
	CHECK(ring_oldest(r) == FIRST + i / 4);
	CHECK(ring_space(r) == SMALL - i / 4 * 3 * 2);
	for (i = 0; ring_space(r) > 0; i++)
		CHECK(append(r, 7 + i % 2, 1, "x\n"));
	CHECK(i == SMALL / RING_SPAN_BYTES / 4);
	ring_free(r);
}

static void
wrap(void)
{
	static const char lines[] = "one\n\nthree\n" "4\n" "fifth line\n";
	static const size_t starts[] = { 0, 4, 5, 11, 13, 24 };
	const size_t len = sizeof(lines) - 1;
	size_t off, i, k;
	struct ring *r;
	uint64_t at;

	for (off = 0; off <= len; off++) {
		r = new_room(SMALL);
		CHECK(append_line(r, 1, 1, SMALL - off));
		at = r->head;
		ring_release(r, at);
		CHECK(append(r, 2, 1, lines));
		CHECK_STR(bytes(r, at, r->head), lines);
		for (i = 0; i < 5; i++) {
			CHECK_IN(ring_number(r, at + starts[i]) ==
			    FIRST + 1 + i, "line %zu, %zu", i, off);
			CHECK_IN(ring_position(r, FIRST + 1 + i) ==
			    at + starts[i], "line %zu, %zu", i, off);
			for (k = starts[i]; k < starts[i + 1]; k++) {
				CHECK_IN(ring_line_end(r, at + k) ==
				    at + starts[i + 1], "%zu, %zu", k, off);
				CHECK_IN(ring_at_line(r, at + k) ==
				    (k == starts[i]), "%zu, %zu", k, off);
			}
		}
		CHECK(ring_at_line(r, r->head));
		CHECK(ring_number(r, r->head) == r->next);
		ring_free(r);
	}
}

static void
merging(void)
{
	struct ring *r = new_room(4 * SMALL);
	const struct ring_span *s;
	size_t i;

	CHECK(append(r, 1, 50, "a\nb\n"));
	CHECK(append(r, 1, 50, "c\n"));
	CHECK(r->span_end - r->span_first == 1);
	CHECK(append(r, 2, 50, "d\n"));
	CHECK(append(r, 1, 50, "e\n"));
	CHECK(append(r, 1, 51, "f\n"));
	CHECK(append(r, 1, 51, "g\n"));
	CHECK(append(r, 1, 50, "h\n"));		/* the clock was set back */
	CHECK(r->span_end - r->span_first == 5);
	for (i = 0; i < 5; i++) {
		s = ring_span(r, r->span_first + i);
		CHECK(s->author == (i == 1 ? 2 : 1));
		CHECK(s->time == (i == 3 ? 51 : 50));
		CHECK(s->start == (uint64_t)"\0\6\10\12\16"[i]);
		CHECK(s->line == FIRST + (uint64_t)"\0\3\4\5\7"[i]);
		CHECK(ring_span_end(r, r->span_first + i) ==
		    (uint64_t)"\6\10\12\16\20"[i]);
	}
	for (i = 0; i < 16; i++)
		CHECK_IN(ring_span_at(r, i) == r->span_first +
		    (uint64_t)"\0\0\0\0\0\0\1\1\2\2\3\3\3\3\4\4"[i], "%zu", i);
	ring_free(r);
}

static void
long_spans(void)
{
	struct ring *r = new_room(4 * SMALL);
	uint64_t i;

	for (i = 0; ring_space(r) > 0; i++)
		CHECK(append_line(r, 1, 1, 4096));
	CHECK(r->span_end - r->span_first == 4 * SMALL / RING_SPAN_FULL);
	for (i = 0; i < 4; i++)
		CHECK(ring_span(r, i)->start == i * RING_SPAN_FULL);
	CHECK(ring_count_author(r, 1, r->base, r->head) == 64);
	CHECK(ring_number(r, 40 * 4096) == FIRST + 40);
	ring_free(r);
}

static void
releasing(void)
{
	struct ring *r = new_room(SMALL);
	uint64_t i;

	/* In the middle of a span, the rest keeps its numbers. */
	CHECK(append(r, 1, 1, "a\nb\nc\n") && append(r, 2, 1, "d\ne\n"));
	for (i = 0; i <= 5; i++) {
		ring_release(r, 2 * i);
		CHECK_IN(r->base == 2 * i, "%d", (int)i);
		CHECK_IN(ring_oldest(r) == FIRST + i, "%d", (int)i);
		CHECK_IN(r->span_end - r->span_first ==
		    (uint64_t)"\2\2\2\1\1\0"[i], "%d", (int)i);
		CHECK_IN(ring_position(r, 0) == r->base, "%d", (int)i);
		CHECK_IN(ring_position(r, FIRST + i) == r->base, "%d", (int)i);
		CHECK_IN(ring_number(r, r->base) == FIRST + i, "%d", (int)i);
		CHECK_IN(ring_position(r, FIRST + 5) == 10, "%d", (int)i);
		if (i < 4)
			CHECK(ring_position(r, FIRST + 4) == 8);
		CHECK_IN(ring_count_author(r, 1, r->base, r->head) ==
		    (i < 3 ? 3 - i : 0), "%d", (int)i);
	}
	/* An author who goes on begins a span again. */
	CHECK(append(r, 2, 1, "f\n") && r->span_end - r->span_first == 1);
	CHECK(ring_number(r, 10) == FIRST + 5);
	CHECK_STR(bytes(r, 10, 12), "f\n");
	ring_free(r);
}

static void
quarters(void)
{
	struct ring *r = new_room(SMALL);

	CHECK(append_line(r, 1, 1, 100));
	CHECK(ring_quarter(r) == r->head && ring_middle(r) == r->head);
	ring_release(r, r->head);
	CHECK(append_line(r, 1, 1, SMALL / 4 - 1));
	CHECK(append_line(r, 1, 1, 10));
	/* A line that reaches into the second quarter goes, too. */
	CHECK(append_line(r, 1, 1, SMALL / 4 - 9));
	CHECK(ring_quarter(r) == r->base + SMALL / 4 + 9);
	CHECK(ring_middle(r) == r->head);
	CHECK(append_line(r, 1, 1, SMALL / 4));
	CHECK(ring_middle(r) == r->base + SMALL / 2);
	/* One that starts there stays. */
	ring_release(r, r->base + SMALL / 4 - 1);
	CHECK(ring_quarter(r) == r->base + SMALL / 4 + 1);
	ring_free(r);
}

/* Every line of the longest life a model has, by its number. */
struct model {
	struct {
		uint64_t start;
		uint64_t author;
		int64_t	 time;
	}		 line[300000];
	uint64_t	 oldest;
	uint64_t	 next;
};

#define LINE(m, n)	((m)->line[(n) - FIRST])

static uint64_t
some_line(const struct model *m)
{
	return m->oldest + unit_random((uint32_t)(m->next - m->oldest));
}

static void
check_line(const struct ring *r, const struct model *m, uint64_t n)
{
	uint64_t start = LINE(m, n).start, end, inside, span;
	char want[32];

	end = n + 1 < m->next ? LINE(m, n + 1).start : r->head;
	CHECK(ring_number(r, start) == n);
	CHECK(ring_position(r, n) == start);
	CHECK(ring_at_line(r, start));
	CHECK(ring_line_end(r, start) == end);
	inside = start + unit_random((uint32_t)(end - start));
	CHECK(ring_at_line(r, inside) == (inside == start));
	CHECK(ring_line_end(r, inside) == end);
	span = ring_span_at(r, inside);
	CHECK(ring_span(r, span)->author == LINE(m, n).author);
	CHECK(ring_span(r, span)->time == LINE(m, n).time);
	CHECK(ring_span_end(r, span) >= end);
	snprintf(want, sizeof(want), "%llu", (unsigned long long)n);
	if (end - start > strlen(want))
		CHECK(strncmp(bytes(r, start, end), want, strlen(want)) == 0);
	CHECK(bytes(r, start, end)[end - start - 1] == '\n');
}

static void
check_count(const struct ring *r, const struct model *m)
{
	uint64_t from = some_line(m), to = some_line(m), n, want = 0, end;

	if (to < from) {
		n = to;
		to = from;
		from = n;
	}
	end = LINE(m, to).start;
	if (unit_random(4) == 0) {
		to = m->next;
		end = r->head;
	}
	for (n = from; n < to; n++)
		want += LINE(m, n).author == 2;
	CHECK(ring_count_author(r, 2, LINE(m, from).start, end) == want);
	CHECK(ring_number(r, end) - ring_number(r, LINE(m, from).start) ==
	    to - from);
}

/* The first line that was said at some time or later, and the latest that is
 * forgotten. */
static void
check_since(const struct ring *r, const struct model *m, int64_t now)
{
	int64_t time = now + 3 - unit_random(40), latest = INT64_MIN;
	uint64_t n;

	for (n = m->oldest; n < m->next && LINE(m, n).time < time; n++)
		;
	CHECK(ring_since(r, time) ==
	    (n < m->next ? LINE(m, n).start : r->head));
	for (n = FIRST; n < m->oldest; n++) {
		if (LINE(m, n).time > latest)
			latest = LINE(m, n).time;
	}
	CHECK(r->forgotten == latest);
}

static void
model_append(struct ring *r, struct model *m, int64_t time, uint32_t longest)
{
	char buf[6 * 512], number[32];
	uint64_t author = unit_random(4), next = m->next;
	size_t len = 0, size;
	uint32_t i, n = 1 + unit_random(5);

	for (i = 0; i < n; i++, next++) {
		snprintf(number, sizeof(number), "%llu",
		    (unsigned long long)next);
		size = 1 + unit_random(longest);
		memset(buf + len, 'x', size);
		memcpy(buf + len, number, strlen(number) < size ?
		    strlen(number) : size);
		buf[len + size - 1] = '\n';
		LINE(m, next).start = r->head + len;
		LINE(m, next).author = author;
		LINE(m, next).time = time;
		len += size;
	}
	if (!ring_append(r, author, time, buf, len, n)) {
		CHECK(len > ring_space(r));
		return;
	}
	m->next = next;
	CHECK(r->next == next);
}

static void
model_release(struct ring *r, struct model *m)
{
	uint64_t to = ring_quarter(r), middle = ring_middle(r);
	uint64_t bytes_before = r->head - r->base, bytes_after;
	uint64_t spans_before = r->span_end - r->span_first;

	CHECK(ring_at_line(r, to) && ring_at_line(r, middle));
	CHECK(r->base < to && to <= middle && middle <= r->head);
	CHECK(to - r->base < r->size / 4 + 512);
	CHECK(middle - r->base < r->size / 2 + 512);
	m->oldest = ring_number(r, to);
	ring_release(r, to);
	CHECK(r->base == to && ring_oldest(r) == m->oldest);
	CHECK(m->oldest == m->next || LINE(m, m->oldest).start == to);
	/* A quarter has come free, of the one or of the other. */
	bytes_after = r->head - r->base;
	CHECK(bytes_before - bytes_after >= r->size / 4 ||
	    spans_before - (r->span_end - r->span_first) >= r->nspans / 4);
}

static void
against_model(uint32_t longest, int rounds)
{
	struct model *m = calloc(1, sizeof(*m));
	struct ring *r = new_room(SMALL);
	int64_t time = 1;
	int i, k;

	m->oldest = m->next = FIRST;
	for (i = 0; i < rounds; i++) {
		if (ring_space(r) < 6 * 512)
			model_release(r, m);
		time += unit_random(10) == 0;
		/* At times the clock is set back, and is right in between. */
		if (i % 4000 < 300 && unit_random(100) == 0)
			time -= 5;
		model_append(r, m, time, longest);
		for (k = 0; k < 3 && m->oldest < m->next; k++)
			check_line(r, m, some_line(m));
		if (m->oldest < m->next && i % 4 == 0)
			check_count(r, m);
		if (i % 50 == 0)
			check_since(r, m, time);
	}
	CHECK(r->head > 3 * SMALL);
	ring_free(r);
	free(m);
}

static void
long_lines(void)
{
	against_model(512, 20000);
}

static void
short_lines(void)
{
	against_model(8, 60000);
}

const struct test ring_tests[] = {
	{ "a fresh room", fresh },
	{ "full of bytes", full },
	{ "full of spans", full_of_spans },
	{ "lines that wrap, at every byte", wrap },
	{ "what one author says in one second is one span", merging },
	{ "but not more than 64 KiB", long_spans },
	{ "forgetting line by line", releasing },
	{ "a quarter and the middle", quarters },
	{ "long lines against a list of them", long_lines },
	{ "short lines against a list of them", short_lines },
	{ NULL, NULL }
};
