/*
 * Pb: fields of protocol buffers, as etcd's messages are made of
 *
 * Only what these have: numbers (varints) and bytes, which are strings and
 * messages, too.
 */
#ifndef PB_H
#define PB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A message that is being written. All zero is an empty one. */
struct pb {
	uint8_t		*buf;
	size_t		 len;
	size_t		 size;
	bool		 failed;	/* there was no memory for all of it */
};

struct pb_field {
	unsigned	 number;
	bool		 is_bytes;	/* or else it is a number */
	uint64_t	 value;		/* of a number */
	const uint8_t	*data;		/* the bytes: they point into what is
					   read */
	size_t		 len;
};

/* Add a field. A number of 0 takes no field. */
void	 pb_number(struct pb *m, unsigned number, uint64_t value);
void	 pb_bytes(struct pb *m, unsigned number, const void *data, size_t len);
void	 pb_text(struct pb *m, unsigned number, const char *s);

/* Add the message part as a field, and free it. */
void	 pb_message(struct pb *m, unsigned number, struct pb *part);

/* Free what it has; it is empty then. */
void	 pb_free(struct pb *m);

/*
 * Parse the varint at p, which has len bytes, into *value. Returns its length,
 * 0 if more bytes are needed, or -1 if it is none.
 */
int	 pb_varint(const uint8_t *p, size_t len, uint64_t *value);

/*
 * Take the next field off the *len bytes at *p; fields of kinds that etcd
 * doesn't have are passed over. Returns 1, 0 at the end, or -1 if what follows
 * is no field.
 */
int	 pb_next(const uint8_t **p, size_t *len, struct pb_field *f);

#endif
