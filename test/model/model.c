/*
 * model - hold a room against its page
 *
 *	model [-k] [-j jobs] [-n seeds] [-o operations] [-s seed] chatd
 *
 * For each of -n seeds (1), from -s on (a random one), starts the chatd at that
 * path with options that follow from the seed, does as many operations (300)
 * with clients of all kinds, and checks what each has heard: whatever chat(7)
 * promises has to be true. What a client does follows from the seed; when the
 * room does its part is the system's. -j seeds run at a time (2). Stops at the
 * first one that differs, with -k at the end, and shows what has come before.
 *
 * Exits with 0 if all is true, 1 if something isn't, 2 if it can't run.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <err.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model.h"
#include "plural.h"
#include "show.h"
#include "text.h"

#define JOBS_MAX	64

struct job {
	pid_t		 pid;		/* 0: none */
	uint64_t	 seed;
	char		 dir[256];
};

static struct job jobs[JOBS_MAX];
static unsigned njobs = 2, operations = 300;
static const char *chatd;

/* The directory of a seed, and the store's in it. */
static void
remove_all(const char *dir)
{
	char path[512];
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		if (unlink(path) == -1)
			remove_all(path);
	}
	if (d != NULL)
		(void)closedir(d);
	(void)rmdir(dir);
}

static void
print_file(const char *dir, const char *name)
{
	char path[300], line[4096];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		(void)fputs(line, stdout);
	if (f != NULL)
		(void)fclose(f);
}

static void
work(const struct job *j)
{
	const struct passwd *pw = getpwuid(getuid());

	if (chdir(j->dir) == -1 || freopen("out", "w", stdout) == NULL ||
	    dup2(STDOUT_FILENO, STDERR_FILENO) == -1)
		err(2, "%s", j->dir);
	(void)strlcpy(me, pw == NULL ? "" : pw->pw_name,
	    PERSON_MAX + 1);
	plan(j->seed, operations, chatd);
	exit(0);
}

static void
start(struct job *j, uint64_t seed)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(j->dir, sizeof(j->dir), "%s/model.XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	if (mkdtemp(j->dir) == NULL)
		err(2, "%s", j->dir);
	j->seed = seed;
	(void)fflush(stdout);
	j->pid = fork();
	if (j->pid == -1)
		err(2, "fork");
	if (j->pid == 0)
		work(j);
}

/* Wait for one to end; returns whether all that it has seen was true. */
static bool
finish(void)
{
	int status;
	pid_t pid = wait(&status);
	struct job *j = jobs;

	while (j < jobs + JOBS_MAX && (j->pid != pid || pid <= 0))
		j++;
	if (j == jobs + JOBS_MAX)
		err(2, "wait");
	if (status != 0) {
		print_file(j->dir, "out");
		(void)printf("FAILED: model -s %ju -o %u %s (status %#x)\n",
		    (uintmax_t)j->seed, operations, chatd, (unsigned)status);
	}
	remove_all(j->dir);
	j->pid = 0;
	return status == 0;
}

static unsigned
run_all(uint64_t seed, unsigned n, bool goes_on)
{
	unsigned begun = 0, running = 0, bad = 0;
	struct job *j;

	while (running > 0 || (begun < n && (bad == 0 || goes_on))) {
		if (running == njobs || begun == n || (bad > 0 && !goes_on)) {
			bad += !finish();
			running--;
			continue;
		}
		for (j = jobs; j->pid != 0; j++)
			;
		start(j, seed + begun++);
		running++;
	}
	(void)printf("%u seed%s from %ju, %u bad\n", begun, plural(begun),
	    (uintmax_t)seed, bad);
	return bad;
}

static void
interrupted(int sig)
{
	struct job *j;

	for (j = jobs; j < jobs + JOBS_MAX; j++) {
		if (j->pid > 0)
			(void)kill(j->pid, SIGKILL);
	}
	_exit(128 + sig);
}

static unsigned
number(const char *option, unsigned max)
{
	const char *why;
	long long n = strtonum(option, 1, max, &why);

	if (why != NULL)
		errx(2, "%s: %s", option, why);
	return (unsigned)n;
}

int
main(int argc, char **argv)
{
	uint64_t seed = 0;
	unsigned n = 1;
	bool goes_on = false;
	int c;

	arc4random_buf(&seed, 4);
	while ((c = getopt(argc, argv, "j:kn:o:s:")) != -1) {
		if (c == 'j')
			njobs = number(optarg, JOBS_MAX);
		else if (c == 'k')
			goes_on = true;
		else if (c == 'n')
			n = number(optarg, 1000000);
		else if (c == 'o')
			operations = number(optarg, 1000000);
		else if (c == 's')
			seed = strtoull(optarg, NULL, 10);
		else
			optind = argc;
	}
	if (argc - optind != 1)
		errx(2, "usage: model [-k] [-j jobs] [-n seeds] [-o operations]"
		    " [-s seed] chatd");
	chatd = realpath(argv[optind], NULL);
	if (chatd == NULL)
		err(2, "%s", argv[optind]);
	show_locale();
	(void)signal(SIGINT, interrupted);
	(void)signal(SIGTERM, interrupted);
	return run_all(seed, n, goes_on) > 0;
}
