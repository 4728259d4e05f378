/* SPDX-License-Identifier: ISC */
/* fuzz_result_record: what is decoded and encoded is decoded again, and encoded to the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/result_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct text once = TEXT_INIT, twice = TEXT_INIT;
	struct result_record record, again;
	char *object = malloc(len + (len == 0));

	memcpy(object, bytes, len);
	if (result_record_decode((struct span){object, len}, &record) == NULL) {
		result_record_encode(&once, &record);
		if (result_record_decode((struct span){once.data, once.len}, &again) != NULL) {
			abort();
		}
		result_record_encode(&twice, &again);
		if (once.len != twice.len || memcmp(once.data, twice.data, once.len) != 0) {
			abort();
		}
	}
	text_free(&once);
	text_free(&twice);
	free(object);
	return 0;
}
