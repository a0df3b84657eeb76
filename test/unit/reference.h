/*
 * What well-formed UTF-8 is, taken straight from the Unicode standard
 *
 * Slow, simple and not made from the code that it is compared with.
 */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stddef.h>

#include "text.h"

/*
 * The length of the well-formed sequence at the start of s, which has len > 0
 * bytes, or 0. *subpart is how many bytes one U+FFFD is to replace then.
 */
size_t	 reference_sequence(const unsigned char *s, size_t len,
	    size_t *subpart);

/* What text_check() is to find in it. */
struct text_fault	 reference_check(const unsigned char *s, size_t len);

/* What text_repair() is to make of it; dst has 3 * len bytes. */
size_t	 reference_repair(unsigned char *dst, const unsigned char *s,
	    size_t len);

#endif
