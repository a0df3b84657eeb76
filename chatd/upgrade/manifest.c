/*
 * The manifest: a file that the old keeper leaves to the new one
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

#define FILES_MAX	(1 << 20)	/* larger numbers are corrupt */
#define FDS_MAX		(1 << 22)

static void
transfer_file(struct serialiser *z, struct listener *l)
{
	char path[ADDR_TEXT_SIZE] = "";

	if (z->writing)
		(void)strlcpy(path, l->path, sizeof(path));
	serialise_string(z, path, sizeof(path));
	l->dev = (dev_t)serialise_value(z, (uint64_t)l->dev, UINT64_MAX);
	l->ino = (ino_t)serialise_value(z, (uint64_t)l->ino, UINT64_MAX);
	if (z->writing || z->why != NULL)
		return;
	l->path = strdup(path);
	if (l->path == NULL)
		serialise_refuse(z, strerror(errno));
}

static void
write_files(struct serialiser *z, struct listeners *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		n += l->list[i].path != NULL;
	serialise_size(z, &n, FILES_MAX);
	for (i = 0; i < l->n; i++) {
		if (l->list[i].path != NULL)
			transfer_file(z, &l->list[i]);
	}
}

static void
read_files(struct serialiser *z, struct listeners *l)
{
	struct listener *new;
	size_t n;

	serialise_size(z, &n, FILES_MAX);
	for (; n > 0 && z->why == NULL; n--) {
		new = listeners_add(l, -1, NULL);
		if (new == NULL)
			serialise_refuse(z, strerror(errno));
		else
			transfer_file(z, new);
	}
}

static void
transfer_fds(struct serialiser *z, struct manifest *m)
{
	uint64_t n;
	size_t i;

	serialise_size(z, &m->nfds, FDS_MAX);
	if (!z->writing)
		m->fds = reallocarray(NULL, m->nfds + 1, sizeof(*m->fds));
	if (m->fds == NULL) {
		serialise_refuse(z, strerror(errno));
		return;
	}
	for (i = 0; i < m->nfds; i++) {
		n = z->writing ? (uint64_t)m->fds[i] : 0;
		serialise_number(z, &n, INT_MAX);
		m->fds[i] = (int)n;
		if (n <= STDERR_FILENO)
			serialise_refuse(z,
			    "invalid file descriptor in the state");
	}
}

static void
transfer_helper(struct serialiser *z, struct helper *h)
{
	h->pid = (pid_t)serialise_value(z, (uint64_t)h->pid, INT_MAX);
	if (h->pid == 1)
		serialise_refuse(z, "invalid pid of the log helper");
	serialise_bool(z, &h->dismissed);
	serialise_bool(z, &h->reported);
	serialise_time(z, &h->started);
	serialise_time(z, &h->start_at);
	serialise_time(z, &h->pause);
	serialise_time(z, &h->end_at);
}

static const char *
transfer_manifest(struct serialiser *z, struct manifest *m, struct listeners *l)
{
	serialise_text(z, STATE_VERSION "\n", "the state has another version");
	m->child = (pid_t)serialise_value(z, (uint64_t)m->child, INT_MAX);
	/* kill(2) takes 0 and less for more than one process; 1 is init. */
	if (m->child <= 1)
		serialise_refuse(z, "invalid pid of the old room process");
	transfer_helper(z, &m->helper);
	if (z->writing)
		write_files(z, l);
	else
		read_files(z, l);
	transfer_fds(z, m);
	return z->why;
}

const char *
manifest_write(FILE *f, struct manifest *m, struct listeners *l)
{
	struct serialiser z = { .file = f, .writing = true };

	if (transfer_manifest(&z, m, l) == NULL && fflush(f) == EOF)
		z.why = strerror(errno);
	return z.why;
}

const char *
manifest_read(FILE *f, struct manifest *m, struct listeners *l)
{
	struct serialiser z = { .file = f };

	memset(m, 0, sizeof(*m));
	return transfer_manifest(&z, m, l);
}
