/*
 * load - drive two rooms on this machine and print what either took
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <netinet/in.h>

#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crowd.h"
#include "key.h"
#include "parts.h"
#include "proc.h"

#define USAGE	"usage: load churn port pid port pid\n" \
		"       load [-k key] fanout port pid port pid senders " \
		"readers\n" \
		"       load [-k key] idle port pid port pid clients\n" \
		"       load [-k key] handshake|latency port pid port pid\n" \
		"       load clock|port\n" \
		"       load cpu file command ...\n" \
		"       load lines count\n" \
		"       load memory pid ...\n" \
		"       load used pid\n"

static long long
number(const char *s, long long max)
{
	const char *errstr;
	long long n;

	n = strtonum(s, 1, max, &errstr);
	if (errstr != NULL)
		errx(2, "%s: number is %s", s, errstr);
	return n;
}

/* So many lines on standard output. */
static void
write_lines(long long n)
{
	enum { AT_ONCE = 1000 };
	static char buf[AT_ONCE * LINE_BYTES];
	size_t some;

	lines_fill(buf, AT_ONCE);
	for (; n > 0; n -= (long long)some) {
		some = n < AT_ONCE ? (size_t)n : AT_ONCE;
		if (fwrite(buf, LINE_BYTES, some, stdout) != some)
			err(2, "standard output");
	}
}

/* A port that nobody uses now, for programs that cannot pick one. */
static void
print_port(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = socket(AF_INET, SOCK_STREAM, 0)) == -1 ||
	    bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(2, "127.0.0.1");
	printf("%u\n", (unsigned)ntohs(sin.sin_port));
	close(fd);
}

/* Run a command and append to a file how many ns of a core it has used. */
static int
run_measured(const char *path, char *argv[])
{
	struct rusage u;
	int status;
	pid_t pid;
	FILE *f;

	if ((pid = fork()) == -1)
		err(2, "fork");
	if (pid == 0) {
		execvp(argv[0], argv);
		err(2, "%s", argv[0]);
	}
	if (waitpid(pid, &status, 0) == -1 ||
	    getrusage(RUSAGE_CHILDREN, &u) == -1)
		err(2, "%s", argv[0]);
	if ((f = fopen(path, "a")) == NULL || fprintf(f, "%lld\n",
	    (long long)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * NS +
	    (long long)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1000) < 0 ||
	    fclose(f) == EOF)
		err(2, "%s", path);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 2;
}

/* Bytes that are the processes' own. */
static void
print_memory(char *pids[])
{
	double sum = 0;

	for (; *pids != NULL; pids++)
		sum += proc_memory((pid_t)number(*pids, INT32_MAX));
	printf("%.0f\n", sum);
}

static struct tls_context *
tls_with(const struct key *key)
{
	struct tls_context *tls;
	const char *why;

	if ((tls = tls_for_client(key, &why)) == NULL)
		errx(2, "%s", why);
	return tls;
}

/* The room has that key, and another one of that name is no key. */
static void
use_key(struct room *r, const char *path)
{
	char why[KEYS_WHY_SIZE];
	struct key key;

	if (key_load(&key, path, why) == -1)
		errx(2, "%s", why);
	r->tls = tls_with(&key);
	key.bytes[0] ^= 1;
	r->wrong = tls_with(&key);
}

/* The key is the first room's. */
static void
drive(const char *key, int argc, char *argv[])
{
	struct room r[ROOMS] = { { .tls = NULL } };
	size_t i;

	for (i = 0; i < ROOMS; i++) {
		r[i].port = (uint16_t)number(argv[2 + 2 * i], UINT16_MAX);
		r[i].pid = (pid_t)number(argv[3 + 2 * i], INT32_MAX);
	}
	if (key != NULL)
		use_key(&r[0], key);
	proc_descriptors();
	if (strcmp(argv[1], "fanout") == 0 && argc == 8)
		fanout(r, (size_t)number(argv[6], 1000),
		    (size_t)number(argv[7], 10000));
	else if (strcmp(argv[1], "latency") == 0 && argc == 6)
		latency(r);
	else if (strcmp(argv[1], "idle") == 0 && argc == 7)
		idle(r, (size_t)number(argv[6], 10000));
	else if (strcmp(argv[1], "handshake") == 0 && argc == 6)
		handshake(r);
	else if (strcmp(argv[1], "churn") == 0 && argc == 6 && key == NULL)
		churn(r);
	else
		errx(2, "no such measurement: %s", argv[1]);
}

int
main(int argc, char *argv[])
{
	if (argc == 2 && strcmp(argv[1], "clock") == 0)
		printf("%llu\n", (unsigned long long)clock_ns());
	else if (argc == 2 && strcmp(argv[1], "port") == 0)
		print_port();
	else if (argc == 3 && strcmp(argv[1], "used") == 0)
		printf("%llu\n", (unsigned long long)proc_cpu(
		    (pid_t)number(argv[2], INT32_MAX)));
	else if (argc >= 3 && strcmp(argv[1], "memory") == 0)
		print_memory(argv + 2);
	else if (argc >= 4 && strcmp(argv[1], "cpu") == 0)
		return run_measured(argv[2], argv + 3);
	else if (argc == 3 && strcmp(argv[1], "lines") == 0)
		write_lines(number(argv[2], INT32_MAX));
	else if (argc >= 8 && strcmp(argv[1], "-k") == 0)
		drive(argv[2], argc - 2, argv + 2);
	else if (argc >= 6)
		drive(NULL, argc, argv);
	else {
		fputs(USAGE, stderr);
		return 2;
	}
	return 0;
}
