/*
 * A witness: what a room has, as its clients find it, and whether that's right
 */
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history.h"
#include "witness.h"

#define WAIT_MS		60000		/* for anything at all */
#define ARGS_MAX	64
#define LOG_SIZE	(64 * 1024)
#define READY		"listening on"

struct witness {
	const struct history *h;
	uint64_t	 more;		/* as in struct owed */
	pid_t		 chatd;
	int		 log;		/* what it says */
	char		 text[LOG_SIZE];
	size_t		 len;
	struct sockaddr_un room;
};

static void
execute(const struct witness *w, const struct place *at, int log)
{
	char *argv[ARGS_MAX];
	size_t i;

	if (at->recorder != NULL &&
	    (setenv("LD_PRELOAD", at->recorder, 1) == -1 ||
	    setenv("RECORD_LOG", at->recording, 1) == -1))
		_exit(99);
	for (i = 0; i < ARGS_MAX - 4 && at->chatd[i] != NULL; i++)
		argv[i] = at->chatd[i];
	argv[i++] = (char *)(uintptr_t)"-s";
	argv[i++] = (char *)(uintptr_t)at->store;
	argv[i++] = (char *)(uintptr_t)w->room.sun_path;
	argv[i] = NULL;
	if (dup2(log, STDERR_FILENO) == -1)
		_exit(99);
	(void)execvp(argv[0], argv);
	warn("%s", argv[0]);
	_exit(99);
}

/* Read on in its log. False at its end. */
static bool
read_log(struct witness *w)
{
	struct pollfd pfd = { .fd = w->log, .events = POLLIN };
	ssize_t n;

	if (w->len == LOG_SIZE - 1 || poll(&pfd, 1, WAIT_MS) != 1)
		return false;
	n = read(w->log, w->text + w->len, LOG_SIZE - 1 - w->len);
	if (n <= 0)
		return false;
	w->len += (size_t)n;
	w->text[w->len] = '\0';
	return true;
}

/* Returns whether clients can come. */
static bool
start(struct witness *w, const struct place *at)
{
	int ends[2];

	memset(&w->room, 0, sizeof(w->room));
	w->room.sun_family = AF_UNIX;
	(void)snprintf(w->room.sun_path, sizeof(w->room.sun_path), "%s/room",
	    at->scratch);
	if (pipe(ends) == -1 || (w->chatd = fork()) == -1)
		err(2, "start");
	if (w->chatd == 0) {
		(void)close(ends[0]);
		execute(w, at, ends[1]);
	}
	(void)close(ends[1]);
	w->log = ends[0];
	w->text[0] = '\0';
	w->len = 0;
	while (strstr(w->text, READY) == NULL) {
		if (!read_log(w))
			return false;
	}
	return true;
}

/* Returns whether it ended as it was told to. */
static bool
stop(struct witness *w)
{
	int status;

	(void)kill(w->chatd, SIGTERM);
	while (read_log(w))
		;
	while (waitpid(w->chatd, &status, 0) == -1) {
		if (errno != EINTR)
			err(2, "waitpid");
	}
	(void)close(w->log);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Say one line, and no more; what the room answers can be read. */
static FILE *
ask(const struct witness *w, const char *line)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	FILE *f;

	if (fd == -1 || connect(fd, (const struct sockaddr *)&w->room,
	    sizeof(w->room)) == -1)
		err(2, "%s", w->room.sun_path);
	if (write(fd, line, strlen(line)) != (ssize_t)strlen(line) ||
	    shutdown(fd, SHUT_WR) == -1 || (f = fdopen(fd, "r")) == NULL)
		err(2, "%s", w->room.sun_path);
	return f;
}

/* Say some lines, and have them settled. */
static bool
say_more(const struct witness *w)
{
	char text[256] = "\001send\n", line[32];
	unsigned long long settled = 0;
	int i;
	FILE *f;

	for (i = 1; i <= WITNESS_LINES; i++) {
		(void)snprintf(line, sizeof(line), "more %d\n", i);
		(void)strlcat(text, line, sizeof(text));
	}
	f = ask(w, text);
	while (fscanf(f, "\001ok %llu\n", &settled) == 1)
		;
	(void)fclose(f);
	if (settled != WITNESS_LINES)
		warnx("%llu of %d more lines are settled", settled,
		    WITNESS_LINES);
	return settled == WITNESS_LINES;
}

