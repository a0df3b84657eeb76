/*
 * A platter: what a disk may show of a directory of files after a loss of power
 */
#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platter.h"

#define GROW		64		/* elements at a time */
#define PATH_SIZE	1024

static uint64_t state = 1;

void
random_seed(uint64_t seed)
{
	state = seed;
}

/* splitmix64: any seed is a good one. */
uint64_t
random_below(uint64_t n)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (z ^ (z >> 31)) % n;
}

/* Space for one more element. */
static void *
grow(void *list, size_t n, size_t size)
{
	if (list != NULL && n % GROW != 0)
		return list;
	list = reallocarray(list, n + GROW, size);
	if (list == NULL)
		err(2, NULL);
	return list;
}

static void
resize(char **buf, size_t *size, size_t to)
{
	char *p = realloc(*buf, to + 1);

	if (p == NULL)
		err(2, NULL);
	if (to > *size)
		memset(p + *size, 0, to - *size);
	*buf = p;
	*size = to;
}

char *
read_whole(const char *path, size_t *size)
{
	struct stat sb;
	char *buf = NULL;
	int fd = open(path, O_RDONLY);

	*size = 0;
	if (fd == -1 || fstat(fd, &sb) == -1)
		err(2, "%s", path);
	resize(&buf, size, (size_t)sb.st_size);
	if (read(fd, buf, *size) != (ssize_t)*size)
		errx(2, "%s: truncated", path);
	(void)close(fd);
	return buf;
}

static struct name *
find_name(const struct names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->n; i++) {
		if (strcmp(names->list[i].name, name) == 0)
			return &names->list[i];
	}
	return NULL;
}

static void
add_name(struct names *names, const char *name, struct file *file)
{
	struct name *n;

	names->list = grow(names->list, names->n, sizeof(*n));
	n = &names->list[names->n++];
	if (snprintf(n->name, NAME_SIZE, "%s", name) >= NAME_SIZE)
		errx(2, "%s: name is too long", name);
	n->file = file;
}

/* Make a name stand for a file, or for none. */
static void
set_name(struct names *names, const char *name, struct file *file)
{
	struct name *n = find_name(names, name);

	if (n == NULL) {
		if (file != NULL)
			add_name(names, name, file);
	} else if (file != NULL)
		n->file = file;
	else {
		names->n--;
		memmove(n, n + 1, (size_t)(names->list + names->n - n) *
		    sizeof(*n));
	}
}

static void
copy_names(struct names *to, const struct names *from)
{
	size_t i;

	to->n = 0;
	for (i = 0; i < from->n; i++)
		add_name(to, from->list[i].name, from->list[i].file);
}

static struct file *
add_file(struct platter *p)
{
	struct file *f = calloc(1, sizeof(*f));

	if (f == NULL)
		err(2, NULL);
	f->next = p->files;
	p->files = f;
	resize(&f->now, &f->size, 0);
	resize(&f->safe, &f->safe_size, 0);
	return f;
}

static struct file *
find_file(const struct platter *p, uint64_t inode)
{
	struct file *f;

	for (f = p->files; f != NULL && f->inode != inode; f = f->next)
		;
	return f;
}

/* An inode's number can be another file's later on. */
static void
bind(struct platter *p, struct file *file, uint64_t inode)
{
	struct file *f = find_file(p, inode);

	if (f != NULL)
		f->inode = 0;
	file->inode = inode;
}

static void
change_name(struct platter *p, const char *name, struct file *file)
{
	set_name(&p->now, name, file);
	add_name(&p->changes, name, file);
}

static void
change_file(struct file *f, uint64_t at, const char *data, size_t len)
{
	struct change *c;
	size_t end = (size_t)at + len;

	f->changes = grow(f->changes, f->n, sizeof(*c));
	c = &f->changes[f->n++];
	c->at = at;
	c->len = len;
	c->data = data;
	if (data == NULL || end > f->size)
		resize(&f->now, &f->size, end);
	if (data != NULL)
		memcpy(f->now + at, data, len);
}

static void
open_file(struct platter *p, const struct op *op, const char *name)
{
	struct name *n = find_name(&p->now, name);
	struct file *f = n == NULL ? NULL : n->file;

	if (f == NULL) {
		if ((op->at & O_CREAT) == 0)
			errx(2, "%s: opened, but never created", name);
		f = add_file(p);
		change_name(p, name, f);
	}
	bind(p, f, op->file);
	if ((op->at & O_TRUNC) != 0 && f->size > 0)
		change_file(f, 0, NULL, 0);
}

