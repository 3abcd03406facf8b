/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's files share.
 *
 * Lock order: daedalus_stream.lock (vb2's), daedalus_device.lock,
 * daedalus_stream.job_lock. None is held while user space is waited for.
 */
#ifndef DAEDALUS_H
#define DAEDALUS_H

#include <linux/dma-buf.h>
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <media/media-device.h>
#include <media/v4l2-ctrls.h>
#include <media/v4l2-device.h>
#include <media/v4l2-fh.h>
#include <media/v4l2-mem2mem.h>
#include <media/videobuf2-v4l2.h>

#include "compat.h"
#include "daedalus_v4l2.h"

/* A pair of nodes, which the daemon made. v4l2_dev's reference count is its own. */
struct daedalus_device {
	struct v4l2_device v4l2_dev;
	struct media_device mdev;
	struct video_device vdev;
	struct v4l2_m2m_dev *m2m_dev;
	struct daedalus_v4l2_codec codecs[DAEDALUS_V4L2_CODECS];

	struct mutex lock; /* for what follows */
	struct list_head streams;
	struct list_head waiting; /* streams that ACCEPT has not returned */
	unsigned int stream_count; /* those that were announced */
	bool dead; /* the daemon is gone */
	wait_queue_head_t wait; /* for ACCEPT */
};

struct daedalus_job;

/* What read() returns. The first member of what it is freed with. */
struct daedalus_message {
	struct list_head entry;
	struct daedalus_job *job; /* or NULL */
	size_t size;
	void *data;
};

/* A CAPTURE buffer's memory, as the daemon knows it; in the end it is the message of that. */
struct daedalus_memory {
	struct daedalus_message message;
	struct daedalus_v4l2_buffer_gone gone;
	struct list_head entry;
	struct dma_buf *dbuf;
	bool told; /* the daemon has read a job that names it */
};

struct daedalus_buffer {
	struct v4l2_m2m_buffer m2m;
	struct daedalus_memory *memory; /* CAPTURE only */
};

/* A picture or field that is with the daemon. */
struct daedalus_job {
	struct list_head entry;
	u64 number;
	struct vb2_v4l2_buffer *src, *dst;
	struct daedalus_message *message; /* until the daemon reads it */
	bool hold; /* dst stays for the second field */
	bool incomplete; /* the second field became no job: dst fails */
	bool answered;
	enum vb2_buffer_state state;
};

/* An open file of the video node. */
struct daedalus_stream {
	struct kref refs; /* the client's file, the daemon's, fail_work */
	struct daedalus_device *dev; /* lives as long as the client's file */
	struct v4l2_fh fh;
	struct v4l2_ctrl_handler hdl;
	struct list_head entry; /* dev->lock */
	struct list_head waiting; /* dev->lock */
	bool announced; /* dev->lock */
	struct work_struct fail_work;

	struct mutex lock; /* vb2's; for what follows */
	u32 codec; /* DAEDALUS_V4L2_H264 and so on */
	struct v4l2_pix_format_mplane coded, capture;
	u32 sequence;
	u64 last_memory;

	spinlock_t job_lock; /* for what follows; never taken in interrupts */
	bool closed; /* by the client; written with lock held, too */
	bool failed; /* the daemon is gone */
	struct list_head jobs; /* in decode order */
	struct list_head messages;
	struct list_head memories;
	struct vb2_v4l2_buffer *held; /* waits for its second field */
	struct daedalus_job *held_job; /* the first field's, while it is in jobs */
	u64 last_job, last_read;
	size_t unread; /* bytes of jobs' messages */
	wait_queue_head_t wait; /* for messages */
};

static inline struct daedalus_stream *daedalus_stream_of_fh(struct v4l2_fh *fh)
{
	return container_of(fh, struct daedalus_stream, fh);
}

static inline struct daedalus_buffer *daedalus_buffer_of(struct vb2_buffer *vb)
{
	return container_of(to_vb2_v4l2_buffer(vb), struct daedalus_buffer, m2m.vb);
}

/* main.c */
extern struct workqueue_struct *daedalus_workqueue;

/* stream.c */
extern const struct file_operations daedalus_stream_fops;
struct daedalus_stream *daedalus_stream_create(void);
void daedalus_stream_put(struct daedalus_stream *s);
void daedalus_stream_fail(struct daedalus_stream *s);
void daedalus_stream_close(struct daedalus_stream *s);
void daedalus_stream_pump(struct daedalus_stream *s);
void daedalus_stream_abort(struct daedalus_stream *s);
void daedalus_stream_release_held(struct daedalus_stream *s);
int daedalus_stream_add_memory(struct daedalus_stream *s, struct vb2_buffer *vb);
void daedalus_stream_remove_memory(struct daedalus_stream *s, struct vb2_buffer *vb);

/* video.c */
void daedalus_video_return_ready(struct daedalus_stream *s, u32 type, enum vb2_buffer_state state);
struct daedalus_device *daedalus_device_create(struct device *parent,
					       const struct daedalus_v4l2_create *create);
void daedalus_device_destroy(struct daedalus_device *dev);

/* controls.c */
int daedalus_controls_init(struct daedalus_stream *s);
bool daedalus_controls_ten_bit(struct daedalus_stream *s);
size_t daedalus_controls_copy(struct daedalus_stream *s, u8 *to);

#endif
