/*
 * Plurals of what is counted
 */
#ifndef PLURAL_H
#define PLURAL_H

#include <stdint.h>

/* The ending of an English noun after the number n: "" for 1, or else "s". */
const char	*plural(uint64_t n);

#endif
