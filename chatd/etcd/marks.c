/*
 * Marks: how far back in a log so many bytes reach
 */
#include <string.h>

#include "marks.h"

static void
add(struct marks *m, uint64_t revision)
{
	struct mark *mark;

	if (m->n == MARKS_MAX) {
		m->first = (m->first + 1) % MARKS_MAX;
		m->n--;
	}
	mark = &m->mark[(m->first + m->n++) % MARKS_MAX];
	mark->bytes = m->bytes;
	mark->revision = revision;
}

void
marks_init(struct marks *m, uint64_t revision, uint64_t most)
{
	memset(m, 0, sizeof(*m));
	m->grain = most / MARKS_PARTS;
	if (revision > 0)
		add(m, revision);
}

void
marks_count(struct marks *m, uint64_t revision, uint64_t bytes)
{
	const struct mark *last;

	m->bytes += bytes;
	last = &m->mark[(m->first + m->n + MARKS_MAX - 1) % MARKS_MAX];
	if (m->n == 0 || m->bytes - last->bytes >= m->grain)
		add(m, revision);
}

uint64_t
marks_before(const struct marks *m, uint64_t bytes)
{
	const struct mark *mark;
	size_t i;

	for (i = m->n; i > 0; i--) {
		mark = &m->mark[(m->first + i - 1) % MARKS_MAX];
		if (m->bytes - mark->bytes >= bytes)
			return mark->revision;
	}
	return 0;
}
