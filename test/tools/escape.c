/*
 * escape - enter a sandbox of lib/sandbox.c and try one thing
 *
 *	escape room|pipe|terminal|none DIRECTORY|- WHAT
 *
 * Status 0: it worked, 1: it was refused, which is then on standard error. With
 * none it is tried outside, to see if it can work here at all.
 */
#define _GNU_SOURCE			/* syscall */

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <netinet/in.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "key.h"
#include "sandbox.h"
#include "tls.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA	0x53564d41
#endif

static int directory = -1;
static int stream;			/* made before */

/* As OpenSSL does by itself after a while, also after a fork. */
static int
reseed(void)
{
	EVP_RAND_CTX *all[] = { RAND_get0_primary(NULL),
	    RAND_get0_public(NULL), RAND_get0_private(NULL) };
	size_t i;

	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (EVP_RAND_reseed(all[i], 1, NULL, 0, NULL, 0) != 1)
			errx(1, "cannot reseed generator %zu", i);
	}
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(uint64_t));
}

/* So much that libc looks first how much memory there is. */
static int
sort(void)
{
	static uint64_t many[1 << 16];
	size_t i;

	for (i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		many[i] = (uint64_t)i * 2654435761U;
	qsort(many, sizeof(many) / sizeof(many[0]), sizeof(many[0]), compare);
	return 0;
}

/* A character of the locale's, U+4E2D in GB18030: its table is a library. */
static int
decode(void)
{
	mbstate_t state;
	wchar_t wide = 0;

	memset(&state, 0, sizeof(state));
	if (mbrtowc(&wide, "\xd6\xd0", 2, &state) != 2 || wide != 0x4e2d)
		errx(1, "decoded to the wrong character: U+%04lX",
		    (unsigned long)wide);
	return 0;
}

static int
tell_time(void)
{
	time_t now = 0;
	char text[64];
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S%z %Z", &tm) == 0)
		errx(1, "cannot tell the time");
	puts(text);
	return 0;
}

/* It is none, but may be asked. */
static int
ask_terminal(void)
{
	struct stat st;

	if (isatty(stream) == 1 || errno != ENOTTY)
		return -1;
	return fstat(stream, &st);
}

static long
code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE |
	    MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

/* Where there are two calls, the older one has its arguments in memory. */
static long
old_code(void)
{
#if defined(SYS_mmap) && defined(SYS_mmap2)
	unsigned long args[] = { 0, 4096, PROT_READ | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS, (unsigned long)-1, 0 };

	return syscall(SYS_mmap, args, 0, 0, 0, 0, 0);
#else
	return code();
#endif
}

/* What other libcs and machines call for what the functions above call here. */
static long
try_call(const char *what)
{
	char buf[256];

	if (strcmp(what, "statx") == 0)
		return syscall(SYS_statx, stream, "", 0x1000, 0x7ff, buf);
	if (strcmp(what, "tkill") == 0)
		return syscall(SYS_tkill, getpid(), 0);
	if (strcmp(what, "tkilling") == 0)
		return syscall(SYS_tkill, getppid(), 0);
	if (strcmp(what, "tgkilling") == 0)
		return syscall(SYS_tgkill, getppid(), getppid(), 0);
	if (strcmp(what, "name") == 0)
		return prctl(PR_SET_VMA, 0, 0, 0, 0) == -1 && errno != EINVAL ?
		    -1 : 0;
	if (strcmp(what, "dump") == 0)
		return prctl(PR_SET_DUMPABLE, 1);
	if (strcmp(what, "wide") == 0)
		return syscall(SYS_fcntl, stream, ~0xffffffffL | F_GETFL);
	if (strcmp(what, "widely") == 0)
		return syscall(SYS_fcntl, stream, ~0xffffffffL | F_SETOWN, 1);
	if (strcmp(what, "oldcode") == 0)
		return old_code();
	errx(3, "%s: no such attempt", what);
}

static long
try(const char *what)
{
	static char *const argv[] = { (char *)(uintptr_t)"true", NULL };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = 1 };
	unsigned char random[16];

	if (strcmp(what, "nothing") == 0)
		return 0;
	if (strcmp(what, "inside") == 0)
		return openat(directory, "inside", O_RDWR | O_CREAT, 0600);
	if (strcmp(what, "outside") == 0)
		return openat(directory, "../outside", O_RDONLY);
	if (strcmp(what, "slash") == 0)
		return openat(directory, "/etc/passwd", O_RDONLY);
	if (strcmp(what, "absolute") == 0)
		return open("/etc/passwd", O_RDONLY);
	if (strcmp(what, "relative") == 0)
		return open("inside", O_RDONLY);
	if (strcmp(what, "memory") == 0)
		return open("/proc/self/mem", O_RDWR);
	if (strcmp(what, "socket") == 0)
		return socket(AF_INET, SOCK_STREAM, 0);
	if (strcmp(what, "connect") == 0)
		return connect(stream, (struct sockaddr *)&sin, sizeof(sin));
	if (strcmp(what, "ptrace") == 0)
		return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	if (strcmp(what, "execve") == 0)
		return execv("/bin/true", argv);
	if (strcmp(what, "fork") == 0)
		return fork();
	if (strcmp(what, "kill") == 0)
		return kill(getppid(), 0);
	if (strcmp(what, "killing") == 0)
		return kill(1, 0);
	if (strcmp(what, "type") == 0)
		return ioctl(stream, TIOCSTI, "x");
	if (strcmp(what, "owner") == 0)
		return fcntl(stream, F_SETOWN, 1);
	if (strcmp(what, "code") == 0)
		return code();
	if (strcmp(what, "random") == 0) {
		arc4random_buf(random, sizeof(random));
		return getentropy(random, sizeof(random));
	}
	if (strcmp(what, "reseed") == 0)
		return reseed();
	if (strcmp(what, "sort") == 0)
		return sort();
	if (strcmp(what, "charset") == 0)
		return decode();
	if (strcmp(what, "time") == 0)
		return tell_time();
	if (strcmp(what, "terminal") == 0)
		return ask_terminal();
	if (strcmp(what, "raise") == 0)
		return raise(0);
	return try_call(what);
}

int
main(int argc, char **argv)
{
	enum sandbox kind = SANDBOX_ROOM;
	static const struct key key = { .name = "x", .len = KEY_BYTES_MIN };
	char lack[SANDBOX_LACK];
	const char *why;

	if (argc != 4)
		errx(3, "expected three arguments");
	if (strcmp(argv[1], "pipe") == 0)
		kind = SANDBOX_PIPE;
	else if (strcmp(argv[1], "terminal") == 0)
		kind = SANDBOX_TERMINAL;
	if (strcmp(argv[2], "-") != 0)
		directory = open(argv[2], O_RDONLY | O_DIRECTORY);
	stream = socket(AF_INET, SOCK_STREAM, 0);
	if (setlocale(LC_CTYPE, "") == NULL)
		errx(3, "no such locale");
	/* It would do for others what is tried. */
	if (strcmp(argv[3], "reseed") == 0 &&
	    tls_for_client(&key, &why) == NULL)
		errx(3, "%s", why);
	if (strcmp(argv[1], "none") != 0 &&
	    sandbox_enter(kind, directory, argv[2], -1, lack) == -1)
		errx(3, "%s", lack);
	if (try(argv[3]) == -1)
		err(1, "%s", argv[3]);
	return 0;
}
