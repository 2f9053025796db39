// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proves: arena, buf, json, map and addr keep their promises. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/json-read.h"
#include "base/json.h"
#include "base/map.h"
#include "event/addr.h"

static void arena_hands_out_zeroed_memory_again_after_reset(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (int i = 1; i < 2000; i += 7) {
			unsigned char *p = arena_alloc(&a, (size_t)i);

			for (int k = 0; k < i; k++)
				assert_int_equal(p[k], 0);
			memset(p, 0xff, (size_t)i);
		}
		arena_reset(&a);
	}
	arena_free(&a);
	assert_null(a.head);
}

static void map_finds_what_was_put_and_not_what_was_removed(void **state)
{
	struct map m = { 0 };
	static int v[3000];

	(void)state;
	for (uint64_t k = 0; k < 3000; k++)
		map_put(&m, k * 64, &v[k]);
	for (uint64_t k = 0; k < 3000; k += 3)
		assert_ptr_equal(map_remove(&m, k * 64), &v[k]);
	for (uint64_t k = 0; k < 3000; k++)
		assert_ptr_equal(map_get(&m, k * 64), k % 3 ? &v[k] : NULL);
	assert_int_equal(m.n, 2000);
	map_free(&m);
}

static void buf_writes_numbers_as_printf_does(void **state)
{
	struct buf b = { 0 };

	(void)state;
	buf_u64(&b, UINT64_MAX);
	buf_char(&b, ' ');
	buf_s64(&b, INT64_MIN);
	buf_char(&b, ' ');
	buf_hex(&b, 0);
	buf_char(&b, ' ');
	buf_hex0(&b, 0);
	buf_char(&b, ' ');
	buf_hex0(&b, 0xfeed);
	assert_string_equal(buf_cstr(&b), "18446744073709551615 -9223372036854775808 0x0 0 0xfeed");
	buf_free(&b);
}

static void escaping_lets_no_control_byte_through(void **state)
{
	struct buf b = { 0 };
	unsigned char all[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (unsigned char)i;
	buf_escaped(&b, all, sizeof(all));
	for (size_t i = 0; i < b.len; i++)
		assert_in_range((unsigned char)b.p[i], 0x20, 0x7e);
	buf_free(&b);
}

static void json_places_commas_and_replaces_broken_utf8(void **state)
{
	struct buf b = { 0 };
	struct json j = { .out = &b };

	(void)state;
	jput_object(&j, NULL);
	jput_u64(&j, "a", 1);
	jput_array(&j, "b");
	jput_s64(&j, NULL, -2);
	jput_object(&j, NULL);
	jput_object_end(&j);
	jput_array_end(&j);
	jput_strn(&j, "c", "\"\x01\xc3\xa9\xff\xed\xa0\x80", 8);
	jput_hex(&j, "d", 0);
	jput_object_end(&j);
	assert_string_equal(buf_cstr(&b),
			    "{\"a\":1,\"b\":[-2,{}],\"c\":\"\\\"\\u0001\xc3\xa9"
			    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\",\"d\":\"0x0\"}");
	buf_free(&b);
}

static void json_texts_are_taken_and_refused_as_rfc_8259_has_it(void **state)
{
	static const char *const good[] = {
		"{}",
		" [ ] ",
		"[1,-0,0.5e-3,1E9]",
		"\"\\u00e4\\ud83d\\ude00\\n\\/\"",
		"9223372036854775807",
		"-9223372036854775808",
		"{\"a\":{\"a\":[null,true,false]}}",
		"\"\xc3\xa4 and more than eight bytes of it\"",
		"\"\\u0000\"",
	};
	static const char *const bad[] = {
		"",
		"{",
		"[1,]",
		"{\"a\"}",
		"{\"a\":}",
		"{a:1}",
		"[1 2]",
		"01",
		"1.",
		"1e",
		"-",
		"+1",
		"9223372036854775808",
		"-9223372036854775809",
		"\"",
		"\"\\x41\"",
		"\"\\ud800\"",
		"\"\\udc00\"",
		"\"\\u12\"",
		"\"a\tb\"",
		"\"\xff\"",
		"\"\xed\xa0\x80\"",
		"nul",
		"truex",
		"{} {}",
		"[1}",
		"{\"a\":1]",
	};
	struct jval_stack stack = { .v = NULL };
	struct arena a = { .head = NULL };
	const char *why = NULL;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		strcpy(text, good[i]);
		assert_non_null(jval_parse(&a, &stack, text, strlen(text), &why));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		strcpy(text, bad[i]);
		why = NULL;
		assert_null(jval_parse(&a, &stack, text, strlen(text), &why));
		assert_non_null(why);
	}
	memset(text, '[', sizeof(text)); /* deeper than anything that was meant */
	assert_null(jval_parse(&a, &stack, text, sizeof(text), &why));
	arena_free(&a);
	jval_stack_free(&stack);
}

