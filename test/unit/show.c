/*
 * lib/show.h: text that is safe to show
 */
#define _XOPEN_SOURCE 700		/* wcwidth() is of the X/Open part */
#include <err.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "reference.h"
#include "show.h"
#include "text.h"
#include "unit.h"

/* What is shown of it, in memory of just the size that it may need. */
static const char *
shown_bytes(const char *src, size_t len)
{
	static char text[4096];
	char *dst = malloc(SHOW_GROWTH * len);
	size_t n = show_text(dst, src, len);

	CHECK_IN(n <= SHOW_GROWTH * len && n < sizeof(text), "%zu", n);
	memcpy(text, dst, n);
	text[n] = '\0';
	free(dst);
	return text;
}

static const char *
shown(const char *s)
{
	return shown_bytes(s, strlen(s));
}

static void
utf8_locale(void)
{
	CHECK(setenv("LC_ALL", "C.UTF-8", 1) == 0);
	show_locale();
}

static void
ordinary(void)
{
	static const char *const list[] = { "", "Hello, world!", "a\tb",
	    "caf\xc3\xa9", "\xe4\xb8\xad\xe6\x96\x87", "\xf0\x9f\x98\x80",
	    "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",	/* Arabic */
	    "e\xcc\x81",				/* e and its accent */
	    "\xc2\xa0", "\xef\xbf\xbd" };
	size_t i;

	utf8_locale();
	for (i = 0; i < sizeof(list) / sizeof(*list); i++)
		CHECK_STR(shown(list[i]), list[i]);
}

static void
controls(void)
{
	char byte, want[16];
	unsigned c;

	utf8_locale();
	for (c = 0; c < 0x80; c++) {
		byte = (char)c;
		if (c == '\t' || (c >= 0x20 && c < 0x7f))
			snprintf(want, sizeof(want), "%c", c);
		else
			snprintf(want, sizeof(want), "^%c",
			    c == 0x7f ? '?' : c + '@');
		CHECK_STR(shown_bytes(&byte, 1), want);
	}
	CHECK_STR(shown("\x1b[31mred\x1b[0m"), "^[[31mred^[[0m");
	CHECK_STR(shown("\x1b]0;title\x07"), "^[]0;title^G");
	CHECK_STR(shown("a\r\nb"), "a^M^Jb");
	CHECK_STR(shown("\xc2\x9b" "31m"), "<U+009B>31m");
	CHECK_STR(shown("\xc2\x80\xc2\x9f\xc2\x85"),
	    "<U+0080><U+009F><U+0085>");
}

static void
disguises(void)
{
	static const struct {
		const char	*s;
		const char	*shown;
	} table[] = {
		{ "\xc2\xad", "<U+00AD>" },		/* soft hyphen */
		{ "\xd8\x9c", "<U+061C>" },
		{ "\xe2\x80\x8b", "<U+200B>" },
		{ "\xe2\x80\x8e", "<U+200E>" },
		{ "\xe2\x80\x8f", "<U+200F>" },
		{ "\xe2\x80\xa8", "<U+2028>" },
		{ "\xe2\x80\xa9", "<U+2029>" },
		{ "\xe2\x80\xaa", "<U+202A>" },
		{ "\xe2\x80\xae" "gpj.exe", "<U+202E>gpj.exe" },
		{ "\xe2\x81\xa0", "<U+2060>" },
		{ "\xe2\x81\xa6", "<U+2066>" },
		{ "\xe2\x81\xa9", "<U+2069>" },
		{ "\xef\xbb\xbf", "<U+FEFF>" },
		{ "\xef\xb7\x90", "<U+FDD0>" },
		{ "\xef\xb7\xaf", "<U+FDEF>" },
		{ "\xef\xbf\xbe", "<U+FFFE>" },
		{ "\xef\xbf\xbf", "<U+FFFF>" },
		{ "\xf0\x9f\xbf\xbe", "<U+1FFFE>" },
		{ "\xf4\x8f\xbf\xbf", "<U+10FFFF>" },
		{ "\xf3\xa0\x80\x81", "<U+E0001>" },
		{ "\xf3\xa0\x81\xbf", "<U+E007F>" },
		{ "\xe1\x85\x9f", "<U+115F>" },		/* Hangul fillers */
		{ "\xe1\x85\xa0", "<U+1160>" },
		{ "\xe3\x85\xa4", "<U+3164>" },
		{ "\xef\xbe\xa0", "<U+FFA0>" },
		/* A mark, but not one that is left out. */
		{ "\xcd\x8f" "e\xcd\x8f", "<U+034F>e<U+034F>" },
		{ "\xe1\x9e\xb4", "<U+17B4>" },
		{ "\xe1\xa0\x8b", "<U+180B>" },
		{ "\xe1\xa0\x8f", "<U+180F>" },
		{ "\xf0\x9b\xb2\xa0", "<U+1BCA0>" },
		{ "\xf0\x9d\x85\xb3", "<U+1D173>" },
		{ "\xf3\xa0\xbf\xbf", "<U+E0FFF>" },
		/* What scripts and emoji need: joiners and selectors. */
		{ "a\xe2\x80\x8d", "a\xe2\x80\x8d" },
		{ "a\xe2\x80\x8c", "a\xe2\x80\x8c" },
		{ "a\xef\xb8\x8f", "a\xef\xb8\x8f" },
		{ "a\xf3\xa0\x84\x80", "a\xf3\xa0\x84\x80" },
	};
	size_t i;

	utf8_locale();
	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		CHECK_STR(shown(table[i].s), table[i].shown);
}

