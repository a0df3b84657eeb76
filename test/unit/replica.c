/*
 * chatd/room/replica.h and owner.h: what follows from the log alone
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "room/owner.h"
#include "room/replica.h"
#include "room/session.h"
#include "unit.h"

static void
knows_nodes(void)
{
	char longest[PERSON_MAX + 1];
	struct replica r;
	struct node *a, *b;

	replica_init(&r);
	CHECK(r.pos == 0 && r.hash == 0 && r.ident[0] == '\0');
	CHECK_STR(r.token, "0");
	CHECK(replica_node(&r, "a") == NULL);
	a = replica_add(&r, "a");
	memset(longest, 'x', PERSON_MAX);
	longest[PERSON_MAX] = '\0';
	b = replica_add(&r, longest);
	CHECK(a != NULL && b != NULL && a != b && r.n == 2);
	CHECK(a->number == 0 && b->number == 1);
	CHECK(a->epoch == 0 && a->seq == 0 && !a->down);
	CHECK(replica_node(&r, "a") == a && replica_add(&r, "a") == a);
	CHECK(replica_node(&r, longest) == b);
	CHECK(replica_node(&r, "A") == NULL && replica_node(&r, "x") == NULL);
	CHECK(TAILQ_FIRST(&r.nodes) == a && TAILQ_NEXT(a, entry) == b);
	replica_free(&r);
	CHECK(r.n == 0 && replica_node(&r, "a") == NULL);
}

static void
bounds_nodes(void)
{
	struct replica r;
	char name[PERSON_MAX + 1];
	int i;

	replica_init(&r);
	for (i = 0; i <= REPLICA_NODES; i++) {
		(void)snprintf(name, sizeof(name), "node%d", i);
		CHECK(replica_add(&r, name) != NULL);
	}
	errno = 0;
	CHECK(replica_add(&r, "one-more") == NULL && errno == ENOSPC);
	CHECK(replica_add(&r, name) == replica_node(&r, name));
	CHECK(r.n == REPLICA_NODES + 1);
	replica_free(&r);
}

/* chat-log(7), THE RULE, in words of its own. */
static bool
rule(uint64_t epoch, uint64_t last, bool down, uint64_t e, uint64_t s)
{
	if (e == epoch && epoch != 0 && !down && s == last + 1)
		return true;
	return e == epoch + 1 && s == 1;
}

/* Without nodes that count: more may come. */
static struct replica none = { .nodes = TAILQ_HEAD_INITIALIZER(none.nodes) };

static void
counts_at(const struct node *n)
{
	uint64_t e, s;

	for (e = 0; e < 7; e++) {
		for (s = 0; s < 8; s++)
			CHECK_IN(replica_counts(&none, n, e, s) ==
			    rule(n->epoch, n->seq, n->down, e, s),
			    "%ju %ju after %ju %ju",
			    (uintmax_t)e, (uintmax_t)s, (uintmax_t)n->epoch,
			    (uintmax_t)n->seq);
	}
}

/* Each of the entries there could be, at each state of a node. */
static void
counts(void)
{
	struct node n;
	uint64_t e, s;

	for (e = 0; e < 4; e++) {
		for (s = 0; s < 4; s++)
			CHECK_IN(replica_counts(&none, NULL, e, s) ==
			    (e == 1 && s == 1), "%ju %ju", (uintmax_t)e,
			    (uintmax_t)s);
	}
	memset(&n, 0, sizeof(n));
	counts_at(&n);
	for (n.epoch = 1; n.epoch < 4; n.epoch++) {
		for (n.seq = 1; n.seq < 5; n.seq++) {
			n.down = false;
			counts_at(&n);
			n.down = true;
			counts_at(&n);
		}
	}
}

