/*
 * The legacy: what one keeper leaves to the next
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "legacy.h"
#include "listener.h"
#include "state.h"
#include "tape.h"

#define FILES_MAX	(1 << 20)	/* more are not to be believed */
#define FDS_MAX		(1 << 22)

static void
pass_file(struct tape *t, struct listener *l)
{
	char path[ADDR_TEXT_SIZE] = "";

	if (t->writing)
		(void)strlcpy(path, l->path, sizeof(path));
	tape_string(t, path, sizeof(path));
	l->dev = (dev_t)tape_value(t, (uint64_t)l->dev, UINT64_MAX);
	l->ino = (ino_t)tape_value(t, (uint64_t)l->ino, UINT64_MAX);
	if (t->writing || t->why != NULL)
		return;
	l->path = strdup(path);
	if (l->path == NULL)
		tape_refuse(t, strerror(errno));
}

static void
write_files(struct tape *t, struct listeners *all)
{
	size_t i, n = 0;

	for (i = 0; i < all->n; i++)
		n += all->list[i].path != NULL;
	tape_size(t, &n, FILES_MAX);
	for (i = 0; i < all->n; i++) {
		if (all->list[i].path != NULL)
			pass_file(t, &all->list[i]);
	}
}

static void
read_files(struct tape *t, struct listeners *all)
{
	struct listener *l;
	size_t n;

	tape_size(t, &n, FILES_MAX);
	for (; n > 0 && t->why == NULL; n--) {
		l = listeners_add(all, -1, NULL);
		if (l == NULL)
			tape_refuse(t, strerror(errno));
		else
			pass_file(t, l);
	}
}

static void
pass_fds(struct tape *t, struct legacy *g)
{
	uint64_t n;
	size_t i;

	tape_size(t, &g->nfds, FDS_MAX);
	if (!t->writing)
		g->fds = reallocarray(NULL, g->nfds + 1, sizeof(*g->fds));
	if (g->fds == NULL) {
		tape_refuse(t, strerror(errno));
		return;
	}
	for (i = 0; i < g->nfds; i++) {
		n = t->writing ? (uint64_t)g->fds[i] : 0;
		tape_number(t, &n, INT_MAX);
		g->fds[i] = (int)n;
		if (n <= STDERR_FILENO)
			tape_refuse(t, "a descriptor in the state can't be");
	}
}

static const char *
pass_legacy(struct tape *t, struct legacy *g, struct listeners *l)
{
	tape_text(t, STATE_VERSION "\n", "the state has another version");
	g->room = (pid_t)tape_value(t, (uint64_t)g->room, INT_MAX);
	/* These would be more than one process, or everybody's first. */
	if (g->room <= 1)
		tape_refuse(t, "the old room's process can't be");
	if (t->writing)
		write_files(t, l);
	else
		read_files(t, l);
	pass_fds(t, g);
	return t->why;
}

const char *
legacy_write(FILE *f, struct legacy *g, struct listeners *l)
{
	struct tape t = { .file = f, .writing = true };

	if (pass_legacy(&t, g, l) == NULL && fflush(f) == EOF)
		t.why = strerror(errno);
	return t.why;
}

const char *
legacy_read(FILE *f, struct legacy *g, struct listeners *l)
{
	struct tape t = { .file = f };

	memset(g, 0, sizeof(*g));
	return pass_legacy(&t, g, l);
}
