/*
 * lib/client/sendq.h: lines on their way to a room
 */
#include <stdio.h>
#include <string.h>

#include "client/sendq.h"
#include "line.h"
#include "unit.h"

static bool
put(struct sendq *q, const char *text, uint64_t input)
{
	return sendq_put(q, "", 0, text, strlen(text), input);
}

/* What is to be written next is want; write n bytes of it. */
static void
check_write(struct sendq *q, const char *want, size_t n)
{
	char got[256];
	struct iovec iov[2];
	size_t len = 0;
	int i, pieces = sendq_iov(q, iov);

	CHECK(pieces >= 0 && pieces <= 2);
	for (i = 0; i < pieces; i++) {
		CHECK(iov[i].iov_len > 0 && len + iov[i].iov_len < 256);
		memcpy(got + len, iov[i].iov_base, iov[i].iov_len);
		len += iov[i].iov_len;
	}
	got[len] = '\0';
	CHECK_STR(got, want);
	sendq_wrote(q, n);
}

static void
writing(void)
{
	struct sendq q;

	CHECK(sendq_init(&q) == 0);
	check_write(&q, "", 0);
	CHECK(put(&q, "one", 1) && put(&q, "", 2));
	CHECK(sendq_put(&q, "me: ", 4, "three", 5, 3));
	check_write(&q, "one\n\nme: three\n", 2);
	check_write(&q, "e\n\nme: three\n", 0);
	CHECK(put(&q, "four", 4));
	check_write(&q, "e\n\nme: three\nfour\n", 18);
	check_write(&q, "", 0);
	CHECK(q.lines == 4 && q.settled == 0);
	sendq_free(&q);
}

static void
settling(void)
{
	struct sendq q;

	CHECK(sendq_init(&q) == 0);
	CHECK(sendq_settle(&q, 0));
	CHECK(!sendq_settle(&q, 1));
	CHECK(put(&q, "one", 1) && put(&q, "two", 2) && put(&q, "three", 3));
	CHECK(!sendq_settle(&q, 1));
	sendq_wrote(&q, 6);
	CHECK(sendq_settle(&q, 1));
	CHECK(q.settled == 1 && q.acked == 4);
	CHECK(sendq_settle(&q, 1));
	/* The second is written, but for its LF. */
	sendq_wrote(&q, 1);
	CHECK(!sendq_settle(&q, 2));
	sendq_wrote(&q, 7);
	CHECK(sendq_settle(&q, 3));
	CHECK(q.settled == 3 && q.acked == q.end);
	CHECK(!sendq_settle(&q, 2));
	CHECK(!sendq_settle(&q, 4));
	CHECK(!sendq_settle(&q, UINT64_MAX));
	sendq_free(&q);
}

static void
numbering(void)
{
	struct sendq q;
	uint64_t i;

	CHECK(sendq_init(&q) == 0);
	CHECK(sendq_input(&q, 7) == 7);
	/* Lines 3 and 4 of the input are left out, 6 becomes three lines. */
	CHECK(put(&q, "1", 1) && put(&q, "2", 2) && put(&q, "5", 5));
	CHECK(put(&q, "6a", 6) && put(&q, "6b", 6) && put(&q, "6c", 6));
	CHECK(put(&q, "7", 7) && put(&q, "8", 8));
	for (i = 1; i <= 8; i++)
		CHECK_IN(sendq_input(&q, i) == (uint64_t)"\0\1\2\5\6\6\6\7\10"
		    [i], "line %llu", (unsigned long long)i);
	sendq_wrote(&q, (size_t)(q.end - q.sent));
	/* Settling forgets what is settled, and only that. */
	CHECK(sendq_settle(&q, 4));
	CHECK(sendq_input(&q, 5) == 6 && sendq_input(&q, 6) == 6);
	CHECK(sendq_input(&q, 7) == 7 && sendq_input(&q, 8) == 8);
	CHECK(sendq_settle(&q, 8));
	CHECK(put(&q, "9", 9) && sendq_input(&q, 9) == 9);
	CHECK(put(&q, "far", UINT64_C(1) << 40));
	CHECK(sendq_input(&q, 10) == UINT64_C(1) << 40);
	sendq_free(&q);
}

