/*
 * Keys: who may come in, and what each needs to prove it
 *
 * A file of keys has a line for each person:
 *
 *	name:hexkey		may send and receive
 *	name:hexkey:send	may only send
 *	name:hexkey:recv	may only receive
 *
 * Lines that begin with # and empty ones are passed over. No piece of a key is
 * ever part of what is said about a file.
 */
#ifndef KEY_H
#define KEY_H

#include <stddef.h>
#include <stdint.h>

#include "ctl.h"
#include "text.h"

#define KEY_BYTES_MIN	32
#define KEY_BYTES_MAX	64
#define KEYS_SIZE_MAX	(4 * 1024 * 1024) /* bytes of a file */
#define KEYS_WHY_SIZE	512

struct key {
	char		 name[PERSON_MAX + 1];
	enum role	 access;	/* what it lets its owner do */
	size_t		 len;
	unsigned char	 bytes[KEY_BYTES_MAX];
	uint64_t	 line;		/* of the file, from 1 */
	uint64_t	 number;	/* see keyring_number() */
};

struct keyring {
	struct key	*list;		/* sorted by name */
	size_t		 n;
	uint64_t	 last;		/* number that was given */
};

/*
 * Open a file of keys. It has to be a regular file that only its owner can read
 * or write. Returns a descriptor, or -1 with the reason in why, which has
 * KEYS_WHY_SIZE bytes: "FILE: REASON".
 */
int	 key_open(const char *path, char *why);

/*
 * Read what key_open() has opened, from its beginning; fd stays the caller's.
 * It is no more than read, so that it can be done in a sandbox. file is its
 * name, for why. Returns 0 with the keys in k, or -1 with the reason in why:
 * "FILE: REASON" or "FILE:LINE: REASON".
 */
int	 keyring_read(struct keyring *k, int fd, const char *file, char *why);

/*
 * Give each key a number of its own: one that old has, too, with the same name,
 * bytes and access, keeps its number, and no other ever gets that again.
 */
void	 keyring_number(struct keyring *k, const struct keyring *old);

/* The key of that name, borrowed; NULL if there is none. */
const struct key	*keyring_find(const struct keyring *k,
			    const char *name);

/* Wipe them and free them. */
void	 keyring_free(struct keyring *k);

/*
 * Read a client's file at path, which has one key and no more. 0, or -1 with
 * the reason in why, as above. Wipe it with explicit_bzero(3) after use.
 */
int	 key_load(struct key *key, const char *path, char *why);

#endif
