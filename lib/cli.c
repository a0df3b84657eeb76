/*
 * Command lines: what getopt(3) leaves to each program
 */
#include <err.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "clock.h"
#include "key.h"
#include "net.h"
#include "text.h"

#define OPT_VERSION	1		/* no character of a command line */
#define OPTIONS_SIZE	64		/* bytes, with colons */

/* The help begins with it, up to the first empty line. */
static void __attribute__((noreturn))
show_usage(const char *help)
{
	const char *end = strstr(help, "\n\n");

	(void)fprintf(stderr, "%.*s\n", (int)(end - help), help);
	exit(2);
}

/* To standard output, and it has to get there. */
static void
answer(const char *text)
{
	if (fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		err(2, "standard output");
	exit(0);
}

int
cli_next(int argc, char **argv, const char *options, const char *help)
{
	static const struct option longs[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 }
	};
	char all[OPTIONS_SIZE], version[64];
	int c;

	(void)snprintf(all, sizeof(all), "h%s", options);
	c = getopt_long(argc, argv, all, longs, NULL);
	switch (c) {
	case '?':
		show_usage(help);
	case 'h':
		answer(help);
		break;
	case OPT_VERSION:
		(void)snprintf(version, sizeof(version), "%s %s\n",
		    getprogname(), VERSION);
		answer(version);
		break;
	}
	return c;
}

uint64_t
cli_number(int c, const char *s, uint64_t min, uint64_t max)
{
	const char *errstr;
	long long n = strtonum(s, (long long)min, (long long)max, &errstr);

	if (errstr == NULL)
		return (uint64_t)n;
	if (strcmp(errstr, "too small") == 0)
		errx(2, "-%c %s: too small, at least %" PRIu64, c, s, min);
	if (strcmp(errstr, "too large") == 0)
		errx(2, "-%c %s: too large, at most %" PRIu64, c, s, max);
	errx(2, "-%c %s: not a number, as in -%c 10", c, s, c);
}

int64_t
cli_milliseconds(int c, const char *s)
{
	const char *wrong;
	int64_t ms;

	wrong = clock_parse(s, &ms);
	if (wrong != NULL)
		errx(2, "-%c %s: %s", c, s, wrong);
	return ms;
}

/* What says so is an option, or a variable of the environment. */
static const char *
check_name(const char *what, const char *s)
{
	char reason[FAULT_SIZE];
	size_t len = strlen(s);
	struct text_fault f;

	if (len == 0)
		errx(2, "%s: name is empty", what);
	if (!text_check(s, len, &f))
		errx(2, "%s: name: %s", what, text_fault_say(reason, &f));
	if (len > CLI_NAME_MAX)
		errx(2, "%s: name is longer than %d bytes", what, CLI_NAME_MAX);
	return s;
}

const char *
cli_name(int c, const char *s)
{
	char what[] = { '-', (char)c, '\0' };

	return check_name(what, s);
}

const char *
cli_default_name(void)
{
	const char *s = getenv("CHAT_NAME");

	return s == NULL || s[0] == '\0' ? NULL : check_name("CHAT_NAME", s);
}

/* Whether s is a number of seconds, minutes, hours or days. */
static bool
is_span(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	return digits > 0 && s[digits] != '\0' && s[digits + 1] == '\0' &&
	    strchr("smhd", s[digits]) != NULL;
}

/* Seconds from the span s. */
static uint64_t
span_seconds(int c, const char *s)
{
	static const uint64_t units[] = { 1, 60, 60 * 60, 24 * 60 * 60 };
	static const char names[] = "smhd";
	const char *unit = s + strspn(s, "0123456789");
	uint64_t each = units[strchr(names, *unit) - names], n;
	struct word w = { s, (size_t)(unit - s) };

	if (!word_number(&w, &n) || n > CLI_SPAN_MAX / each)
		errx(2, "-%c %s: too large, at most %" PRIu64 "%c", c, s,
		    CLI_SPAN_MAX / each, *unit);
	return n * each;
}

void
cli_history(int c, const char *s, struct hello *h)
{
	uint64_t now = (uint64_t)clock_date(), seconds;
	const char *digits;

	if (is_span(s)) {
		seconds = span_seconds(c, s);
		h->history = HISTORY_SINCE;
		h->n = seconds < now ? now - seconds : 0;
		return;
	}
	digits = s + (s[0] == '-');
	if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		errx(2, "-%c %s: neither a number of messages nor a time, as "
		    "in -%c 10 or -%c 10m", c, s, c, c);
	h->history = HISTORY_LAST;
	h->n = cli_number(c, s, 0, INT64_MAX);
}

/* One word too many: a port, or what somebody wants to say. */
static void __attribute__((noreturn))
refuse_second(char **argv, bool sends)
{
	const char *s = argv[1];

	if (s[0] != '\0' && s[strspn(s, "0123456789")] == '\0')
		errx(2, "%s %s: give only one address; with its port it is "
		    "host:port, as in localhost:%s", argv[0], s, s);
	errx(2, "%s: give only one address; this is another argument%s%s", s,
	    sends ? "; " : "", sends ? NET_TEXT_ADVICE : "");
}

void
cli_address(struct addr_list *list, int argc, char **argv, bool sends)
{
	const char *name = getenv("CHAT_ADDRESS"), *wrong, *part;

	if (argc > 1)
		refuse_second(argv, sends);
	if (argc == 1)
		name = argv[0];
	else if (name == NULL || name[0] == '\0')
		name = "localhost";
	wrong = addr_list_parse(list, name, &part);
	if (wrong != NULL && sends && strchr(name, ' ') != NULL)
		errx(2, "%s: %s; %s", name, wrong, NET_TEXT_ADVICE);
	if (wrong != NULL)
		errx(2, "%s: %s", part, wrong);
}

struct tls_context *
cli_key(const char *path, const struct addr_list *list)
{
	struct tls_context *tls;
	char why[KEYS_WHY_SIZE];
	const char *env = getenv("CHAT_KEY"), *wrong;
	struct key key;

	if (path == NULL && (env == NULL || env[0] == '\0'))
		return NULL;
	if (addr_list_is_local(list))
		return NULL;
	if (path == NULL)
		path = env;
	if (key_load(&key, path, why) == -1)
		errx(2, "%s", why);
	tls = tls_for_client(&key, &wrong);
	explicit_bzero(&key, sizeof(key));
	if (tls == NULL)
		errx(2, "%s: %s", path, wrong);
	return tls;
}

void
cli_standard_descriptors(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null",
		    fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			err(2, "/dev/null");
	}
}