static void members_of_json_are_found_in_any_order(void **state)
{
	char text[] = "{\"a\":1,\"b\":\"x\\u0041\\\\\",\"c\":[3,4],\"d\":null}";
	struct jval_stack stack = { .v = NULL };
	struct arena a = { .head = NULL };
	const struct jval *o;
	const char *why;

	(void)state;
	o = jval_parse(&a, &stack, text, strlen(text), &why);
	for (int i = 0; i < 3; i++) {
		assert_true(jval_is(jval_get(o, "d"), JVAL_NULL));
		assert_string_equal(jval_text(jval_get(o, "b")), "xA\\");
		assert_int_equal(jval_get(o, "b")->n, 3);
		assert_int_equal(jval_int(jval_get(o, "a")), 1);
		assert_null(jval_get(o, "e"));
		assert_int_equal(jval_int(jval_at(jval_get(o, "c"), 1)), 4);
		assert_null(jval_at(jval_get(o, "c"), 2));
	}
	assert_int_equal(jval_size(jval_get(o, "b")), 0);
	assert_null(jval_text(NULL));
	arena_free(&a);
	jval_stack_free(&stack);
}

static void reader_never_passes_its_end(void **state)
{
	unsigned char data[7] = { 1, 2, 3, 4, 5, 6, 7 };
	struct reader r = reader_of(data, sizeof(data));

	(void)state;
	assert_int_equal(read_be32(&r), 0x01020304);
	assert_int_equal(read_be32(&r), 0);
	assert_true(r.failed);
	assert_int_equal(read_u8(&r), 0);
}

static void mapped_addresses_equal_their_ipv4_twins(void **state)
{
	struct in6_addr six;
	struct in_addr four;

	(void)state;
	inet_pton(AF_INET6, "::ffff:192.0.2.7", &six);
	inet_pton(AF_INET, "192.0.2.7", &four);

	struct addr a = addr_of_in6(&six, 53, 0), b = addr_of_in(&four, 53);
	struct buf buf = { 0 };

	assert_true(addr_same(&a, &b));
	assert_int_equal(addr_hash(&a), addr_hash(&b));
	addr_put(&buf, &a);
	assert_string_equal(buf_cstr(&buf), "[::ffff:192.0.2.7]:53");
	buf_free(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_hands_out_zeroed_memory_again_after_reset),
		cmocka_unit_test(map_finds_what_was_put_and_not_what_was_removed),
		cmocka_unit_test(buf_writes_numbers_as_printf_does),
		cmocka_unit_test(escaping_lets_no_control_byte_through),
		cmocka_unit_test(json_places_commas_and_replaces_broken_utf8),
		cmocka_unit_test(json_texts_are_taken_and_refused_as_rfc_8259_has_it),
		cmocka_unit_test(members_of_json_are_found_in_any_order),
		cmocka_unit_test(reader_never_passes_its_end),
		cmocka_unit_test(mapped_addresses_equal_their_ipv4_twins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
