/*
 * lib/text.h: what may stand in a line
 */
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "text.h"
#include "unit.h"

#define AROUND	18		/* more than two words of eight bytes */

/* A sample of everything that is ill-formed, or a control, or neither. */
static const char *const samples[] = {
	"", "a", "\t", "\x1b", "\x7f", "\xc3\xa9", "\xe4\xb8\xad",
	"\xf0\x9f\x98\x80", "\xc2\x80", "\xc2\x9f", "\xc2\xa0",
	/* Stray tails. */
	"\x80", "\xbf", "\xbf\xbf\xbf\xbf\xbf",
	/* Overlong forms. */
	"\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
	"\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
	/* Surrogates. */
	"\xed\xa0\x80", "\xed\xbf\xbf", "\xed\xa0\xbd\xed\xb8\x80",
	/* Above U+10FFFF. */
	"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80",
	"\xfc\x84\x80\x80\x80\x80", "\xfe", "\xff",
	/* Cut short. */
	"\xc3", "\xe4", "\xe4\xb8", "\xf0", "\xf0\x9f", "\xf0\x9f\x98",
	"\xc3" "a", "\xe4\xb8" "a", "\xf0\x9f\x98" "a", "\xe4\xc3\xa9",
	"\xf0\x9f\xe4\xb8\xad",
	/* Noncharacters are characters like others here. */
	"\xef\xbb\xbf", "\xef\xbf\xbf",
	/* The examples of the Unicode standard, tables 3-8 to 3-11. */
	"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41",
	"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41",
	"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42",
	"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41",
};
#define NSAMPLES	(sizeof(samples) / sizeof(samples[0]))

/* Whether text_check() finds what the reference does. */
static bool
agrees(const unsigned char *s, size_t len)
{
	struct text_fault want = reference_check(s, len), f = { 0 };
	bool good = text_check((const char *)s, len, &f);

	if (good != (want.kind == FAULT_NONE) || f.kind != want.kind)
		return false;
	return good || (f.offset == want.offset && f.code == want.code);
}

/* With 0 to AROUND letters before it, and as many behind. */
static void
check_around(const char *sample, size_t len)
{
	unsigned char buf[AROUND + 16 + AROUND];
	size_t before, behind;

	for (before = 0; before <= AROUND; before++) {
		for (behind = 0; behind <= AROUND; behind++) {
			memset(buf, 'x', sizeof(buf));
			memcpy(buf + before, sample, len);
			CHECK_IN(agrees(buf, before + len + behind),
			    "first byte 0x%02x, %zu before, %zu behind",
			    (unsigned char)sample[0], before, behind);
		}
	}
}

static void
every_byte(void)
{
	static const char good[] = "\t !0@AZaz~";
	struct text_fault f;
	unsigned c;
	char byte;

	for (c = 0; c < 256; c++) {
		byte = (char)c;
		check_around(&byte, 1);
		CHECK_IN(text_check(&byte, 1, &f) ==
		    (c == '\t' || (c >= 0x20 && c <= 0x7e)), "0x%02x", c);
		if (c >= 0x80)
			CHECK_IN(f.kind == FAULT_UTF8 && f.code == c,
			    "0x%02x", c);
		else if (f.kind != FAULT_NONE)
			CHECK_IN(f.kind == FAULT_CONTROL && f.code == c,
			    "0x%02x", c);
	}
	CHECK(text_check(good, strlen(good), &f));
}

static void
short_sequences(void)
{
	unsigned char s[3];
	unsigned c;

	for (c = 0; c < 0x10000; c++) {
		s[0] = (unsigned char)(c >> 8);
		s[1] = (unsigned char)c;
		CHECK_IN(agrees(s, 2), "%02x %02x", s[0], s[1]);
	}
	for (c = 0; c < 0x1000000; c++) {
		s[0] = (unsigned char)(c >> 16);
		s[1] = (unsigned char)(c >> 8);
		s[2] = (unsigned char)c;
		CHECK_IN(agrees(s, 3), "%02x %02x %02x", s[0], s[1], s[2]);
	}
}

static void
long_sequences(void)
{
	/* Both sides of every bound in the table, and of every control. */
	static const unsigned char edge[] = { 0x00, 0x09, 0x1f, 0x20, 0x7e,
	    0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf,
	    0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5,
	    0xff };
	const size_t n = sizeof(edge);
	unsigned char s[5] = { 0 };
	size_t i;

	for (i = 0; i < n * n * n * n; i++) {
		s[0] = edge[i / n / n / n];
		s[1] = edge[i / n / n % n];
		s[2] = edge[i / n % n];
		s[3] = edge[i % n];
		s[4] = edge[i % (n + 1) % n];
		CHECK_IN(agrees(s, 4) && agrees(s, 5), "%02x %02x %02x %02x "
		    "%02x", s[0], s[1], s[2], s[3], s[4]);
	}
}

