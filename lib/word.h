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

/* Take the next word off the rest. Returns false if nothing is left. */
bool	 word_next(struct word *w, struct word *rest);

/* Whether the word is s. */
bool	 word_is(const struct word *w, const char *s);

/* If the word is key=value, make it value. Returns whether it was. */
bool	 word_value(struct word *w, const char *key);

/* Parse a word of decimal digits and nothing else, up to 2^64 - 1, into *n.
 * Returns whether it is one. */
bool	 word_number(const struct word *w, uint64_t *n);

/*
 * Copy a word that is a token, which has only the characters of base64, hex and
 * UUIDs, to token, with a NUL at its end. token has TOKEN_MAX + 1 bytes.
 * Returns whether the word is one.
 */
bool	 word_token(const struct word *w, char *token);

#endif