/* Write the character c, which is beyond ASCII, to s; returns its length. */
static size_t
encode(unsigned char *s, unsigned c)
{
	size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	s[0] = (unsigned char)(len == 2 ? 0xc0 | c >> 6 : len == 3 ?
	    0xe0 | c >> 12 : 0xf0 | c >> 18);
	s[len - 1] = (unsigned char)(0x80 | (c & 0x3f));
	s[len - 2] = len == 2 ? s[0] :
	    (unsigned char)(0x80 | (c >> 6 & 0x3f));
	if (len == 4)
		s[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	return len;
}

/* Unicode's own list, of whatever version the system has. */
static FILE *
open_properties(void)
{
	static const char *const paths[] = {
		"/usr/share/unicode/DerivedCoreProperties.txt",
		"/usr/share/unicode/ucd/DerivedCoreProperties.txt",
		"/usr/local/share/unicode/ucd/DerivedCoreProperties.txt"
	};
	FILE *f = NULL;
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(*paths) && f == NULL; i++)
		f = fopen(paths[i], "r");
	return f;
}

static bool
is_joiner_or_selector(unsigned c)
{
	return c == 0x200c || c == 0x200d || (c >= 0xfe00 && c <= 0xfe0f) ||
	    (c >= 0xe0100 && c <= 0xe01ef);
}

/* On a base, for joiners and selectors are marks. */
static void
check_ignorable(unsigned c)
{
	char s[8] = "x", want[16];
	size_t len = 1 + encode((unsigned char *)s + 1, c);

	s[len] = '\0';
	if (is_joiner_or_selector(c))
		(void)strlcpy(want, s, sizeof(want));
	else
		(void)snprintf(want, sizeof(want), "x<U+%04X>", c);
	CHECK_IN(strcmp(shown(s), want) == 0, "U+%04X: %s", c, shown(s));
}

static void
ignorable(void)
{
	unsigned first, last, c, n = 0;
	char line[512], property[64];
	FILE *f = open_properties();

	if (f == NULL) {
		warnx("no DerivedCoreProperties.txt here: nothing compared");
		return;
	}
	utf8_locale();
	while (fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%x..%x ; %63s", &first, &last,
		    property) != 3) {
			if (sscanf(line, "%x ; %63s", &first, property) != 2)
				continue;
			last = first;
		}
		if (strcmp(property, "Default_Ignorable_Code_Point") != 0)
			continue;
		for (c = first; c <= last; c++, n++)
			check_ignorable(c);
	}
	CHECK_IN(n > 4000, "%u", n);
	(void)fclose(f);
}

