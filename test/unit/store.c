/*
 * chatd/store/store.h: a directory of segments
 */
#include <sys/resource.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/store.h"
#include "unit.h"

static char path[] = "/tmp/chat-unit.XXXXXX";

static void
set_up(struct store *st)
{
	struct store_config config = { .path = path, .segment_size = 65536,
	    .keep = UINT64_MAX };
	const char *why;

	CHECK(mkdtemp(path) != NULL);
	CHECK(store_open(st, &config, &why) == 0);
}

/* Segments 10, 20, 30 ..., with their number in words as a head. */
static void
begin(struct store *st, uint64_t first)
{
	char head[32];
	int len = snprintf(head, sizeof(head), "%d\n", (int)first);

	CHECK(store_rotate(st, first, head, (size_t)len) == 0);
}

static void
tear_down(struct store *st)
{
	while (st->n > 0)
		CHECK(store_drop_newest(st) == 0);
	store_close(st);
	CHECK(rmdir(path) == 0);
}

/* The segment's number, 0 if there is none. */
static uint64_t
number(const struct segment *s)
{
	return s == NULL ? 0 : s->first;
}

static void
finding(void)
{
	struct store st;

	set_up(&st);
	CHECK(store_newest(&st) == NULL && store_find(&st, 10) == NULL);
	CHECK(store_next(&st, 0) == NULL);
	begin(&st, 10);
	begin(&st, 20);
	begin(&st, 30);
	CHECK(number(store_newest(&st)) == 30);
	CHECK(number(store_find(&st, 9)) == 0);
	CHECK(number(store_find(&st, 10)) == 10);
	CHECK(number(store_find(&st, 19)) == 10);
	CHECK(number(store_find(&st, 20)) == 20);
	CHECK(number(store_find(&st, UINT64_MAX)) == 30);
	CHECK(number(store_next(&st, 0)) == 10);
	CHECK(number(store_next(&st, 10)) == 20);
	CHECK(number(store_next(&st, 15)) == 20);
	CHECK(number(store_next(&st, 30)) == 0);
	tear_down(&st);
}

static void
reading(void)
{
	char buf[8] = "";
	struct store st;

	set_up(&st);
	begin(&st, 10);
	begin(&st, 20);
	CHECK(store_read(&st, 10, 0, buf, sizeof(buf)) == 3);
	CHECK_STR(buf, "10\n");
	CHECK(store_read(&st, 20, 1, buf, 1) == 1 && buf[0] == '0');
	CHECK(store_read(&st, 10, 3, buf, sizeof(buf)) == 0);
	CHECK(store_read(&st, 11, 0, buf, sizeof(buf)) == -1);
	/* What is written doesn't count yet. */
	CHECK(store_write(&st, &(struct iovec){ "x\n", 2 }, 1, 3) == 0);
	CHECK(store_read(&st, 20, 3, buf, sizeof(buf)) == 0);
	CHECK(store_commit(&st, 5) == 0);
	CHECK(store_read(&st, 20, 3, buf, sizeof(buf)) == 2);
	st.config.keep = 1;
	CHECK(store_prune(&st) == 0 && st.n == 1 && st.total == 2);
	CHECK(store_read(&st, 10, 0, buf, sizeof(buf)) == -1);
	tear_down(&st);
}

static void
out_of_descriptors(void)
{
	struct rlimit none = { 0, 0 };
	struct store st;
	char buf[8];

	set_up(&st);
	begin(&st, 10);
	begin(&st, 20);
	CHECK(getrlimit(RLIMIT_NOFILE, &none) == 0);
	none.rlim_cur = (rlim_t)dup(0) + 1;
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	CHECK(dup(0) == -1);
	/* The store keeps a descriptor for reading. */
	CHECK(store_read(&st, 10, 0, buf, sizeof(buf)) == 3);
	CHECK(store_read(&st, 20, 0, buf, sizeof(buf)) == 3);
	CHECK(store_read(&st, 10, 1, buf, sizeof(buf)) == 2);
	none.rlim_cur = none.rlim_max;
	CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
	tear_down(&st);
}

const struct test store_tests[] = {
	{ "which segment a line is in", finding },
	{ "only what counts can be read", reading },
	{ "reading without a free descriptor", out_of_descriptors },
	{ NULL, NULL }
};
