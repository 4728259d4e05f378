/* SPDX-License-Identifier: ISC */
/* test_http_guard: good requests pass, and every hostile one is refused, with its reason. */
#include "supervisor/http_guard.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit.h"

#define TOKEN  "0123456789abcdef0123456789abcdef"
#define COOKIE "fedcba98"

static const char *const hosts[] = {"stint.example", "plain.example"};
static const struct http_guard strict = {.port = 7433,
					 .hosts = hosts,
					 .host_count = LENGTH(hosts),
					 .token = TOKEN,
					 .cookie_name = "stint_7433",
					 .cookie = COOKIE};

#define HOST       "Host: 127.0.0.1:7433\r\n"
#define BEARER     "Authorization: Bearer " TOKEN "\r\n"
#define JSON       "Content-Type: application/json\r\n"
#define END        "\r\n"
#define GET(path)  "GET " path " HTTP/1.1\r\n"
#define POST(path) "POST " path " HTTP/1.1\r\n"

static struct http_verdict
judge(const struct http_guard *guard, const char *head, size_t len, bool local)
{
	struct http_request request;
	bool known;
	/* A copy that ends where the head does, so that reading on is seen. */
	char *copy = malloc(len + (len == 0));
	struct http_verdict verdict;

	memcpy(copy, head, len);
	verdict = http_guard_check(guard, (struct span){copy, len}, local, &request, &known);
	free(copy);
	return verdict;
}

struct attempt {
	const char *head;
	int status;      /* 0: it passes */
	const char *why; /* a part of it; NULL: any */
};

static void
try_all(const struct http_guard *guard, const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct http_verdict verdict =
		    judge(guard, attempts[i].head, strlen(attempts[i].head), true);

		ck_assert_msg(verdict.status == attempts[i].status, "%s\nis %d (%s), not %d",
			      attempts[i].head, verdict.status,
			      verdict.why == NULL ? "" : verdict.why, attempts[i].status);
		ck_assert_msg(
		    attempts[i].why == NULL || strstr(verdict.why, attempts[i].why) != NULL,
		    "%s\nsays \"%s\", not \"%s\"", attempts[i].head, verdict.why, attempts[i].why);
	}
}

START_TEST(good_ones_pass)
{
	static const struct attempt attempts[] = {
	    {GET("/") HOST END, 0, NULL},
	    {GET("/?a=b") HOST END, 0, NULL},
	    {GET("/healthz") HOST END, 0, NULL},
	    {"HEAD /healthz HTTP/1.0\r\n" HOST END, 0, NULL},
	    {GET("/api/v1/status") HOST BEARER END, 0, NULL},
	    {GET("/api/v1/status") HOST "authorization: bearer " TOKEN END END, 0, NULL},
	    {GET("/api/v1/status") "hOST:localhost:7433\r\n" BEARER END, 0, NULL},
	    {GET("/api/v1/status") "Host: [::1]:7433\t \r\n" BEARER END, 0, NULL},
	    {GET("/api/v1/status") "Host: LOCALHOST:7433\r\n" BEARER END, 0, NULL},
	    {GET("/api/v1/status") "Host: stint.example:8443\r\n" BEARER END, 0, NULL},
	    {GET("/api/v1/status") "Host: plain.example\r\n" BEARER END, 0, NULL},
	    {GET("/api/v1/status") "Host: plain.example:7433\r\n" BEARER END, 0, NULL},
	    {GET("/api/v1/status") HOST "Cookie: a=b; stint_7433=" COOKIE "; c=d" END END, 0, NULL},
	    {GET("/api/v1/status") HOST BEARER "Origin: http://127.0.0.1:7433" END END, 0, NULL},
	    {GET("/api/v1/jobs/1/tasks/a%20b%2Fc..%0a") HOST BEARER END, 0, NULL},
	    {GET("/api/v1/jobs?after=3&phase=running") HOST BEARER END, 0, NULL},
	    {POST("/login") HOST JSON "Content-Length: 20" END END, 0, NULL},
	    {POST("/logout") HOST BEARER JSON "Content-Length: 2" END END, 0, NULL},
	};

	try_all(&strict, attempts, LENGTH(attempts));
}
END_TEST

