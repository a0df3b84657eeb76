/*
 * lib/key.h: the files of keys
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "key.h"
#include "unit.h"

#define HEX32	"000102030405060708090a0b0c0d0e0f" \
		"F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF"
#define MANY	5000

static char why[KEYS_WHY_SIZE];

/* A file that nobody else can read; it is gone when it is closed. */
static int
make_file(const char *text, size_t len)
{
	char path[] = "/tmp/unit.XXXXXX";
	int fd = mkstemp(path);

	CHECK(fd != -1 && unlink(path) == 0);
	CHECK(write(fd, text, len) == (ssize_t)len);
	return fd;
}

static int
read_text(struct keyring *k, const char *text)
{
	int fd = make_file(text, strlen(text));
	int result = keyring_read(k, fd, "keys", why);

	close(fd);
	return result;
}

static void
refuses(const char *text, const char *reason)
{
	struct keyring k;

	CHECK_IN(read_text(&k, text) == -1, "%s", reason);
	CHECK_STR(why, reason);
	CHECK(k.n == 0 && k.list == NULL);
	CHECK(strstr(why, "0001") == NULL);
}

static void
good(void)
{
	struct keyring k;
	const struct key *key;

	CHECK(read_text(&k, "# people\n\nbob:" HEX32 HEX32 ":send\n"
	    "#alice:short\nalice:" HEX32 "\nA.b_-9:" HEX32 ":recv") == 0);
	CHECK(k.n == 3);
	key = keyring_find(&k, "bob");
	CHECK(key != NULL && key->len == 64 && key->access == ROLE_SEND);
	CHECK(key->bytes[0] == 0 && key->bytes[16] == 0xf0 &&
	    key->bytes[63] == 0xff && key->line == 3);
	key = keyring_find(&k, "alice");
	CHECK(key != NULL && key->len == 32 && key->access == ROLE_CHAT);
	key = keyring_find(&k, "A.b_-9");
	CHECK(key != NULL && key->access == ROLE_RECV && key->line == 6);
	CHECK(keyring_find(&k, "ali") == NULL);
	CHECK(keyring_find(&k, "alicea") == NULL);
	CHECK(keyring_find(&k, "") == NULL);
	keyring_free(&k);
	CHECK(read_text(&k, "") == 0 && k.n == 0);
	CHECK(keyring_find(&k, "alice") == NULL);
	keyring_free(&k);
}

static void
bad_lines(void)
{
	refuses("alice\n", "keys:1: not of the form name:key");
	refuses(HEX32, "keys:1: not of the form name:key");
	refuses("\n#\n:" HEX32, "keys:3: the name is empty");
	refuses("a23456789012345678901234567890123:" HEX32,
	    "keys:1: the name has more than 32 characters");
	refuses(HEX32 ":alice", "keys:1: the name has more than 32 "
	    "characters");
	refuses(" alice:" HEX32, "keys:1: the name can only have letters, "
	    "digits, dots, - and _");
	refuses("\303\244:" HEX32, "keys:1: the name can only have letters, "
	    "digits, dots, - and _");
	refuses("alice:" HEX32 "\r\n", "keys:1: the line ends with CR LF; "
	    "remove the CR with tr -d '\\r'");
	refuses("# mine\r\n\r\n", "keys:2: the line ends with CR LF; "
	    "remove the CR with tr -d '\\r'");
	refuses("alice: " HEX32, "keys:1: the key can only have hexadecimal "
	    "digits");
	refuses("alice:" HEX32 "a", "keys:1: the key has an odd number of "
	    "digits");
	refuses("alice:00", "keys:1: the key has fewer than 32 bytes");
	refuses("alice:", "keys:1: the key has fewer than 32 bytes");
	refuses("alice:" HEX32 HEX32 "00", "keys:1: the key has more than 64 "
	    "bytes");
	refuses("alice:" HEX32 ":", "keys:1: only :send or :recv can follow "
	    "the key");
	refuses("alice:" HEX32 ":chat", "keys:1: only :send or :recv can "
	    "follow the key");
	refuses("bob:" HEX32 "\nalice:" HEX32 "\nbob:" HEX32 HEX32 "\n",
	    "keys:3: this name has a key already");
}

