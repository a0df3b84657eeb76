/*
 * The sandbox: giving up what a process won't need any more
 */
#ifdef __linux__
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <asm/termbits.h>
#include <linux/landlock.h>
#endif
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "sandbox.h"

#define SORTED		4096		/* bytes each, for which it asks */

/* Sanitizers make calls of their own, as valgrind does, which is told of by the
 * Makefile. */
#if defined(__SANITIZE_ADDRESS__)
#define SANDBOX_NONE
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANDBOX_NONE
#endif
#endif

void
sandbox_no_privileges(void)
{
#ifdef __linux__
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#endif
}

void
sandbox_end_with(pid_t parent)
{
#ifdef __linux__
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* It may have ended before that. */
	if (getppid() != parent)
		_exit(2);
#endif
	(void)parent;
}

#if !defined(SANDBOX_NONE) && !defined(__OpenBSD__)
static int
is_missing(char *lack, const char *what, int error)
{
	size_t len = strlen(lack);

	(void)snprintf(lack + len, SANDBOX_LACK - len, "%s%s: %s",
	    len > 0 ? ", " : "", what, strerror(error));
	return -1;
}
#endif

#if defined(__linux__) && !defined(SANDBOX_NONE)

/* What older headers don't know. Each version of the system's Landlock knows
 * some more; the others wouldn't be taken. */
#define FS_VERSION_1	((1ULL << 13) - 1)
#define FS_REFER	(1ULL << 13)		/* from version 2 on */
#define FS_TRUNCATE	(1ULL << 14)		/* 3 */
#define NET_ALL		3ULL			/* 4: bind and connect */
#define FS_IOCTL_DEV	(1ULL << 15)		/* 5 */
#define SCOPE_ALL	3ULL			/* 6: sockets and signals */
#define FS_DIRECTORY	(LANDLOCK_ACCESS_FS_READ_FILE | \
	LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	LANDLOCK_ACCESS_FS_REMOVE_FILE)

struct ruleset {
	uint64_t	 fs;
	uint64_t	 net;
	uint64_t	 scoped;
};

static uint64_t
known_fs(long version)
{
	return FS_VERSION_1 | (version >= 2 ? FS_REFER : 0) |
	    (version >= 3 ? FS_TRUNCATE : 0) |
	    (version >= 5 ? FS_IOCTL_DEV : 0);
}