START_TEST(another_host_is_refused)
{
	static const struct attempt attempts[] = {
	    {GET("/healthz") END, 400, "one Host"},
	    {GET("/healthz") HOST HOST END, 400, "one Host"},
	    {GET("/healthz") HOST "host: evil.example" END END, 400, "one Host"},
	    {GET("/healthz") "Host: evil.example" END END, 403, "http_hosts"},
	    {GET("/healthz") "Host: evil.example:7433" END END, 403, NULL},
	    {GET("/healthz") "Host: 127.0.0.1" END END, 403, NULL},
	    {GET("/healthz") "Host: 127.0.0.1:80" END END, 403, NULL},
	    {GET("/healthz") "Host: 127.0.0.1:07433" END END, 403, NULL},
	    {GET("/healthz") "Host: 127.0.0.1:7433:7433" END END, 403, NULL},
	    {GET("/healthz") "Host: 127.0.0.2:7433" END END, 403, NULL},
	    {GET("/healthz") "Host: 127.0.0.1.evil.example:7433" END END, 403, NULL},
	    {GET("/healthz") "Host: evil@127.0.0.1:7433" END END, 403, NULL},
	    {GET("/healthz") "Host: 127.0.0.1:7433, evil.example" END END, 403, NULL},
	    {GET("/healthz") "Host: localhost.:7433" END END, 403, NULL},
	    {GET("/healthz") "Host: ::1:7433" END END, 403, NULL},
	    {GET("/healthz") "Host:" END END, 403, NULL},
	    {GET("/healthz") "Host: :7433" END END, 403, NULL},
	    {GET("/healthz") "Host: stint.example:" END END, 403, NULL},
	    {GET("/healthz") "Host: stint.example:80a" END END, 403, NULL},
	    {GET("/healthz") "Host: x.stint.example:7433" END END, 403, NULL},
	    {GET("http://evil.example/healthz") HOST END, 400, "whole URI"},
	    {GET("http://127.0.0.1:7433/healthz") HOST END, 400, "whole URI"},
	    {GET("//evil.example/healthz") HOST END, 400, NULL},
	};

	try_all(&strict, attempts, LENGTH(attempts));
	ck_assert_int_eq(
	    judge(&strict, GET("/healthz") HOST END, strlen(GET("/healthz") HOST END), false)
		.status,
	    403);
}
END_TEST

START_TEST(another_origin_is_refused)
{
	static const struct attempt attempts[] = {
	    {GET("/healthz") HOST "Origin: http://evil.example" END END, 403, "elsewhere"},
	    {GET("/healthz") HOST "Origin: null" END END, 403, NULL},
	    {GET("/healthz") HOST "Origin:" END END, 403, NULL},
	    {GET("/healthz") HOST "Origin: http://127.0.0.1:7434" END END, 403, NULL},
	    {GET("/healthz") HOST "Origin: http://localhost:7433" END END, 403, NULL},
	    {GET("/healthz") HOST "Origin: ftp://127.0.0.1:7433" END END, 403, NULL},
	    {GET("/healthz") HOST "Origin: http://127.0.0.1:7433.evil.example" END END, 403, NULL},
	    {GET("/healthz") HOST "Origin: http://127.0.0.1:7433\r\nOrigin: null" END END, 400,
	     NULL},
	    {POST("/login") HOST JSON "Origin: http://evil.example" END END, 403, "elsewhere"},
	};

	try_all(&strict, attempts, LENGTH(attempts));
}
END_TEST

