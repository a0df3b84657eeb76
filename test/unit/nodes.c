/*
 * Several nodes of one room, in random schedules: whatever dies, comes late or
 * comes twice, all have the same lines, and nobody's are lost or doubled
 *
 * Each schedule follows from its number. NODES_SEED=N runs that one alone, in
 * this process.
 */
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/server.h"
#include "crowd.h"
#include "fleet.h"
#include "member/member.h"
#include "room/ring.h"
#include "rulebook.h"
#include "unit.h"

#define SCHEDULES	400
#define STEPS		400		/* most in a schedule */
#define ROUNDS		3000		/* in which all comes to an end */
#define FORGETFUL	2		/* sessions kept, if that's too few */
#define OUTPUT		(64 * 1024)	/* bytes of what a schedule logs */

static char dir[32];
static bool patient;			/* nobody dies, or is cut off */

static struct site *
any_site(void)
{
	return &sites[unit_random((uint32_t)nsites)];
}

static struct visitor *
any_visitor(void)
{
	return &crowd[unit_random((uint32_t)ncrowd)];
}

/* An open one, if there is any. */
static struct site *
any_open_site(void)
{
	size_t i, first = unit_random((uint32_t)nsites);

	for (i = 0; i < nsites; i++) {
		if (site_is_open(&sites[(first + i) % nsites]))
			return &sites[(first + i) % nsites];
	}
	return NULL;
}

static void
come(struct visitor *v)
{
	struct site *site = any_open_site();

	if (site != NULL && visitor_may_enter(v))
		visitor_enter(v, site);
}

/* Most often all, sometimes a few bytes. */
static size_t
any_size(void)
{
	return unit_random(4) > 0 ? SIZE_MAX : unit_random(200);
}

static void
visitor_does(struct visitor *v)
{
	switch (unit_random(patient ? 8 : 12)) {
	case 0:
	case 1:
	case 2:
		visitor_think(v);
		break;
	case 8:
		visitor_cut(v);
		break;
	case 11:
		/* It asks for more elsewhere, perhaps for what isn't there. */
		if (v->kind == VISITOR_READS)
			visitor_cut(v);
		break;
	case 9:
		/* Another connection, at once: a race. */
		come(v);
		break;
	case 10:
		if (unit_random(3) == 0)
			visitor_finish(v);
		break;
	default:
		break;
	}
	if (!visitor_is_here(v))
		come(v);
	visitor_step(v, any_size());
}

static void
helper_does(struct site *site)
{
	helper_read(site);
	switch (unit_random(10)) {
	case 0:
		helper_log(site);
		break;
	case 1:
		helper_stick(site, unit_random(2) == 0);
		break;
	case 2:
		helper_answer(site);
		break;
	case 3:
	case 4:
		helper_append(site);
		break;
	default:
		helper_deliver(site, 1 + unit_random(4));
		break;
	}
	helper_write(site, any_size());
}

/* What goes wrong with a node that is alive. */
static void
harm(struct site *site)
{
	switch (unit_random(8)) {
	case 0:
	case 1:
		site_end(site, unit_random(2) == 0);
		break;
	case 2:
		site_stop(site);
		break;
	case 3:
		if (!site->stopping)
			site_upgrade(site);
		break;
	case 4:
	case 5:
		site_detach(site);
		break;
	case 6:
		fleet_append_down(site);
		break;
	default:
		fleet_append_junk();
		break;
	}
}

static void
site_does(struct site *site)
{
	if (site->s == NULL)
		site_start(site);
	else if (site->helper.fd == -1)
		site_attach(site);
	else
		site_step(site);
}

/* All go on as far as they can, with nothing in their way. */
static void
go_on(void)
{
	size_t i;

	for (i = 0; i < nsites; i++) {
		if (sites[i].s == NULL)
			site_start(&sites[i]);
		if (sites[i].helper.fd == -1)
			site_attach(&sites[i]);
		site_step(&sites[i]);
		helper_read(&sites[i]);
		if (!sites[i].helper.told)
			helper_log(&sites[i]);
		helper_stick(&sites[i], false);
		helper_answer(&sites[i]);
		if (sites[i].helper.appended == 0)
			helper_append(&sites[i]);
		helper_deliver(&sites[i], UINT64_MAX);
		helper_write(&sites[i], SIZE_MAX);
	}
	for (i = 0; i < ncrowd; i++)
		visitor_step(&crowd[i], SIZE_MAX);
}

static void
do_step(void)
{
	uint32_t what = unit_random(100);
	struct site *site = any_site();

	if (what < 35)
		visitor_does(any_visitor());
	else if (what < 60)
		site_does(site);
	else if (what < 92)
		helper_does(site);
	else if (what < 95)
		fleet_append_late();
	else if (what < 97 && site->s != NULL && !patient)
		harm(site);
	else if (what == 97)
		go_on();
	else if (site->helper.asking && !patient)
		site_detach(site);
}

static bool
is_over(void)
{
	bool over = true;
	size_t i;

	for (i = 0; i < nsites; i++)
		over = over && sites[i].s != NULL && site_is_open(&sites[i]) &&
		    site_is_quiet(&sites[i]);
	for (i = 0; i < ncrowd; i++)
		over = over && visitor_is_content(&crowd[i]);
	return over;
}

