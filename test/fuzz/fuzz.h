/*
 * What the harnesses share
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define STREAM_MAX	10000		/* bytes */

/* What doesn't hold is a crash, whose input libFuzzer keeps. */
#define MUST(expr)	((expr) ? (void)0 : abort())

/* What libFuzzer calls. */
int	 LLVMFuzzerInitialize(int *argc, char ***argv);
int	 LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Make a stream of an input, in which FF c h l stands for the byte c, 256 * h
 * + l times: so that short inputs have long lines. stream has STREAM_MAX
 * bytes; returns how many it got.
 */
size_t	 fuzz_stream(char *stream, const uint8_t *data, size_t size);

#endif