START_TEST(who_does_not_know_the_token_is_refused)
{
	static const struct attempt attempts[] = {
	    {GET("/api/v1/status") HOST END, 401, "token"},
	    {GET("/metrics") HOST END, 401, NULL},
	    {GET("/healthz/") HOST END, 401, NULL},
	    {GET("/jobs/1/report") HOST END, 401, NULL},
	    {GET("/nothing") HOST END, 401, NULL},
	    {GET("/api/v1/status") HOST "Authorization: Bearer" END END, 401, NULL},
	    {GET("/api/v1/status") HOST "Authorization: Bearer " END END, 401, NULL},
	    {GET("/api/v1/status") HOST "Authorization: Bearer 0" END END, 401, NULL},
	    {GET("/api/v1/status") HOST "Authorization: Bearer " TOKEN "0" END END, 401, NULL},
	    {GET("/api/v1/status") HOST
	     "Authorization: Bearer 1123456789abcdef0123456789abcdef" END END,
	     401, NULL},
	    {GET("/api/v1/status") HOST "Authorization: Basic " TOKEN END END, 401, NULL},
	    {GET("/api/v1/status") HOST BEARER BEARER END, 401, NULL},
	    {GET("/api/v1/status") HOST "Cookie: stint_7433=" TOKEN END END, 401, NULL},
	    {GET("/api/v1/status") HOST "Cookie: stint_7434=" COOKIE END END, 401, NULL},
	    {GET("/api/v1/status") HOST "Cookie: xstint_7433=" COOKIE END END, 401, NULL},
	    {GET("/api/v1/status") HOST "Cookie: stint_7433=" END END, 401, NULL},
	    {GET("/api/v1/status") HOST "Authorization: Bearer " COOKIE END END, 401, NULL},
	    {GET("/api/v1/status?token=" TOKEN) HOST END, 401, NULL},
	    {POST("/logout") HOST JSON END, 401, NULL},
	    {POST("/api/v1/pause") HOST JSON END, 401, NULL},
	};

	try_all(&strict, attempts, LENGTH(attempts));
}
END_TEST

START_TEST(malformed_ones_are_refused)
{
	static const struct attempt attempts[] = {
	    {"\r\n\r\n", 400, NULL},
	    {"\n\n", 400, NULL},
	    {"GET /healthz\r\n" HOST END, 400, NULL},
	    {"GET  /healthz HTTP/1.1\r\n" HOST END, 400, NULL},
	    {" GET /healthz HTTP/1.1\r\n" HOST END, 400, NULL},
	    {"GET /healthz HTTP/1.1 \r\n" HOST END, 400, NULL},
	    {"GET /heal thz HTTP/1.1\r\n" HOST END, 400, NULL},
	    {"GET /healthz HTTP/2.0\r\n" HOST END, 400, "HTTP/1.1"},
	    {"GET /healthz HTTP/0.9\r\n" HOST END, 400, NULL},
	    {"GET /healthz HTTP/1.10\r\n" HOST END, 400, NULL},
	    {"GET /healthz http/1.1\r\n" HOST END, 400, NULL},
	    {GET("healthz") HOST END, 400, NULL},
	    {GET("*") HOST END, 400, NULL},
	    {GET("/a/../healthz") HOST END, 400, ".."},
	    {GET("/a/%2e%2E/healthz") HOST END, 400, ".."},
	    {GET("/./healthz") HOST END, 400, NULL},
	    {GET("/..") HOST END, 400, NULL},
	    {GET("/a//b") HOST END, 400, "empty part"},
	    {GET("/%zz") HOST END, 400, "percent"},
	    {GET("/%4") HOST END, 400, NULL},
	    {GET("/%") HOST END, 400, NULL},
	    {GET("/%00") HOST END, 400, NULL},
	    {GET("/a?b=%00") HOST END, 400, "query"},
	    {GET("/a?b=%g1") HOST END, 400, "query"},
	    {GET("/a#b") HOST END, 400, NULL},
	    {GET("/caf\xc3\xa9") HOST END, 400, NULL},
	    {GET("/a\x7f") HOST END, 400, NULL},
	    {GET("/1/2/3/4/5/6/7/8/9") HOST END, 400, "too many"},
	};

	try_all(&strict, attempts, LENGTH(attempts));
	ck_assert_int_eq(
	    judge(&strict, GET("/hea\0lthz") HOST END, sizeof(GET("/hea\0lthz") HOST END) - 1, true)
		.status,
	    400);
}
END_TEST