static int
make_ruleset(enum sandbox kind, long version)
{
	struct ruleset rules = { known_fs(version), NET_ALL, SCOPE_ALL };
	size_t size = sizeof(rules);

	if (version < 6)
		size = offsetof(struct ruleset, scoped);
	if (version < 4)
		size = offsetof(struct ruleset, net);
	/* A terminal's signals are for the whole job. */
	if (kind != SANDBOX_ROOM)
		rules.scoped = 1;
	return (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
}

static int
add_directory(int ruleset, long version, int directory)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = FS_DIRECTORY |
		    (version >= 3 ? FS_TRUNCATE : 0),
		.parent_fd = directory
	};

	return (int)syscall(SYS_landlock_add_rule, ruleset,
	    LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static int
enter_landlock(enum sandbox kind, int directory, char *lack)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	int error = 0, ruleset;

	if (version < 1)
		return is_missing(lack, "Landlock", errno);
	ruleset = make_ruleset(kind, version);
	if (ruleset == -1)
		return is_missing(lack, "Landlock", errno);
	if ((directory != -1 &&
	    add_directory(ruleset, version, directory) == -1) ||
	    syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		error = errno;
	(void)close(ruleset);
	return error == 0 ? 0 : is_missing(lack, "Landlock", error);
}

#ifdef HAVE_SECCOMP

#define CALL(name)	SCMP_SYS(name)

#ifndef PR_SET_VMA
#define PR_SET_VMA	0x53564d41
#endif

/*
 * What everybody needs to go on with what is open already. One function has
 * many calls, by machine and by libc: fstat(3) is statx(2) for 32 bits, send(2)
 * is no sendto(2) on some, and what has a time can have one of 64 bits.
 */
static const int common[] = {
	CALL(read), CALL(readv), CALL(write), CALL(writev), CALL(poll),
	CALL(ppoll), CALL(ppoll_time64), CALL(recv), CALL(recvfrom),
	CALL(recvmsg), CALL(send), CALL(sendto),
	CALL(sendmsg), CALL(setsockopt), CALL(getsockopt), CALL(getpeername),
	CALL(getsockname), CALL(close), CALL(shutdown), CALL(brk),
	CALL(munmap), CALL(mremap), CALL(madvise),
	CALL(getpid), CALL(getrandom), CALL(futex), CALL(futex_time64),
	CALL(clock_gettime),
	CALL(clock_gettime64), CALL(gettimeofday), CALL(time),
	CALL(newfstatat), CALL(fstatat64), CALL(fstat), CALL(fstat64),
	CALL(statx), CALL(lseek), CALL(_llseek), CALL(pread64),
	CALL(restart_syscall), CALL(rt_sigreturn), CALL(sigreturn),
	CALL(rt_sigprocmask), CALL(exit), CALL(exit_group)
};

/* Nobody is to get a signal when something can be read: that is F_SETOWN. */
static const int of_fcntl[] = {
	F_GETFL, F_SETFL, F_GETFD, F_SETFD, F_DUPFD, F_DUPFD_CLOEXEC
};

/* Whether it is a terminal, which stdio asks of what it writes to. */
static const int of_stdio[] = {
	TCGETS, TIOCGWINSZ,
#ifdef TCGETS2
	(int)TCGETS2
#endif
};

/* Files of keys come open, and are read from their beginning. */
static const int of_room[] = {
	CALL(accept), CALL(accept4), CALL(pread64)
};

static const int of_store[] = {
	CALL(pwrite64), CALL(preadv), CALL(pwritev),
	CALL(pwritev2), CALL(fsync), CALL(fdatasync), CALL(ftruncate),
	CALL(ftruncate64)
};

/* wait4 for the process that dials. */
static const int of_client[] = {
	CALL(wait4), CALL(waitid), CALL(waitpid), CALL(rt_sigaction),
	CALL(gettid)
};

static const int of_terminal[] = {
	CALL(select), CALL(pselect6), CALL(pselect6_time64), CALL(_newselect),
	CALL(getppid), CALL(getpgrp), CALL(getpgid),
	CALL(alarm), CALL(setitimer), CALL(sigaltstack)
};

/* Its library, which comes between, asks a daemon about files that are looked
 * at, renamed or removed. */
static const int of_fakeroot[] = {
	CALL(msgsnd), CALL(msgrcv), CALL(semop), CALL(semtimedop),
	CALL(semtimedop_time64), CALL(ipc)
};

/* To look at a terminal and to set it, but not to type into it: TIOCSTI. */
static const int of_ioctl[] = {
	TCSETS, TCSETSW, TCSETSF, TCXONC, TCFLSH, TIOCGPGRP, FIONREAD,
#ifdef TCGETS2
	(int)TCSETS2, (int)TCSETSW2, (int)TCSETSF2
#endif
};

/* What a terminal's user can ask for by a key, and is not to end by: it is
 * as if there were no files. */
static const int denied[] = {
	CALL(open), CALL(openat), CALL(access), CALL(faccessat),
	CALL(faccessat2), CALL(stat), CALL(stat64), CALL(lstat),
	CALL(lstat64), CALL(readlink), CALL(readlinkat)
};

struct filter {
	scmp_filter_ctx	 ctx;
	bool		 incomplete;	/* there was no memory for a rule */
};

/* A call that this machine doesn't have needs no rule, and that is no error. */
static void
add_rule(struct filter *f, uint32_t action, int call, unsigned n,
    const struct scmp_arg_cmp *args)
{
	if (seccomp_rule_add_array(f->ctx, action, call, n, args) == -ENOMEM)
		f->incomplete = true;
}

#define ALLOW(f, calls)							\
	add_rules(f, SCMP_ACT_ALLOW, calls, sizeof(calls) / sizeof((calls)[0]))

static void
add_rules(struct filter *f, uint32_t action, const int *calls, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		add_rule(f, action, calls[i], 0, NULL);
}

/* An int that a call gets. The register's upper half is as libc leaves it. */
static struct scmp_arg_cmp
is_int(unsigned int arg, int value)
{
	struct scmp_arg_cmp cmp = { .arg = arg, .op = SCMP_CMP_MASKED_EQ,
		.datum_a = UINT32_MAX, .datum_b = (uint32_t)value };

	return cmp;
}

/* What a call may do, where one of its arguments says it. */
static void
add_if(struct filter *f, int call, unsigned int arg, int value)
{
	struct scmp_arg_cmp cmp = is_int(arg, value);

	add_rule(f, SCMP_ACT_ALLOW, call, 1, &cmp);
}

/* It's the second one with most of them. */
#define ALLOW_ONLY(f, call, commands)					\
	add_commands(f, call, commands,					\
	    sizeof(commands) / sizeof((commands)[0]))

static void
add_commands(struct filter *f, int call, const int *commands, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		add_if(f, call, 1, commands[i]);
}

/* Memory can be had, but none that is executed. Where there is mmap2, mmap may
 * have its arguments in memory, which no filter sees. */
static void
add_memory(struct filter *f)
{
	static const int calls[] = {
#ifdef SYS_mmap2
		CALL(mmap2),
#else
		CALL(mmap),
#endif
		CALL(mprotect)
	};
	struct scmp_arg_cmp arg =
	    SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);
	size_t i;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		add_rule(f, SCMP_ACT_ALLOW, calls[i], 1, &arg);
}

/* Names of files mean something in the directory alone; what begins with / or
 * .. is up to Landlock. */
static void
add_directory_calls(struct filter *f, int directory)
{
	struct scmp_arg_cmp both[] = {
		is_int(0, directory), is_int(2, directory)
	};

	add_rule(f, SCMP_ACT_ALLOW, CALL(openat), 1, both);
	add_rule(f, SCMP_ACT_ALLOW, CALL(unlinkat), 1, both);
	add_rule(f, SCMP_ACT_ALLOW, CALL(renameat), 2, both);
	add_rule(f, SCMP_ACT_ALLOW, CALL(renameat2), 2, both);
}

