/*
 * control - control lines of any kind are read, or named as what they are
 */
#include <string.h>

#include "ctl.h"
#include "fuzz.h"
#include "text.h"

/* A reason goes into a control line of its own: it must be a line's text. */
static void
note(void *arg, const char *reason)
{
	struct text_fault f;

	MUST(text_check(reason, strlen(reason), &f));
	MUST(strlen(reason) > 0 && strlen(reason) < CTL_SIZE / 2);
	++*(size_t *)arg;
}

static void
must_be_same(const struct hello *a, const struct hello *b)
{
	MUST(a->role == b->role && a->history == b->history);
	MUST(a->n == b->n && a->times == b->times);
	MUST(a->presence == b->presence);
	MUST(strcmp(a->session, b->session) == 0);
}

static void
try_hello(const char *s, size_t len)
{
	struct hello h, again;
	size_t complaints = 0, none = 0, n;
	char *line;

	if (!hello_parse(&h, s, len, note, &complaints)) {
		MUST(complaints == 1);
		return;
	}
	MUST(complaints <= CTL_COMPLAINTS);
	MUST(h.role == ROLE_SEND || h.role == ROLE_RECV ||
	    h.role == ROLE_CHAT);
	MUST((h.role & ROLE_RECV) != 0 || (h.history == HISTORY_NONE &&
	    !h.times));
	MUST((h.role & ROLE_SEND) != 0 || h.session[0] == '\0');
	MUST(strlen(h.session) <= TOKEN_MAX);
	line = malloc(CTL_SIZE);
	n = hello_format(line, &h);
	MUST(n > 2 && n < CTL_SIZE && line[0] == CTL_MARK);
	MUST(memchr(line, '\n', n) == line + n - 1);
	MUST(hello_parse(&again, line + 1, n - 2, note, &none));
	MUST(none == 0);
	must_be_same(&h, &again);
	free(line);
}

static void
try_notice(const char *s, size_t len)
{
	struct notice n;
	bool good = notice_parse(&n, s, len);

	MUST(n.kind <= NOTICE_PART);
	MUST(n.counted || (n.kind == NOTICE_LOST && n.n == 0 && good));
	MUST(n.textlen == 0 || (n.text > s &&
	    n.text + n.textlen <= s + len));
	/* Only a name ends before the line does. */
	MUST(n.textlen == 0 || n.kind == NOTICE_YOU || n.kind >= NOTICE_JOIN ||
	    n.text + n.textlen == s + len);
	MUST(!good || n.kind != NOTICE_YOU || text_is_name(n.text, n.textlen));
	MUST(good || (n.kind != NOTICE_UNKNOWN && n.kind != NOTICE_BYE &&
	    n.kind != NOTICE_HERE));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Memory of just that size, so that no byte beyond is read unseen. */
	char *s = malloc(size + (size == 0));

	if (size > 0)
		memcpy(s, data, size);
	try_hello(s, size);
	try_notice(s, size);
	free(s);
	return 0;
}