START_TEST(malformed_headers_are_refused)
{
	static const struct attempt attempts[] = {
	    {"GET /healthz HTTP/1.1\n" HOST END, 400, "CR LF"},
	    {GET("/healthz") "Host: 127.0.0.1:7433\n\n", 400, "CR LF"},
	    {GET("/healthz") HOST "A: b\rc\r\n" END, 400, "control"},
	    {GET("/healthz") HOST "A : b\r\n" END, 400, "a colon"},
	    {GET("/healthz") HOST ": b\r\n" END, 400, "a colon"},
	    {GET("/healthz") HOST "no colon\r\n" END, 400, "a colon"},
	    {GET("/healthz") HOST "A: b\r\n folded\r\n" END, 400, "one line"},
	    {GET("/healthz") HOST "A: \x01\r\n" END, 400, "control"},
	    {GET("/healthz") HOST "Transfer-Encoding: chunked\r\n" END, 400, "Transfer-Encoding"},
	    {GET("/healthz") HOST "Content-Length: 1\r\nContent-Length: 1\r\n" END, 400, "once"},
	    {GET("/healthz") HOST "Content-Length: +1\r\n" END, 400, NULL},
	    {GET("/healthz") HOST "Content-Length: 0x10\r\n" END, 400, NULL},
	    {GET("/healthz") HOST "Content-Length: 1, 1\r\n" END, 400, NULL},
	    {GET("/healthz") HOST "Content-Length:\r\n" END, 400, NULL},
	    {GET("/healthz") HOST "Content-Length: 5\r\n" END, 400, "only POST"},
	    {GET("/healthz") HOST "Expect: the-unexpected\r\n" END, 400, "100-continue"},
	    {"OPTIONS / HTTP/1.1\r\n" HOST END, 405, NULL},
	    {"TRACE / HTTP/1.1\r\n" HOST BEARER END, 405, NULL},
	    {"DELETE /api/v1/jobs/1 HTTP/1.1\r\n" HOST BEARER END, 405, NULL},
	    {"get /healthz HTTP/1.1\r\n" HOST END, 405, NULL},
	    {"CONNECT evil.example:443 HTTP/1.1\r\n" HOST END, 400, NULL},
	};

	try_all(&strict, attempts, LENGTH(attempts));
	ck_assert_int_eq(judge(&strict, GET("/") HOST "A: \0\r\n" END,
			       sizeof(GET("/") HOST "A: \0\r\n" END) - 1, true)
			     .status,
			 400);
}
END_TEST

START_TEST(writes_are_refused_unless_allowed)
{
	static const struct attempt shows[] = {
	    {POST("/api/v1/pause") HOST BEARER JSON END, 403, "http_write"},
	    {POST("/api/v1/jobs/1/cancel") HOST BEARER JSON END, 403, "http_write"},
	    {POST("/nothing") HOST BEARER JSON END, 403, NULL},
	};
	static const struct attempt changes[] = {
	    {POST("/api/v1/pause") HOST BEARER JSON END, 0, NULL},
	    {POST("/api/v1/pause") HOST BEARER JSON "Content-Length: 65536\r\n" END, 0, NULL},
	    {POST("/api/v1/pause") HOST BEARER
	     "Content-Type: application/json; charset=utf-8\r\n" END,
	     0, NULL},
	    {POST("/api/v1/pause") HOST BEARER JSON "Content-Length: 65537\r\n" END, 413, "65536"},
	    {POST("/api/v1/pause") HOST BEARER JSON
	     "Content-Length: 99999999999999999999999\r\n" END,
	     413, NULL},
	    {POST("/login") HOST JSON "Content-Length: 31457280\r\n" END, 413, NULL},
	    {POST("/api/v1/pause") HOST BEARER END, 415, "application/json"},
	    {POST("/api/v1/pause") HOST BEARER "Content-Type: text/plain\r\n" END, 415, NULL},
	    {POST("/api/v1/pause") HOST BEARER
	     "Content-Type: application/x-www-form-urlencoded\r\n" END,
	     415, NULL},
	    {POST("/api/v1/pause") HOST BEARER "Content-Type: application/jsonp\r\n" END, 415,
	     NULL},
	    {POST("/api/v1/pause") HOST BEARER JSON JSON END, 415, NULL},
	    {POST("/login") HOST "Content-Type: text/plain\r\n" END, 415, NULL},
	    {POST("/api/v1/pause") HOST BEARER JSON "Origin: null\r\n" END, 403, "elsewhere"},
	};
	struct http_guard writable = strict;

	writable.write = true;
	try_all(&strict, shows, LENGTH(shows));
	try_all(&writable, changes, LENGTH(changes));
}
END_TEST