static void
add_client(struct filter *f, enum sandbox kind, pid_t helper)
{
	ALLOW(f, of_client);
	if (helper > 0)
		add_if(f, CALL(kill), 0, helper);
	/* To die of SIGPIPE, as programs do that never look. The only thread's
	 * number is the process's. */
	add_if(f, CALL(kill), 0, getpid());
	add_if(f, CALL(tgkill), 0, getpid());
	add_if(f, CALL(tkill), 0, getpid());
	if (kind != SANDBOX_TERMINAL)
		return;
	ALLOW(f, of_terminal);
	ALLOW_ONLY(f, CALL(ioctl), of_ioctl);
	add_if(f, CALL(kill), 0, 0);
	add_rules(f, SCMP_ACT_ERRNO(EACCES), denied,
	    sizeof(denied) / sizeof(denied[0]));
}

/* Half a filter would end who does nothing wrong. */
static int
enter_seccomp(enum sandbox kind, int directory, pid_t helper, char *lack)
{
	struct filter f = { .ctx = seccomp_init(SCMP_ACT_KILL_PROCESS) };
	int error;

	/* It doesn't say why; most likely the action is not known. */
	if (f.ctx == NULL)
		return is_missing(lack, "seccomp", ENOSYS);
	ALLOW(&f, common);
	ALLOW_ONLY(&f, CALL(fcntl), of_fcntl);
	ALLOW_ONLY(&f, CALL(fcntl64), of_fcntl);
	ALLOW_ONLY(&f, CALL(ioctl), of_stdio);
	/* malloc(3) can give memory a name. */
	add_if(&f, CALL(prctl), 0, PR_SET_VMA);
	add_memory(&f);
	if (getenv("FAKEROOTKEY") != NULL)
		ALLOW(&f, of_fakeroot);
	if (kind == SANDBOX_ROOM)
		ALLOW(&f, of_room);
	else
		add_client(&f, kind, helper);
	if (directory != -1) {
		ALLOW(&f, of_store);
		add_directory_calls(&f, directory);
	}
	error = f.incomplete ? -ENOMEM : seccomp_load(f.ctx);
	seccomp_release(f.ctx);
	return error == 0 ? 0 : is_missing(lack, "seccomp", -error);
}

#else

static int
enter_seccomp(enum sandbox kind, int directory, pid_t helper, char *lack)
{
	(void)kind;
	(void)directory;
	(void)helper;
	return is_missing(lack, "seccomp", ENOSYS);
}

#endif

static int
enter_system(enum sandbox kind, int directory, const char *path, pid_t helper,
    char *lack)
{
	int status = enter_landlock(kind, directory, lack);

	(void)path;
	/* The last thing: it doesn't allow any of the above. */
	return enter_seccomp(kind, directory, helper, lack) == -1 ? -1 : status;
}

#elif defined(__OpenBSD__)

static int
enter_system(enum sandbox kind, int directory, const char *path, pid_t helper,
    char *lack)
{
	static const char *const promises[] = {
		"stdio recvfd sendfd inet unix", "stdio recvfd proc",
		"stdio recvfd proc tty"
	};
	char list[64];
	int status = 0;

	(void)helper;
	(void)snprintf(list, sizeof(list), "%s%s", promises[kind],
	    directory == -1 ? "" : " rpath wpath cpath");
	if (directory != -1 && unveil(path, "rwc") == -1) {
		(void)snprintf(lack, SANDBOX_LACK, "unveil: %s",
		    strerror(errno));
		status = -1;
	}
	if (pledge(list, NULL) == -1) {
		(void)snprintf(lack, SANDBOX_LACK, "pledge: %s",
		    strerror(errno));
		status = -1;
	}
	return status;
}

#else

static int
enter_system(enum sandbox kind, int directory, const char *path, pid_t helper,
    char *lack)
{
	(void)kind;
	(void)directory;
	(void)path;
	(void)helper;
	(void)lack;
	return 0;
}

#endif

static int
compare_first(const void *a, const void *b)
{
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

/* What libc opens or asks for when it is wanted for the first time: the file of
 * the time zone, the tables of a character set, how much memory there is, which
 * sorting can depend on. It asks by the size of what is sorted, and two large
 * elements are sorted at once. */
static void
prepare_libc(void)
{
	unsigned char two[2][SORTED] = { { 0 } };
	mbstate_t state;
	wchar_t wide;

	tzset();
	memset(&state, 0, sizeof(state));
	(void)mbrtowc(&wide, "a", 1, &state);
	qsort(two, 2, sizeof(two[0]), compare_first);
}

int
sandbox_enter(enum sandbox kind, int directory, const char *path, pid_t helper,
    char lack[SANDBOX_LACK])
{
	lack[0] = '\0';
	prepare_libc();
	sandbox_no_privileges();
	return enter_system(kind, directory, path, helper, lack);
}
