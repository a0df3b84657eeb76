/*
 * Making text from anybody safe to show on a terminal or in a log
 */
#define _XOPEN_SOURCE 700		/* wcwidth() is of the X/Open part */
#include <langinfo.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "show.h"
#include "text.h"

#define REPLACEMENT	0xfffd		/* U+FFFD */

/*
 * Characters that no terminal is to see. What is invisible or turns text round
 * is harmless in a script that needs it, and a disguise everywhere else. Those
 * with a D have Unicode's Default_Ignorable_Code_Point, of version 15.0.0. All
 * that have it are here but the joiners U+200C and U+200D and the variation
 * selectors U+FE00 to U+FE0F and U+E0100 to U+E01EF, which are marks.
 */
static const struct range {
	unsigned	 first;
	unsigned	 last;
} unseen[] = {
	{ 0x0080, 0x009f },		/* C1 controls */
	{ 0x00ad, 0x00ad },		/* D soft hyphen */
	{ 0x034f, 0x034f },		/* D combining grapheme joiner */
	{ 0x061c, 0x061c },		/* D Arabic letter mark */
	{ 0x115f, 0x1160 },		/* D Hangul fillers */
	{ 0x17b4, 0x17b5 },		/* D Khmer inherent vowels */
	{ 0x180b, 0x180f },		/* D Mongolian selectors, separator */
	{ 0x200b, 0x200b },		/* D zero width space */
	{ 0x200e, 0x200f },		/* D left-to-right, right-to-left */
	{ 0x2028, 0x2029 },		/* line and paragraph separators */
	{ 0x202a, 0x202e },		/* D embeddings, overrides */
	{ 0x2060, 0x206f },		/* D invisible operators, isolates */
	{ 0x3164, 0x3164 },		/* D Hangul filler */
	{ 0xfdd0, 0xfdef },		/* noncharacters */
	{ 0xfeff, 0xfeff },		/* D byte order mark */
	{ 0xffa0, 0xffa0 },		/* D halfwidth Hangul filler */
	{ 0xfff0, 0xfff8 },		/* D not assigned */
	{ 0xfff9, 0xfffb },		/* interlinear annotations */
	{ 0x1bca0, 0x1bca3 },		/* D shorthand format controls */
	{ 0x1d173, 0x1d17a },		/* D musical format controls */
	{ 0xe0000, 0xe00ff },		/* D tags */
	{ 0xe01f0, 0xe0fff },		/* D not assigned */
};

static bool
is_utf8(const char *locale)
{
	return setlocale(LC_CTYPE, locale) != NULL &&
	    strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

void
show_locale(void)
{
	if (is_utf8(""))
		return;
	/* What asks the environment for itself is to come to the same. */
	(void)setenv("LC_ALL", is_utf8("C.UTF-8") ? "C.UTF-8" : "C", 1);
	(void)setlocale(LC_CTYPE, "");
}

static bool
is_unseen(unsigned code)
{
	size_t i;

	for (i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++) {
		if (code >= unseen[i].first && code <= unseen[i].last)
			return true;
	}
	return (code & 0xfffe) == 0xfffe;	/* the last two of a plane */
}

/* For a byte that is part of no character. */
static size_t
show_byte(char *dst)
{
	if (wcwidth(REPLACEMENT) <= 0) {
		dst[0] = '?';
		return 1;
	}
	memcpy(dst, "\xef\xbf\xbd", 3);
	return 3;
}

static size_t
show_code(char *dst, unsigned code)
{
	char name[16];
	int len = snprintf(name, sizeof(name), "<U+%04X>", code);

	memcpy(dst, name, (size_t)len);
	return (size_t)len;
}

/* ASCII, whose controls have names of old. */
static size_t
show_ascii(char *dst, unsigned code)
{
	size_t n = 0;

	if ((code < 0x20 && code != '\t') || code == 0x7f) {
		dst[n++] = '^';
		code ^= 0x40;
	}
	dst[n++] = (char)code;
	return n;
}

/*
 * A character beyond ASCII. *marks is how many marks the last base has, or
 * SHOW_MARKS if there is no base.
 */
static size_t
show_wide(char *dst, const char *src, size_t size, unsigned code, int *marks)
{
	int width = is_unseen(code) ? -1 : wcwidth((wchar_t)code);

	if (width < 0) {
		*marks = 0;
		return show_code(dst, code);
	}
	if (width == 0 && *marks == SHOW_MARKS)
		return 0;
	*marks = width == 0 ? *marks + 1 : 0;
	memcpy(dst, src, size);
	return size;
}

size_t
show_text(char *dst, const char *src, size_t len)
{
	/* A mark that comes first would change what stands before the text. */
	int marks = SHOW_MARKS;
	size_t size, n = 0, i;
	unsigned code;

	for (i = 0; i < len; i += size) {
		size = text_decode(src + i, len - i, &code);
		if (size > 0 && code >= 0x80) {
			n += show_wide(dst + n, src + i, size, code, &marks);
			continue;
		}
		marks = 0;
		if (size > 0) {
			n += show_ascii(dst + n, code);
		} else {
			n += show_byte(dst + n);
			size = 1;
		}
	}
	return n;
}
