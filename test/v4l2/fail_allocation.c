// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include "fail_allocation.h"

atomic_t daedalus_fail_allocation = ATOMIC_INIT(0);
module_param_named(fail_allocation, daedalus_fail_allocation.counter, int, 0600);
MODULE_PARM_DESC(fail_allocation, "the allocation that fails: 1 is the next");