/* Nothing comes after the last number, and it doesn't begin anew. */
static void
counts_to_the_end(void)
{
	struct node n;

	memset(&n, 0, sizeof(n));
	n.epoch = INT64_MAX;
	n.seq = INT64_MAX;
	CHECK(!replica_counts(&none, &n, INT64_MAX, INT64_MAX));
	CHECK(!replica_counts(&none, &n, 0, 1));
	CHECK(!replica_counts(&none, &n, 1, 1));
	CHECK(!replica_counts(&none, &n, INT64_MAX, 0));
	CHECK(!replica_counts(&none, &n, INT64_MAX, 1));
}

/* A name that is one too many never counts, and the others go on. */
static void
counts_no_more_names(void)
{
	struct node *node, *last;
	struct replica full;
	char name[8];
	int i;

	replica_init(&full);
	for (i = 0; i < REPLICA_NODES; i++) {
		(void)snprintf(name, sizeof(name), "n%d", i);
		node = replica_add(&full, name);
		CHECK(node != NULL && !replica_is_full(&full));
		CHECK(replica_counts(&full, node, 1, 1));
		replica_note(&full, node, 1, 1);
	}
	CHECK(replica_is_full(&full));
	last = replica_add(&full, "last");
	CHECK(last != NULL && !replica_counts(&full, last, 1, 1));
	CHECK(!replica_counts(&full, NULL, 1, 1));
	CHECK(replica_counts(&full, node, 2, 1));
	CHECK(replica_add(&full, "more") == NULL);
	replica_free(&full);
}

/* A life of a node: repeated entries, late ones, down, and a new epoch. */
static void
notes(void)
{
	struct replica r;
	struct node *n;

	replica_init(&r);
	n = replica_add(&r, "a");
	CHECK(n != NULL && replica_counts(&r, n, 1, 1));
	replica_note(&r, n, 1, 1);
	CHECK(n->unwritten && n->hash == 0);
	CHECK(!replica_counts(&r, n, 1, 1) && replica_counts(&r, n, 1, 2));
	replica_hash(&r, "a line\n", 7);
	replica_note(&r, n, 1, 2);
	CHECK(n->hash == r.hash && r.hash != 0);
	CHECK(!replica_counts(&r, n, 1, 1) && !replica_counts(&r, n, 1, 2));
	n->down = true;
	CHECK(!replica_counts(&r, n, 1, 3) && replica_counts(&r, n, 2, 1));
	replica_note(&r, n, 2, 1);
	CHECK(!n->down && n->epoch == 2 && n->seq == 1);
	CHECK(!replica_counts(&r, n, 1, 3) && replica_counts(&r, n, 2, 2));
	replica_free(&r);
}

/* chat-log(7), THE HASH, byte by byte: the words are the same whatever order
 * this machine has its own in. */
static uint64_t
plain_hash(uint64_t hash, const char *s, size_t len)
{
	uint64_t word;
	size_t i, j;

	for (i = 0; i < len; i += 8) {
		word = 0;
		for (j = 8; j-- > 0;)
			word = 256 * word + (i + j < len ?
			    (unsigned char)s[i + j] : 0);
		hash ^= word;
		hash *= UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 32;
	}
	return hash;
}

static void
hashes(void)
{
	char buf[300];
	struct replica r;
	uint64_t want = 0;
	size_t i, len;

	replica_init(&r);
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = (char)unit_random(256);
	for (len = 0; len < sizeof(buf) - 8; len++) {
		/* At any address. */
		i = unit_random(8);
		replica_hash(&r, buf + i, len);
		want = plain_hash(want, buf + i, len);
		CHECK_IN(r.hash == want, "%zu bytes", len);
	}
	replica_free(&r);
}

/* Worked out elsewhere: another machine must have the same. */
static void
hashes_alike(void)
{
	struct replica r;

	replica_init(&r);
	replica_hash(&r, "\001", 1);
	CHECK(r.hash == UINT64_C(0x9e3779b9e17d05ac));
	replica_hash(&r, "hello, world\n", 13);
	CHECK(r.hash == UINT64_C(0x7e357b7ceae8cdf6));
	replica_free(&r);
}

