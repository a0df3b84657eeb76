/*
 * chatd/core/catchup.h: readers that are behind the ring
 */
#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/catchup.h"
#include "core/client.h"
#include "room/ring.h"
#include "store/journal.h"
#include "unit.h"

#define FIRST	1000
#define ME	7

static char path[] = "/tmp/chat-unit.XXXXXX";
static struct journal journal;
static struct ring *ring;
static struct catchup_buffer buffer;
static struct client *client;
static char got[65536];
static size_t gotlen;

/* Two segments; the second goes on after two lines that are missing. */
static const char one[] =
    "\001at 1000\n\001room 1000 9\n"
    "\001at 1000\n\001time 50\n\001by 3\na\nbb\n\001by 7\nmine\nmine too\n"
    "\001by 3\nccc\n\001at 1005\n\001time 51\n\001by 3\n\nd\n"
    "\001session x 7 1\n\001by 7\nmine\n"
    "\001here x 7 2 a 1\n\001node a 1 1 0000000000000000\n\001down a 1\n"
    "\001shared id 5 1\n\001log 1 t1 0000000000000000 51\n"
    "\001at 1008\n\001time 52\n\001by 7\nmine\n\001by 4\ne\n"
    "\001at 1010\n\001time 53\n\001by 4\nf\xc3\xa4\n";
static const char two[] =
    "\001at 1013\n\001session x 7 1\n\001room 1000 9\n"
    "\001at 1013\n\001time 53\n\001by 7\nmine\n\001by 3\ng\n"
    "\001what is this\nskipped\n\001at 1017\n\001time 54\n\001by 3\nh\n";

static void
set_up(void)
{
	struct store_config config = { .path = path, .keep = UINT64_MAX };
	struct sockaddr sa = { .sa_family = AF_UNIX };
	const char *why;
	int pair[2];

	CHECK(mkdtemp(path) != NULL);
	CHECK(store_open(&journal.store, &config, &why) == 0);
	CHECK(store_rotate(&journal.store, 1000, one, sizeof(one) - 1) == 0);
	CHECK(store_rotate(&journal.store, 1013, two, sizeof(two) - 1) == 0);
	CHECK(catchup_init(&buffer, &journal) == 0);
	ring = ring_new(RING_SIZE_MIN, 1018);
	CHECK(ring != NULL);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	close(pair[1]);
	client = client_new(pair[0], &sa, NULL, ME);
	CHECK(client != NULL);
	client->plain = false;
}

static void
tear_down(void)
{
	while (journal.store.n > 0)
		CHECK(store_drop_newest(&journal.store) == 0);
	journal_free(&journal);
	catchup_free(&buffer);
	ring_free(ring);
	client_free(client);
	CHECK(rmdir(path) == 0);
}

static void
get(const char *s, size_t len)
{
	if (len == 0)
		return;		/* s may be NULL then, as memcpy() forbids */
	memcpy(got + gotlen, s, len);
	gotlen += len;
	got[gotlen] = '\0';
}

/* Read on, never more than some bytes at once, 0: any. */
static const char *
read_on(size_t most)
{
	char lost[32];
	size_t n, rest;
	int rounds;

	for (rounds = 0; !catchup_return(client, ring); rounds++) {
		CHECK_IN(rounds < 1000, "by %zu", most);
		CHECK(catchup_pending(client));
		catchup_read(client, ring, &buffer);
		n = most == 0 || buffer.len < most ? buffer.len : most;
		get(buffer.out, n);
		rest = catchup_written(client, &buffer, n);
		get(buffer.out + n, rest);
		if (client->lost > 0) {
			snprintf(lost, sizeof(lost), "\001lost %d\n",
			    (int)client->lost);
			get(lost, strlen(lost));
			client->lost = 0;
		}
	}
	CHECK(client->catchup == NULL && client->cursor == ring->head);
	/* What a search in the ring has found is told in another way. */
	get(client->out, client->outlen);
	free(client->out);
	client->out = NULL;
	client->outlen = 0;
	return got;
}

static void
begin(bool times)
{
	gotlen = 0;
	got[0] = '\0';
	client->times = times;
	client->time = TIME_NONE;
	client->needs_at = true;
	client->lost = 0;
}

/* From a line on. */
static const char *
read_by(uint64_t from, size_t most, bool times)
{
	begin(times);
	catchup_enter(client, from);
	return read_on(most);
}

/* From a time on. */
static const char *
read_since(int64_t since, size_t most, bool times)
{
	begin(times);
	catchup_search(client, FIRST, since);
	return read_on(most);
}

