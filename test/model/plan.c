/*
 * The plan: what is done to a room, as it follows from a seed
 */
#include <sys/wait.h>

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "model.h"
#include "text.h"

#define SLOTS		10		/* clients at a time, but for leavers */
#define WAIT_MS		20000		/* until what must come has come */
#define SAID_MAX	(3 << 20)	/* an ample ring has all of it */
#define CONTROLS_MAX	100		/* of a client: then they are paced */
#define PART_MAX	3000
#define LONG_MAX	9000

struct setting setting;
struct life *lives;
struct run *run;
char me[PERSON_MAX + 1];

static uint64_t randomness;
static struct client *slots[SLOTS], *watcher, *speaker, *repeater;
static const struct line *marker;
static const char *program;
static size_t said;
static int upgrades;

/* splitmix64: the same everywhere. */
static uint64_t
scramble(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

unsigned
chance(unsigned below)
{
	randomness = scramble(randomness);
	return (unsigned)((randomness >> 33) % below);
}

static void
say(struct client *c, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	client_say(c, text, (size_t)n);
}

static void
fill(struct client *c, unsigned len)
{
	static const char *const some[] = { "a", "Z", " ", "\xc3\xa4",
	    "\xe2\x82\xac", "\xf0\x9f\x98\x80", "~", "\t" };
	char buf[16 * 1024];
	unsigned n = 0, size, kind = chance(4);
	const char *s;

	while (n < len) {
		s = some[kind == 0 ? chance(8) : 0];
		size = (unsigned)strlen(s);
		if (size > len - n)
			s = some[0], size = 1;
		memcpy(buf + n, s, size);
		n += size;
	}
	client_say(c, buf, n);
	said += n;
}

/* So many bytes that nobody else says. */
static void
say_unique(struct client *c, unsigned len)
{
	char text[32];
	unsigned n = (unsigned)snprintf(text, sizeof(text), "%u.%u ", c->id,
	    c->texts++);

	client_say(c, text, n);
	fill(c, len > n ? len - n : 0);
}

static void
say_good(struct client *c)
{
	static const unsigned lengths[] = { 0, 20, 60, 60, 300, 4095 };

	if (repeater == NULL && chance(40) == 0)
		repeater = c;
	if (c == repeater && chance(3) == 0)
		client_say(c, "x", chance(2));
	else
		say_unique(c, chance(20) == 0 ? 4095 :
		    chance(lengths[chance(6)] + 1));
	say(c, chance(8) == 0 ? "\r\n" : "\n");
}

static void
say_bad(struct client *c)
{
	static const char *const bad[] = { "\xff", "ab\x1b[1m", "\xc2\x85",
	    "\xed\xa0\x80", "\xc0\xaf", "x\x7f", "\xe2\x82", "a\rb",
	    "\xf4\x90\x80\x80", "\r" };
	unsigned kind = chance(14);

	if (kind < 10)
		say(c, "%s\r\n", bad[kind]);
	else if (kind == 10)
		client_say(c, "nul\0\n", 5);
	else {
		say_unique(c, 4096 + chance(LONG_MAX));
		say(c, "\n");
	}
}

static void
say_word(struct client *c)
{
	static const char *const words[] = { "who", "who", "who a b", "send",
	    "ok 5", "", " ", "recv last=1", "bye", "a\x80", "unknown", "  who",
	    "error 0 x" };

	if (c->controls > CONTROLS_MAX)
		return;
	if (chance(14) > 0) {
		say(c, SOH "%s\n", words[chance(13)]);
		return;
	}
	say(c, SOH "who ");
	say_unique(c, 4096 + chance(LONG_MAX));
	say(c, "\n");
}

/* A client can say lines if it knows where its session goes on. */
static bool
may_say(const struct client *c)
{
	if (c == NULL || c->fd == -1 || said > SAID_MAX)
		return false;
	return c->token == NULL || c->token->first == c ||
	    (c->slife != NULL && c->slife->last == c) || chance(4) == 0;
}

static void
speak(struct client *c)
{
	unsigned n = chance(chance(3) == 0 ? 200 : 8);

	/* Before its answer it must not: see session_speaks(). */
	if (!may_say(c) || (c->token != NULL && c->slife == NULL &&
	    c->token->first != c))
		return;
	note("%u says %u lines", c->id, n);
	while (n-- > 0) {
		if (chance(12) == 0)
			say_bad(c);
		else if (chance(30) == 0)
			say_word(c);
		else
			say_good(c);
	}
	if (chance(4) == 0)
		say_unique(c, chance(chance(6) == 0 ? PART_MAX + LONG_MAX :
		    PART_MAX));
}

/* from= at what is gone, there, to come, or no line of this room. */
static uint64_t
some_number(void)
{
	uint64_t first = run->life->first, end = first + run->life->n;

	switch (chance(6)) {
	case 0:
		return first == 0 ? 0 : first - 1 - chance(3);
	case 1:
		return end + chance(2);
	case 2:
		return end + 100000 + chance(1000);
	case 3:
		return chance(2) == 0 ? 0 : UINT64_MAX;
	case 4:
		return end - (run->life->n < 5 ? 0 : chance(5));
	default:
		return first + (run->life->n == 0 ? 0 :
		    chance((unsigned)run->life->n + 1));
	}
}

/* since= one of the last seconds, or no time at all. */
static uint64_t
some_time(void)
{
	uint64_t now = (uint64_t)clock_date();

	switch (chance(6)) {
	case 0:
		return chance(2);
	case 1:
		return chance(2) == 0 ? UINT64_MAX : now + 1;
	default:
		return now - chance(4);
	}
}

static void
say_history(struct client *c)
{
	if (chance(3) == 0)
		say(c, " since=%ju", (uintmax_t)some_time());
	else if (chance(2) == 0)
		say(c, " from=%ju", (uintmax_t)some_number());
	else
		say(c, " last=%u", chance(3) == 0 ? 1000000 : chance(50));
}

static void
say_odd_words(struct client *c)
{
	static const char *const words[] = { "", "times=1", "last=", "from=x",
	    "last=-1", "session=", "session=a%b", "unknown", "last=99999999999"
	    "9999999999", "times", "last", "presence", "a-word-of-more-than-"
	    "forty-characters-that-is-cut", "from=1",
	    "since=" };
	unsigned n = chance(5) == 0 ? chance(14) : chance(2);

	while (n-- > 0)
		say(c, " %s", words[chance(15)]);
}

static void
say_role(struct client *c, enum role role, struct token *t)
{
	static const char *const roles[] = { "", "send", "recv", "chat" };

	say(c, SOH "%s%s", chance(8) == 0 ? " " : "", roles[role]);
	if (t != NULL)
		say(c, " session=%s", t->name);
	if (chance(6) == 0)
		say_odd_words(c);
	if (role != ROLE_SEND && chance(3) > 0)
		say_history(c);
	if (role != ROLE_SEND && chance(3) == 0)
		say(c, " times");
	if (chance(8) == 0)
		say(c, " presence");
	if (chance(6) == 0)
		say_odd_words(c);
	say(c, chance(8) == 0 ? "\r\n" : "\n");
}

/* A role that is given, at once or later: a plain client may become more. */
static void
give_role(struct client *c, struct token *t)
{
	enum role role = (enum role)(1 + chance(3));

	if (t != NULL && role == ROLE_RECV)
		role = chance(2) == 0 ? ROLE_SEND : ROLE_CHAT;
	if (t != NULL && t->asking != NULL)
		t = NULL;		/* nobody could tell which is first */
	note("%u is %s%s%s", c->id, role == ROLE_SEND ? "send" : role ==
	    ROLE_RECV ? "recv" : "chat", t == NULL ? "" : " in session ",
	    t == NULL ? "" : t->name);
	say_role(c, role, t);
	if (t != NULL && setting.sessions > 0)
		session_asks(c, t);
}

static void
leave(struct client *c)
{
	unsigned how = chance(4);

	if (c == NULL || c->fd == -1)
		return;
	if (chance(2) == 0)
		speak(c);
	note("%u leaves: %s", c->id, how == 0 ? "reset" : how == 1 ? "close" :
	    "half-close");
	if (how < 2)
		client_close(c, how == 0);
	else
		c->ends = true;
	client_write(c);
}

static struct client *
enter(unsigned slot)
{
	if (slots[slot] != NULL && !slots[slot]->ends)
		leave(slots[slot]);
	slots[slot] = client_new(chance(3) == 0 ? 4096 : 0);
	note("%u enters, to %u", slots[slot]->id, slot);
	return slots[slot];
}

static void
come(unsigned slot)
{
	struct client *c = enter(slot);
	unsigned kind = chance(10);

	if (kind == 0 && !setting.local) {
		say(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	} else if (kind == 1) {
		say_word(c);
	} else if (kind > 3) {
		give_role(c, chance(3) == 0 ? NULL : &tokens[chance(ntokens)]);
	}
	if (chance(3) == 0)
		speak(c);
}

/* Somebody's session comes back while the old connection still says a line. */
static void
take_over(unsigned slot)
{
	struct client *old = slots[slot], *c;
	struct token *t;

	if (old == NULL || old->fd == -1 || old->token == NULL ||
	    old->token->asking != NULL)
		return;
	t = old->token;
	speak(old);
	if (may_say(old))
		say_unique(old, chance(PART_MAX));
	old->ends |= chance(4) == 0;
	client_write(old);
	c = client_new(0);
	slots[slot] = c;
	note("%u takes %s over from %u", c->id, t->name, old->id);
	say_role(c, chance(2) == 0 ? ROLE_SEND : ROLE_CHAT, t);
	session_asks(c, t);
	client_write(c);
}

static void
late_role(struct client *c)
{
	if (c != NULL && c->fd != -1 && !c->spoke && c->outlen == 0 &&
	    c->partlen == 0 && !c->ends)
		give_role(c, chance(2) == 0 ? NULL : &tokens[chance(ntokens)]);
}

static void
turn_deaf(struct client *c)
{
	if (c == NULL || c->fd == -1)
		return;
	c->deaf = !c->deaf;
	note("%u %s", c->id, c->deaf ? "stops reading" : "reads again");
}

/* Somebody that the room owes something, or NULL. */
static struct client *
owed(void)
{
	size_t i;

	for (i = 0; i < nclients; i++) {
		if (client_owed(clients[i]))
			return clients[i];
	}
	return NULL;
}

static bool
is_over(const struct client *c)
{
	return c->fd == -1 || c->ends || c->bye || (c->token != NULL &&
	    (c->slife == NULL || c->slife->last != c));
}

/* Whether a plain client has read the marker, or lost it and gone on. */
static bool
has_passed(const struct client *c)
{
	uint64_t n = watcher->marked;

	if (!c->inside || c->missed)
		return true;
	while (n < truth_end(run->life) && truth_at(run->life, n) != c->last)
		n++;
	return n < truth_end(run->life);
}

/* Somebody that has not read up to the marker. */
static struct client *
behind(void)
{
	struct client *c;
	size_t i;

	for (i = 0; i < nclients; i++) {
		c = clients[i];
		if (is_over(c) || c->deaf || !client_listens(c))
			continue;
		if (c->answer == ANSWER_NONE ? !has_passed(c) :
		    c->next <= watcher->marked)
			return c;
	}
	return NULL;
}

static struct client *
unmarked(void)
{
	marker = speaker->lines[speaker->nlines - 1];
	return watcher->marker != marker ? watcher : NULL;
}

static struct client *
anybody(void)
{
	size_t i;

	for (i = 0; i < nclients; i++) {
		if (clients[i]->fd != -1)
			return clients[i];
	}
	return NULL;
}

/* Wait until what must come has come. */
static void
wait_while(struct client *(*waits)(void), const char *promise)
{
	int64_t end = clock_now() + WAIT_MS;
	const struct client *c;

	while ((c = waits()) != NULL) {
		pump(50);
		if (clock_now() >= end)
			broken(c, promise, "it doesn't come: ok %ju of %zu, "
			    "%zu of %zu errors, line %ju was next, %zu bytes "
			    "to write", (uintmax_t)c->ok, c->nlines, c->told,
			    c->nerrors, (uintmax_t)c->next, c->outlen);
	}
}

/* Who came before somebody that has its answer is inside. */
static void
let_in(void)
{
	struct client *last = client_new(0);
	size_t i;

	say(last, SOH "send\n");
	client_write(last);
	wait_while(owed, "The answer to the role is ok 0");
	client_close(last, false);
	for (i = 0; i < nclients; i++)
		clients[i]->inside = true;
}

static void
synchronise(void)
{
	note("all wait for all");
	wait_while(owed, "what the room owes");
	let_in();
	say_unique(speaker, 0);
	say(speaker, "\n");
	client_write(speaker);
	wait_while(owed, "ok, as soon as the room has taken it");
	if (speaker->nlines == 0)
		return;
	wait_while(unmarked, "A line that is in the room will be given to "
	    "every reader");
	wait_while(behind, "Every line that others say");
	session_synced();
}

static void
start_run(void)
{
	struct life *f = lives;

	if (f == NULL || !setting.store) {
		f = grown(NULL, 0, sizeof(*f));
		memset(f, 0, sizeof(*f));
		f->next = lives;
		lives = f;
	}
	run = grown(NULL, 0, sizeof(*run));
	memset(run, 0, sizeof(*run));
	run->life = f;
	run->ending = NEVER;
	upgrades = 0;
	room_start(program);
	watcher = client_new(4 << 20);
	if (f->first == 0)
		say(watcher, SOH "recv times\n");
	else
		say(watcher, SOH "recv times from=%ju\n",
		    (uintmax_t)truth_end(f));
	client_write(watcher);
	wait_while(owed, "at N, as the answer to the role");
	speaker = client_new(0);
	speaker->marks = true;
	say(speaker, SOH "send\n");
	client_write(speaker);
}

static void
end_run(int sig)
{
	int status;
	size_t i;

	note(sig == SIGKILL ? "it is killed" : "it is stopped");
	for (i = 0; i < nclients; i++) {
		clients[i]->deaf = false;
		if (clients[i]->fd != -1)
			session_ended(clients[i]);
	}
	run->ending = ++moment;
	run->killed = sig == SIGKILL;
	room_signal(sig);
	wait_while(anybody, "bye for 2 seconds at the most");
	status = room_wait();
	if (run->killed ? !WIFSIGNALED(status) : status != 0)
		broken(NULL, "exit status 0", "status %#x",
		    (unsigned)status);
	if (!run->killed && watcher->closed && !watcher->missed)
		run->end = truth_end(run->life);
	run->life->whole = run->end != 0;
	session_room_ends();
	memset(slots, 0, sizeof(slots));
}

/* Sessions come back, and look at what they said before. */
static void
come_back(void)
{
	struct client *c;
	unsigned i;

	start_run();
	for (i = 0; i < ntokens && setting.sessions > 0; i++) {
		if (chance(2) == 0)
			continue;
		c = enter(i);
		say(c, SOH "chat session=%s last=%u\n", tokens[i].name,
		    chance(2) == 0 ? 1000000 : chance(300));
		note("%u is back in session %s", c->id, tokens[i].name);
		session_asks(c, &tokens[i]);
	}
}

static void
signal_room(void)
{
	unsigned kind = chance(setting.store ? 8 : 16);

	if (kind < 3) {
		end_run(kind == 0 ? SIGTERM : SIGKILL);
		come_back();
	} else if (kind < 4) {
		note("HUP");
		room_signal(SIGHUP);
	} else {
		note("USR2");
		room_signal(SIGUSR2);
		upgrades++;
	}
}

static void
operate(void)
{
	unsigned slot = chance(SLOTS), kind = chance(100);

	if (kind < 25)
		come(slot);
	else if (kind < 60)
		speak(slots[slot]);
	else if (kind < 66)
		leave(slots[slot]);
	else if (kind < 78)
		take_over(slot);
	else if (kind < 83)
		late_role(slots[slot]);
	else if (kind < 90)
		turn_deaf(slots[slot]);
	else if (kind < 95)
		pump((int)chance(10));
	else if (kind < 97)
		synchronise();
	else
		signal_room();
}

static void
choose_store(void)
{
	room_option("-s", "store");
	if (chance(5) == 0)
		room_option("-S", NULL);
	setting.prunes = chance(2) == 0;
	if (setting.prunes) {
		room_option("-t", "64K");
		room_option("-z", "64K");
	} else if (chance(2) == 0) {
		room_option("-z", "64K");
	}
}

static void
choose_options(void)
{
	static const char *const patiences[] = { "0.01", "0.05", "0.1", "0.3",
	    "1" };
	static const char *const sessions[] = { "2", "2", "0", "1", "4096" };
	unsigned n = chance(5);
	bool small = chance(3) > 0;

	setting.store = chance(2) == 0;
	setting.local = chance(3) == 0;
	setting.named = setting.local && chance(2) == 0;
	setting.ample = !small;
	setting.sessions = (unsigned)atoi(sessions[n]);
	room_option("-r", sessions[n]);
	room_option("-m", small ? "64K" : "8M");
	room_option("-p", patiences[chance(5)]);
	if (setting.store)
		choose_store();
	if (setting.store)
		setting.ample = !setting.prunes;
	if (setting.named)
		room_option("-i", NULL);
	room_option(setting.local ? "./room" : "127.0.0.1:0", NULL);
}

void
plan(uint64_t seed, unsigned operations, const char *chatd)
{
	unsigned i;

	program = chatd;
	randomness = scramble(seed);
	choose_options();
	start_run();
	for (i = 0; i < operations; i++) {
		/* What is done hangs on nothing that was heard before. */
		randomness = scramble(seed ^ scramble(i + 1));
		operate();
		pump(0);
	}
	synchronise();
	end_run(SIGTERM);
	if (setting.store) {
		start_run();
		synchronise();
		end_run(SIGTERM);
	}
	judge();
}
