/*
 * Keys: the persons that a room admits, and the secret of each
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "key.h"

#define KEYS_STEP	16		/* keys to have memory for at first */

/* A line of the file, or what is left of it. */
struct text {
	const char	*s;
	size_t		 len;
};

/* Take what stands before the next colon, and the colon, off the rest. */
static struct text
take_field(struct text *rest)
{
	struct text field = *rest;
	const char *colon = memchr(rest->s, ':', rest->len);

	if (colon != NULL)
		field.len = (size_t)(colon - rest->s);
	rest->s += field.len;
	rest->len -= field.len;
	return field;
}

static const char *
take_name(struct key *key, struct text *rest)
{
	struct text name = take_field(rest);

	if (rest->len == 0)
		return "not of the form name:key";
	if (name.len == 0)
		return "the name is empty";
	if (name.len > PERSON_MAX)
		return "the name has more than 32 characters";
	if (!text_is_name(name.s, name.len))
		return "the name can only have letters, digits, dots, - and _";
	memcpy(key->name, name.s, name.len);
	key->name[name.len] = '\0';
	return NULL;
}

static int
digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const char *
take_bytes(struct key *key, struct text *rest)
{
	struct text hex;
	size_t i;

	rest->s++;
	rest->len--;
	hex = take_field(rest);
	for (i = 0; i < hex.len; i++) {
		if (digit(hex.s[i]) == -1)
			return "the key can only have hexadecimal digits";
	}
	if (hex.len % 2 != 0)
		return "the key has an odd number of digits";
	if (hex.len < 2 * KEY_BYTES_MIN)
		return "the key has fewer than 32 bytes";
	if (hex.len > 2 * KEY_BYTES_MAX)
		return "the key has more than 64 bytes";
	key->len = hex.len / 2;
	for (i = 0; i < key->len; i++)
		key->bytes[i] = (unsigned char)(digit(hex.s[2 * i]) << 4 |
		    digit(hex.s[2 * i + 1]));
	return NULL;
}

static bool
text_is(const struct text *t, const char *s)
{
	return t->len == strlen(s) && memcmp(t->s, s, t->len) == 0;
}

static const char *
take_access(struct key *key, const struct text *rest)
{
	if (rest->len == 0)
		key->access = ROLE_CHAT;
	else if (text_is(rest, ":send"))
		key->access = ROLE_SEND;
	else if (text_is(rest, ":recv"))
		key->access = ROLE_RECV;
	else
		return "only :send or :recv can follow the key";
	return NULL;
}

/* Returns NULL, or what is wrong with the line. */
static const char *
parse_line(struct key *key, struct text line)
{
	const char *wrong;

	if (line.s[line.len - 1] == '\r')
		return "the line ends with CR LF; remove the CR with tr -d "
		    "'\\r'";
	wrong = take_name(key, &line);
	if (wrong == NULL)
		wrong = take_bytes(key, &line);
	return wrong == NULL ? take_access(key, &line) : wrong;
}

/* Space for one more. Old copies are wiped, so realloc(3) can't do it. */
static struct key *
add_key(struct keyring *k, size_t *allocated)
{
	size_t n = *allocated == 0 ? KEYS_STEP : 2 * *allocated;
	struct key *list;

	if (k->n == *allocated) {
		list = recallocarray(k->list, *allocated, n, sizeof(*list));
		if (list == NULL)
			return NULL;
		k->list = list;
		*allocated = n;
	}
	return &k->list[k->n++];
}

static int
compare_keys(const void *a, const void *b)
{
	const struct key *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	/* Of two that are the same, the later line is the wrong one. */
	return order != 0 ? order :
	    (one->line > other->line) - (one->line < other->line);
}

static int
refuse_key_line(char *why, const char *file, uint64_t line, const char *wrong)
{
	(void)snprintf(why, KEYS_WHY_SIZE, "%s:%" PRIu64 ": %s", file, line,
	    wrong);
	return -1;
}

static int
refuse_key_file(char *why, const char *file, const char *wrong)
{
	(void)snprintf(why, KEYS_WHY_SIZE, "%s: %s", file, wrong);
	return -1;
}

