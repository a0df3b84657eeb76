/*
 * A history: what the room of a recording has had, and whom it told of it
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history.h"
#include "platter.h"

#define MARK		'\001'
#define SOCKETS_MAX	1024
#define LINE_MAX_SIZE	8192

/* A direction of a connection, cut into lines. */
struct stream {
	char		 part[LINE_MAX_SIZE];
	size_t		 len;
};

struct socket {
	uint64_t	 inode;
	struct stream	 said;
	struct stream	 heard;
	struct speaker	*speaker;	/* NULL: nobody yet */
	char		 session[WORD_SIZE];
};

struct reading {
	struct history	*h;
	size_t		 step;
	struct socket	*sockets[SOCKETS_MAX];
	size_t		 n;
};

void
steps_read(struct steps *s, const char *path)
{
	struct step *step;
	size_t size, at, allocated = 0;

	memset(s, 0, sizeof(*s));
	s->bytes = read_whole(path, &size);
	for (at = 0; at < size; at += sizeof(step->op) + step->op.len) {
		if (s->n == allocated) {
			allocated = 2 * allocated + 1024;
			s->list = reallocarray(s->list, allocated,
			    sizeof(*s->list));
			if (s->list == NULL)
				err(2, NULL);
		}
		step = &s->list[s->n++];
		if (size - at < sizeof(step->op))
			errx(2, "%s: not a recording", path);
		memcpy(&step->op, s->bytes + at, sizeof(step->op));
		step->data = s->bytes + at + sizeof(step->op);
		if (size - at - sizeof(step->op) < step->op.len)
			errx(2, "%s: not a recording", path);
	}
}

void
steps_free(struct steps *s)
{
	free(s->bytes);
	free(s->list);
}

/* "NAME K": returns K, or 0. */
static uint64_t
parse_line(const char *s, size_t len, char *name)
{
	char text[WORD_SIZE + 24];
	unsigned long long k = 0;

	(void)snprintf(text, sizeof(text), "%.*s", (int)len, s);
	return sscanf(text, "%79s %llu", name, &k) == 2 ? k : 0;
}

static struct speaker *
find_speaker(struct history *h, const char *name)
{
	struct speaker *s;

	for (s = h->speakers; s < h->speakers + h->nspeakers; s++) {
		if (strcmp(s->name, name) == 0)
			return s;
	}
	if (h->nspeakers == SPEAKERS_MAX)
		errx(2, "more than %d speakers", SPEAKERS_MAX);
	h->nspeakers++;
	(void)snprintf(s->name, sizeof(s->name), "%s", name);
	return s;
}

static void
set_number(struct speaker *s, uint64_t k, uint64_t number)
{
	size_t n = s->n;

	if (k >= n) {
		s->n = (size_t)k + 1024;
		s->numbers = reallocarray(s->numbers, s->n, sizeof(uint64_t));
		if (s->numbers == NULL)
			err(2, NULL);
		memset(s->numbers + n, 0, (s->n - n) * sizeof(uint64_t));
	}
	if (s->numbers[k] != NO_LINE)
		errx(2, "%s %llu was said twice", s->name,
		    (unsigned long long)k);
	s->numbers[k] = number;
}

static void
set_line(struct history *h, uint64_t number, const char *s, size_t len)
{
	char name[WORD_SIZE];
	uint64_t k = parse_line(s, len, name);
	size_t i = (size_t)(number - h->first), n = h->n;

	if (i >= n) {
		h->n = 2 * i + 1024;
		h->lines = reallocarray(h->lines, h->n, sizeof(*h->lines));
		if (h->lines == NULL)
			err(2, NULL);
		memset(h->lines + n, 0, (h->n - n) * sizeof(*h->lines));
	}
	if (h->lines[i].s != NULL)
		errx(2, "line %llu is stored twice",
		    (unsigned long long)number);
	h->lines[i].s = s;
	h->lines[i].len = len;
	if (k > 0)
		set_number(find_speaker(h, name), k, number);
}

/* The number of an "at", or 0. */
static uint64_t
parse_at(const char *s)
{
	return strncmp(s, "\001at ", 4) == 0 ? strtoull(s + 4, NULL, 10) : 0;
}

static void
read_segment(struct history *h, const struct file *f)
{
	const char *s = f->now, *end = f->now + f->size, *lf;
	uint64_t number = 0;

	for (; s < end; s = lf + 1) {
		lf = memchr(s, '\n', (size_t)(end - s));
		if (lf == NULL)
			break;
		if (*s != MARK)
			set_line(h, number++, s, (size_t)(lf - s));
		else if (parse_at(s) != 0)
			number = parse_at(s);
	}
}

static void
read_segments(struct history *h, const struct platter *all)
{
	const struct file *f;
	uint64_t first;

	for (f = all->files; f != NULL; f = f->next) {
		first = parse_at(f->now);
		if (first != 0 && (h->first == 0 || first < h->first))
			h->first = first;
	}
	for (f = all->files; f != NULL; f = f->next)
		read_segment(h, f);
}