static void
whole(void)
{
	set_up();
	CHECK_STR(read_by(1000, 0, true), "\001time 50\n\001at 1000\na\nbb\n"
	    "\001at 1004\nccc\n\001time 51\n\nd\n\001time 52\n"
	    "\001at 1009\ne\n\001time 53\nf\xc3\xa4\n\001lost 2\n"
	    "\001at 1014\ng\n\001lost 2\n\001time 54\n\001at 1017\nh\n");
	CHECK_STR(read_by(1006, 0, false), "\001at 1006\nd\n"
	    "\001at 1009\ne\nf\xc3\xa4\n\001lost 2\n\001at 1014\ng\n"
	    "\001lost 2\n\001at 1017\nh\n");
	CHECK_STR(read_by(999, 0, false), "\001lost 1\n\001at 1000\na\nbb\n"
	    "\001at 1004\nccc\n\nd\n\001at 1009\ne\nf\xc3\xa4\n\001lost 2\n"
	    "\001at 1014\ng\n\001lost 2\n\001at 1017\nh\n");
	tear_down();
}

static void
short_writes(void)
{
	static char want[4096];
	uint64_t from;
	size_t most;
	int times;

	set_up();
	for (from = 999; from < 1018; from++) {
		for (times = 0; times < 2; times++) {
			strlcpy(want, read_by(from, 0, times), sizeof(want));
			for (most = 1; most < 120; most++)
				CHECK_STR(read_by(from, most, times), want);
		}
	}
	tear_down();
}

static void
since_a_time(void)
{
	static char want[4096];
	int64_t since;
	size_t most;
	int times;

	set_up();
	/* The answer to the role comes first, even before a time. */
	CHECK_STR(read_since(1, 0, true), "\001at 1000\n\001time 50\na\nbb\n"
	    "\001at 1004\nccc\n\001time 51\n\nd\n\001time 52\n"
	    "\001at 1009\ne\n\001time 53\nf\xc3\xa4\n\001lost 2\n"
	    "\001at 1014\ng\n\001lost 2\n\001time 54\n\001at 1017\nh\n");
	CHECK_STR(read_since(51, 0, false), "\001at 1005\n\nd\n\001at 1009\ne\n"
	    "f\xc3\xa4\n\001lost 2\n\001at 1014\ng\n\001lost 2\n"
	    "\001at 1017\nh\n");
	/* Its own line is the first. */
	CHECK_STR(read_since(52, 0, true), "\001at 1008\n\001time 52\n"
	    "\001at 1009\ne\n\001time 53\nf\xc3\xa4\n\001lost 2\n"
	    "\001at 1014\ng\n\001lost 2\n\001time 54\n\001at 1017\nh\n");
	/* What is missing before that isn't lost. */
	CHECK_STR(read_since(54, 0, true), "\001at 1017\n\001time 54\nh\n");
	CHECK_STR(read_since(55, 0, true), "\001at 1018\n");
	for (since = 1; since < 57; since++) {
		for (times = 0; times < 2; times++) {
			strlcpy(want, read_since(since, 0, times),
			    sizeof(want));
			for (most = 1; most < 120; most++)
				CHECK_STR(read_since(since, most, times), want);
		}
	}
	tear_down();
}

/* Nothing is found before the end that the client wants. */
static void
since_and_until(void)
{
	set_up();
	begin(false);
	client->until_line = 1007;
	catchup_search(client, FIRST, 53);
	while (catchup_pending(client) && !catchup_return(client, ring)) {
		if (!catchup_pending(client))
			break;
		catchup_read(client, ring, &buffer);
		CHECK(buffer.len == 0);
		CHECK(catchup_written(client, &buffer, 0) == 0);
	}
	CHECK(client->outlen == 9 &&
	    memcmp(client->out, "\001at 1007\n", 9) == 0);
	tear_down();
}

static void
until(void)
{
	set_up();
	client->until_line = 1007;
	catchup_enter(client, 1004);
	client->catchup->position.needs_at = true;
	gotlen = 0;
	while (catchup_pending(client)) {
		catchup_read(client, ring, &buffer);
		get(buffer.out, buffer.len);
		CHECK(catchup_written(client, &buffer, buffer.len) == 0);
	}
	CHECK_STR(got, "\001at 1004\nccc\n\nd\n");
	/* Lines that are missing are not lost beyond that. */
	client->until_line = 1012;
	catchup_enter(client, 1010);
	while (catchup_pending(client)) {
		catchup_read(client, ring, &buffer);
		CHECK(catchup_written(client, &buffer, buffer.len) == 0);
	}
	CHECK(client->lost == 1);
	tear_down();
}

const struct test catchup_tests[] = {
	{ "all of it, without own lines, with what is lost", whole },
	{ "cut after any byte, it is the same", short_writes },
	{ "from a time on, and nothing before it", since_a_time },
	{ "a time that comes after the end", since_and_until },
	{ "no further than the end", until },
	{ NULL, NULL }
};
