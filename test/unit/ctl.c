/*
 * lib/ctl.h: control lines
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"
#include "unit.h"

#define MANY	"18446744073709551615"		/* 2^64 - 1 */
#define TOKEN64	"0123456789abcdef0123456789abcdef0123456789abcdef" \
		"0123456789abcdef"

/* Complaints, one after the other, each with "; " behind it. */
static void
note(void *arg, const char *reason)
{
	strlcat(arg, reason, 1024);
	strlcat(arg, "; ", 1024);
}

/* From memory of just that size, so that sanitizers see beyond. */
static bool
parse(struct hello *h, const char *s, size_t len, char *complaints)
{
	char *copy = malloc(len + (len == 0));
	bool good;

	memcpy(copy, s, len);
	complaints[0] = '\0';
	good = hello_parse(h, copy, len, note, complaints);
	free(copy);
	return good;
}

static void
hello_good(void)
{
	static const struct {
		const char	*s;
		struct hello	 h;
	} table[] = {
		{ "send", { .role = ROLE_SEND } },
		{ "recv", { .role = ROLE_RECV } },
		{ "chat", { .role = ROLE_CHAT } },
		{ " recv", { .role = ROLE_RECV } },
		{ "recv times", { .role = ROLE_RECV, .times = true } },
		{ "chat presence", { .role = ROLE_CHAT, .presence = true } },
		{ "recv last=0", { .role = ROLE_RECV,
		    .history = HISTORY_LAST } },
		{ " chat last=10 times", { .role = ROLE_CHAT,
		    .history = HISTORY_LAST, .n = 10, .times = true } },
		{ "chat times from=" MANY, { .role = ROLE_CHAT,
		    .history = HISTORY_FROM, .n = UINT64_MAX, .times = true } },
		{ "recv since=1795449915", { .role = ROLE_RECV,
		    .history = HISTORY_SINCE, .n = 1795449915 } },
		{ "recv last=0007", { .role = ROLE_RECV,
		    .history = HISTORY_LAST, .n = 7 } },
		{ "send session=x", { .role = ROLE_SEND, .session = "x" } },
		{ "send session=azAZ09+/=._-", { .role = ROLE_SEND,
		    .session = "azAZ09+/=._-" } },
		{ "chat last=1 session=" TOKEN64, { .role = ROLE_CHAT,
		    .history = HISTORY_LAST, .n = 1, .session = TOKEN64 } },
	};
	char wrong[1024];
	struct hello h;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		CHECK_IN(parse(&h, table[i].s, strlen(table[i].s), wrong),
		    "%s", table[i].s);
		CHECK_STR(wrong, "");
		CHECK_IN(memcmp(&h, &table[i].h, sizeof(h)) == 0, "%s",
		    table[i].s);
	}
}

/* It has a role, but there are words that can't be used. */
static void
hello_words(void)
{
	static const struct {
		const char	*s;
		const char	*complaints;
	} table[] = {
		{ "recv frobnicate", "unknown word: frobnicate; " },
		{ "recv a=b c=d", "unknown word: a=b; unknown word: c=d; " },
		{ "recv ", "unknown word: ; " },
		{ "recv  times", "unknown word: ; " },
		{ "recv times ", "unknown word: ; " },
		{ "recv Times", "unknown word: Times; " },
		{ "recv times=1", "unknown word: times=1; " },
		{ "recv recv", "unknown word: recv; " },
		{ "recv last", "unknown word: last; " },
		{ "recv lasts=1", "unknown word: lasts=1; " },
		{ "recv last=", "not a number: last=; " },
		{ "recv last=-1", "not a number: last=-1; " },
		{ "recv last=+1", "not a number: last=+1; " },
		{ "recv last=1x", "not a number: last=1x; " },
		{ "recv last=0x1", "not a number: last=0x1; " },
		{ "recv from=18446744073709551616",
		    "not a number: from=18446744073709551616; " },
		{ "recv from=99999999999999999999999",
		    "not a number: from=99999999999999999999999; " },
		{ "recv last=1 last=2",
		    "only one of last=, from= and since= is "
		    "allowed: last=2; " },
		{ "recv last=1 from=2",
		    "only one of last=, from= and since= is "
		    "allowed: from=2; " },
		{ "recv since=1 from=2",
		    "only one of last=, from= and since= is "
		    "allowed: from=2; " },
		{ "recv from=2 since=1",
		    "only one of last=, from= and since= is "
		    "allowed: since=1; " },
		{ "recv since=10m", "not a number: since=10m; " },
		{ "send since=1", "only for clients that listen: since=1; " },
		{ "send last=1", "only for clients that listen: last=1; " },
		{ "send from=1", "only for clients that listen: from=1; " },
		{ "send times", "only for clients that listen: times; " },
		{ "send presence", "only for clients that listen: presence; " },
		{ "chat presence=1", "unknown word: presence=1; " },
		{ "recv session=x", "only for clients that send: session=x; " },
		{ "send session=", "not a token: session=; " },
		{ "send session=a,b", "not a token: session=a,b; " },
		{ "chat session=" TOKEN64 "0", "not a token: session="
		    "0123456789abcdef0123456789abcdef...; " },
		{ "recv 0123456789012345678901234567890123456789",
		    "unknown word: "
		    "0123456789012345678901234567890123456789; " },
		{ "recv 01234567890123456789012345678901234567890",
		    "unknown word: "
		    "0123456789012345678901234567890123456789...; " },
	};
	char wrong[1024];
	struct hello h;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		CHECK_IN(parse(&h, table[i].s, strlen(table[i].s), wrong),
		    "%s", table[i].s);
		CHECK_STR(wrong, table[i].complaints);
	}
	/* The others count all the same. */
	CHECK(parse(&h, "recv x last=a last=5 y times", 28, wrong));
	CHECK(h.history == HISTORY_LAST && h.n == 5 && h.times);
	CHECK_STR(wrong, "unknown word: x; not a number: last=a; "
	    "unknown word: y; ");
	CHECK(parse(&h, "recv from=3 last=5", 18, wrong));
	CHECK(h.history == HISTORY_FROM && h.n == 3);
	/* No more than so many are told, but all are passed over. */
	CHECK(CTL_COMPLAINTS == 8);
	CHECK(parse(&h, "recv 1 2 3 4 5 6 7 8 9 times", 28, wrong));
	CHECK_STR(wrong, "unknown word: 1; unknown word: 2; unknown word: 3; "
	    "unknown word: 4; unknown word: 5; unknown word: 6; "
	    "unknown word: 7; unknown word: 8; ");
	CHECK(h.times);
}

