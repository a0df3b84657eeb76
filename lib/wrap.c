/*
 * Wrapping: breaking a message into rows of a terminal
 */
#define _XOPEN_SOURCE 700		/* wcwidth() is of the X/Open part */
#include <sys/ioctl.h>

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "text.h"
#include "wrap.h"

#define TAB_STOP	8
#define INDENT		4
#define NARROW		20		/* columns: with less, it is 1 */
#define PICTURE		0xfe0f		/* the mark that asks for an emoji */

struct range {
	unsigned	 first;
	unsigned	 last;
};

/* Unicode's dashes (Pd), what looks like one (lines of tables, long vowels of
 * kana, the ideograph for one, a sign of minus), and the tildes. */
static const struct range dashes[] = {
	{ 0x002d, 0x002d }, { 0x007e, 0x007e }, { 0x02d7, 0x02d7 },
	{ 0x02dc, 0x02dc }, { 0x058a, 0x058a }, { 0x05be, 0x05be },
	{ 0x06d4, 0x06d4 }, { 0x1173, 0x1173 }, { 0x1400, 0x1400 },
	{ 0x1806, 0x1806 }, { 0x1fc0, 0x1fc0 }, { 0x2010, 0x2015 },
	{ 0x2043, 0x2043 }, { 0x2053, 0x2053 }, { 0x207b, 0x207b },
	{ 0x208b, 0x208b }, { 0x2212, 0x2212 }, { 0x223c, 0x223c },
	{ 0x23af, 0x23af }, { 0x23ba, 0x23bd }, { 0x23e4, 0x23e4 },
	{ 0x2500, 0x2501 }, { 0x2504, 0x2505 }, { 0x2508, 0x2509 },
	{ 0x254c, 0x254d }, { 0x2574, 0x2574 }, { 0x2576, 0x2576 },
	{ 0x2578, 0x2578 }, { 0x257a, 0x257a }, { 0x257c, 0x257c },
	{ 0x257e, 0x257e }, { 0x25ac, 0x25ac }, { 0x2796, 0x2796 },
	{ 0x2cba, 0x2cba }, { 0x2e17, 0x2e17 }, { 0x2e1a, 0x2e1a },
	{ 0x2e3a, 0x2e3b }, { 0x2e40, 0x2e40 }, { 0x2e5d, 0x2e5d },
	{ 0x2f00, 0x2f00 }, { 0x301c, 0x301c }, { 0x3030, 0x3030 },
	{ 0x30a0, 0x30a0 }, { 0x30fc, 0x30fc }, { 0x3161, 0x3161 },
	{ 0x31d0, 0x31d0 }, { 0x4e00, 0x4e00 }, { 0xa7f7, 0xa7f7 },
	{ 0xfe31, 0xfe32 }, { 0xfe58, 0xfe58 }, { 0xfe63, 0xfe63 },
	{ 0xff0d, 0xff0d }, { 0xff5e, 0xff5e }, { 0xff70, 0xff70 },
	{ 0xffda, 0xffda }, { 0x10ead, 0x10ead }
};

/* Unicode's spaces (Zs), TAB, and the Braille pattern without dots. */
static const struct range blanks[] = {
	{ 0x0009, 0x0009 }, { 0x0020, 0x0020 }, { 0x00a0, 0x00a0 },
	{ 0x1680, 0x1680 }, { 0x2000, 0x200a }, { 0x202f, 0x202f },
	{ 0x205f, 0x205f }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 }
};

size_t
wrap_columns(int fd)
{
	struct winsize ws;

	if (ioctl(fd, TIOCGWINSZ, &ws) == -1)
		return 0;
	return ws.ws_col > 0 ? ws.ws_col : WRAP_COLUMNS;
}

struct rows {
	char		*dst;
	size_t		 len;		/* of what is written */
	size_t		 cols;
	size_t		 indent;
	size_t		 col;		/* of the next character */
	size_t		 blank;		/* bytes up to the row's last blank, or
					   0, ... */
	size_t		 blank_col;	/* ... and the column after it */
	const char	*eol;
};

static void
put_bytes(struct rows *r, const char *s, size_t len)
{
	memcpy(r->dst + r->len, s, len);
	r->len += len;
}

