/*
 * What a process may use and has used; the only file that knows Linux
 */
#include <sys/resource.h>

#include <err.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "proc.h"

static uint64_t
now(clockid_t id)
{
	struct timespec ts;

	if (clock_gettime(id, &ts) == -1)
		err(2, "clock_gettime");
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_ns(void)
{
	return now(CLOCK_MONOTONIC);
}

/* Nanoseconds of user and system time, by the scheduler's account. */
uint64_t
proc_cpu(pid_t pid)
{
	clockid_t id;
	int error;

	if ((error = clock_getcpuclockid(pid, &id)) != 0)
		errc(2, error, "%ld", (long)pid);
	return now(id);
}

/* Bytes of memory that is the process's own. */
double
proc_memory(pid_t pid)
{
	char path[64], line[256];
	double kib, sum = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", (long)pid);
	if ((f = fopen(path, "r")) == NULL)
		err(2, "memory is only known on Linux: %s", path);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Private_Clean: %lf", &kib) == 1 ||
		    sscanf(line, "Private_Dirty: %lf", &kib) == 1 ||
		    sscanf(line, "Swap: %lf", &kib) == 1)
			sum += kib;
	fclose(f);
	return sum * 1024;
}

/* As many descriptors as we may have: thousands of clients need thousands. */
void
proc_descriptors(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) == -1)
		err(2, "RLIMIT_NOFILE");
	l.rlim_cur = l.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &l) == -1)
		warn("RLIMIT_NOFILE");
}
