/* SPDX-License-Identifier: ISC */
/* fuzz_daemon_config: any bytes as stintd.json: taken, or refused with lines that can be shown. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "supervisor/daemon_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct text error = TEXT_INIT, needs = TEXT_INIT;
	struct span text = {(const char *)bytes, len};
	struct daemon_config *config = daemon_config_parse("f", text, &error);

	if (config != NULL) {
		struct daemon_config *again = daemon_config_parse("f", text, &error);

		if (again == NULL || config->clients == 0) {
			abort();
		}
		daemon_config_reload(config, again, &needs);
		if (needs.len != 0) {
			abort(); /* the same is nothing new */
		}
		daemon_config_free(again);
	} else if (error.len == 0) {
		abort();
	}
	for (size_t i = 0; i < error.len; i++) {
		if (error.data[i] != '\n' && (unsigned char)error.data[i] < ' ') {
			abort();
		}
	}
	daemon_config_free(config);
	text_free(&error);
	text_free(&needs);
	return 0;
}