static void
nul_in_a_name(void)
{
	static const char text[] = "al\0ce:" HEX32;
	struct keyring k;
	int fd = make_file(text, sizeof(text) - 1);

	CHECK(keyring_read(&k, fd, "keys", why) == -1);
	CHECK_STR(why, "keys:1: the name can only have letters, digits, dots, "
	    "- and _");
	close(fd);
}

static void
refuses_file(const char *path, const char *reason)
{
	char want[KEYS_WHY_SIZE];

	snprintf(want, sizeof(want), "%s: %s", path, reason);
	CHECK_IN(key_open(path, why) == -1, "%s", reason);
	CHECK_STR(why, want);
}

static void
bad_files(void)
{
	static const mode_t others[] = { 0640, 0620, 0604, 0602, 0610, 0601 };
	char path[] = "/tmp/unit.XXXXXX";
	int fd = mkstemp(path), again;
	struct keyring k;
	size_t i;

	CHECK(fd != -1 && write(fd, "alice:" HEX32, 70) == 70);

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		CHECK(fchmod(fd, others[i]) == 0);
		refuses_file(path, "others than its owner can use it; run "
		    "chmod 600");
	}
	CHECK(fchmod(fd, 0400) == 0);
	again = key_open(path, why);
	CHECK(again != -1 && keyring_read(&k, again, "keys", why) == 0);
	close(again);
	keyring_free(&k);
	CHECK(ftruncate(fd, KEYS_SIZE_MAX + 1) == 0);
	refuses_file(path, "larger than 4 MiB");
	/* It can grow after it was opened. */
	CHECK(keyring_read(&k, fd, "keys", why) == -1);
	CHECK_STR(why, "keys: larger than 4 MiB");
	close(fd);
	CHECK(unlink(path) == 0);
	refuses_file(path, "No such file or directory");
	refuses_file("/", "not a regular file");
}

/* As many as there may be lines in the file, out of order. */
static void
many(void)
{
	char *text = malloc(MANY * 80), *p = text, name[8];
	struct keyring k;
	int i, fd;

	CHECK(text != NULL);
	for (i = 0; i < MANY; i++)
		p += snprintf(p, 80, "n%d:%s\n", i * 7 % MANY, HEX32);
	fd = make_file(text, (size_t)(p - text));
	CHECK(keyring_read(&k, fd, "keys", why) == 0 && k.n == MANY);
	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		CHECK(keyring_find(&k, name) != NULL);
	}
	keyring_free(&k);
	close(fd);
	free(text);
}

static uint64_t
number(const struct keyring *k, const char *name)
{
	const struct key *key = keyring_find(k, name);

	CHECK_IN(key != NULL, "%s", name);
	return key->number;
}

static void
numbers(void)
{
	struct keyring old, k, none = { .n = 0 };

	CHECK(read_text(&old, "a:" HEX32 "\nb:" HEX32 "\nc:" HEX32 "\nd:"
	    HEX32 "\n") == 0);
	keyring_number(&old, &none);
	CHECK(number(&old, "a") == 1 && number(&old, "d") == 4);
	CHECK(read_text(&k, "d:" HEX32 "\nb:" HEX32 ":send\nc:" HEX32 HEX32
	    "\ne:" HEX32 "\n") == 0);
	keyring_number(&k, &old);
	CHECK(number(&k, "d") == 4 && number(&k, "b") == 5 &&
	    number(&k, "c") == 6 && number(&k, "e") == 7);
	keyring_free(&old);
	/* Who comes back isn't who was there before. */
	CHECK(read_text(&old, "a:" HEX32 "\n") == 0);
	keyring_number(&old, &k);
	CHECK(number(&old, "a") == 8);
	keyring_free(&old);
	keyring_free(&k);
}

const struct test key_tests[] = {
	{ "names, keys, access, comments and empty lines", good },
	{ "what is wrong with a line, and which one it is", bad_lines },
	{ "a NUL is no end of a name", nul_in_a_name },
	{ "files that are refused", bad_files },
	{ "thousands of keys", many },
	{ "what keeps its number, and what gets a new one", numbers },
	{ NULL, NULL }
};
