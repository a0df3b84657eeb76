/*
 * The text of a line: well-formed UTF-8 without control characters
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "text.h"

#define ONES	UINT64_C(0x0101010101010101)
#define HIGHS	(ONES * 0x80)

#define REPLACEMENT	"\xef\xbf\xbd"	/* U+FFFD */

/*
 * Whether any of eight bytes is a control character, DEL or not ASCII. The
 * subtractions may borrow from the byte above, so this can say yes for a byte
 * above one that is bad: never for eight good ones.
 */
static bool
word_suspect(const char *p)
{
	uint64_t w, del;

	memcpy(&w, p, sizeof(w));
	del = w ^ (ONES * 0x7f);
	return ((w | (w - ONES * 0x20) | (del - ONES)) & HIGHS) != 0;
}

static bool
is_control_code(unsigned code)
{
	return (code < 0x20 && code != '\t') || (code >= 0x7f && code < 0xa0);
}

static bool
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

size_t
text_decode(const char *text, size_t len, unsigned *code)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned c = s[0];

	*code = c;
	if (c < 0x80)
		return 1;
	if (c < 0xc2 || c > 0xf4)
		return 0;
	if (c < 0xe0) {
		if (len < 2 || !is_tail(s[1]))
			return 0;
		*code = (c & 0x1f) << 6 | (s[1] & 0x3fU);
		return 2;
	}
	if (c < 0xf0) {
		if (len < 3 || !is_tail(s[1]) || !is_tail(s[2]))
			return 0;
		c = (c & 0x0f) << 12 | (s[1] & 0x3fU) << 6 | (s[2] & 0x3fU);
		if (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))
			return 0;
		*code = c;
		return 3;
	}
	if (len < 4 || !is_tail(s[1]) || !is_tail(s[2]) || !is_tail(s[3]))
		return 0;
	c = (c & 0x07) << 18 | (s[1] & 0x3fU) << 12 | (s[2] & 0x3fU) << 6 |
	    (s[3] & 0x3fU);
	if (c < 0x10000 || c > 0x10ffff)
		return 0;
	*code = c;
	return 4;
}

static bool
fault(struct text_fault *f, enum fault_kind kind, size_t offset, unsigned code)
{
	f->kind = kind;
	f->offset = offset;
	f->code = code;
	return false;
}

/*
 * How many of the len bytes at p are, for sure, neither control characters nor
 * anything else but ASCII. The last word reaches back into the one before, so
 * that no bytes are left over.
 */
static size_t
plain(const char *p, size_t len)
{
	size_t i = 0;

	for (; len - i >= 8; i += 8) {
		if (word_suspect(p + i))
			return i;
	}
	return i == len || (len > 8 && !word_suspect(p + len - 8)) ? len : i;
}

bool
text_check(const char *text, size_t len, struct text_fault *f)
{
	size_t i = 0, n;
	unsigned code;

	while (i < len) {
		i += plain(text + i, len - i);
		/* To the end of what made the word suspect, or of the text. */
		for (; i < len; i += n) {
			n = text_decode(text + i, len - i, &code);
			if (n == 0)
				return fault(f, FAULT_UTF8, i, code);
			if (is_control_code(code))
				return fault(f, FAULT_CONTROL, i, code);
			if (n == 1 && len - i > 8 && !word_suspect(text + i))
				break;
		}
	}
	if (len > TEXT_MAX)
		return fault(f, FAULT_LONG, TEXT_MAX, 0);
	f->kind = FAULT_NONE;
	return true;
}

bool
text_is_name(const char *s, size_t len)
{
	static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] == '\0' || strchr(chars, s[i]) == NULL)
			return false;
	}
	return len > 0 && len <= PERSON_MAX;
}

char *
text_fault_say(char *buf, const struct text_fault *f)
{
	switch (f->kind) {
	case FAULT_NONE:
		(void)snprintf(buf, FAULT_SIZE, "nothing wrong");
		break;
	case FAULT_LONG:
		(void)snprintf(buf, FAULT_SIZE, "longer than %d bytes",
		    TEXT_MAX);
		break;
	case FAULT_UTF8:
		(void)snprintf(buf, FAULT_SIZE, "not UTF-8 at byte %zu "
		    "(0x%02x)", f->offset + 1, f->code);
		break;
	case FAULT_CONTROL:
		(void)snprintf(buf, FAULT_SIZE, "control character U+%04X at "
		    "byte %zu", f->code, f->offset + 1);
		break;
	}
	return buf;
}

/*
 * How many bytes at s, ill-formed at their start, one U+FFFD stands for: the
 * longest prefix of something well-formed, or one byte (Unicode chapter 3,
 * U+FFFD substitution of maximal subparts).
 */
static size_t
maximal_subpart(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t want, n;

	if (s[0] < 0xc2 || s[0] > 0xf4 || len < 2 || !is_tail(s[1]))
		return 1;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 1;
	want = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	for (n = 2; n < want && n < len && is_tail(s[n]); n++)
		;
	return n;
}

size_t
text_repair(char *dst, size_t size, const char *src, size_t len, size_t *used)
{
	size_t out = 0, i, n, take;
	const char *from;
	unsigned code;

	for (i = 0; i < len; i += take) {
		n = take = text_decode(src + i, len - i, &code);
		from = src + i;
		if (n == 0 || is_control_code(code)) {
			if (n == 0)
				take = maximal_subpart(src + i, len - i);
			from = REPLACEMENT;
			n = strlen(REPLACEMENT);
		}
		if (n > size - out)
			break;
		memcpy(dst + out, from, n);
		out += n;
	}
	*used = i;
	return out;
}
