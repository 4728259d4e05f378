/* SPDX-License-Identifier: ISC */
/* daemon_value: see daemon_value.h. In the supervisor; pure. */
#include "supervisor/daemon_value.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "ipc/duration.h"
#include "ipc/size.h"
#include "supervisor/daemon_paths.h"

#define GROUP_MOST 64
#define HOSTS_MOST 64
#define HOST_MOST  253

static void *
field_of(const struct daemon_key *key, struct daemon_config *config)
{
	return (char *)config + key->offset;
}

static const char *
out_of_range(const struct daemon_key *key)
{
	static char message[96];

	snprintf(message, sizeof(message), "is to be a whole number from %" PRIu64 " to %" PRIu64,
		 key->least, key->most);
	return message;
}

/* ---- numbers ---------------------------------------------------------------------------------- */

static const char *
read_number(const struct daemon_key *key, const json_t *value, uint64_t *number)
{
	json_int_t integer = json_integer_value(value);

	*number = (uint64_t)integer;
	return json_is_integer(value) && integer >= 0 && *number >= key->least &&
		       *number <= key->most
		   ? NULL
		   : out_of_range(key);
}

static const char *
take_NUMBER(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	uint64_t number;
	const char *why = read_number(key, value, &number);

	if (why == NULL) {
		*(uint64_t *)field_of(key, config) = number;
	}
	return why;
}

static const char *
take_COUNT(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	uint64_t number;
	const char *why = read_number(key, value, &number);

	if (why == NULL) {
		*(unsigned *)field_of(key, config) = (unsigned)number;
	}
	return why;
}

static const char *
take_SIZE(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	json_int_t number = json_integer_value(value);
	uint64_t bytes;

	if (json_is_integer(value) && number >= 0 && (uint64_t)number <= SIZE_MOST) {
		bytes = (uint64_t)number;
	} else if (!json_is_string(value) || !size_parse(json_string_value(value), &bytes)) {
		return "is to be a size: \"512M\", \"1.5G\", or a number of bytes";
	}
	*(uint64_t *)field_of(key, config) = bytes;
	return NULL;
}

static const char *
take_DURATION(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	int64_t us;

	if (!(json_is_string(value) && duration_parse(json_string_value(value), &us)) &&
	    !(json_is_number(value) && duration_of_seconds(json_number_value(value), &us))) {
		return "is to be a time: \"90s\", \"2m\", \"1.5h\", \"30d\", or a number of "
		       "seconds";
	}
	*(int64_t *)field_of(key, config) = us;
	return NULL;
}

static const char *
take_BOOLEAN(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	if (!json_is_boolean(value)) {
		return "is to be true or false";
	}
	*(bool *)field_of(key, config) = json_is_true(value);
	return NULL;
}

/* ---- strings ---------------------------------------------------------------------------------- */

static const char *
keep(const struct daemon_key *key, struct daemon_config *config, const char *string)
{
	*(const char **)field_of(key, config) = string;
	return NULL;
}

static const char *
take_PATH(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	const char *path = json_string_value(value);
	static char message[128];

	if (path == NULL || path[0] != '/' || path[1] == '\0') {
		return "is to be an absolute path: \"/home/me/...\"";
	}
	if (strlen(path) >= DAEMON_PATH_MOST - 16) {
		return "is too long a path";
	}
	if (strcmp(key->name, "socket") == 0 &&
	    strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path)) {
		snprintf(
		    message, sizeof(message),
		    "has %zu bytes, and sockets may have %zu: set \"socket\" to a shorter path",
		    strlen(path), sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
		return message;
	}
	return keep(key, config, path);
}

static const char *
take_GROUP(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	const char *name = json_string_value(value);

	if (name == NULL || name[0] == '\0' || strlen(name) > GROUP_MOST ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") !=
		strlen(name)) {
		return "is to be the name of a group";
	}
	return keep(key, config, name);
}