/* Everybody says the rest, and everything is heard. */
static void
finish(void)
{
	size_t i;
	int n, quiet = 0;

	for (n = 0; n < ROUNDS && quiet < 5; n++) {
		go_on();
		for (i = 0; i < ncrowd; i++) {
			if (!visitor_is_here(&crowd[i]))
				come(&crowd[i]);
			if (crowd[i].kind == VISITOR_PLAIN)
				visitor_finish(&crowd[i]);
		}
		quiet = is_over() ? quiet + 1 : 0;
	}
	CHECK_IN(quiet > 0, "it doesn't come to an end");
}

/* A ring has these lines, and no others. */
static void
check_lines(const struct ring *r, char *const *lines, size_t n)
{
	uint64_t pos, end, i;
	size_t done = 0;

	CHECK(r->base == r->head || ring_number(r, r->base) == r->first);
	for (pos = r->base; pos < r->head; pos = end) {
		end = ring_line_end(r, pos);
		CHECK(done < n && end - pos == strlen(lines[done]) + 1);
		for (i = pos; i < end - 1; i++)
			CHECK_IN(r->bytes[i % r->size] == lines[done][i - pos],
			    "%s", lines[done]);
		done++;
	}
	CHECK(done == n && r->first + n == r->next);
}

static void
judge(void)
{
	const struct book *b = fleet_book();
	size_t i;

	for (i = 0; i < nsites; i++)
		check_lines(sites[i].s->ring, b->lines, b->nlines);
	crowd_judge(b->lines, b->nlines, b->first);
}

static void
run_schedule(unsigned seed)
{
	bool forgetful;
	size_t n;
	int i;

	unit_seed(seed);
	patient = unit_random(5) == 0;
	forgetful = unit_random(3) == 0;
	fleet_begin(dir, 2 + unit_random(FLEET_MAX - 1),
	    forgetful ? FORGETFUL : CROWD_MAX);
	crowd_begin(5 + unit_random(CROWD_MAX - 4), forgetful);
	for (i = 0; i < 6 && seed % 2 == 0; i++)
		go_on();
	for (n = STEPS / 4 + unit_random(3 * STEPS / 4); n > 0; n--)
		do_step();
	finish();
	judge();
	crowd_end();
	fleet_end();
}

/* Delete all files below a directory, which is closed then. */
static void
delete_below(int fd)
{
	DIR *d = fdopendir(fd);
	struct dirent *e;

	CHECK(d != NULL);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.' || unlinkat(fd, e->d_name, 0) == 0)
			continue;
		delete_below(openat(fd, e->d_name, O_RDONLY | O_CLOEXEC));
		CHECK(unlinkat(fd, e->d_name, AT_REMOVEDIR) == 0);
	}
	CHECK(closedir(d) == 0);
}

static void
delete_directory(void)
{
	delete_below(open(dir, O_RDONLY | O_CLOEXEC));
	CHECK(rmdir(dir) == 0);
}

/* Where nobody waits for a disk, if there is such a place. */
static void
make_directory(void)
{
	(void)strlcpy(dir, "/dev/shm/chat-unit.XXXXXX", sizeof(dir));
	if (mkdtemp(dir) != NULL)
		return;
	(void)strlcpy(dir, "/tmp/chat-unit.XXXXXX", sizeof(dir));
	CHECK(mkdtemp(dir) != NULL);
}

/* In a process of its own, whose log is shown only if it fails. */
static bool
passes(unsigned seed, FILE *output)
{
	int status;
	pid_t pid = fork();

	CHECK(pid != -1);
	if (pid == 0) {
		CHECK(dup2(fileno(output), STDERR_FILENO) != -1);
		run_schedule(seed);
		exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status == 0;
}

static void
show(FILE *f)
{
	static char buf[OUTPUT];
	size_t len;

	rewind(f);
	len = fread(buf, 1, sizeof(buf), f);
	(void)fwrite(buf, 1, len, stderr);
}

static void
try_schedule(unsigned seed)
{
	FILE *output = tmpfile();
	bool good;

	CHECK(output != NULL);
	make_directory();
	good = passes(seed, output);
	if (!good)
		show(output);
	CHECK(fclose(output) == 0);
	delete_directory();
	CHECK_IN(good, "NODES_SEED=%u", seed);
}

static void
schedules(void)
{
	const char *one = getenv("NODES_SEED");
	unsigned seed;

	if (one != NULL) {
		make_directory();
		run_schedule((unsigned)strtoul(one, NULL, 10));
		delete_directory();
		return;
	}
	for (seed = 1; seed <= SCHEDULES; seed++)
		try_schedule(seed);
}

/* Each entry takes as long to come as a node may be without the log. */
static void
long_log(void)
{
	struct site *late = &sites[1];
	int i;

	make_directory();
	fleet_begin(dir, 2, 10);
	nsites = 1;
	while (sites[0].s == NULL || !site_is_quiet(&sites[0]))
		go_on();
	nsites = 2;
	for (i = 0; i < 20; i++)
		fleet_append_junk();
	site_start(late);
	site_attach(late);
	site_step(late);
	helper_read(late);
	helper_log(late);
	for (i = 0; i < 20; i++) {
		late->s->member->out_since -= MEMBER_CUT_MS;
		helper_deliver(late, 1);
		helper_write(late, SIZE_MAX);
		site_step(late);
		CHECK_IN(!late->s->member->cut_off, "%d", i);
	}
	CHECK(late->s->member->replica.pos == 20);
	fleet_end();
	delete_directory();
}

const struct test nodes_tests[] = {
	{ "they agree, and nothing is lost or doubled", schedules },
	{ "whoever reads a long log is not cut off", long_log },
	{ NULL, NULL }
};
