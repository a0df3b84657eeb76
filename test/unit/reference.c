/*
 * What well-formed UTF-8 is, taken straight from the Unicode standard
 */
#include <stdbool.h>
#include <string.h>

#include "reference.h"

/* Table 3-7, well-formed UTF-8 byte sequences: the ranges of each byte. */
static const struct row {
	size_t		 len;
	unsigned char	 range[4][2];
} table[] = {
	{ 1, { { 0x00, 0x7f } } },
	{ 2, { { 0xc2, 0xdf }, { 0x80, 0xbf } } },
	{ 3, { { 0xe0, 0xe0 }, { 0xa0, 0xbf }, { 0x80, 0xbf } } },
	{ 3, { { 0xe1, 0xec }, { 0x80, 0xbf }, { 0x80, 0xbf } } },
	{ 3, { { 0xed, 0xed }, { 0x80, 0x9f }, { 0x80, 0xbf } } },
	{ 3, { { 0xee, 0xef }, { 0x80, 0xbf }, { 0x80, 0xbf } } },
	{ 4, { { 0xf0, 0xf0 }, { 0x90, 0xbf }, { 0x80, 0xbf },
	    { 0x80, 0xbf } } },
	{ 4, { { 0xf1, 0xf3 }, { 0x80, 0xbf }, { 0x80, 0xbf },
	    { 0x80, 0xbf } } },
	{ 4, { { 0xf4, 0xf4 }, { 0x80, 0x8f }, { 0x80, 0xbf },
	    { 0x80, 0xbf } } },
};

size_t
reference_sequence(const unsigned char *s, size_t len, size_t *subpart)
{
	const struct row *r;
	size_t n;

	*subpart = 1;
	for (r = table; r < table + sizeof(table) / sizeof(*table); r++) {
		for (n = 0; n < r->len && n < len && s[n] >= r->range[n][0] &&
		    s[n] <= r->range[n][1]; n++)
			;
		if (n == r->len)
			return n;
		if (n > *subpart)
			*subpart = n;
	}
	return 0;
}

/* Whether the well-formed sequence at s is a control character. */
static bool
is_control(const unsigned char *s, size_t len)
{
	if (len == 1)
		return (s[0] < 0x20 && s[0] != '\t') || s[0] == 0x7f;
	return len == 2 && s[0] == 0xc2 && s[1] < 0xa0;
}

struct text_fault
reference_check(const unsigned char *s, size_t len)
{
	struct text_fault f = { FAULT_NONE, 0, 0 };
	size_t i, n, subpart;

	for (i = 0; i < len; i += n) {
		n = reference_sequence(s + i, len - i, &subpart);
		if (n != 0 && !is_control(s + i, n))
			continue;
		f.kind = n == 0 ? FAULT_UTF8 : FAULT_CONTROL;
		f.offset = i;
		f.code = s[i + (n == 2)];	/* C2 80 is U+0080, and so on */
		return f;
	}
	if (len > 4095) {
		f.kind = FAULT_LONG;
		f.offset = 4095;
	}
	return f;
}

size_t
reference_repair(unsigned char *dst, const unsigned char *s, size_t len)
{
	size_t i, n, subpart, out = 0;

	for (i = 0; i < len; i += n == 0 ? subpart : n) {
		n = reference_sequence(s + i, len - i, &subpart);
		if (n != 0 && !is_control(s + i, n)) {
			memcpy(dst + out, s + i, n);
			out += n;
		} else {
			memcpy(dst + out, "\xef\xbf\xbd", 3);
			out += 3;
		}
	}
	return out;
}
