/*
 * Plurals of what is counted
 */
#ifndef PLURAL_H
#define PLURAL_H

#include <stdint.h>

/* What n things end with in English: "" if it is one, and "s". */
const char	*plural(uint64_t n);

#endif
