/*
 * Keys, pastes and the focus, in the order in which they come
 */
#define _GNU_SOURCE			/* memmem() */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "keys.h"
#include "text.h"

#define PASTE_START	"\033[200~"
#define PASTE_END	"\033[201~"
#define MARK_LEN	(sizeof(PASTE_START) - 1)
#define FOCUS		"\033[I"
#define NO_FOCUS	"\033[O"
#define FOCUS_LEN	(sizeof(FOCUS) - 1)

#define READ_MAX	4096

/*
 * How long what could be the start of a paste may be that alone: a person who
 * presses ESC doesn't wait, and nobody types the three bytes ESC [ 2.
 */
#define HOLD_ESC_MS	30
#define HOLD_START_MS	1000

void
keys_init(struct keys *k, int fd, const struct tty_signals *signals)
{
	memset(k, 0, sizeof(*k));
	k->fd = fd;
	k->signals = *signals;
	k->held = CLOCK_NEVER;
}

void
keys_free(struct keys *k)
{
	buf_free(&k->queue);
	buf_free(&k->paste);
}

/* How many bytes at s, which has len, begin mark without being all of it. */
static size_t
part_of(const char *mark, const char *s, size_t len)
{
	return len > 0 && len < MARK_LEN && memcmp(s, mark, len) == 0 ? len : 0;
}

/* Keep the next n bytes of the queue as pasted, as far as there's space. */
static void
take_pasted(struct keys *k, size_t n)
{
	size_t space = KEYS_PASTE_MAX - k->paste.len;

	k->cut |= n > space;
	buf_add(&k->paste, k->queue.bytes, n < space ? n : space);
	buf_drop(&k->queue, n);
}

static void
move_pasted(struct keys *k)
{
	const char *s = k->queue.bytes, *end;
	size_t len = k->queue.len, keep;

	if (len == 0)
		return;
	end = memmem(s, len, PASTE_END, MARK_LEN);
	if (end != NULL) {
		take_pasted(k, (size_t)(end - s));
		buf_drop(&k->queue, MARK_LEN);
		k->pasting = false;
		k->pasted = true;
		return;
	}
	/* The end may have come in part. */
	keep = len < MARK_LEN ? len : MARK_LEN - 1;
	while (keep > 0 && part_of(PASTE_END, s + len - keep, keep) == 0)
		keep--;
	take_pasted(k, len - keep);
}

/*
 * A paste whose end never comes would hold the terminal for ever. A key that
 * is pressed comes alone; inside a paste it's a character like others.
 */
static bool
breaks_paste(const struct keys *k, const char *s, ssize_t n)
{
	return k->pasting && n == 1 && (unsigned char)s[0] == k->signals.intr;
}

/* What poll(2) has told of may be gone: while we were stopped, a shell had the
 * terminal, and its keys. */
static bool
has_some(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

int
keys_read(struct keys *k)
{
	char *s;
	ssize_t n;

	if (!has_some(k->fd))
		return 0;
	s = buf_space(&k->queue, READ_MAX);
	n = read(k->fd, s, READ_MAX);
	if (n == -1)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	if (n == 0) {
		errno = EIO;
		return -1;
	}
	if (breaks_paste(k, s, n)) {
		keys_clear(k);
		s = buf_space(&k->queue, 1);
		*s = (char)k->signals.intr;
	}
	k->queue.len += (size_t)n;
	k->held = CLOCK_NEVER;
	return 0;
}

/* Whether to wait for more of what may be the start of a paste. */
static bool
hold(struct keys *k)
{
	size_t n = part_of(PASTE_START, k->queue.bytes, k->queue.len);

	if (n == 0)
		return false;
	if (k->held == CLOCK_NEVER)
		k->held = clock_now() +
		    (n < 3 ? HOLD_ESC_MS : HOLD_START_MS);
	return clock_now() < k->held;
}

/* Whether the len bytes at s are the first ones of a UTF-8 sequence. */
static bool
is_cut_short(const char *s, size_t len)
{
	static const char *const tails[] = { "\x80", "\x80\x80", "\xbf\x80",
	    "\x80\x80\x80", "\xbf\x80\x80" };
	char whole[8];
	unsigned code;
	size_t i;

	for (i = 0; len < 4 && i < sizeof(tails) / sizeof(tails[0]); i++) {
		memcpy(whole, s, len);
		memcpy(whole + len, tails[i], strlen(tails[i]) + 1);
		if (text_decode(whole, len + strlen(tails[i]), &code) > len)
			return true;
	}
	return false;
}

static enum keys_kind
signal_kind(const struct keys *k, int c)
{
	if (c == k->signals.intr)
		return KEYS_INTR;
	if (c == k->signals.susp)
		return KEYS_SUSP;
	return c == k->signals.quit ? KEYS_QUIT : KEYS_NONE;
}

/* What the queue begins with, which is no paste. */
static enum keys_kind
peek_typed(struct keys *k)
{
	enum keys_kind kind;
	unsigned code;

	for (; k->queue.len > 0; buf_drop(&k->queue, 1)) {
		kind = signal_kind(k, (unsigned char)k->queue.bytes[0]);
		if (kind != KEYS_NONE)
			return kind;
		k->whole = text_decode(k->queue.bytes, k->queue.len, &code);
		if (k->whole > 0)
			return KEYS_CHAR;
		if (is_cut_short(k->queue.bytes, k->queue.len))
			break;
		/* A byte of no character is no key: drop it. */
	}
	return KEYS_NONE;
}

/* Whether the terminal reports its focus here. Its report begins as a paste
 * does, so hold() has waited for all of it. */
static enum keys_kind
peek_focus(const struct keys *k)
{
	if (k->queue.len < FOCUS_LEN)
		return KEYS_NONE;
	if (memcmp(k->queue.bytes, FOCUS, FOCUS_LEN) == 0)
		return KEYS_FOCUS;
	return memcmp(k->queue.bytes, NO_FOCUS, FOCUS_LEN) == 0 ?
	    KEYS_NO_FOCUS : KEYS_NONE;
}

enum keys_kind
keys_peek(struct keys *k)
{
	if (k->whole > 0)
		return KEYS_CHAR;
	if (!k->pasting && !k->pasted && k->queue.len >= MARK_LEN &&
	    memcmp(k->queue.bytes, PASTE_START, MARK_LEN) == 0) {
		buf_drop(&k->queue, MARK_LEN);
		k->pasting = true;
	}
	if (k->pasting)
		move_pasted(k);
	if (k->pasted)
		return KEYS_PASTE;
	if (k->pasting || hold(k))
		return KEYS_NONE;
	return peek_focus(k) != KEYS_NONE ? peek_focus(k) : peek_typed(k);
}

int64_t
keys_deadline(const struct keys *k)
{
	return k->held;
}

int
keys_byte(struct keys *k)
{
	int c;

	if (keys_peek(k) != KEYS_CHAR)
		return -1;
	c = (unsigned char)k->queue.bytes[0];
	buf_drop(&k->queue, 1);
	k->whole--;
	k->held = CLOCK_NEVER;
	return c;
}

void
keys_done(struct keys *k)
{
	if (!k->pasted) {
		buf_drop(&k->queue, peek_focus(k) != KEYS_NONE ? FOCUS_LEN : 1);
		return;
	}
	k->pasted = false;
	k->cut = false;
	k->paste.len = 0;
}

void
keys_clear(struct keys *k)
{
	k->queue.len = 0;
	k->paste.len = 0;
	k->whole = 0;
	k->pasting = k->pasted = k->cut = false;
	k->held = CLOCK_NEVER;
}
