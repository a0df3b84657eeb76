/*
 * lacking - run a program on a system that lacks what not all of them have
 *
 *	lacking landlock|memfd|seccomp ... -- command [argument ...]
 *
 * The system's calls for it fail as they do where they are not built in. This
 * is a filter itself, which the program can't see.
 */
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <err.h>
#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

static void
check(int error)
{
	if (error < 0)
		errc(2, -error, "seccomp");
}

static bool
take(scmp_filter_ctx ctx, const char *what)
{
	struct scmp_arg_cmp filter = { .arg = 0, .op = SCMP_CMP_EQ,
		.datum_a = PR_SET_SECCOMP };

	if (strcmp(what, "landlock") == 0) {
		check(seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(ENOSYS),
		    SYS_landlock_create_ruleset, 0, NULL));
	} else if (strcmp(what, "memfd") == 0) {
		check(seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(ENOSYS),
		    SCMP_SYS(memfd_create), 0, NULL));
	} else if (strcmp(what, "seccomp") == 0) {
		check(seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(ENOSYS),
		    SCMP_SYS(seccomp), 0, NULL));
		check(seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(EINVAL),
		    SCMP_SYS(prctl), 1, &filter));
	} else {
		return false;
	}
	return true;
}

int
main(int argc, char *argv[])
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int i;

	if (ctx == NULL)
		errx(2, "no memory");
	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!take(ctx, argv[i]))
			errx(2, "%s: expected landlock, memfd or seccomp",
			    argv[i]);
	}
	if (argc - i < 2)
		errx(2, "usage: lacking landlock|memfd|seccomp ... -- "
		    "command ...");
	check(seccomp_load(ctx));
	seccomp_release(ctx);
	execvp(argv[i + 1], argv + i + 1);
	err(2, "%s", argv[i + 1]);
}
