// SPDX-License-Identifier: LGPL-2.1-or-later
/* Machines: their ABIs by name, this one's registers, and what its calls look like. */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>
#include <sys/user.h>

#include "arch/arch.h"

static void abis_are_known_on_every_machine(void **state)
{
	static const struct {
		const char *name;
		unsigned int word;
	} rows[] = {
		{ "x86_64", 8 }, { "i386", 4 }, { "x32", 4 }, { "aarch64", 8 }, { "riscv64", 8 }
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct abi *abi = abi_by_name(rows[i].name);

		assert_non_null(abi);
		assert_string_equal(abi->name, rows[i].name);
		assert_int_equal(abi->word, rows[i].word);
	}
	assert_null(abi_by_name("pdp11"));
	assert_ptr_equal(abi_native(), &arch_native->abi[0]);
}

#if defined(__x86_64__)

static void registers_are_where_dwarf_counts_them(void **state)
{
	/* DWARF's numbers 0 to 16 (System V psABI, figure 3.36): rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, r8 … r15, ip */
	const struct user_regs_struct regs = {
		.rax = 100,
		.rdx = 101,
		.rcx = 102,
		.rbx = 103,
		.rsi = 104,
		.rdi = 105,
		.rbp = 106,
		.rsp = 107,
		.r8 = 108,
		.r9 = 109,
		.r10 = 110,
		.r11 = 111,
		.r12 = 112,
		.r13 = 113,
		.r14 = 114,
		.r15 = 115,
		.rip = 116,
	};
	struct registers r;

	(void)state;
	memset(&r, 0xff, sizeof(r));
	assert_int_equal(arch_native->registers(&r, &regs, sizeof(regs)), 0);
	assert_int_equal(r.word, 8);
	for (unsigned int i = 0; i <= 16; i++)
		assert_int_equal(r.v[i], 100 + i);
	assert_int_equal(r.v[arch_native->pc], 116);
	assert_int_equal(r.v[arch_native->sp], 107);
	assert_int_equal(r.v[arch_native->fp], 106);
}

static void those_of_an_i386_task_are_found_by_its_own_numbers(void **state)
{
	/* struct user_regs_struct of i386: ebx ecx edx esi edi ebp eax, four segments, orig_eax, eip, cs, eflags, esp, ss */
	static const uint32_t regs[17] = { 3,     1,     2,     6, 7,     5,     100, 0xbad, 0xbad,
					   0xbad, 0xbad, 0xbad, 8, 0xbad, 0xbad, 4,   0xbad };
	/* by DWARF's numbers: eax ecx edx ebx esp ebp esi edi eip */
	static const uint32_t dwarf[] = { 100, 1, 2, 3, 4, 5, 6, 7, 8 };
	struct registers r;

	(void)state;
	assert_int_equal(arch_native->registers(&r, regs, sizeof(regs)), 0);
	assert_int_equal(r.word, 4);
	assert_int_equal(arch_native->nregs32, sizeof(dwarf) / sizeof(dwarf[0]));
	for (unsigned int i = 0; i < arch_native->nregs32; i++)
		assert_int_equal(r.v[arch_native->regs32[i]], dwarf[i]);
	assert_int_equal(r.v[arch_native->pc], 8);
	for (unsigned int i = 0; i < ARCH_REGS; i++)
		assert_int_not_equal(r.v[i], 0xbad);
}

static void other_sets_of_registers_are_refused(void **state)
{
	struct user_regs_struct regs = { 0 };
	struct registers r;

	(void)state;
	assert_int_equal(arch_native->registers(&r, &regs, sizeof(regs) - 1), -ENOSYS);
	assert_int_equal(arch_native->registers(&r, &regs, 0), -ENOSYS);
}

static void a_call_is_told_by_the_bytes_before_its_return(void **state)
{
	static const struct {
		bool calls;
		unsigned char code[ARCH_CODE];
	} rows[] = {
		{ true, { 0x90, 0x90, 0x90, 0xe8, 1, 2, 3, 4 } },             /* call rel32 */
		{ true, { 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xd0 } }, /* call *%rax */
		{ true, { 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0x50, 0x10 } }, /* call *0x10(%rax) */
		{ true, { 0x90, 0x90, 0xff, 0x15, 1, 2, 3, 4 } },             /* call *x(%rip) */
		{ true, { 0x90, 0xff, 0x94, 0xc8, 1, 2, 3, 4 } },  /* call *x(%rax,%rcx,8) */
		{ false, { 0x90, 0x90, 0x90, 0xe9, 1, 2, 3, 4 } }, /* jmp rel32 */
		{ false, { 0x90, 0x90, 0x90, 0x90, 0x90, 0x90, 0xff, 0xe0 } }, /* jmp *%rax */
		{ false,
		  { 0xff, 0xd0, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90 } }, /* a call long before */
		{ false, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(arch_native->calls(rows[i].code), rows[i].calls);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(abis_are_known_on_every_machine),
#if defined(__x86_64__)
		cmocka_unit_test(registers_are_where_dwarf_counts_them),
		cmocka_unit_test(those_of_an_i386_task_are_found_by_its_own_numbers),
		cmocka_unit_test(other_sets_of_registers_are_refused),
		cmocka_unit_test(a_call_is_told_by_the_bytes_before_its_return),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
