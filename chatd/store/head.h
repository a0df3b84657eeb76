/*
 * Heads: what a segment repeats of those before it, as records
 *
 * All sessions, and what the room knows of its log. The same records stand
 * elsewhere in a segment when one of these things changes.
 */
#ifndef HEAD_H
#define HEAD_H

#include <stddef.h>
#include <stdint.h>

#include "record.h"
#include "room/replica.h"
#include "room/session.h"

struct owner;

/* The records of a replica: what is shared, a node with kind RECORD_NODE or
 * RECORD_DOWN, and its position. */
struct record	 head_shared(const struct replica *r);
struct record	 head_node(const struct node *node, enum record_kind kind);
struct record	 head_log(const struct replica *r);

/* Name the owner of a session, or, with NULL, none, in its record. */
void		 head_owner(struct record *record, const struct owner *owner);

/* Most records that a head has. r is NULL without a log. */
size_t		 head_max(const struct replica *r, const struct sessions *all);

/*
 * Format the head of a segment that begins with line first, in a room whose
 * first line was began: idle sessions before the others, each in the order of
 * their last use. authors is the highest author so far. buf has space for
 * head_max() records. Returns the length.
 */
size_t		 head_format(char *buf, const struct replica *r, uint64_t first,
		    uint64_t began, struct sessions *all, uint64_t authors);

#endif
