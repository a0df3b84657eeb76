/*
 * The legacy: what one keeper leaves to the next
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "listen/listener.h"
#include "manifest.h"
#include "serialise.h"
#include "state.h"

#define FILES_MAX	(1 << 20)	/* more are not to be believed */
#define FDS_MAX		(1 << 22)

static void
pass_file(struct serialiser *t, struct listener *l)
{
	char path[ADDR_TEXT_SIZE] = "";

	if (t->writing)
		(void)strlcpy(path, l->path, sizeof(path));
	serialise_string(t, path, sizeof(path));
	l->dev = (dev_t)serialise_value(t, (uint64_t)l->dev, UINT64_MAX);
	l->ino = (ino_t)serialise_value(t, (uint64_t)l->ino, UINT64_MAX);
	if (t->writing || t->why != NULL)
		return;
	l->path = strdup(path);
	if (l->path == NULL)
		serialise_refuse(t, strerror(errno));
}

static void
write_files(struct serialiser *t, struct listeners *all)
{
	size_t i, n = 0;

	for (i = 0; i < all->n; i++)
		n += all->list[i].path != NULL;
	serialise_size(t, &n, FILES_MAX);
	for (i = 0; i < all->n; i++) {
		if (all->list[i].path != NULL)
			pass_file(t, &all->list[i]);
	}
}

static void
read_files(struct serialiser *t, struct listeners *all)
{
	struct listener *l;
	size_t n;

	serialise_size(t, &n, FILES_MAX);
	for (; n > 0 && t->why == NULL; n--) {
		l = listeners_add(all, -1, NULL);
		if (l == NULL)
			serialise_refuse(t, strerror(errno));
		else
			pass_file(t, l);
	}
}

static void
pass_fds(struct serialiser *t, struct manifest *g)
{
	uint64_t n;
	size_t i;

	serialise_size(t, &g->nfds, FDS_MAX);
	if (!t->writing)
		g->fds = reallocarray(NULL, g->nfds + 1, sizeof(*g->fds));
	if (g->fds == NULL) {
		serialise_refuse(t, strerror(errno));
		return;
	}
	for (i = 0; i < g->nfds; i++) {
		n = t->writing ? (uint64_t)g->fds[i] : 0;
		serialise_number(t, &n, INT_MAX);
		g->fds[i] = (int)n;
		if (n <= STDERR_FILENO)
			serialise_refuse(t, "a descriptor in the state can't be");
	}
}

static const char *
pass_legacy(struct serialiser *t, struct manifest *g, struct listeners *l)
{
	serialise_text(t, STATE_VERSION "\n", "the state has another version");
	g->room = (pid_t)serialise_value(t, (uint64_t)g->room, INT_MAX);
	/* These would be more than one process, or everybody's first. */
	if (g->room <= 1)
		serialise_refuse(t, "the old room's process can't be");
	if (t->writing)
		write_files(t, l);
	else
		read_files(t, l);
	pass_fds(t, g);
	return t->why;
}

const char *
manifest_write(FILE *f, struct manifest *g, struct listeners *l)
{
	struct serialiser t = { .file = f, .writing = true };

	if (pass_legacy(&t, g, l) == NULL && fflush(f) == EOF)
		t.why = strerror(errno);
	return t.why;
}

const char *
manifest_read(FILE *f, struct manifest *g, struct listeners *l)
{
	struct serialiser t = { .file = f };

	memset(g, 0, sizeof(*g));
	return pass_legacy(&t, g, l);
}