static int
sort_keys(struct keyring *k, const char *file, char *why)
{
	size_t i;

	if (k->n > 1)
		qsort(k->list, k->n, sizeof(*k->list), compare_keys);
	for (i = 1; i < k->n; i++) {
		if (strcmp(k->list[i - 1].name, k->list[i].name) == 0)
			return refuse_key_line(why, file, k->list[i].line,
			    "this name has a key already");
	}
	return 0;
}

static int
parse_keys(struct keyring *k, const char *s, size_t len, const char *file,
    char *why)
{
	const char *end = s + len, *lf, *wrong;
	size_t allocated = 0;
	uint64_t number = 0;
	struct text line;
	struct key *key;

	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL)
			lf = end;
		line.s = s;
		line.len = (size_t)(lf - s);
		number++;
		if (line.len == 0 || line.s[0] == '#')
			continue;
		key = add_key(k, &allocated);
		if (key == NULL)
			return refuse_key_file(why, file, strerror(errno));
		wrong = parse_line(key, line);
		if (wrong != NULL)
			return refuse_key_line(why, file, number, wrong);
		key->line = number;
	}
	return sort_keys(k, file, why);
}

static const char *
check_file(int fd)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "not a regular file";
	if ((st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "others than its owner can use it; run chmod 600";
	if (st.st_size > KEYS_SIZE_MAX)
		return "larger than 4 MiB";
	return NULL;
}

int
key_open(const char *path, char *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *wrong = fd == -1 ? strerror(errno) : check_file(fd);

	if (wrong == NULL)
		return fd;
	if (fd != -1)
		(void)close(fd);
	return refuse_key_file(why, path, wrong);
}

/* Up to size bytes of the file from its beginning; -1 with errno. */
static ssize_t
read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = pread(fd, buf + len, size - len, (off_t)len);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

int
keyring_read(struct keyring *k, int fd, const char *file, char *why)
{
	int result = -1;
	char *buf;
	ssize_t n;

	memset(k, 0, sizeof(*k));
	buf = malloc(KEYS_SIZE_MAX + 1);
	if (buf == NULL)
		return refuse_key_file(why, file, strerror(errno));
	n = read_all(fd, buf, KEYS_SIZE_MAX + 1);
	if (n == -1)
		(void)refuse_key_file(why, file, strerror(errno));
	else if (n > KEYS_SIZE_MAX)
		(void)refuse_key_file(why, file, "larger than 4 MiB");
	else
		result = parse_keys(k, buf, (size_t)n, file, why);
	if (n > 0)
		explicit_bzero(buf, (size_t)n);
	free(buf);
	if (result == -1)
		keyring_free(k);
	return result;
}

const struct key *
keyring_find(const struct keyring *k, const char *name)
{
	size_t from = 0, to = k->n, middle;
	int order;

	while (from < to) {
		middle = from + (to - from) / 2;
		order = strcmp(name, k->list[middle].name);
		if (order == 0)
			return &k->list[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

void
keyring_number(struct keyring *k, const struct keyring *old)
{
	const struct key *before;
	size_t i;

	k->last = old->last;
	for (i = 0; i < k->n; i++) {
		before = keyring_find(old, k->list[i].name);
		if (before != NULL && before->len == k->list[i].len &&
		    before->access == k->list[i].access &&
		    memcmp(before->bytes, k->list[i].bytes, before->len) == 0)
			k->list[i].number = before->number;
		else
			k->list[i].number = ++k->last;
	}
}

void
keyring_free(struct keyring *k)
{
	if (k->list != NULL)
		freezero(k->list, k->n * sizeof(*k->list));
	k->list = NULL;
	k->n = 0;
}

int
key_load(struct key *key, const char *path, char *why)
{
	struct keyring keys;
	int result, fd = key_open(path, why);

	if (fd == -1)
		return -1;
	result = keyring_read(&keys, fd, path, why);
	(void)close(fd);
	if (result == -1)
		return -1;
	if (keys.n == 1)
		*key = keys.list[0];
	else
		result = refuse_key_file(why, path, keys.n == 0 ?
		    "it has no key" :
		    "it has more than one key");
	keyring_free(&keys);
	return result;
}
