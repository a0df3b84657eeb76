/*
 * Fields: the words that the store's records and the log's entries have in
 * common
 *
 * Each function takes the next word off the rest of a line. Returns whether it
 * is such a field; what it is written to may be changed if not.
 */
#ifndef FIELD_H
#define FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "word.h"

/* A number up to INT64_MAX. */
bool	 field_number(struct word *rest, uint64_t *n);

/* A token; buf has TOKEN_MAX + 1 bytes. */
bool	 field_token(struct word *rest, char *buf);

/* The name of a person or a node; buf has PERSON_MAX + 1 bytes. */
bool	 field_name(struct word *rest, char *buf);

/* The name of a session, TOKEN or PERSON:TOKEN; buf has SESSION_NAME_MAX + 1
 * bytes. */
bool	 field_session(struct word *rest, char *buf);

/* A number in 16 hexadecimal digits, in lower case. */
bool	 field_hash(struct word *rest, uint64_t *hash);

#endif