static void
rename_file(struct platter *p, const char *from)
{
	const char *to = from + strlen(from) + 1;
	struct name *n = find_name(&p->now, from);
	struct file *f;

	if (n == NULL)
		errx(2, "%s: renamed, but never created", from);
	f = n->file;
	change_name(p, from, NULL);
	change_name(p, to, f);
}

static void
sync_file(struct file *f)
{
	resize(&f->safe, &f->safe_size, f->size);
	memcpy(f->safe, f->now, f->size);
	f->n = 0;
}

static void
sync_data(struct file *f)
{
	if (f->size >= f->safe_size) {
		sync_file(f);
		return;
	}
	/* That it has become shorter is not among what it takes to read. */
	memcpy(f->safe, f->now, f->size);
	f->n = 0;
	change_file(f, f->size, NULL, 0);
}

static void
sync_directory(struct platter *p)
{
	copy_names(&p->safe, &p->now);
	p->changes.n = 0;
}

void
platter_sync(struct platter *p)
{
	struct file *f;

	for (f = p->files; f != NULL; f = f->next)
		sync_file(f);
	sync_directory(p);
	p->safe_made = p->made;
}

/* It has synced what that number is. */
static void
sync_any(struct platter *p, uint64_t inode, unsigned ignore)
{
	struct file *f = find_file(p, inode);

	if (f != NULL) {
		if ((ignore & IGNORE_FILE) == 0)
			sync_file(f);
	} else if (inode == p->directory) {
		if ((ignore & IGNORE_DIRECTORY) == 0)
			sync_directory(p);
	} else if ((ignore & IGNORE_PARENT) == 0)
		p->safe_made = p->made;
}

void
platter_do(struct platter *p, const struct op *op, const char *data,
    unsigned ignore)
{
	struct file *f = find_file(p, op->file);
	bool here = op->directory == p->directory;

	if (op->kind == OP_OPEN && here)
		open_file(p, op, data);
	else if (op->kind == OP_WRITE && f != NULL)
		change_file(f, op->at, data, op->len);
	else if (op->kind == OP_TRUNCATE && f != NULL)
		change_file(f, op->at, NULL, 0);
	else if (op->kind == OP_SYNC)
		sync_any(p, op->file, ignore);
	else if (op->kind == OP_DATASYNC && f != NULL &&
	    (ignore & IGNORE_DATA) == 0)
		sync_data(f);
	else if (op->kind == OP_SYNC_ALL)
		platter_sync(p);
	else if (op->kind == OP_RENAME && here)
		rename_file(p, data);
	else if (op->kind == OP_UNLINK && here)
		change_name(p, data, NULL);
	else if (op->kind == OP_MKDIR && op->file == p->directory)
		p->made = true;
}

/* Take the first n changes of what is in a part of the buffer. */
static void
take_changes(const struct file *f, size_t n, char *buf, size_t from, size_t to)
{
	const struct change *c = f->changes;
	size_t start, end;

	for (; n > 0; n--, c++) {
		start = c->at > from ? (size_t)c->at : from;
		end = c->data == NULL || c->at + c->len > to ? to :
		    (size_t)c->at + c->len;
		if (start >= end)
			continue;
		if (c->data == NULL)
			memset(buf + start, 0, end - start);
		else
			memcpy(buf + start, c->data + (start - c->at),
			    end - start);
	}
}

/* One that it has had after some of its changes. */
static size_t
size_after(const struct file *f, size_t n)
{
	size_t i, size = f->safe_size;

	for (i = 0; i < n; i++) {
		if (f->changes[i].data == NULL ||
		    f->changes[i].at + f->changes[i].len > size)
			size = (size_t)f->changes[i].at + f->changes[i].len;
	}
	return size;
}

static size_t
choose_size(const struct file *f)
{
	size_t low, high;

	switch (random_below(4)) {
	case 0:
		return f->safe_size;
	case 1:
		return f->size;
	case 2:
		return size_after(f, (size_t)random_below(f->n + 1));
	default:
		low = f->size < f->safe_size ? f->size : f->safe_size;
		high = f->size < f->safe_size ? f->safe_size : f->size;
		return low + (size_t)random_below(high - low + 1);
	}
}

