/*
 * Orders: what a test has the fake log do
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "helper.h"
#include "ledger.h"
#include "logline.h"
#include "orders.h"

#define ANSWER		100		/* bytes of the longest answer */

static char answer[ANSWER];

/* An argument that is left out stands for all nodes. */
static const char *
node_of(const char *arg)
{
	return arg[0] == '\0' ? "*" : arg;
}

static const char *
order_stall(struct ledger *l, const char *node)
{
	return ledger_stall(l, node_of(node)) ? "ok" : "it's stalled already";
}

static const char *
order_resume(struct ledger *l, const char *node)
{
	return ledger_resume(l, node_of(node)) ? "ok" : "it isn't stalled";
}

static const char *
order_cut(struct ledger *l, const char *node)
{
	struct helper *h = NULL;

	TAILQ_FOREACH(h, &helpers, entry) {
		if (h->log == l &&
		    (node[0] == '\0' || strcmp(node, h->node) == 0))
			helper_end(h);
	}
	return "ok";
}

static const char *
order_compact(struct ledger *l, const char *arg)
{
	struct word w = { arg, strlen(arg) };
	uint64_t pos;

	if (!word_number(&w, &pos) || pos > l->newest ||
	    !ledger_compact(l, pos))
		return "no position of an entry";
	return "ok";
}

static const char *
order_forget(struct ledger *l, const char *arg)
{
	(void)order_cut(l, arg);
	ledger_forget(l);
	return "ok";
}

static const char *
order_double(struct ledger *l, const char *arg)
{
	(void)arg;
	l->twice = true;
	return "ok";
}

static const char *
order_late(struct ledger *l, const char *arg)
{
	(void)arg;
	if (l->late.data == NULL)
		return "nobody has put anything and gone";
	ledger_append(l, l->late.data, l->late.len);
	return "ok";
}

static const char *
order_inject(struct ledger *l, const char *path)
{
	static char buf[LOGLINE_ENTRY + 1];
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL)
		return strerror(errno);
	n = fread(buf, 1, sizeof(buf), f);
	(void)fclose(f);
	if (n == 0 || n > LOGLINE_ENTRY)
		return "too long for an entry, or empty";
	ledger_append(l, buf, n);
	return "ok";
}

static const char *
order_dump(struct ledger *l, const char *path)
{
	FILE *f = fopen(path, "w");
	const struct item *i;
	uint64_t pos;

	if (f == NULL)
		return strerror(errno);
	for (pos = l->oldest; pos <= l->newest; pos++) {
		i = ledger_item(l, pos);
		(void)fwrite(i->data, 1, i->len, f);
	}
	return fclose(f) == 0 ? "ok" : strerror(errno);
}

static const char *
order_place(struct ledger *l, const char *text)
{
	struct helper *h = NULL;

	if (text[0] == '\0')
		return "say which place";
	TAILQ_FOREACH(h, &helpers, entry) {
		if (h->log == l)
			helper_place(h, text);
	}
	return "ok";
}

static const char *
order_where(struct ledger *l, const char *arg)
{
	(void)arg;
	(void)snprintf(answer, sizeof(answer), "ok %" PRIu64 " %" PRIu64,
	    l->oldest, l->newest);
	return answer;
}

static const char *
order_kept(struct ledger *l, const char *node)
{
	(void)snprintf(answer, sizeof(answer), "ok %" PRIu64,
	    ledger_kept(l, node));
	return answer;
}

static const struct {
	const char	*word;
	const char	*(*run)(struct ledger *, const char *);
} table[] = {
	{ "stall", order_stall },
	{ "resume", order_resume },
	{ "cut", order_cut },
	{ "compact", order_compact },
	{ "forget", order_forget },
	{ "double", order_double },
	{ "late", order_late },
	{ "inject", order_inject },
	{ "dump", order_dump },
	{ "place", order_place },
	{ "where", order_where },
	{ "kept", order_kept },
};

static const char *
next_word(char **rest)
{
	const char *w = strsep(rest, " ");

	return w == NULL ? "" : w;
}

const char *
order(char *line)
{
	const char *word = next_word(&line), *name;
	size_t i;

	if (strcmp(word, "errors") == 0) {
		(void)snprintf(answer, sizeof(answer), "ok %lu",
		    helper_errors);
		return answer;
	}
	name = next_word(&line);
	if (!ledger_is_name(name))
		return "no name of a log";
	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (strcmp(table[i].word, word) == 0)
			return table[i].run(ledger_find(name),
			    line == NULL ? "" : line);
	}
	return "unknown order";
}