/* Where lines are parted from each other makes a difference. */
static void
hashes_pieces(void)
{
	struct replica one, two;

	replica_init(&one);
	replica_init(&two);
	replica_hash(&one, "a\nb\n", 4);
	replica_hash(&two, "a\n", 2);
	replica_hash(&two, "b\n", 2);
	CHECK(one.hash != two.hash);
	replica_free(&one);
	replica_free(&two);
}

static void
owns(void)
{
	struct node a = { .number = 0 }, b = { .number = 1 };
	struct session s = { .name = "s" }, t = { .name = "t" };
	struct owners all = RB_INITIALIZER(&all);

	CHECK(owner_session(&all, &a, 1) == NULL);
	CHECK(owner_set(&all, &s, &a, 1) == 0);
	CHECK(owner_session(&all, &a, 1) == &s);
	CHECK(owner_session(&all, &a, 2) == NULL);
	CHECK(owner_session(&all, &b, 1) == NULL);
	/* The same number at another node is another connection. */
	CHECK(owner_set(&all, &t, &b, 1) == 0);
	CHECK(owner_session(&all, &a, 1) == &s);
	CHECK(owner_session(&all, &b, 1) == &t);
	/* Who has it now has it alone. */
	CHECK(owner_set(&all, &s, &b, 2) == 0);
	CHECK(owner_session(&all, &a, 1) == NULL);
	CHECK(owner_session(&all, &b, 2) == &s);
	CHECK(s.owner->node == &b && s.owner->conn == 2);
	owner_clear(&all, &s);
	CHECK(s.owner == NULL && owner_session(&all, &b, 2) == NULL);
	owner_clear(&all, &s);
	CHECK(owner_session(&all, &b, 1) == &t);
	owner_clear(&all, &t);
	CHECK(RB_EMPTY(&all));
}

/* What ends with a node: all that it has, and nothing of the others. */
static void
loses_a_node(void)
{
	enum { NODES = 3, EACH = 20 };
	static struct session sessions[NODES][EACH];
	struct owners all = RB_INITIALIZER(&all);
	struct node nodes[NODES];
	struct session *s;
	uint64_t conn;
	size_t i, j;
	int left;

	memset(nodes, 0, sizeof(nodes));
	for (i = 0; i < NODES; i++) {
		nodes[i].number = i;
		CHECK(owner_any(&all, &nodes[i]) == NULL);
	}
	for (j = 0; j < EACH; j++) {
		for (i = 0; i < NODES; i++) {
			/* From the first number to the last one. */
			conn = j == 0 ? UINT64_MAX : 7 * j % EACH;
			CHECK(owner_set(&all, &sessions[i][j], &nodes[i],
			    j == 1 ? 0 : conn) == 0);
		}
	}
	for (left = EACH; (s = owner_any(&all, &nodes[1])) != NULL; left--) {
		CHECK(s->owner->node == &nodes[1]);
		owner_clear(&all, s);
	}
	CHECK(left == 0);
	for (j = 0; j < EACH; j++) {
		CHECK(sessions[1][j].owner == NULL);
		CHECK(sessions[0][j].owner != NULL);
		CHECK(sessions[2][j].owner != NULL);
		owner_clear(&all, &sessions[0][j]);
		owner_clear(&all, &sessions[2][j]);
	}
	CHECK(RB_EMPTY(&all));
}

const struct test replica_tests[] = {
	{ "nodes are known by their names", knows_nodes },
	{ "there are not too many nodes", bounds_nodes },
	{ "the rule, in all its cases", counts },
	{ "the rule, at the last numbers", counts_to_the_end },
	{ "the rule, for one node too many", counts_no_more_names },
	{ "a node's entries, epochs and ends", notes },
	{ "the hash is that of the page", hashes },
	{ "the hash is the same on all machines", hashes_alike },
	{ "the hash knows lines apart", hashes_pieces },
	{ "a session has one owner", owns },
	{ "a node's sessions, all of them", loses_a_node },
	{ NULL, NULL },
};
