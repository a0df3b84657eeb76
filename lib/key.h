/*
 * Keys: the persons that a room admits, and the secret of each
 *
 * A file of keys has a line for each person:
 *
 *	name:hexkey		may send and receive
 *	name:hexkey:send	may only send
 *	name:hexkey:recv	may only receive
 *
 * Lines that begin with # and empty ones are ignored. No error about a file
 * ever quotes a piece of a key.
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
	enum role	 access;	/* what its owner may do */
	size_t		 len;
	unsigned char	 bytes[KEY_BYTES_MAX];
	uint64_t	 line;		/* of the file, from 1 */
	uint64_t	 number;	/* see keyring_number() */
};

struct keyring {
	struct key	*list;		/* sorted by name */
	size_t		 n;
	uint64_t	 last;		/* the last number given to a key */
};

/*
 * Open a key file. It has to be a regular file that only its owner can read or
 * write. Returns a descriptor, which the caller closes, or -1 with the reason,
 * "FILE: REASON", in why, which has KEYS_WHY_SIZE bytes.
 */
int	 key_open(const char *path, char *why);

/*
 * Read the file that key_open() has opened, from its beginning; fd stays the
 * caller's. This needs no more than pread(2), so a sandbox allows it. file is
 * the file's name. Returns 0 with the keys in k, or -1 with the reason in why,
 * "FILE: REASON" or "FILE:LINE: REASON".
 */
int	 keyring_read(struct keyring *k, int fd, const char *file, char *why);

/*
 * Give each key a number of its own. A key that old has with the same name,
 * bytes and access keeps its number there; no number is ever given to another
 * key.
 */
void	 keyring_number(struct keyring *k, const struct keyring *old);

/* The key of that name, which stays k's; NULL if there is none. */
const struct key	*keyring_find(const struct keyring *k,
			    const char *name);

/* Wipe the keys from memory and free them. */
void	 keyring_free(struct keyring *k);

/*
 * Read a client's key file, which has exactly one key. Returns 0 with the key
 * in *key, or -1 with the reason in why, as above. The caller wipes the key
 * with explicit_bzero(3) after use.
 */
int	 key_load(struct key *key, const char *path, char *why);

#endif
