/*
 * chatd/store/record.h: what a segment is made of
 */
#include <stdio.h>
#include <string.h>

#include "line.h"
#include "store/record.h"
#include "unit.h"

static void
round_trips(void)
{
	static const char *const all[] = {
		"\001at 1\n", "\001at 9223372036854775807\n",
		"\001time 0\n", "\001by 17\n", "\001session a 1 0\n",
		"\001session a.b=c_d/e+f-g 9223372036854775807 "
		    "9223372036854775807\n",
		"\001session 0123456789012345678901234567890123456789012345678"
		    "901234567890123 9223372036854775807 9223372036854775807\n",
		"\001session alice:a 1 0\n",
		"\001session A0.b_-0123456789012345678901234:0123456789012345"
		    "678901234567890123456789012345678901234567890123 "
		    "9223372036854775807 9223372036854775807\n",
		"\001here a 1 0\n", "\001here alice:a 1 7\n", "\001part 17\n",
		"\001room 5 9\n", "\001\n", "\0012\n", "\0011000\n",
		"\001here a 1 0 n 0\n",
		"\001here A0.b_-0123456789012345678901234:0123456789012345"
		    "678901234567890123456789012345678901234567890123 "
		    "9223372036854775807 9223372036854775807 "
		    "A0.b_-01234567890123456789012345 9223372036854775807\n",
		"\001shared 6f1a.17 0 0\n",
		"\001shared 01234567890123456789012345678901234567890123456789"
		    "01234567890123 9223372036854775807 1\n",
		"\001node n 1 1 0000000000000000\n",
		"\001node A0.b_-01234567890123456789012345 9223372036854775807 "
		    "9223372036854775807 fedcba9876543210\n",
		"\001down n 1\n", "\001down A0.b_- 9223372036854775807\n",
		"\001log 0 0 0000000000000000 0\n",
		"\001log 9223372036854775807 012345678901234567890123456789012"
		    "3456789012345678901234567890123 ffffffffffffffff "
		    "9223372036854775807\n",
	};
	char buf[RECORD_SIZE];
	struct record r;
	size_t i, n;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		CHECK_IN(record_parse(&r, all[i] + 1, strlen(all[i]) - 2),
		    "%zu", i);
		n = record_format(buf, &r);
		CHECK(n == strlen(all[i]) && n < RECORD_SIZE);
		CHECK_STR(buf, all[i]);
	}
}

static void
not_records(void)
{
	static const char *const all[] = {
		" ", "0", "1", "-2", "2 ", "2 2", "2x", "9223372036854775808",
		"here a 1", "here 1 1", "part", "part 1 1", "part x",
		"at", "at ", "at x", "at 1 ", "at 1 2", "at  1",
		" at 1", "at -1", "at 9223372036854775808",
		"at 18446744073709551616", "at 1\r", "AT 1", "time", "time x",
		"by", "by 1 1", "session", "session a", "session a 1",
		"session a 1 ", "session a 1 1 1", "session a x 1",
		"session a 1 x", "session :a 1 1", "session alice: 1 1",
		"session b:a:a 1 1", "session b/:a 1 1",
		"session 012345678901234567890123456789012:a 1 1",
		"session \xc3\xa4 1 1", "session  1 1",
		("session 01234567890123456789012345678901234567890123456789"
		    "012345678901234 1 1"), "room", "room 1", "room 1 1 1",
		"ok 1", "lost 1", "bye", "rooms 1 1",
		"here a 1 1 n", "here a 1 1 n ", "here a 1 1 n x",
		"here a 1 1 n 1 1", "here a 1 1 \xc3\xa4 1",
		"here a 1 1 9223372036854775808", "here a 1 1  1",
		"here a 1 1 n 9223372036854775808", "session a 1 1 n 1",
		"here a 1 1 012345678901234567890123456789012 1",
		"shared", "shared a", "shared a 1", "shared a 1 2",
		"shared a 1 x", "shared a 1 01", "shared a 1 ",
		"shared a 1 1 1", "shared a:b 1 1",
		"node", "node n", "node n 1", "node n 1 1", "node n 1 1 0",
		"node n 1 1 000000000000000g", "node n 1 1 000000000000000A",
		"node n 1 1 00000000000000000", "node n:n 1 1 0000000000000000",
		"node n 1 1 0000000000000000 1", "node  1 1 0000000000000000",
		"node n 9223372036854775808 1 0000000000000000",
		"down", "down n", "down n x", "down n 1 1", "down n/ 1",
		"log", "log 1", "log 1 0", "log 1 0 0000000000000000",
		"log 1 0 0000000000000000 ", "log 1 0 0000000000000000 x",
		"log 1 0 0000000000000000 1 1", "log 1 0 1 1",
		"log 1 : 0000000000000000 1",
		"log 9223372036854775808 0 0000000000000000 1",
		"log 1 0 0000000000000000 9223372036854775808",
	};
	struct record r;
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		CHECK_IN(!record_parse(&r, all[i], strlen(all[i])), "%s",
		    all[i]);
}

/* What there is at the beginning of s, and how large. */
static void
check_scan(const char *s, size_t len, enum scan_kind kind, size_t size)
{
	struct record_scan scan;

	CHECK_IN(record_scan(&scan, s, len) == kind, "%.20s", s);
	if (kind == SCAN_PART)
		return;
	CHECK_IN(scan.size == size, "%.20s: %zu", s, scan.size);
	CHECK(kind != SCAN_BAD || scan.why[0] != '\0');
}

static void
scanning(void)
{
	static char buf[3 * MESSAGE_SIZE];

	check_scan("", 0, SCAN_PART, 0);
	check_scan("half", 4, SCAN_PART, 0);
	check_scan("\001at 1", 5, SCAN_PART, 0);
	check_scan("\n", 1, SCAN_LINES, 1);
	check_scan("\n\001at 1\n", 7, SCAN_LINES, 1);
	check_scan("\001at 1\nx\n", 8, SCAN_RECORD, 6);
	check_scan("\001at\nx\n", 6, SCAN_BAD, 4);
	check_scan("\xc3\xa4\nx\n", 5, SCAN_LINES, 3);
	check_scan("\xff\nx\n", 4, SCAN_BAD, 2);
	check_scan("a\r\n", 3, SCAN_BAD, 3);
	check_scan("a\001\n", 3, SCAN_BAD, 3);
	check_scan("\0\n", 2, SCAN_BAD, 2);
	/* Zeros have no end, and too long a line has none in time. */
	check_scan(buf, MESSAGE_SIZE - 1, SCAN_PART, 0);
	check_scan(buf, MESSAGE_SIZE, SCAN_BAD, MESSAGE_SIZE);
	memset(buf, 'x', sizeof(buf));
	check_scan(buf, MESSAGE_SIZE - 1, SCAN_PART, 0);
	check_scan(buf, sizeof(buf), SCAN_BAD, MESSAGE_SIZE);
	buf[MESSAGE_SIZE] = '\n';
	check_scan(buf, sizeof(buf), SCAN_BAD, MESSAGE_SIZE);
	buf[MESSAGE_SIZE] = 'x';
	buf[MESSAGE_SIZE - 1] = '\n';
	check_scan(buf, sizeof(buf), SCAN_LINES, MESSAGE_SIZE);
}

const struct test record_tests[] = {
	{ "records of every kind, there and back", round_trips },
	{ "what is no record", not_records },
	{ "what lines of a store are", scanning },
	{ NULL, NULL }
};
