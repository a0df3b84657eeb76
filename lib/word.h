/*
 * Words: what control lines are made of, each after one space
 *
 * A struct word is a piece of a line, borrowed from it. What is left of a line
 * is one too; its s is NULL when nothing is.
 */
#ifndef WORD_H
#define WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOKEN_MAX	64		/* characters of a token */

struct word {
	const char	*s;
	size_t		 len;
};

/* Take the next word off the rest; false if nothing is left. */
bool	 word_next(struct word *w, struct word *rest);

bool	 word_is(const struct word *w, const char *s);

/* If the word is key=value, leave value in it. */
bool	 word_value(struct word *w, const char *key);

/* Decimal digits and nothing else, up to 2^64 - 1. */
bool	 word_number(const struct word *w, uint64_t *n);

/*
 * A token is what base64, hexadecimal and UUIDs are made of. It is copied, and
 * ended with NUL; token has TOKEN_MAX + 1 bytes.
 */
bool	 word_token(const struct word *w, char *token);

#endif
