/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes the module's own allocations fail, one after another, because distributions' kernels lack
 * failslab. The test's build includes it before each file of the module, with -include. The
 * parameter fail_allocation counts down to the one that fails: 1 is the next.
 */
#ifndef FAIL_ALLOCATION_H
#define FAIL_ALLOCATION_H

#include <linux/atomic.h>
#include <linux/mm.h>
#include <linux/slab.h>

extern atomic_t daedalus_fail_allocation;

static inline bool daedalus_allocation_fails(void) {
  return atomic_read(&daedalus_fail_allocation) > 0 &&
         atomic_dec_return(&daedalus_fail_allocation) == 0;
}

#define FAIL_OR(allocation) (daedalus_allocation_fails() ? NULL : (allocation))

static inline void* daedalus_kzalloc(size_t size, gfp_t flags) {
  return FAIL_OR(kzalloc(size, flags));
}

static inline void* daedalus_kvmalloc(size_t size, gfp_t flags) {
  return FAIL_OR(kvmalloc(size, flags));
}

#undef kzalloc
#undef kvmalloc
#define kzalloc daedalus_kzalloc
#define kvmalloc daedalus_kvmalloc

#endif
