/*
 * What the harnesses share
 */
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"

size_t
fuzz_stream(char *stream, const uint8_t *data, size_t size)
{
	size_t i, n, len = 0;
	bool many;

	for (i = 0; i < size; i += many ? 4 : 1, len += n) {
		many = data[i] == 0xff && size - i >= 4;
		n = many ? data[i + 2] * 256U + data[i + 3] : 1;
		if (n > STREAM_MAX - len)
			break;
		memset(stream + len, data[many ? i + 1 : i], n);
	}
	return len;
}