static size_t
encode(char *s, unsigned c)
{
	if (c < 0x80) {
		s[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		s[0] = (char)(0xc0 + c / 64);
		s[1] = (char)(0x80 + c % 64);
		return 2;
	}
	if (c < 0x10000) {
		s[0] = (char)(0xe0 + c / 4096);
		s[1] = (char)(0x80 + c / 64 % 64);
		s[2] = (char)(0x80 + c % 64);
		return 3;
	}
	s[0] = (char)(0xf0 + c / 262144);
	s[1] = (char)(0x80 + c / 4096 % 64);
	s[2] = (char)(0x80 + c / 64 % 64);
	s[3] = (char)(0x80 + c % 64);
	return 4;
}

static void
every_character(void)
{
	unsigned c, code;
	size_t len, want;
	char s[4];

	for (c = 0; c < 0x1fffff; c++) {
		len = encode(s, c);
		want = (c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff ? 0 : len;
		CHECK_IN(text_decode(s, len, &code) == want, "U+%04X", c);
		if (want != 0)
			CHECK_IN(code == c, "U+%04X is not U+%04X", code, c);
		else
			CHECK_IN(code == (unsigned char)s[0], "U+%04X", c);
		if (len > 1)
			CHECK_IN(text_decode(s, len - 1, &code) == 0,
			    "U+%04X, cut", c);
	}
}

static void
samples_anywhere(void)
{
	size_t i;

	for (i = 0; i < NSAMPLES; i++)
		check_around(samples[i], strlen(samples[i]));
}

static void
lengths(void)
{
	static const size_t list[] = { 0, 1, 7, 8, 9, 4087, 4088, 4094, 4095,
	    4096, 4097, 8192, 1000000 };
	static const char *const chars[] = { "x", "\xc3\xa9", "\xe4\xb8\xad",
	    "\xf0\x9f\x98\x80" };
	size_t i, k, n, size;
	struct text_fault f;
	char *s;

	for (i = 0; i < sizeof(list) / sizeof(*list); i++) {
		/* Allocated to the byte, so that sanitizers see beyond. */
		s = malloc(list[i]);
		for (k = 0; k < sizeof(chars) / sizeof(*chars); k++) {
			size = strlen(chars[k]);
			for (n = 0; n < list[i]; n++)
				s[n] = n < list[i] / size * size ?
				    chars[k][n % size] : 'x';
			CHECK_IN(text_check(s, list[i], &f) ==
			    (list[i] <= 4095), "%zu bytes", list[i]);
			CHECK_IN(f.kind == (list[i] <= 4095 ? FAULT_NONE :
			    FAULT_LONG), "%zu bytes", list[i]);
		}
		free(s);
	}
}

static void
first_fault(void)
{
	struct text_fault f;
	char s[5000];

	CHECK(!text_check("ab\xff\x1b", 4, &f));
	CHECK(f.kind == FAULT_UTF8 && f.offset == 2 && f.code == 0xff);
	CHECK(!text_check("ab\x1b\xff", 4, &f));
	CHECK(f.kind == FAULT_CONTROL && f.offset == 2 && f.code == 0x1b);
	/* What is both says what is wrong with its text. */
	memset(s, 'x', sizeof(s));
	s[4500] = '\x01';
	CHECK(!text_check(s, sizeof(s), &f));
	CHECK(f.kind == FAULT_CONTROL && f.offset == 4500 && f.code == 1);
}

static void
words(void)
{
	static const struct {
		const char	*text;
		const char	*says;
	} table[] = {
		{ "abc\xe9", "not UTF-8 at byte 4 (0xe9)" },
		{ "\xed\xa0\x80", "not UTF-8 at byte 1 (0xed)" },
		{ "\x1b[2J", "control character U+001B at byte 1" },
		{ "x\x7f", "control character U+007F at byte 2" },
		{ "xy\xc2\x9bm", "control character U+009B at byte 3" },
		{ "x", "nothing wrong" },
	};
	struct text_fault f = { FAULT_UTF8, SIZE_MAX - 1, 0xff };
	char buf[FAULT_SIZE], last[FAULT_SIZE];
	size_t i;

	snprintf(last, sizeof(last), "not UTF-8 at byte %zu (0xff)", SIZE_MAX);
	CHECK_STR(text_fault_say(buf, &f), last);
	f.kind = FAULT_LONG;
	CHECK_STR(text_fault_say(buf, &f), "longer than 4095 bytes");
	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		(void)text_check(table[i].text, strlen(table[i].text), &f);
		CHECK_STR(text_fault_say(buf, &f), table[i].says);
	}
}

/* Repair in pieces of at most size bytes; returns how long it is in all. */
static size_t
repair_in_pieces(char *dst, size_t size, const char *src, size_t len)
{
	size_t out = 0, used, n;
	struct text_fault f;

	for (; len > 0; src += used, len -= used) {
		n = text_repair(dst + out, size, src, len, &used);
		CHECK_IN(n <= size && used <= len, "%zu of %zu", n, size);
		CHECK_IN(text_check(dst + out, n, &f), "%zu of %zu", n, size);
		/* It stops only where a character more might not fit. */
		CHECK_IN(used == len || n + 4 > size, "%zu of %zu", n, size);
		CHECK_IN(used > 0, "%zu of %zu", n, size);
		out += n;
	}
	return out;
}

/* Against the reference, whole and in pieces of every size that makes sense. */
static void
check_repair(const char *src, size_t len)
{
	unsigned char want[3 * 64];
	char got[3 * 64 + 4];
	size_t n, size;

	n = reference_repair(want, (const unsigned char *)src, len);
	for (size = 4; size <= 3 * len + 4; size++) {
		CHECK_IN(repair_in_pieces(got, size, src, len) == n,
		    "0x%02x..., %zu at once", (unsigned char)src[0], size);
		CHECK_IN(memcmp(got, want, n) == 0, "0x%02x..., %zu at once",
		    (unsigned char)src[0], size);
	}
}

static void
repair(void)
{
	size_t i, k, len;
	char s[64];

	for (i = 0; i < NSAMPLES; i++)
		check_repair(samples[i], strlen(samples[i]));
	for (i = 0; i < 2000; i++) {
		for (len = 0; len < 40; len += strlen(samples[k])) {
			k = unit_random(NSAMPLES);
			memcpy(s + len, samples[k], strlen(samples[k]));
		}
		check_repair(s, len);
	}
}

static void
repair_short_sequences(void)
{
	unsigned char s[3], want[9], got[9];
	size_t n, used;
	unsigned c;

	for (c = 0; c < 0x1000000; c++) {
		s[0] = (unsigned char)(c >> 16);
		s[1] = (unsigned char)(c >> 8);
		s[2] = (unsigned char)c;
		n = reference_repair(want, s, 3);
		CHECK_IN(text_repair((char *)got, 9, (char *)s, 3, &used) == n
		    && used == 3 && memcmp(got, want, n) == 0,
		    "%02x %02x %02x", s[0], s[1], s[2]);
	}
}

static void
repair_fits(void)
{
	char dst[8] = "........";
	size_t used;

	CHECK(text_repair(dst, 0, "abc", 3, &used) == 0 && used == 0);
	CHECK(text_repair(dst, 2, "abc", 3, &used) == 2 && used == 2);
	CHECK(text_repair(dst, 2, "\xff", 1, &used) == 0 && used == 0);
	CHECK(text_repair(dst, 3, "\xff", 1, &used) == 3 && used == 1);
	CHECK(text_repair(dst, 3, "a\xe4\xb8\xad", 4, &used) == 1 && used == 1);
	CHECK(text_repair(dst, 8, "", 0, &used) == 0 && used == 0);
	CHECK(memcmp(dst + 3, ".....", 5) == 0);
	/* Everything that lines may have stays as it is. */
	CHECK(text_repair(dst, 8, "\ta\xc3\xa9 ~", 6, &used) == 6);
	CHECK(memcmp(dst, "\ta\xc3\xa9 ~", 6) == 0);
}

const struct test text_tests[] = {
	{ "every byte, alone and in every place of a text", every_byte },
	{ "every sequence of two and of three bytes", short_sequences },
	{ "sequences of four and five bytes at every bound", long_sequences },
	{ "every character there is, whole and cut", every_character },
	{ "what is ill-formed, in every place of a text", samples_anywhere },
	{ "lengths about 4095 bytes, and far beyond", lengths },
	{ "the first fault is the one that is told", first_fault },
	{ "faults in words", words },
	{ "repairing in pieces never splits a character", repair },
	{ "repairing every sequence of three bytes", repair_short_sequences },
	{ "repairing takes no more than fits", repair_fits },
	{ NULL, NULL }
};