START_TEST(too_much_is_refused)
{
	struct text head = TEXT_INIT;

	text_string(&head, "GET /");
	for (int i = 0; i < HTTP_TARGET_MOST; i++) {
		text_char(&head, 'a');
	}
	text_string(&head, " HTTP/1.1\r\n" HOST END);
	ck_assert_int_eq(judge(&strict, head.data, head.len, true).status, 414);
	text_clear(&head);
	text_string(&head, GET("/healthz") HOST);
	for (int i = 0; i < HTTP_HEADERS; i++) {
		text_printf(&head, "A%d: b\r\n", i);
	}
	text_string(&head, END);
	ck_assert_int_eq(judge(&strict, head.data, head.len, true).status, 431);
	text_free(&head);
}
END_TEST

START_TEST(the_head_ends_with_an_empty_line)
{
	static const char whole[] = GET("/healthz") HOST END;
	static const char bare[] = "GET / HTTP/1.1\n\nrest";

	for (size_t i = 0; i < sizeof(whole) - 1; i++) {
		ck_assert_uint_eq(http_head_length((struct span){whole, i}), 0);
	}
	ck_assert_uint_eq(http_head_length(SPAN_LITERAL(GET("/healthz") HOST END "body")),
			  sizeof(whole) - 1);
	ck_assert_uint_eq(http_head_length((struct span){bare, sizeof(bare) - 1}), 16);
	ck_assert_uint_eq(http_head_length(SPAN_EMPTY), 0);
}
END_TEST

START_TEST(what_was_asked_is_decoded)
{
	static const char head[] =
	    GET("/api/v1/jobs/12/tasks/a%2Fb%20c?x=1&after=7&name=a+b%26c&x=2") HOST
	    "X: 1\r\nx:  2 \r\n" END;
	struct http_request request;
	struct text value = TEXT_INIT;
	struct span header;

	ck_assert_int_eq(http_request_read(SPAN_LITERAL(head), &request).status, 0);
	ck_assert_uint_eq(request.segment_count, 6);
	ck_assert_str_eq(unit_string(request.segments[3]), "12");
	ck_assert_str_eq(unit_string(request.segments[5]), "a/b c");
	ck_assert(http_request_path_is(&request, "/api/v1/jobs/12/tasks/a%2Fb%20c"));
	ck_assert(http_request_query(&request, "after", &value));
	unit_assert_text(&value, "7");
	ck_assert(http_request_query(&request, "name", &value));
	unit_assert_text(&value, "a b&c");
	ck_assert(!http_request_query(&request, "afte", &value));
	ck_assert(!http_request_query(&request, "ter", &value));
	ck_assert_uint_eq(http_request_header(&request, "x", &header), 2);
	ck_assert_str_eq(unit_string(header), "1");
	text_free(&value);
}
END_TEST

START_TEST(secrets_are_compared_whole)
{
	ck_assert(http_guard_same(SPAN_LITERAL("abc"), "abc"));
	ck_assert(!http_guard_same(SPAN_LITERAL("abd"), "abc"));
	ck_assert(!http_guard_same(SPAN_LITERAL("ab"), "abc"));
	ck_assert(!http_guard_same(SPAN_LITERAL("abcabc"), "abc"));
	ck_assert(!http_guard_same(SPAN_EMPTY, "abc"));
	ck_assert(!http_guard_same(SPAN_EMPTY, "")); /* no secret lets nobody in */
}
END_TEST

int
main(void)
{
	const TTest *const tests[] = {
	    good_ones_pass,
	    another_host_is_refused,
	    another_origin_is_refused,
	    who_does_not_know_the_token_is_refused,
	    malformed_ones_are_refused,
	    malformed_headers_are_refused,
	    writes_are_refused_unless_allowed,
	    too_much_is_refused,
	    the_head_ends_with_an_empty_line,
	    what_was_asked_is_decoded,
	    secrets_are_compared_whole,
	};

	return unit_run("http_guard", tests, LENGTH(tests));
}
