/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Declarations shared by the module's files.
 *
 * Lock order: create_lock, daedalus_stream.lock (vb2's), then
 * daedalus_device.lock and the control handler's. Never wait for user space
 * while holding one.
 */
#ifndef DAEDALUS_H
#define DAEDALUS_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/wait.h>
#include <media/media-device.h>
#include <media/v4l2-ctrls.h>
#include <media/v4l2-device.h>
#include <media/v4l2-fh.h>
#include <media/v4l2-mem2mem.h>
#include <media/videobuf2-v4l2.h>

#include "compat.h"
#include "daedalus_v4l2.h"

/* The nodes that the daemon has created. Counted by v4l2_dev's references. */
struct daedalus_device {
	struct v4l2_device v4l2_dev;
	struct media_device mdev;
	struct video_device vdev;
	struct v4l2_m2m_dev *m2m_dev;
	struct daedalus_v4l2_codec codecs[DAEDALUS_V4L2_CODECS];

	struct mutex lock; /* for the members below */
	struct list_head waiting; /* streams that ACCEPT has not returned */
	unsigned int stream_count; /* announced ones */
	bool dead; /* the daemon is gone */
	wait_queue_head_t wait; /* for ACCEPT */
};

/* A message for read(). */
struct daedalus_message {
	struct list_head entry;
	struct daedalus_buffer *job; /* its OUTPUT buffer, or NULL */
	size_t size;
	u8 data[] __aligned(8);
};

/* A buffer of either queue. stream->lock protects all members after m2m. */
struct daedalus_buffer {
	struct v4l2_m2m_buffer m2m;
	u64 number; /* of its memory (CAPTURE) or of its job (OUTPUT) */

	/* CAPTURE */
	struct daedalus_message *gone; /* to send when the client no longer has its memory */
	bool told; /* the daemon has read a job that names it */
	bool failed; /* a field of its picture failed */
	unsigned int users; /* its jobs, plus 1 while it waits for a second field */

	/* OUTPUT: a picture or field being decoded by the daemon */
	struct list_head entry;
	struct daedalus_buffer *dst;
	struct daedalus_message *message; /* until the daemon reads it */
	enum vb2_buffer_state answer; /* VB2_BUF_STATE_ACTIVE until it is answered */
};

/* An open file of the video node. */
struct daedalus_stream {
	struct kref refs; /* the client's file and the daemon's */
	struct daedalus_device *dev; /* lives as long as the client's file */
	struct v4l2_fh fh;
	struct v4l2_ctrl_handler hdl;
	struct list_head waiting; /* under dev->lock */
	bool announced; /* under dev->lock */
	wait_queue_head_t wait; /* for messages */

	struct mutex lock; /* vb2's; for the members below */
	u32 codec; /* DAEDALUS_V4L2_H264 and so on */
	struct v4l2_pix_format_mplane coded, capture;
	u32 sequence;
	bool closed; /* by the client */
	bool failed; /* the daemon is gone */
	struct list_head jobs; /* OUTPUT buffers in decode order */
	struct list_head messages;
	struct daedalus_buffer *held; /* waiting for its second field */
	u64 last_memory, last_job, last_read;
	size_t unread; /* bytes of the jobs' messages */
};

static inline struct daedalus_stream *daedalus_stream_of_queue(struct vb2_queue *q)
{
	return vb2_get_drv_priv(q);
}

static inline struct daedalus_buffer *daedalus_buffer_of(struct vb2_buffer *vb)
{
	return container_of(to_vb2_v4l2_buffer(vb), struct daedalus_buffer, m2m.vb);
}

/* stream.c */
extern const struct file_operations daedalus_stream_fops;
struct daedalus_stream *daedalus_stream_create(struct daedalus_device *dev);
void daedalus_stream_put(struct daedalus_stream *s);
void daedalus_stream_fail(struct daedalus_stream *s);
void daedalus_stream_pump(struct daedalus_stream *s);
void daedalus_stream_abort(struct daedalus_stream *s);
void daedalus_stream_release_held(struct daedalus_stream *s, bool failed);
void daedalus_stream_return_ready(struct daedalus_stream *s, u32 type, enum vb2_buffer_state state);
int daedalus_stream_add_memory(struct daedalus_stream *s, struct daedalus_buffer *buffer);
void daedalus_stream_remove_memory(struct daedalus_stream *s, struct daedalus_buffer *buffer);

/* video.c */
struct daedalus_device *daedalus_device_create(struct device *parent,
					       const struct daedalus_v4l2_create *create);
struct daedalus_stream *daedalus_device_take_waiting(struct daedalus_device *dev);
void daedalus_device_destroy(struct daedalus_device *dev);

/* controls.c */
int daedalus_controls_init(struct daedalus_stream *s);
bool daedalus_controls_ten_bit(struct daedalus_stream *s);
size_t daedalus_controls_copy(struct daedalus_stream *s, u8 *to);

#endif
