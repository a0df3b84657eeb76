/*
 * The replica: what a room knows of the log that several nodes share
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replica.h"

#define HASH_FACTOR	UINT64_C(0x9e3779b97f4a7c15)

void
replica_init(struct replica *r)
{
	memset(r, 0, sizeof(*r));
	(void)strlcpy(r->token, "0", sizeof(r->token));
	r->sessions = REPLICA_UNTOLD;
	TAILQ_INIT(&r->nodes);
}

void
replica_free(struct replica *r)
{
	struct node *node;

	while ((node = TAILQ_FIRST(&r->nodes)) != NULL) {
		TAILQ_REMOVE(&r->nodes, node, entry);
		free(node);
	}
	replica_init(r);
}

struct node *
replica_node(struct replica *r, const char *name)
{
	struct node *node = NULL;

	TAILQ_FOREACH(node, &r->nodes, entry) {
		if (strcmp(node->name, name) == 0)
			break;
	}
	return node;
}

struct node *
replica_add(struct replica *r, const char *name)
{
	struct node *node = replica_node(r, name);

	if (node != NULL)
		return node;
	if (r->n > REPLICA_NODES) {
		errno = ENOSPC;
		return NULL;
	}
	node = calloc(1, sizeof(*node));
	if (node == NULL)
		return NULL;
	(void)strlcpy(node->name, name, sizeof(node->name));
	node->number = r->n++;
	TAILQ_INSERT_TAIL(&r->nodes, node, entry);
	return node;
}

bool
replica_is_full(const struct replica *r)
{
	const struct node *node = NULL;
	size_t n = 0;

	TAILQ_FOREACH(node, &r->nodes, entry) {
		n += node->epoch > 0;
	}
	return n >= REPLICA_NODES;
}

bool
replica_counts(const struct replica *r, const struct node *node,
    uint64_t epoch, uint64_t seq)
{
	uint64_t last = node == NULL ? 0 : node->epoch;

	if (epoch == last + 1)
		return seq == 1 && (last > 0 || !replica_is_full(r));
	return node != NULL && epoch > 0 && epoch == last && !node->down &&
	    seq == node->seq + 1;
}

void
replica_note(struct replica *r, struct node *node, uint64_t epoch,
    uint64_t seq)
{
	node->epoch = epoch;
	node->seq = seq;
	node->hash = r->hash;
	node->down = false;
	node->unwritten = true;
}

/* Eight bytes as a number, the first one the lowest; fewer are filled with
 * zeros. */
static uint64_t
little_endian(const unsigned char *p, size_t len)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < len; i++)
		n |= (uint64_t)p[i] << (8 * i);
	return n;
}

static uint64_t
mix(uint64_t hash, uint64_t n)
{
	hash = (hash ^ n) * HASH_FACTOR;
	return hash ^ hash >> 32;
}

void
replica_hash(struct replica *r, const char *lines, size_t len)
{
	const unsigned char *p = (const unsigned char *)lines;
	uint64_t hash = r->hash;

	/* Compilers make one load of a constant length. */
	for (; len >= 8; p += 8, len -= 8)
		hash = mix(hash, little_endian(p, 8));
	if (len > 0)
		hash = mix(hash, little_endian(p, len));
	r->hash = hash;
}