static void
hello_bad(void)
{
	static const struct {
		const char	*s;
		const char	*complaints;
	} table[] = {
		{ "", "unknown word: ; " },
		{ " ", "unknown word: ; " },
		{ "  recv", "unknown word: ; " },
		{ "hello", "unknown word: hello; " },
		{ "sen", "unknown word: sen; " },
		{ "sender", "unknown word: sender; " },
		{ "SEND", "unknown word: SEND; " },
		{ "send=1", "unknown word: send=1; " },
		{ "times recv", "unknown word: times; " },
		{ "recv\ttimes", "the control line is not printable ASCII; " },
		{ "recv\r", "the control line is not printable ASCII; " },
		{ "recv \001", "the control line is not printable ASCII; " },
		{ "recv \x7f", "the control line is not printable ASCII; " },
		{ "recv \xc3\xa9",
		    "the control line is not printable ASCII; " },
	};
	char wrong[1024];
	struct hello h;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		CHECK_IN(!parse(&h, table[i].s, strlen(table[i].s), wrong),
		    "%s", table[i].s);
		CHECK_STR(wrong, table[i].complaints);
	}
	CHECK(!parse(&h, "recv\0", 5, wrong));
	CHECK(!parse(&h, "send session=a\0b", 16, wrong));
}

static void
hello_every_byte(void)
{
	char s[] = "send session=x?", wrong[1024];
	struct hello h;
	unsigned c;
	bool token;

	for (c = 0; c < 256; c++) {
		s[14] = (char)c;
		token = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || (c != 0 &&
		    strchr("+/=._-", (int)c) != NULL);
		CHECK_IN(parse(&h, s, 15, wrong) == (c >= 0x20 && c <= 0x7e),
		    "0x%02x", c);
		/* A space there begins a word that is empty. */
		CHECK_IN((wrong[0] == '\0') == token, "0x%02x: %s", c, wrong);
	}
}

static void
check_format(struct hello h, const char *want)
{
	char buf[CTL_SIZE + 1], wrong[1024];
	size_t len = hello_format(buf, &h);
	struct hello again;

	buf[len] = '\0';
	CHECK_STR(buf, want);
	CHECK_IN(parse(&again, buf + 1, len - 2, wrong), "%s", want);
	CHECK_STR(wrong, "");
	CHECK_IN(again.role == h.role && again.history == h.history &&
	    again.n == h.n && again.times == h.times &&
	    again.presence == h.presence, "%s", want);
	CHECK_STR(again.session, h.session);
}

static void
hello_written(void)
{
	check_format((struct hello){ .role = ROLE_SEND }, "\001send\n");
	check_format((struct hello){ .role = ROLE_RECV }, "\001recv\n");
	check_format((struct hello){ .role = ROLE_CHAT }, "\001chat\n");
	check_format((struct hello){ .role = ROLE_RECV, .times = true },
	    "\001recv times\n");
	check_format((struct hello){ .role = ROLE_RECV, .n = 10,
	    .history = HISTORY_LAST }, "\001recv last=10\n");
	check_format((struct hello){ .role = ROLE_RECV, .n = 0,
	    .history = HISTORY_LAST }, "\001recv last=0\n");
	check_format((struct hello){ .role = ROLE_SEND, .session = "abc" },
	    "\001send session=abc\n");
	check_format((struct hello){ .role = ROLE_CHAT, .session = TOKEN64,
	    .n = UINT64_MAX, .history = HISTORY_FROM, .times = true,
	    .presence = true }, "\001chat session=" TOKEN64 " from=" MANY
	    " times presence\n");
}

