/*
 * The names of people who have spoken or come in, for completion
 */
#include <string.h>

#include "names.h"
#include "text.h"

/* How many bytes of the line are a name before ": ", or 0. */
static size_t
name_size(const char *line, size_t len)
{
	struct text_fault f;
	size_t n;

	for (n = 0; n < len && n < NAMES_SIZE && line[n] != ':'; n++) {
		if (line[n] == ' ' || line[n] == '\t')
			return 0;
	}
	if (n + 1 >= len || n >= NAMES_SIZE || line[n + 1] != ' ')
		return 0;
	/* It's to be typed: only what could be sent. */
	return text_check(line, n, &f) ? n : 0;
}

static size_t
find_name(const struct names *ns, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ns->n; i++) {
		if (strncmp(ns->name[i], name, len) == 0 &&
		    ns->name[i][len] == '\0')
			break;
	}
	return i;
}

void
names_add(struct names *ns, const char *name, size_t len)
{
	size_t i = find_name(ns, name, len);

	if (i == ns->n && ns->n < NAMES_MAX)
		ns->n++;
	else if (i == ns->n)
		i--;			/* the one silent for longest */
	memmove(ns->name[1], ns->name[0], i * NAMES_SIZE);
	memcpy(ns->name[0], name, len);
	ns->name[0][len] = '\0';
}

void
names_learn(struct names *ns, const char *line, size_t len)
{
	size_t n = name_size(line, len);

	if (n > 0)
		names_add(ns, line, n);
}

const char *
names_match(const struct names *ns, const char *s, size_t len, size_t i)
{
	size_t at;

	for (at = 0; at < ns->n; at++) {
		if (strncmp(ns->name[at], s, len) == 0 && i-- == 0)
			return ns->name[at];
	}
	return NULL;
}
