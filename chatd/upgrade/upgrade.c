/*
 * Upgrading: the old keeper's half
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exec.h"
#include "keeper/channel.h"
#include "keeper/keeper.h"
#include "keeper/notify.h"
#include "log.h"
#include "manifest.h"
#include "signals.h"
#include "tempfile.h"
#include "upgrade.h"

#define SOMETHING_ELSE	"unexpected answer from the room process"

/* Functions here that return a string return NULL if all went well, or else the
 * reason. It may be in text, which has EXEC_TEXT_SIZE bytes. */

/* Add the descriptors of a message to the manifest. */
static const char *
add_fds(struct manifest *manifest, const struct message *m)
{
	int *fds = reallocarray(manifest->fds, manifest->nfds + CHANNEL_FDS,
	    sizeof(*fds));

	if (fds == NULL)
		return strerror(errno);
	memcpy(fds + manifest->nfds, m->fds, m->nfds * sizeof(*fds));
	manifest->fds = fds;
	manifest->nfds += m->nfds;
	return NULL;
}

/* Wait for a reply of the child, and answer requests that come before it. If
 * this returns NULL, the caller has to discard the reply. */
static const char *
receive_reply(struct keeper *k, struct message *m, char *text)
{
	for (;;) {
		if (!channel_receive(k->channel, m))
			return "no answer from the room process";
		if (!keeper_answer(k, m))
			break;
		channel_discard(m);
	}
	if (m->kind != MESSAGE_REFUSED)
		return NULL;
	channel_discard(m);
	(void)strlcpy(text, m->text, EXEC_TEXT_SIZE);
	return text;
}

/* Receive all descriptors that the child hands over. */
static const char *
receive_fds(struct keeper *k, struct manifest *manifest, char *text)
{
	struct message m;
	const char *why;

	do {
		why = receive_reply(k, &m, text);
		if (why != NULL)
			return why;
		/* Messages without descriptors could come for ever. */
		why = m.kind == MESSAGE_LAST_FDS ||
		    (m.kind == MESSAGE_FDS && m.nfds > 0) ?
		    add_fds(manifest, &m) : SOMETHING_ELSE;
		if (why != NULL)
			channel_discard(&m);
	} while (why == NULL && m.kind == MESSAGE_FDS);
	return why;
}

/* Let the child write its state to a file. */
static const char *
request_state(struct keeper *k, int fd, char *text)
{
	struct message m = { .kind = MESSAGE_STATE, .nfds = 1 };
	const char *why;

	m.fds[0] = fd;
	if (channel_send(k->channel, &m) == -1)
		return strerror(errno);
	why = receive_reply(k, &m, text);
	channel_discard(&m);
	return why == NULL && m.kind != MESSAGE_WRITTEN ? SOMETHING_ELSE : why;
}

/* Become the new program. Returns only if that fails. */
static const char *
exec_for_good(struct keeper *k, const struct exec_files *files, char *text)
{
	int error;

	signals_hold();
	exec_program(k->argv, files);
	error = errno;
	signals_release();
	return exec_why(text, k->argv[0], error);
}

/* Collect everything into the two files, and execute the program: on trial
 * after MESSAGE_TRIAL, for good after MESSAGE_HANDOVER. */
static const char *
run_step(struct keeper *k, enum message_kind kind, FILE *manifest_file,
    FILE *state_file, char *text)
{
	struct manifest manifest = { .child = k->child };
	struct exec_files files = {
		&manifest, fileno(manifest_file), fileno(state_file)
	};
	const char *why;

	(void)fcntl(files.manifest_fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(files.state_fd, F_SETFD, FD_CLOEXEC);
	if (channel_send_text(k->channel, kind, 0, "") == -1)
		return strerror(errno);
	why = receive_fds(k, &manifest, text);
	/* Until now the child could say that its helper is of no use. */
	manifest.helper = k->helper;
	if (why == NULL)
		why = manifest_write(manifest_file, &manifest, k->listeners);
	if (why == NULL)
		why = request_state(k, files.state_fd, text);
	if (why == NULL)
		why = kind == MESSAGE_TRIAL ?
		    exec_trial(k->argv, &files, text) :
		    exec_for_good(k, &files, text);
	while (manifest.nfds > 0)
		(void)close(manifest.fds[--manifest.nfds]);
	free(manifest.fds);
	/* The child waits for this, or ignores it. */
	if (why != NULL)
		(void)channel_send_text(k->channel, MESSAGE_RESUME, 0, "");
	return why;
}

/* The same, with two new files. */
static const char *
run_step_with_files(struct keeper *k, enum message_kind kind, char *text)
{
	FILE *manifest_file = tempfile_open(text);
	FILE *state_file = manifest_file == NULL ? NULL : tempfile_open(text);
	const char *why = state_file == NULL ? text :
	    run_step(k, kind, manifest_file, state_file, text);

	if (manifest_file != NULL)
		(void)fclose(manifest_file);
	if (state_file != NULL)
		(void)fclose(state_file);
	return why;
}

void
upgrade_run(struct keeper *k)
{
	const char *why = "the room is closing";
	char text[EXEC_TEXT_SIZE];

	if (!k->closing) {
		/* A service that has not started yet can't reload. */
		if (k->open)
			notify_reloading();
		why = run_step_with_files(k, MESSAGE_TRIAL, text);
		if (why == NULL)
			why = run_step_with_files(k, MESSAGE_HANDOVER, text);
		if (k->open)
			notify_state("READY=1");
	}
	log_event("upgrade: %s, going on as before", why);
}