static void
ill_formed(void)
{
	utf8_locale();
	CHECK_STR(shown("a\xff" "b"), "a\xef\xbf\xbd" "b");
	CHECK_STR(shown("\xc0\xaf"), "\xef\xbf\xbd\xef\xbf\xbd");
	CHECK_STR(shown("\xed\xa0\x80"),
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	CHECK_STR(shown("\x9b" "31m"), "\xef\xbf\xbd" "31m");
	CHECK_STR(shown("\xe4\xb8"), "\xef\xbf\xbd\xef\xbf\xbd");
}

static void
marks(void)
{
	char s[2 * 20 + 4] = "e", want[2 * 20 + 4] = "e";
	size_t i;

	utf8_locale();
	for (i = 0; i < 20; i++) {
		strlcat(s, "\xcc\x81", sizeof(s));
		if (i < SHOW_MARKS)
			strlcat(want, "\xcc\x81", sizeof(want));
	}
	strlcat(s, "x", sizeof(s));
	strlcat(want, "x", sizeof(want));
	CHECK_STR(shown(s), want);
	/* One that comes first would change what stands before. */
	CHECK_STR(shown("\xcc\x81" "e\xcc\x81"), "e\xcc\x81");
}

static void
every_character(void)
{
	unsigned char s[4], *dst = malloc(SHOW_GROWTH * 4);
	struct text_fault f;
	size_t len, n, subpart;
	unsigned c;

	utf8_locale();
	for (c = 0x80; c < 0x110000; c++) {
		len = encode(s, c);
		if (reference_sequence(s, len, &subpart) == 0)
			continue;
		n = show_text((char *)dst, (char *)s, len);
		CHECK_IN(n <= SHOW_GROWTH * len, "U+%04X", c);
		CHECK_IN(text_check((char *)dst, n, &f), "U+%04X", c);
		/* All of it, a name for it, or nothing for a lonely mark. */
		CHECK_IN(n == 0 || (n == len && memcmp(dst, s, len) == 0) ||
		    (n >= 8 && dst[0] == '<'), "U+%04X", c);
	}
	free(dst);
}

/* Whatever comes: what is shown could be sent as a line. */
static void
random_bytes(void)
{
	char src[256], *dst = malloc(SHOW_GROWTH * sizeof(src));
	struct text_fault f;
	size_t i, k, n, len;

	utf8_locale();
	for (i = 0; i < 5000; i++) {
		len = unit_random(sizeof(src) + 1);
		for (k = 0; k < len; k++)
			src[k] = (char)(unit_random(3) == 0 ?
			    unit_random(256) : 0x80 + unit_random(0x40));
		n = show_text(dst, src, len);
		CHECK_IN(n <= SHOW_GROWTH * len, "%zu of %zu", n, len);
		CHECK(text_check(dst, n, &f) || f.kind == FAULT_LONG);
	}
	free(dst);
}

static void
plain_locale(void)
{
	CHECK(setlocale(LC_ALL, "C") != NULL);
	CHECK_STR(shown("plain\ttext\x1b"), "plain\ttext^[");
	/* Some libcs know all characters, whatever the locale. */
	if (wcwidth(0xe9) != -1)
		return;
	CHECK_STR(shown("caf\xc3\xa9"), "caf<U+00E9>");
	CHECK_STR(shown("\xff\xe4\xb8"), "???");
}

static void
choosing_locale(void)
{
	CHECK(unsetenv("LC_ALL") == 0 && unsetenv("LC_CTYPE") == 0);
	CHECK(setenv("LANG", "C", 1) == 0);
	show_locale();
	CHECK_STR(shown("caf\xc3\xa9"), "caf\xc3\xa9");
	CHECK_STR(getenv("LC_ALL"), "C.UTF-8");
}

const struct test show_tests[] = {
	{ "ordinary text stays as it is", ordinary },
	{ "every control character is shown as one", controls },
	{ "what is invisible or turns text round has a name", disguises },
	{ "what Unicode calls ignorable has a name, too", ignorable },
	{ "what is ill-formed", ill_formed },
	{ "no more marks than a base can bear", marks },
	{ "every character there is", every_character },
	{ "random bytes", random_bytes },
	{ "a locale that has only ASCII", plain_locale },
	{ "a UTF-8 locale is chosen where there is none", choosing_locale },
	{ NULL, NULL }
};
