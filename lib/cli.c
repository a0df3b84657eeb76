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

const char *
cli_name(int c, const char *s)
{
	char reason[FAULT_SIZE];
	size_t len = strlen(s);
	struct text_fault f;

	if (len == 0)
		errx(2, "-%c: name is empty", c);
	if (!text_check(s, len, &f))
		errx(2, "-%c: name: %s", c, text_fault_say(reason, &f));
	if (len > CLI_NAME_MAX)
		errx(2, "-%c: name is longer than %d bytes", c, CLI_NAME_MAX);
	return s;
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
cli_address(struct addr *a, int argc, char **argv, bool sends)
{
	const char *name = getenv("CHAT_ADDRESS"), *wrong;

	if (argc > 1)
		refuse_second(argv, sends);
	if (argc == 1)
		name = argv[0];
	else if (name == NULL || name[0] == '\0')
		name = "localhost";
	wrong = addr_parse(a, name, false);
	if (wrong != NULL && sends && strchr(name, ' ') != NULL)
		errx(2, "%s: %s; %s", name, wrong, NET_TEXT_ADVICE);
	if (wrong != NULL)
		errx(2, "%s: %s", name, wrong);
}

struct tls_context *
cli_key(const char *path, const struct addr *a)
{
	struct tls_context *tls;
	char why[KEYS_WHY_SIZE];
	const char *env = getenv("CHAT_KEY"), *wrong;
	struct key key;

	if (path == NULL && (env == NULL || env[0] == '\0'))
		return NULL;
	if (a->local)
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
