/*
 * unit - run the unit tests
 *
 *	unit			all of them, each in a process of its own
 *	unit SUITE		those of a suite
 *	unit 'SUITE: SHOWS'	one, in this process, for a debugger
 *	unit -l			list their names
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <err.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "unit.h"

#define NAME_SIZE	256

static const struct suite {
	const char		*name;
	const struct test	*tests;
} suites[] = {
	{ "addr", addr_tests },
	{ "clock", clock_tests },
	{ "ctl", ctl_tests },
	{ "etcd", etcd_tests },
	{ "flush", flush_tests },
	{ "helper", helper_tests },
	{ "incoming", incoming_tests },
	{ "intake", intake_tests },
	{ "key", key_tests },
	{ "line", line_tests },
	{ "lives", lives_tests },
	{ "logline", logline_tests },
	{ "membership", membership_tests },
	{ "nodes", nodes_tests },
	{ "ratelimit", ratelimit_tests },
	{ "catchup", catchup_tests },
	{ "patience", patience_tests },
	{ "peer", peer_tests },
	{ "presence", presence_tests },
	{ "record", record_tests },
	{ "replica", replica_tests },
	{ "replicastore", replicastore_tests },
	{ "retry", retry_tests },
	{ "ring", ring_tests },
	{ "wrap", wrap_tests },
	{ "sendq", sendq_tests },
	{ "server", server_tests },
	{ "session", session_tests },
	{ "show", show_tests },
	{ "state", state_tests },
	{ "store", store_tests },
	{ "text", text_tests },
	{ "tls", tls_tests },
	{ "sniff", sniff_tests },
};

void
unit_fail(const char *file, int line, const char *expr, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s:%d: %s: ", file, line, expr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	exit(1);
}

void
unit_same(const char *file, int line, const char *expr, const char *got,
    const char *want)
{
	if (got == want || (got != NULL && want != NULL &&
	    strcmp(got, want) == 0))
		return;
	unit_fail(file, line, expr, "is \"%s\", not \"%s\"",
	    got == NULL ? "(null)" : got, want == NULL ? "(null)" : want);
}

static uint64_t random_state = 1;

void
unit_seed(uint64_t seed)
{
	random_state = seed;
	(void)unit_random(1);
}

uint32_t
unit_random(uint32_t n)
{
	/* Knuth's MMIX; the upper bits are the good ones. */
	random_state = random_state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (uint32_t)(random_state >> 33) % n;
}

/* Apart from the others, so that a crash is one test's. */
static bool
run_apart(const struct test *t)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == -1)
		err(2, "fork");
	if (pid == 0) {
		t->run();
		exit(0);
	}
	if (waitpid(pid, &status, 0) == -1)
		err(2, "waitpid");
	if (WIFSIGNALED(status))
		warnx("signal %d: %s", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	return status == 0;
}

int
main(int argc, char **argv)
{
	const char *wanted = argc > 1 ? argv[1] : "";
	bool list = strcmp(wanted, "-l") == 0, found = false, good, all = true;
	const struct suite *s;
	const struct test *t;
	char name[NAME_SIZE];

	/* As the programs do. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		err(2, "signal");
	for (s = suites; s < suites + sizeof(suites) / sizeof(*suites); s++) {
		for (t = s->tests; t->shows != NULL; t++) {
			snprintf(name, sizeof(name), "%s: %s", s->name,
			    t->shows);
			if (strcmp(wanted, name) == 0) {
				t->run();
				return 0;
			}
			if (list) {
				puts(name);
				continue;
			}
			if (argc > 1 && strcmp(wanted, s->name) != 0)
				continue;
			found = true;
			good = run_apart(t);
			all = all && good;
			printf("%s %s\n", good ? "ok" : "not ok", name);
		}
	}
	if (!list && !found)
		errx(2, "%s: no such test", wanted);
	return all ? 0 : 1;
}