static const char *
take_LOG(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	const char *log = json_string_value(value);

	if (log == NULL ||
	    (strcmp(log, "stderr") != 0 && strcmp(log, "syslog") != 0 &&
	     (log[0] != '/' || log[1] == '\0' || strlen(log) >= DAEMON_PATH_MOST - 16))) {
		return "is to be \"stderr\", \"syslog\", or the absolute path of a file";
	}
	return keep(key, config, log);
}

static const char *
take_LEVEL(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	static const struct {
		const char *word;
		enum log_level level;
	} levels[] = {{"error", DAEMON_ERROR},
		      {"warning", DAEMON_WARNING},
		      {"notice", DAEMON_NOTICE},
		      {"info", DAEMON_INFO},
		      {"debug", DAEMON_DEBUG}};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (json_is_string(value) &&
		    strcmp(json_string_value(value), levels[i].word) == 0) {
			*(enum log_level *)field_of(key, config) = levels[i].level;
			return NULL;
		}
	}
	return "is to be one of \"error\", \"warning\", \"notice\", \"info\", \"debug\"";
}

/* ---- the dashboard ---------------------------------------------------------------------------- */

static bool
is_loopback(const char *host)
{
	struct in_addr four;
	struct in6_addr six;

	return (inet_pton(AF_INET, host, &four) == 1 && ntohl(four.s_addr) >> 24 == 127) ||
	       (inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six));
}

static bool
is_port(const char *digits)
{
	unsigned long port = 0;
	size_t len = strspn(digits, "0123456789");

	for (size_t i = 0; i < len && i < 6; i++) {
		port = port * 10 + (unsigned long)(digits[i] - '0');
	}
	return len > 0 && len <= 5 && digits[len] == '\0' && digits[0] != '0' && port <= 65535;
}

static const char *
take_ADDRESS(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	const char *address = json_string_value(value);
	const char *colon = address == NULL ? NULL : strrchr(address, ':');
	bool bracketed = colon != NULL && address[0] == '[' && colon[-1] == ']';
	char host[64] = "";

	if (colon == NULL || colon == address || (size_t)(colon - address) >= sizeof(host) ||
	    !is_port(colon + 1)) {
		return "is to be an address and a port: \"127.0.0.1:7433\"";
	}
	memcpy(host, address + bracketed, (size_t)(colon - address) - (bracketed ? 2U : 0U));
	if (is_loopback(host) && (strchr(host, ':') != NULL) == bracketed) {
		return keep(key, config, address);
	}
	return "is to be of this machine alone: 127.0.0.1 or [::1]; stint-dashboard(7) says how to "
	       "look at it from another one";
}

static bool
is_host(const char *host)
{
	size_t len = host == NULL ? 0 : strlen(host);

	return len > 0 && len <= HOST_MOST &&
	       strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
		   len;
}

static const char *
take_WORDS(const struct daemon_key *key, struct daemon_config *config, const json_t *value)
{
	size_t count = json_array_size(value);
	const char **words;

	(void)key;
	if (!json_is_array(value) || count > HOSTS_MOST) {
		return "is to be a list of names: [\"stint.example.org\"]";
	}
	for (size_t i = 0; i < count; i++) {
		if (!is_host(json_string_value(json_array_get(value, i)))) {
			return "is to be a list of host names, without a port: "
			       "[\"stint.example.org\"]";
		}
	}
	words = calloc(count + 1, sizeof(*words));
	if (words == NULL) {
		return "needs more memory than there is";
	}
	for (size_t i = 0; i < count; i++) {
		words[i] = json_string_value(json_array_get(value, i));
	}
	free((void *)(uintptr_t)config->http_hosts);
	config->http_hosts = words;
	config->http_host_count = count;
	return NULL;
}

const struct daemon_key daemon_keys[] = {
#define KEY(name, kind, field, when, least, most, initial) \
	{#name, offsetof(struct daemon_config, field), when, least, most, initial, take_##kind},
#include "supervisor/daemon_keys.def"
#undef KEY
};

const size_t daemon_key_count = sizeof(daemon_keys) / sizeof(daemon_keys[0]);
_Static_assert(sizeof(daemon_keys) / sizeof(daemon_keys[0]) <= DAEMON_KEYS_MOST, "room for values");