static void
who(void)
{
	static const struct {
		const char	*s;
		bool		 good;
		const char	*complaints;
	} table[] = {
		{ "who", true, "" },
		{ " who", true, "" },
		{ "who bob", true, "unknown word: bob; " },
		{ "who ", true, "unknown word: ; " },
		{ "", false, "" },
		{ "whom", false, "" },
		{ "who\t", false, "" },
		{ "  who", false, "" },
		{ "Who", false, "" },
		{ "here", false, "" },
	};
	char wrong[1024], buf[CTL_SIZE + 1];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		wrong[0] = '\0';
		CHECK_IN(who_parse(table[i].s, strlen(table[i].s), note,
		    wrong) == table[i].good, "%s", table[i].s);
		CHECK_STR(wrong, table[i].complaints);
	}
	buf[who_format(buf)] = '\0';
	CHECK_STR(buf, "\001who\n");
}

static void
notice_good(void)
{
	static const struct {
		const char	*s;
		enum notice_kind kind;
		uint64_t	 n;
		const char	*text;
	} table[] = {
		{ "at 0", NOTICE_AT, 0, "" },
		{ "at " MANY, NOTICE_AT, UINT64_MAX, "" },
		{ " at 17", NOTICE_AT, 17, "" },
		{ "ok 3", NOTICE_OK, 3, "" },
		{ "time 1790000000", NOTICE_TIME, 1790000000, "" },
		{ "lost 12", NOTICE_LOST, 12, "" },
		{ "error 4 not UTF-8 at byte 1 (0xe9)", NOTICE_ERROR, 4,
		    "not UTF-8 at byte 1 (0xe9)" },
		{ "error 0 caf\xc3\xa9", NOTICE_ERROR, 0, "caf\xc3\xa9" },
		{ "error 4", NOTICE_ERROR, 4, "" },
		{ "error 4  two spaces ", NOTICE_ERROR, 4, " two spaces " },
		{ "bye the room is full", NOTICE_BYE, 0, "the room is full" },
		{ "bye", NOTICE_BYE, 0, "" },
		{ "bye ", NOTICE_BYE, 0, "" },
		/* What later rooms may say beside. */
		{ "at 17 more", NOTICE_AT, 17, "more" },
		{ "you alice", NOTICE_YOU, 0, "alice" },
		{ "you a.B-_9 more", NOTICE_YOU, 0, "a.B-_9" },
		{ "join bob", NOTICE_JOIN, 0, "bob" },
		{ "part \033[1m more", NOTICE_PART, 0, "\033[1m" },
		{ "here", NOTICE_HERE, 0, "" },
		{ "here alice bob", NOTICE_HERE, 0, "alice bob" },
		{ "who", NOTICE_UNKNOWN, 0, "" },
		{ "", NOTICE_UNKNOWN, 0, "" },
		{ " ", NOTICE_UNKNOWN, 0, "" },
		{ "  at 5", NOTICE_UNKNOWN, 0, "at 5" },
		{ "At 5", NOTICE_UNKNOWN, 0, "5" },
		{ "att 5", NOTICE_UNKNOWN, 0, "5" },
		{ "byebye", NOTICE_UNKNOWN, 0, "" },
	};
	struct notice n;
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		CHECK_IN(notice_parse(&n, table[i].s, strlen(table[i].s)),
		    "%s", table[i].s);
		CHECK_IN(n.kind == table[i].kind && n.n == table[i].n &&
		    n.counted, "%s: kind %d, n %llu", table[i].s, (int)n.kind,
		    (unsigned long long)n.n);
		snprintf(text, sizeof(text), "%.*s", (int)n.textlen, n.text);
		CHECK_STR(text, table[i].text);
	}
	CHECK(notice_parse(&n, "lost ?", 6));
	CHECK(n.kind == NOTICE_LOST && !n.counted && n.n == 0);
}

static void
notice_bad(void)
{
	static const char *const list[] = { "at", "at ", "at x", "at -1",
	    "at  5", "at 5x", "at 5,", "at 18446744073709551616", "ok", "ok ",
	    "ok ?", "ok all", "time", "time now", "time 1.5", "lost",
	    "lost ", "lost ??", "lost ? ", "lost many", "lost -1", "error",
	    "error ", "error x", "error not a number", "error -1 text",
	    "you", "you ", "you  alice", "you \033[1m", "you a:b",
	    "you 0123456789012345678901234567890123", "join", "join ",
	    "part", "part  bob" };
	struct notice n;
	char *copy;
	size_t i, len;

	for (i = 0; i < sizeof(list) / sizeof(*list); i++) {
		len = strlen(list[i]);
		copy = malloc(len);
		memcpy(copy, list[i], len);
		CHECK_IN(!notice_parse(&n, copy, len), "%s", list[i]);
		free(copy);
	}
}

const struct test ctl_tests[] = {
	{ "what a client may say first", hello_good },
	{ "words that can't be used cost only themselves", hello_words },
	{ "lines that name no role", hello_bad },
	{ "every byte in a token", hello_every_byte },
	{ "what we say first, read back", hello_written },
	{ "the question who is here", who },
	{ "what a room may say", notice_good },
	{ "what no room may say", notice_bad },
	{ NULL, NULL }
};
