// Loops over arrays that the compiler vectorises, compiled for several instruction sets; the widest one that the
// processor has is chosen when the module loads. There are no fused multiply-adds in any of them (-ffp-contract=off),
// and the order of every sum is the source's: all give the same bits.
#pragma once

#include "portable/numbers.hpp"  // and with it the C library's name

#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__) && \
    !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
#define TVDR_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define TVDR_CLONES
#endif
