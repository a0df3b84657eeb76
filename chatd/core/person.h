/*
 * Persons: who is in the room, by verified names
 */
#ifndef PERSON_H
#define PERSON_H

#include <sys/tree.h>

#include <stdbool.h>
#include <stddef.h>

#include "text.h"

struct client;

struct person {
	RB_ENTRY(person) entry;
	char		 name[PERSON_MAX + 1];
	size_t		 clients;	/* connections */
	size_t		 elsewhere;	/* other nodes where they are, too */
};

RB_HEAD(persons, person);
RB_PROTOTYPE(persons, person, entry, person_compare)

/*
 * A client is the person of that name, which has 1 to PERSON_MAX characters.
 * Returns 0, or -1 with errno if memory is short.
 */
int	 person_enter(struct persons *all, struct client *c, const char *name);

/* The next person in the order of strcmp(3) after a name, or NULL; the first
 * comes after "". */
const struct person	*person_after(struct persons *all, const char *name);

/* The client has left. The last one of a person, who is at no other node,
 * frees the person. */
void	 person_leave(struct persons *all, struct client *c);

/*
 * The person of that name is at one other node more, or at one less, which
 * frees them if it was all. The first returns 0, or -1 with errno if memory is
 * short.
 */
int	 person_enter_elsewhere(struct persons *all, const char *name);
void	 person_leave_elsewhere(struct persons *all, const char *name);

/* Whether the person of that name is in the room, here or elsewhere. */
bool	 person_is_here(struct persons *all, const char *name);

#endif
