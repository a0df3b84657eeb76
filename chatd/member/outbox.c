/*
 * The outbox: what this node has to put into the log
 */
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "outbox.h"

#define ALLOCATED	(OUTBOX_MAX + 64 * 1024)

int
outbox_init(struct outbox *box)
{
	memset(box, 0, sizeof(*box));
	box->bytes = malloc(ALLOCATED);
	box->allocated = ALLOCATED;
	return box->bytes == NULL ? -1 : 0;
}

void
outbox_free(struct outbox *box)
{
	free(box->bytes);
	box->bytes = NULL;
}

int
outbox_reserve(struct outbox *box, size_t len)
{
	char *p;

	if (len <= box->allocated)
		return 0;
	p = realloc(box->bytes, len);
	if (p == NULL)
		return -1;
	box->bytes = p;
	box->allocated = len;
	return 0;
}

bool
outbox_is_valid(const struct outbox *box)
{
	const struct entry all = { .body = box->bytes, .len = box->len };
	size_t done = 0, before;
	struct item item;

	do {
		before = done;
		entry_next(&all, &done, &item);
	} while (item.kind != ITEM_END && item.kind != ITEM_BAD &&
	    done - before <= ENTRY_BODY);
	return item.kind == ITEM_END;
}

size_t
outbox_space(const struct outbox *box)
{
	return box->len + ENTRY_ITEM > OUTBOX_MAX ? 0 :
	    OUTBOX_MAX - ENTRY_ITEM - box->len;
}

uint64_t
outbox_end(const struct outbox *box)
{
	return box->base + box->len;
}

static void
append(struct outbox *box, const char *s, size_t len)
{
	memcpy(box->bytes + box->len, s, len);
	box->len += len;
}

int
outbox_add(struct outbox *box, const struct item *item)
{
	char text[ENTRY_ITEM];
	size_t len = item_format(text, item);

	if (box->len + len > box->allocated &&
	    outbox_reserve(box, 2 * box->allocated) == -1)
		return -1;
	append(box, text, len);
	box->tail = 0;
	return 0;
}

/* Whether the lines of an item can go behind those of the last one. */
static bool
goes_on(const struct outbox *box, const struct item *item)
{
	return box->tail > box->out && box->conn == item->conn &&
	    box->next == item->n &&
	    box->len - box->tail + item->len <= ENTRY_RUN;
}

void
outbox_add_lines(struct outbox *box, const struct item *item)
{
	char text[ENTRY_ITEM];
	size_t len;

	if (!goes_on(box, item)) {
		len = item_format(text, item);
		append(box, text, len);
		box->tail = box->len;
		box->conn = item->conn;
	}
	append(box, item->lines, item->len);
	box->next = item->n + item->nlines;
}

/* Where the item ends that begins at offset: no message has a SOH. */
static size_t
item_end(const struct outbox *box, size_t offset)
{
	const char *soh = memchr(box->bytes + offset + 1, CTL_MARK,
	    box->len - offset - 1);

	return soh == NULL ? box->len : (size_t)(soh - box->bytes);
}

static bool
has_lines(const char *item)
{
	return strncmp(item + 1, "by ", 3) == 0 ||
	    strncmp(item + 1, "bare ", 5) == 0;
}

size_t
outbox_put(struct outbox *box)
{
	size_t end = 0, next, runs = 0;

	for (; end < box->len; end = next) {
		next = item_end(box, end);
		runs += has_lines(box->bytes + end);
		if (next > ENTRY_BODY || runs > ENTRY_RUNS)
			break;
	}
	box->out = end;
	return end;
}

void
outbox_settle(struct outbox *box)
{
	box->len -= box->out;
	memmove(box->bytes, box->bytes + box->out, box->len);
	box->base += box->out;
	box->tail = box->tail > box->out ? box->tail - box->out : 0;
	box->out = 0;
}
