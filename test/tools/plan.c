/*
 * The plan of fault.so: which call goes wrong, and how
 *
 * A plan is words of the form FUNCTION=WHAT@WHEN:
 *
 *	WHAT	the name of an errno; short: do one byte; half: do half;
 *		TERM: do it, and get that signal before it ends;
 *		note: do it, and write it to the log
 *	WHEN	N: the Nth call; N+: all from the Nth on; /N: every Nth;
 *		%N: that share in a hundred, at random
 *
 * In the environment:
 *
 *	FAULT		a plan
 *	FAULT_FILE	a file with a plan. While it is empty, nothing goes
 *			wrong; whenever it is written, counting begins anew
 *	FAULT_LOG	a file that gets a line for each fault
 *	FAULT_PROGRAM	the only program to which this applies
 *	FAULT_SEED	of what is random
 */
#define _GNU_SOURCE			/* program_invocation_short_name */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plan.h"

#define NOTE		(-3)		/* none of PLAN_... */
#define FAULTS_MAX	16
#define TEXT_SIZE	512
#define FD_FIRST	100		/* of ours */

struct fault {
	char		 function[16];
	char		 what_name[16];
	int		 what;
	char		 when;		/* '=', '+', '/' or '%' */
	unsigned long	 n;
	unsigned long	 calls;
};

static const struct {
	const char	*name;
	int		 what;
} whats[] = {
	{ "short", PLAN_SHORT }, { "half", PLAN_HALF }, { "note", NOTE },
	{ "TERM", PLAN_TERM }, { "EAGAIN", EAGAIN },
	{ "EBADF", EBADF },
	{ "ECONNABORTED", ECONNABORTED }, { "ECONNRESET", ECONNRESET },
	{ "EDQUOT", EDQUOT }, { "EFBIG", EFBIG }, { "EINTR", EINTR },
	{ "EINVAL", EINVAL }, { "EIO", EIO }, { "EMFILE", EMFILE },
	{ "ENFILE", ENFILE }, { "ENOBUFS", ENOBUFS }, { "ENOENT", ENOENT },
	{ "ENOMEM", ENOMEM }, { "ENOSPC", ENOSPC }, { "EPERM", EPERM },
	{ "EPIPE", EPIPE }, { "EROFS", EROFS }, { "ETIMEDOUT", ETIMEDOUT }
};

static struct fault faults[FAULTS_MAX];
static size_t nfaults;
static int log_fd = -1;
static uint64_t state;
/* Set while the plan is looked at: its own calls, and those of a handler that
 * interrupts it, are done as they are. */
static volatile sig_atomic_t busy;

static void __attribute__((noreturn))
die(const char *word)
{
	static const char text[] = "fault: not a plan: ";

	(void)!write(STDERR_FILENO, text, strlen(text));
	(void)!write(STDERR_FILENO, word, strlen(word));
	(void)!write(STDERR_FILENO, "\n", 1);
	_exit(99);
}

static void
parse_word(struct fault *f, const char *word)
{
	char n[24] = "", sign[2] = "";
	size_t i;

	memset(f, 0, sizeof(*f));
	f->when = '=';
	if (sscanf(word, "%15[^=]=%15[^@]@%1[/%%]%23[0-9]", f->function,
	    f->what_name, sign, n) == 4)
		f->when = sign[0];
	else if (sscanf(word, "%15[^=]=%15[^@]@%23[0-9]%1[+]", f->function,
	    f->what_name, n, sign) == 4)
		f->when = '+';
	f->n = strtoul(n, NULL, 10);
	for (i = 0; i < sizeof(whats) / sizeof(whats[0]); i++) {
		if (strcmp(whats[i].name, f->what_name) == 0)
			f->what = whats[i].what;
	}
	if (f->what == 0 || f->n == 0)
		die(word);
}

static void
parse(const char *plan)
{
	const char *seed = getenv("FAULT_SEED");
	char text[TEXT_SIZE], *word, *last;

	state = seed == NULL ? 1 : strtoull(seed, NULL, 10) | 1;
	nfaults = 0;
	(void)snprintf(text, sizeof(text), "%s", plan);
	word = strtok_r(text, " \n", &last);
	while (word != NULL) {
		if (nfaults == FAULTS_MAX)
			die(word);
		parse_word(&faults[nfaults++], word);
		word = strtok_r(NULL, " \n", &last);
	}
}

/* A descriptor out of the way of the program's own. It is opened at its first
 * call, since later a sandbox may forbid that. */
static int
open_early(const char *path, int flags)
{
	int fd = open(path, flags | O_CREAT | O_CLOEXEC, 0666);
	int high = fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FD_FIRST);

	if (fd != -1 && high != -1)
		(void)close(fd);
	return high != -1 ? high : fd;
}

static void
parse_file(int fd)
{
	char text[TEXT_SIZE];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	parse(text);
}

/* Have the plan of the file as it is now. */
static void
follow(const char *path)
{
	static struct stat seen;
	static int fd = -1;
	struct stat st;

	if (fd == -1)
		fd = open_early(path, O_RDONLY);
	if (fstat(fd, &st) == -1 || st.st_size == 0) {
		nfaults = 0;
		memset(&seen, 0, sizeof(seen));
		return;
	}
	if (st.st_size == seen.st_size &&
	    st.st_mtim.tv_sec == seen.st_mtim.tv_sec &&
	    st.st_mtim.tv_nsec == seen.st_mtim.tv_nsec)
		return;
	seen = st;
	parse_file(fd);
}

/* Whether this is the program. Too early to say is no. */
static bool
is_meant(void)
{
	const char *name = getenv("FAULT_PROGRAM");
#ifdef __linux__
	const char *self = program_invocation_short_name;
#else
	const char *self = getprogname();
#endif

	return self != NULL && self[0] != '\0' &&
	    (name == NULL || strcmp(name, self) == 0);
}

static void
report(const struct fault *f)
{
	char text[80];
	int len;

	len = snprintf(text, sizeof(text), "%s %s %lu\n", f->function,
	    f->what_name, f->calls);
	(void)!write(log_fd, text, (size_t)len);
}

static bool
is_time(struct fault *f)
{
	f->calls++;
	switch (f->when) {
	case '+':
		return f->calls >= f->n;
	case '/':
		return f->calls % f->n == 0;
	case '%':
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		return (state >> 32) % 100 < f->n;
	default:
		return f->calls == f->n;
	}
}

static int
decide(const char *function)
{
	static bool parsed;
	const char *file = getenv("FAULT_FILE"), *plan = getenv("FAULT");
	const char *log = getenv("FAULT_LOG");
	int what = 0;
	size_t i;

	if (!is_meant())
		return 0;
	if (log_fd == -1 && log != NULL)
		log_fd = open_early(log, O_WRONLY | O_APPEND);
	if (file != NULL)
		follow(file);
	else if (!parsed && plan != NULL)
		parse(plan);
	parsed = true;
	for (i = 0; i < nfaults; i++) {
		if (strcmp(faults[i].function, function) != 0 ||
		    !is_time(&faults[i]))
			continue;
		report(&faults[i]);
		if (faults[i].what != NOTE)
			what = faults[i].what;
	}
	return what;
}

int
plan_call(const char *function)
{
	int saved = errno, what;

	if (busy)
		return 0;
	busy = 1;
	what = decide(function);
	busy = 0;
	errno = saved;
	return what;
}
