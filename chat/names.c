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

/* The same of a name before a blank, after "* ". */
static size_t
action_size(const struct names *ns, const char *line, size_t len)
{
	size_t n;

	if (len < 4 || memcmp(line, "* ", 2) != 0)
		return 0;
	for (n = 0; 2 + n < len && n < NAMES_SIZE && line[2 + n] != ' '; n++)
		;
	if (2 + n == len || n == NAMES_SIZE)
		return 0;
	return find_name(ns, line + 2, n) < ns->n ? n : 0;
}

void
names_speaker(struct names *ns, const char *line, size_t len,
    struct speaker *sp)
{
	sp->at = sp->text = 0;
	sp->len = name_size(line, len);
	if (sp->len > 0) {
		sp->text = sp->len + 2;
		names_add(ns, line, sp->len);
		return;
	}
	sp->len = action_size(ns, line, len);
	if (sp->len > 0) {
		sp->at = 2;
		sp->text = 2 + sp->len;
	}
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