/* End the row at that byte; what comes after it begins the next one. */
static void
end_row(struct rows *r, size_t at)
{
	size_t eol = strlen(r->eol), rest = r->len - at;
	char *p = r->dst + at;

	memmove(p + eol + r->indent, p, rest);
	memcpy(p, r->eol, eol);
	memset(p + eol, ' ', r->indent);
	r->len += eol + r->indent;
	r->blank = 0;
}

static size_t
char_width(unsigned code)
{
	int width = code < 0x80 ? 1 : wcwidth((wchar_t)code);

	return width > 0 ? (size_t)width : 0;
}

size_t
wrap_width(const char *s, size_t len)
{
	size_t width = 0, i, n;
	unsigned code;

	for (i = 0; i < len; i += n) {
		n = text_decode(s + i, len - i, &code);
		if (n == 0)
			break;
		if (code == '\t')
			width += TAB_STOP - width % TAB_STOP;
		else
			width += code == PICTURE ? 1 : char_width(code);
	}
	return width;
}

/* How many columns there are up to the next blank, or more than most. */
static size_t
word_width(const char *s, size_t len, size_t most)
{
	size_t width = 0, i, n;
	unsigned code;

	for (i = 0; i < len && width <= most; i += n) {
		n = text_decode(s + i, len - i, &code);
		if (n == 0 || code == ' ' || code == '\t')
			break;
		width += char_width(code);
	}
	return width;
}

/*
 * There's no space in the row for what comes now, which is at s, with len bytes
 * in all: take its word along, if the next row has space for the whole of it.
 */
static void
next_row(struct rows *r, const char *s, size_t len)
{
	size_t most = r->cols - r->indent, word = r->col - r->blank_col;

	if (r->blank > 0 && word + word_width(s, len, most) <= most) {
		end_row(r, r->blank);
		r->col = r->indent + word;
		return;
	}
	end_row(r, r->len);
	r->col = r->indent;
}

/* Blanks that don't fit are at a row's end. */
static void
put_blanks(struct rows *r, size_t n)
{
	while (n-- > 0 && r->col < r->cols) {
		put_bytes(r, " ", 1);
		r->col++;
	}
	r->blank = r->len;
	r->blank_col = r->col;
}

/* A character of size bytes, and what comes after it, len bytes in all. */
static void
put_char(struct rows *r, const char *s, size_t size, size_t len, size_t width)
{
	/* A screen can be too narrow for a wide character. */
	bool fits = r->indent + width <= r->cols;

	if (!fits)
		width = 1;
	if (r->col + width > r->cols)
		next_row(r, s, len);
	put_bytes(r, fits ? s : "?", fits ? size : 1);
	r->col += width;
}

/* As layout.c has it: some terminals then need two columns. */
static void
put_mark(struct rows *r, const char *s, size_t size, unsigned code)
{
	put_bytes(r, s, size);
	if (code == PICTURE && r->col < r->cols)
		r->col++;
}

static size_t
choose_indent(size_t cols)
{
	if (cols >= NARROW)
		return INDENT;
	return cols > 2 ? 1 : 0;
}

size_t
wrap_break(char *dst, const char *s, size_t len, size_t cols, size_t col,
    const char *eol)
{
	struct rows r = {
		.cols = cols, .indent = choose_indent(cols),
		.col = col < cols ? col : cols, .eol = eol
	};
	size_t i, n;
	unsigned code;

	r.dst = dst;
	for (i = 0; i < len; i += n) {
		n = text_decode(s + i, len - i, &code);
		if (n == 0)
			break;		/* show_text() leaves no such thing */
		if (code == '\t')
			put_blanks(&r, TAB_STOP - r.col % TAB_STOP);
		else if (code == ' ')
			put_blanks(&r, 1);
		else if (char_width(code) == 0)
			put_mark(&r, s + i, n, code);
		else
			put_char(&r, s + i, n, len - i, char_width(code));
	}
	return r.len;
}

static bool
is_in(const struct range *r, size_t n, unsigned code)
{
	while (n-- > 0) {
		if (code >= r[n].first && code <= r[n].last)
			return true;
	}
	return false;
}

bool
wrap_need_mark(const char *s, size_t len)
{
	const char *program = getprogname();
	size_t n = strlen(program);
	unsigned code;

	if (len == 0 || text_decode(s, len, &code) == 0)
		return false;
	return is_in(dashes, sizeof(dashes) / sizeof(dashes[0]), code) ||
	    is_in(blanks, sizeof(blanks) / sizeof(blanks[0]), code) ||
	    (len > n && memcmp(s, program, n) == 0 && s[n] == ':');
}
