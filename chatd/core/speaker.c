/*
 * Speakers: what the clients of a shared room have said that its log has not
 * brought back
 */
#include <stdlib.h>

#include "client.h"
#include "speaker.h"

static int
speaker_compare(const struct speaker *a, const struct speaker *b)
{
	return (a->conn > b->conn) - (a->conn < b->conn);
}

RB_GENERATE(speaker_tree, speaker, entry, speaker_compare)

void
speakers_init(struct speakers *all)
{
	RB_INIT(&all->tree);
	TAILQ_INIT(&all->waiting);
}

struct speaker *
speaker_new(struct speakers *all, struct client *c, uint64_t conn,
    const uint64_t *back)
{
	struct speaker *sp = calloc(1, sizeof(*sp));

	if (sp == NULL)
		return NULL;
	sp->client = c;
	sp->conn = conn;
	sp->said = sp->settled = c->lines;
	sp->back = back;
	c->speaker = sp;
	RB_INSERT(speaker_tree, &all->tree, sp);
	return sp;
}

void
speaker_abandon(struct speaker *sp)
{
	sp->settled = client_settled(sp->client);
	sp->abandoned = true;
}

void
speaker_free(struct speakers *all, struct speaker *sp)
{
	speaker_wait(all, sp, SPEAKER_FREE);
	sp->client->speaker = NULL;
	RB_REMOVE(speaker_tree, &all->tree, sp);
	free(sp);
}

struct speaker *
speaker_find(struct speakers *all, uint64_t conn)
{
	struct speaker key = { .conn = conn };

	return RB_FIND(speaker_tree, &all->tree, &key);
}

/* Whether it is in the list. */
static bool
has_turn(enum speaker_wait wait)
{
	return wait != SPEAKER_FREE && wait != SPEAKER_CLAIMS;
}

void
speaker_wait(struct speakers *all, struct speaker *sp, enum speaker_wait wait)
{
	if (has_turn(wait) && !has_turn(sp->wait))
		TAILQ_INSERT_TAIL(&all->waiting, sp, turn);
	else if (!has_turn(wait) && has_turn(sp->wait))
		TAILQ_REMOVE(&all->waiting, sp, turn);
	sp->wait = wait;
}
