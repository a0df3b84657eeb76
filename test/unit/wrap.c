/*
 * lib/wrap.h: how a message lies on a terminal
 */
#define _XOPEN_SOURCE 700		/* wcwidth() is of the X/Open part */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "show.h"
#include "text.h"
#include "unit.h"
#include "wrap.h"

/* In memory of just the size that it may need, made safe before. */
static const char *
broken_at(const char *src, size_t len, size_t cols, size_t col)
{
	static char text[65536];
	char *shown = malloc(SHOW_GROWTH * len + 1);
	char *dst = malloc(WRAP_GROWTH * len + 1);
	size_t n = show_text(shown, src, len);

	n = wrap_break(dst, shown, n, cols, col, "\r\n");
	CHECK_IN(n <= WRAP_GROWTH * len && n < sizeof(text), "%zu", n);
	memcpy(text, dst, n);
	text[n] = '\0';
	free(shown);
	free(dst);
	return text;
}

static const char *
broken(const char *src, size_t cols)
{
	return broken_at(src, strlen(src), cols, 0);
}

static void
words(void)
{
	show_locale();
	CHECK_STR(broken("", 20), "");
	CHECK_STR(broken("12345678901234567890", 20), "12345678901234567890");
	CHECK_STR(broken("123456789012345678901", 20),
	    "12345678901234567890\r\n    1");
	CHECK_STR(broken("bob: one two three four five", 20),
	    "bob: one two three \r\n    four five");
	CHECK_STR(broken("bob: 1234567890123 5678", 20),
	    "bob: 1234567890123 \r\n    5678");
	/* A word that fits nowhere begins where it is. */
	CHECK_STR(broken("bob: 12345678901234567 8", 20),
	    "bob: 123456789012345\r\n    67 8");
	CHECK_STR(broken("bob: 1234567890 1234567890123456", 20),
	    "bob: 1234567890 \r\n    1234567890123456");
}

static void
blanks(void)
{
	show_locale();
	/* What is at a row's end is not at the beginning of the next one. */
	CHECK_STR(broken("hm                       root: yes", 20),
	    "hm                  \r\n    root: yes");
	CHECK_STR(broken("a\tb\tc\td", 20), "a       b       c   \r\n    d");
	CHECK_STR(broken("a                           ", 20),
	    "a                   ");
}

static void
widths(void)
{
	show_locale();
	CHECK_STR(broken("\xe6\xbc\xa2\xe6\xbc\xa2", 3),
	    "\xe6\xbc\xa2\r\n \xe6\xbc\xa2");
	CHECK_STR(broken("\xe6\xbc\xa2z", 2), "\xe6\xbc\xa2\r\nz");
	CHECK_STR(broken("\xe6\xbc\xa2z", 1), "?\r\nz");
	/* A mark goes where its base is. */
	CHECK_STR(broken("abce\xcc\x81z", 4), "abce\xcc\x81\r\n z");
	CHECK_STR(broken_at("abcd", 4, 20, 18), "ab\r\n    cd");
	CHECK_STR(broken_at("abcd", 4, 20, 20), "\r\n    abcd");
	CHECK_STR(broken_at("abcd", 4, 20, 25), "\r\n    abcd");
}

static size_t
row_width(const char *s, size_t len)
{
	size_t width = 0, i, n;
	unsigned code;
	int w;

	for (i = 0; i < len; i += n) {
		n = text_decode(s + i, len - i, &code);
		w = code < 0x80 ? 1 : wcwidth((wchar_t)code);
		width += w > 0 ? (size_t)w : 0;
	}
	return width;
}

/* Whatever it is: no row is too wide, and none but the first begins with it. */
static void
anything(void)
{
	static const char *const parts[] = { " ", "\t", "a", "-- ", "e\xcc\x81",
	    "\xe6\xbc\xa2", "\xff", "\033", "\xe2\x80\xae", "\xf4\x8f\xbf\xbf",
	    "\xe2\x9d\xa4\xef\xb8\x8f", "bob: " };
	char src[512];
	const char *row, *end;
	size_t cols, i, n, len;

	show_locale();
	for (i = 0; i < 20000; i++) {
		cols = 1 + unit_random(100);
		src[0] = '\0';
		for (n = unit_random(40); n > 0; n--)
			(void)strlcat(src, parts[unit_random(sizeof(parts) /
			    sizeof(*parts))], sizeof(src));
		row = broken(src, cols);
		for (n = 0; row != NULL; row = end, n++) {
			end = strstr(row, "\r\n");
			len = end == NULL ? strlen(row) : (size_t)(end - row);
			CHECK_IN(row_width(row, len) <= cols, "%zu", cols);
			CHECK_IN(n == 0 || cols < 3 || row[0] == ' ', "%zu",
			    cols);
			if (end != NULL)
				end += 2;
		}
	}
}

static void
marks(void)
{
	static const char *const yes[] = { "-- x", "-", " x", "\tx",
	    "\xe2\x80\x94 x", "\xc2\xa0x", "\xe3\x80\x80x", "unit: x",
	    "\xf0\x90\xba\xad", "\xe2\x9e\x96", "\xe3\x83\xbc",
	    "\xe2\x95\xb4 x", "\xe4\xb8\x80\xe4\xb8\x80", "\xdb\x94",
	    "\xe2\xb2\xba", "\xef\xb9\x98", "\xef\xb9\xa3", "\xef\xbc\x8d",
	    "\xe2\xb8\xba", "\xe2\xb8\xbb" };
	static const char *const no[] = { "", "x", "bob: -- x", "unit x",
	    "units: x", "unit", "| x", "\xc3\xa9: x", "/who", "> x" };
	size_t i;

	for (i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		CHECK_IN(wrap_need_mark(yes[i], strlen(yes[i])), "%s", yes[i]);
	for (i = 0; i < sizeof(no) / sizeof(*no); i++)
		CHECK_IN(!wrap_need_mark(no[i], strlen(no[i])), "%s", no[i]);
}

const struct test wrap_tests[] = {
	{ "a line breaks at words, as long as they fit", words },
	{ "blanks end a row and never begin one", blanks },
	{ "wide characters, marks, and what stands before", widths },
	{ "no row is too wide or begins with what was sent", anything },
	{ "what looks like something else needs a mark", marks },
	{ NULL, NULL }
};
