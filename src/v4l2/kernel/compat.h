/* SPDX-License-Identifier: GPL-2.0 */
/* What has changed in the kernel since 6.12, the oldest supported version. */
#ifndef DAEDALUS_COMPAT_H
#define DAEDALUS_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#error "daedalus-v4l2 needs Linux 6.12 or later"
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define DAEDALUS_IMPORT_NS_DMA_BUF() MODULE_IMPORT_NS(DMA_BUF)
#define DAEDALUS_WAIT_OPS .wait_prepare = vb2_ops_wait_prepare, .wait_finish = vb2_ops_wait_finish,
#else
#define DAEDALUS_IMPORT_NS_DMA_BUF() MODULE_IMPORT_NS("DMA_BUF")
#define DAEDALUS_WAIT_OPS
#endif

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define daedalus_fh_add(fh, file) v4l2_fh_add(fh)
#define daedalus_fh_del(fh, file) v4l2_fh_del(fh)
#else
#define daedalus_fh_add(fh, file) v4l2_fh_add(fh, file)
#define daedalus_fh_del(fh, file) v4l2_fh_del(fh, file)
#endif

#endif
