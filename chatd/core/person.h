/*
 * Persons: who is in the room, by names that are verified
 */
#ifndef PERSON_H
#define PERSON_H

#include <sys/tree.h>

#include <stddef.h>

#include "text.h"

struct client;

struct person {
	RB_ENTRY(person) entry;
	char		 name[PERSON_MAX + 1];
	size_t		 clients;	/* connections of that person */
};

RB_HEAD(persons, person);
RB_PROTOTYPE(persons, person, entry, person_compare)

/*
 * A client turns out to be the person of that name, of 1 to PERSON_MAX
 * characters. 0, or -1 with errno if there is not enough memory.
 */
int	 person_enter(struct persons *all, struct client *c, const char *name);

/* Who comes after a name in the alphabet, or NULL; the first after "". */
const struct person	*person_after(struct persons *all, const char *name);

/* The client, if it is a person, is gone. */
void	 person_leave(struct persons *all, struct client *c);

#endif