static void
promise(struct reading *r, uint64_t number, const struct speaker *s,
    uint64_t settled)
{
	struct history *h = r->h;
	struct promise *p;

	if (h->npromises % 1024 == 0) {
		h->promises = reallocarray(h->promises, h->npromises + 1024,
		    sizeof(*p));
		if (h->promises == NULL)
			err(2, NULL);
	}
	p = &h->promises[h->npromises++];
	p->step = r->step;
	p->number = number;
	p->speaker = (size_t)(s - h->speakers);
	p->settled = settled;
}

/* So many lines of a speaker are settled, whoever was told. */
static void
promise_settled(struct reading *r, const struct speaker *s, uint64_t settled)
{
	uint64_t k = settled < s->n ? settled : s->n - 1;

	for (; s->n > 0 && k > 0 && s->numbers[k] == NO_LINE; k--)
		;
	promise(r, s->n > 0 && k > 0 ? s->numbers[k] : NO_LINE, s, settled);
}

static void
said_line(struct reading *r, struct socket *so, const char *line, size_t len)
{
	char name[WORD_SIZE];
	struct speaker *s;
	uint64_t k;

	if (strncmp(line, "\001ok ", 4) == 0) {
		k = strtoull(line + 4, NULL, 10);
		if (k > 0 && so->speaker == NULL)
			errx(2, "ok without a session");
		if (k > 0)
			promise_settled(r, so->speaker, k);
		return;
	}
	k = *line == MARK ? 0 : parse_line(line, len, name);
	if (k == 0)
		return;
	s = find_speaker(r->h, name);
	if (k >= s->n || s->numbers[k] == NO_LINE)
		errx(2, "a reader got a line that is not stored: %s", line);
	promise(r, s->numbers[k], s, 0);
}

static void
heard_line(struct reading *r, struct socket *so, const char *line, size_t len)
{
	char name[WORD_SIZE];
	struct speaker *s = r->h->speakers;

	if (so->speaker != NULL)
		return;
	if (*line == MARK) {
		if (sscanf(line, "\001send session=%79s", so->session) != 1)
			return;
		/* Maybe it is back. */
		for (; s < r->h->speakers + r->h->nspeakers; s++) {
			if (strcmp(s->session, so->session) == 0)
				so->speaker = s;
		}
	} else if (parse_line(line, len, name) > 0) {
		so->speaker = find_speaker(r->h, name);
		memcpy(so->speaker->session, so->session, WORD_SIZE);
	}
}

static void
take(struct reading *r, struct socket *so, struct stream *st,
    const char *data, size_t len,
    void (*line)(struct reading *, struct socket *, const char *, size_t))
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (data[i] == '\n') {
			st->part[st->len] = '\0';
			line(r, so, st->part, st->len);
			st->len = 0;
		} else if (st->len < sizeof(st->part) - 1)
			st->part[st->len++] = data[i];
	}
}

static struct socket *
find_socket(struct reading *r, uint64_t inode)
{
	struct socket *so;
	size_t i;

	/* The newest ones are asked for most. */
	for (i = r->n; i > 0; i--) {
		if (r->sockets[i - 1]->inode == inode)
			return r->sockets[i - 1];
	}
	so = calloc(1, sizeof(*so));
	if (so == NULL || r->n == SOCKETS_MAX)
		errx(2, "too many connections");
	so->inode = inode;
	r->sockets[r->n++] = so;
	return so;
}

void
history_read(struct history *h, const struct steps *s,
    const struct platter *all)
{
	struct reading r = { .h = h };
	const struct step *step;
	struct socket *so;

	memset(h, 0, sizeof(*h));
	read_segments(h, all);
	for (; r.step < s->n; r.step++) {
		step = &s->list[r.step];
		if (step->op.kind < OP_SAID)
			continue;
		so = find_socket(&r, step->op.file);
		if (step->op.kind == OP_SAID)
			take(&r, so, &so->said, step->data, step->op.len,
			    said_line);
		else
			take(&r, so, &so->heard, step->data, step->op.len,
			    heard_line);
	}
	while (r.n > 0)
		free(r.sockets[--r.n]);
}

uint64_t
history_owed(const struct history *h, size_t step)
{
	uint64_t number = NO_LINE;
	size_t i;

	for (i = 0; i < h->npromises && h->promises[i].step < step; i++) {
		if (h->promises[i].number > number)
			number = h->promises[i].number;
	}
	return number;
}

uint64_t
history_settled(const struct history *h, size_t step, size_t speaker)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < h->npromises && h->promises[i].step < step; i++) {
		if (h->promises[i].speaker == speaker &&
		    h->promises[i].settled > n)
			n = h->promises[i].settled;
	}
	return n;
}

const struct text *
history_line(const struct history *h, uint64_t number)
{
	return number < h->first || number - h->first >= h->n ||
	    h->lines[number - h->first].s == NULL ? NULL :
	    &h->lines[number - h->first];
}

bool
history_fits(const struct history *h, size_t speaker, uint64_t settled,
    uint64_t last)
{
	const struct speaker *s = &h->speakers[speaker];
	uint64_t k;

	for (k = 1; k < s->n; k++) {
		if (s->numbers[k] != NO_LINE &&
		    (s->numbers[k] <= last) != (k <= settled))
			return false;
	}
	return true;
}