/* How many in 8 of what isn't confirmed are there: often all, or nothing. */
static unsigned
choose_share(void)
{
	static const unsigned shares[] = { 0, 1, 4, 7, 7, 8 };

	return shares[random_below(sizeof(shares) / sizeof(shares[0]))];
}

static size_t
choose_changes(const struct file *f, unsigned share)
{
	if (random_below(8) >= share)
		return 0;
	return random_below(4) > 0 ? f->n : (size_t)random_below(f->n + 1);
}

static void
build_bytes(const struct file *f, char *buf, size_t size)
{
	unsigned share = choose_share();
	size_t from, to;

	for (from = 0; from < size && f->n > 0; from = to) {
		to = size - from < SECTOR ? size : from + SECTOR;
		take_changes(f, choose_changes(f, share), buf, from, to);
	}
}

static void
build_file(const struct file *f, const char *path)
{
	size_t size = choose_size(f), safe = 0;
	char *buf = NULL;
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd == -1)
		err(2, "%s", path);
	resize(&buf, &safe, f->safe_size);
	memcpy(buf, f->safe, safe);
	resize(&buf, &safe, size);
	build_bytes(f, buf, size);
	if (write(fd, buf, size) != (ssize_t)size)
		err(2, "%s", path);
	(void)close(fd);
	free(buf);
}

static void
build_name(struct name *n, const char *directory)
{
	char path[PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, n->name);
	if (n->file->built != NULL) {
		if (link(n->file->built, path) == -1)
			err(2, "%s", path);
		return;
	}
	build_file(n->file, path);
	n->file->built = strdup(path);
}

static void
choose_names(const struct platter *p, struct names *names)
{
	unsigned share = choose_share();
	size_t i;

	copy_names(names, &p->safe);
	for (i = 0; i < p->changes.n; i++) {
		if (random_below(8) < share)
			set_name(names, p->changes.list[i].name,
			    p->changes.list[i].file);
	}
}

void
platter_build(struct platter *p, const char *path)
{
	struct names names = { .n = 0 };
	struct file *f;
	size_t i;

	if (!p->safe_made && (!p->made || random_below(2) == 0))
		return;
	if (mkdir(path, 0700) == -1)
		err(2, "%s", path);
	choose_names(p, &names);
	for (i = 0; names.list != NULL && i < names.n; i++)
		build_name(&names.list[i], path);
	free(names.list);
	for (f = p->files; f != NULL; f = f->next) {
		free(f->built);
		f->built = NULL;
	}
}

void
platter_init(struct platter *p, uint64_t directory)
{
	memset(p, 0, sizeof(*p));
	p->directory = directory;
}

void
platter_load(struct platter *p, const char *path)
{
	DIR *dir = opendir(path);
	char name[PATH_SIZE];
	struct dirent *d;
	struct file *f;

	platter_init(p, 0);
	if (dir == NULL && errno == ENOENT)
		return;
	if (dir == NULL)
		err(2, "%s", path);
	while ((d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		(void)snprintf(name, sizeof(name), "%s/%s", path, d->d_name);
		f = add_file(p);
		free(f->now);
		f->now = read_whole(name, &f->size);
		set_name(&p->now, d->d_name, f);
	}
	(void)closedir(dir);
	p->made = true;
	platter_sync(p);
}

void
platter_free(struct platter *p)
{
	struct file *f;

	while ((f = p->files) != NULL) {
		p->files = f->next;
		free(f->now);
		free(f->safe);
		free(f->changes);
		free(f);
	}
	free(p->now.list);
	free(p->safe.list);
	free(p->changes.list);
}

bool
platter_equals(const struct platter *p, const char *path)
{
	struct platter there;
	struct name *a, *b;
	bool same;
	size_t i;

	platter_load(&there, path);
	same = there.now.n == p->now.n;
	for (i = 0; i < p->now.n && same; i++) {
		a = &p->now.list[i];
		b = find_name(&there.now, a->name);
		same = b != NULL && b->file->size == a->file->size &&
		    memcmp(b->file->now, a->file->now, a->file->size) == 0;
		if (!same)
			warnx("%s/%s: not as recorded", path, a->name);
	}
	platter_free(&there);
	return same;
}