static const struct text *
right_line(const struct witness *w, uint64_t number, char *buf, size_t size,
    struct text *text)
{
	if (w->more == NO_LINE || number < w->more)
		return history_line(w->h, number);
	if (number >= w->more + WITNESS_LINES)
		return NULL;
	text->s = buf;
	text->len = (size_t)snprintf(buf, size, "more %llu",
	    (unsigned long long)(number - w->more + 1));
	return text;
}

/* A line that is the next one. */
static bool
is_right(const struct witness *w, uint64_t number, const char *line, size_t len)
{
	char buf[32];
	struct text more;
	const struct text *text = right_line(w, number, buf, sizeof(buf),
	    &more);

	if (text != NULL && text->len == len && memcmp(text->s, line, len) == 0)
		return true;
	warnx("line %llu is \"%.*s\" instead of \"%.*s\"",
	    (unsigned long long)number, (int)len, line,
	    text == NULL ? 0 : (int)text->len, text == NULL ? "" : text->s);
	return false;
}

/* All that a reader of everything gets: where it begins, and what would come
 * next. */
static bool
read_all(const struct witness *w, uint64_t *first, uint64_t *next)
{
	FILE *f = ask(w, "\001recv last=1000000000\n");
	char *line = NULL;
	size_t size = 0;
	bool good = true;
	ssize_t len;

	*first = *next = NO_LINE;
	while (good && (len = getline(&line, &size, f)) > 0) {
		len--;
		if (strncmp(line, "\001at ", 4) == 0 && *first == NO_LINE) {
			*first = *next = strtoull(line + 4, NULL, 10);
		} else if (line[0] == '\001') {
			warnx("unexpected control line: \"%.*s\"",
			    (int)len - 1, line + 1);
			good = false;
		} else
			good = is_right(w, (*next)++, line, (size_t)len);
	}
	free(line);
	(void)fclose(f);
	return good && *first != NO_LINE;
}

static bool
check_lines(const struct witness *w, const struct owed *owed, uint64_t *last)
{
	uint64_t first, next;

	if (!read_all(w, &first, &next))
		return false;
	*last = next - 1;
	if (owed->to == NO_LINE)
		return true;
	if (first > owed->from || *last < owed->to ||
	    (next > first && history_line(w->h, *last) == NULL &&
	    (w->more == NO_LINE || *last < w->more))) {
		warnx("the room has lines %llu to %llu, and owes %llu to %llu",
		    (unsigned long long)first, (unsigned long long)*last,
		    (unsigned long long)owed->from,
		    (unsigned long long)owed->to);
		return false;
	}
	return true;
}

static bool
check_session(const struct witness *w, size_t speaker, uint64_t told,
    uint64_t last)
{
	const struct speaker *s = &w->h->speakers[speaker];
	unsigned long long settled = 0;
	char line[WORD_SIZE + 32];
	FILE *f;
	int n;

	(void)snprintf(line, sizeof(line), "\001send session=%s\n",
	    s->session);
	f = ask(w, line);
	n = fscanf(f, "\001ok %llu", &settled);
	(void)fclose(f);
	if (n == 1 && settled >= told &&
	    history_fits(w->h, speaker, settled, last))
		return true;
	warnx("session of %s: %llu settled lines, expected at least %llu",
	    s->name, settled, (unsigned long long)told);
	return false;
}

static bool
check_sessions(const struct witness *w, const struct owed *owed, uint64_t last)
{
	size_t i;

	if (w->more != NO_LINE && last >= w->more)
		last = w->more - 1;
	/* A room that has nothing is another one. */
	if (history_line(w->h, last) == NULL)
		return true;
	for (i = 0; i < w->h->nspeakers; i++) {
		if (w->h->speakers[i].session[0] != '\0' &&
		    !check_session(w, i, history_settled(w->h, owed->step, i),
		    last))
			return false;
	}
	return true;
}

bool
witness_check(const struct history *h, const struct place *at,
    const struct owed *owed, struct seen *seen)
{
	static struct witness w;
	bool started, good;
	uint64_t last = NO_LINE;

	w.h = h;
	w.more = owed->more;
	started = start(&w, at);
	good = started && check_lines(&w, owed, &last) &&
	    check_sessions(&w, owed, last) &&
	    (at->recorder == NULL || say_more(&w));
	if (!stop(&w) || !started) {
		warnx("the room does not start, or does not end");
		good = false;
	}
	if (!good)
		(void)fprintf(stderr, "%s", w.text);
	if (seen != NULL) {
		seen->last = last;
		seen->torn = strstr(w.text, "bytes cut off") != NULL;
	}
	return good;
}