/* All over the place where the ring wraps, and sent up to anywhere. */
static void
stripping(void)
{
	static const char all[] = "me: one\nme: \n* me three\n";
	static const char left[] = "one\n\n* three\n";
	struct sendq q;
	uint64_t lines;
	size_t at, sent;

	for (at = 0; at < sizeof(all); at++) {
		for (sent = 0; sent < sizeof(all); sent++) {
			CHECK(sendq_init(&q) == 0);
			q.acked = q.sent = q.end = SENDQ_SIZE - at;
			CHECK(sendq_put(&q, "me: ", 4, "one", 3, 1));
			CHECK(sendq_put(&q, "me: ", 4, "", 0, 2));
			CHECK(sendq_put(&q, "* me ", 5, "three", 5, 3));
			sendq_wrote(&q, sent);
			lines = sendq_written(&q);
			CHECK(sendq_at_line(&q) == (sent == 0 ||
			    all[sent - 1] == '\n'));
			sendq_strip(&q, "me: ", 4);
			CHECK(sendq_written(&q) == lines && q.lines == 3);
			sendq_again(&q);
			check_write(&q, left, sizeof(left) - 1);
			CHECK(sendq_settle(&q, 3) && q.acked == q.end);
			sendq_free(&q);
		}
	}
}

static void
full_of_bytes(void)
{
	char text[LINE_SIZE];
	struct sendq q;
	uint64_t n;

	memset(text, 'x', sizeof(text));
	CHECK(sendq_init(&q) == 0);
	for (n = 0; sendq_has_space(&q); n++)
		CHECK(sendq_put(&q, "", 0, text, TEXT_MAX, n + 1));
	CHECK(n == SENDQ_SIZE / LINE_SIZE && q.end == SENDQ_SIZE);
	CHECK(!sendq_put(&q, "", 0, "", 0, n + 1));
	CHECK(q.lines == n && q.end == SENDQ_SIZE);
	sendq_wrote(&q, SENDQ_SIZE);
	CHECK(!sendq_has_space(&q));
	CHECK(sendq_settle(&q, 1) && sendq_has_space(&q));
	CHECK(!sendq_put(&q, "x", 1, text, TEXT_MAX, n + 1));
	CHECK(sendq_put(&q, "x", 1, text, TEXT_MAX - 1, n + 1));
	CHECK(!sendq_has_space(&q));
	sendq_free(&q);
}

static void
full_of_runs(void)
{
	struct sendq q;
	uint64_t n, k;

	CHECK(sendq_init(&q) == 0);
	/* Every other line of the input is left out. */
	for (n = 1; put(&q, "x", 2 * n); n++)
		CHECK_IN(n < 2 * SENDQ_RUNS, "no end");
	CHECK(n - 1 == SENDQ_RUNS && q.lines == SENDQ_RUNS);
	CHECK(!sendq_has_space(&q));
	/* One that goes on with the numbers of the last needs no run. */
	CHECK(put(&q, "x", 2 * (n - 1) + 1));
	for (k = 1; k < n; k++)
		CHECK_IN(sendq_input(&q, k) == 2 * k, "%d", (int)k);
	sendq_wrote(&q, (size_t)(q.end - q.sent));
	CHECK(sendq_settle(&q, 5) && sendq_has_space(&q));
	for (k = 6; k < n; k++)
		CHECK_IN(sendq_input(&q, k) == 2 * k, "%d", (int)k);
	sendq_free(&q);
}

/* Compare with a counter: each line says its own number. */
static void
long_run(void)
{
	struct sendq q;
	uint64_t input = 0, written = 0, n;
	char text[64], want[64];
	struct iovec iov[2];
	int i, pieces;
	size_t len, at = 0;
	const char *p;

	CHECK(sendq_init(&q) == 0);
	while (q.end < 5 * (uint64_t)SENDQ_SIZE) {
		while (sendq_has_space(&q)) {
			input += unit_random(500) == 0 ? 2 : 1;
			snprintf(text, sizeof(text), "%llu: %.*s",
			    (unsigned long long)(q.lines + 1),
			    (int)unit_random(26),
			    "abcdefghijklmnopqrstuvwxyz");
			CHECK(put(&q, text, input));
		}
		pieces = sendq_iov(&q, iov);
		len = 0;
		for (i = 0; i < pieces; i++) {
			p = iov[i].iov_base;
			for (n = 0; n < iov[i].iov_len; n++, p++) {
				if (at == 0)
					snprintf(want, sizeof(want), "%llu:",
					    (unsigned long long)++written);
				if (want[at] != '\0')
					CHECK_IN(*p == want[at], "line %s",
					    want);
				at = *p == '\n' ? 0 : want[at] == '\0' ? at :
				    at + 1;
			}
			len += iov[i].iov_len;
		}
		sendq_wrote(&q, len);
		n = q.settled + (written - q.settled) / 2 + 1;
		CHECK(sendq_settle(&q, n) && q.settled == n);
	}
	CHECK(written > 100000);
	sendq_free(&q);
}

const struct test sendq_tests[] = {
	{ "what is to be written", writing },
	{ "settling what was sent, and nothing else", settling },
	{ "lines remember which line of the input they were", numbering },
	{ "a prefix goes from all that waits", stripping },
	{ "full of bytes", full_of_bytes },
	{ "full of changes of numbering", full_of_runs },
	{ "bytes and numbers stay right round after round", long_run },
	{ NULL, NULL }
};
