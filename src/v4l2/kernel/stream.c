// SPDX-License-Identifier: GPL-2.0
/*
 * A stream's jobs: from v4l2-mem2mem's queues to the daemon and back.
 *
 * v4l2-mem2mem's scheduler is not used: it runs one job of one stream at a
 * time, and STREAMOFF waits for it in D state. Here a job leaves the queues as
 * soon as both have a buffer, in the client's context, and STREAMOFF cancels it
 * whatever the daemon does with it.
 */
#include <linux/dma-buf.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "daedalus.h"

/* Limit for jobs that the daemon has not read, in bytes. One job is always accepted. */
#define MAX_UNREAD (2 * DAEDALUS_V4L2_MAX_BITSTREAM)

static struct daedalus_message *make_message(u16 type, size_t size)
{
	const struct daedalus_v4l2_header header = { size, type, DAEDALUS_V4L2_VERSION };
	struct daedalus_message *message =
		kvmalloc(struct_size(message, data, size), GFP_KERNEL_ACCOUNT);

	if (!message)
		return NULL;
	message->job = NULL;
	message->size = size;
	memcpy(message->data, &header, sizeof(header));
	return message;
}

static void send_message(struct daedalus_stream *s, struct daedalus_message *message)
{
	list_add_tail(&message->entry, &s->messages);
	wake_up(&s->wait);
}

static void release_stream(struct kref *refs)
{
	struct daedalus_stream *s = container_of(refs, struct daedalus_stream, refs);
	struct daedalus_message *message, *next;

	list_for_each_entry_safe(message, next, &s->messages, entry)
		kvfree(message);
	kfree(s);
}

void daedalus_stream_put(struct daedalus_stream *s)
{
	kref_put(&s->refs, release_stream);
}

/* The last user of a picture returns its buffer. */
static void put_dst(struct daedalus_buffer *dst, bool failed)
{
	dst->failed |= failed;
	if (!--dst->users)
		v4l2_m2m_buf_done(&dst->m2m.vb,
				  dst->failed ? VB2_BUF_STATE_ERROR : VB2_BUF_STATE_DONE);
}

/* Call when the held buffer will get no second field. */
void daedalus_stream_release_held(struct daedalus_stream *s, bool failed)
{
	if (s->held)
		put_dst(s->held, failed);
	s->held = NULL;
}

/*
 * Removes a job from the list and returns its buffers. dst is returned first,
 * because src wakes the client, which then dequeues both.
 */
static void return_job(struct daedalus_stream *s, struct daedalus_buffer *job,
		       enum vb2_buffer_state state)
{
	list_del(&job->entry);
	if (job->message) {
		s->unread -= job->message->size;
		list_del(&job->message->entry);
		kvfree(job->message);
	}
	put_dst(job->dst, state == VB2_BUF_STATE_ERROR);
	v4l2_m2m_buf_done(&job->m2m.vb, state);
}

/* Cancels all jobs. The daemon's answers to them will be ignored. */
void daedalus_stream_abort(struct daedalus_stream *s)
{
	struct daedalus_buffer *job, *next;

	list_for_each_entry_safe(job, next, &s->jobs, entry)
		return_job(s, job, VB2_BUF_STATE_ERROR);
	daedalus_stream_release_held(s, true);
}

/* Returns a queue's buffers that have not become jobs. */
void daedalus_stream_return_ready(struct daedalus_stream *s, u32 type, enum vb2_buffer_state state)
{
	struct v4l2_m2m_ctx *m2m = s->fh.m2m_ctx;
	struct vb2_v4l2_buffer *buffer;

	while ((buffer = V4L2_TYPE_IS_OUTPUT(type) ? v4l2_m2m_src_buf_remove(m2m) :
						     v4l2_m2m_dst_buf_remove(m2m))) {
		if (state == VB2_BUF_STATE_ERROR)
			v4l2_ctrl_request_complete(buffer->vb2_buf.req_obj.req, &s->hdl);
		v4l2_m2m_buf_done(buffer, state);
	}
}

/* The daemon is gone: current and later jobs fail, and the client wakes up. */
void daedalus_stream_fail(struct daedalus_stream *s)
{
	guard(mutex)(&s->lock);
	s->failed = true;
	if (s->closed)
		return;
	daedalus_stream_abort(s);
	daedalus_stream_return_ready(s, V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, VB2_BUF_STATE_ERROR);
	daedalus_stream_return_ready(s, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE, VB2_BUF_STATE_ERROR);
	vb2_queue_error(v4l2_m2m_get_src_vq(s->fh.m2m_ctx));
	vb2_queue_error(v4l2_m2m_get_dst_vq(s->fh.m2m_ctx));
}

/* Allocates the BUFFER_GONE message now, because it must not fail later. */
int daedalus_stream_add_memory(struct daedalus_stream *s, struct daedalus_buffer *buffer)
{
	buffer->number = ++s->last_memory;
	buffer->told = false;
	buffer->gone = make_message(DAEDALUS_V4L2_BUFFER_GONE,
				    sizeof(struct daedalus_v4l2_buffer_gone));
	if (!buffer->gone)
		return -ENOMEM;
	((struct daedalus_v4l2_buffer_gone *)buffer->gone->data)->buffer = buffer->number;
	return 0;
}

void daedalus_stream_remove_memory(struct daedalus_stream *s, struct daedalus_buffer *buffer)
{
	if (buffer->told && !s->failed)
		send_message(s, buffer->gone);
	else
		kvfree(buffer->gone);
	buffer->gone = NULL;
	buffer->told = false;
}

/* Creates a job's message; NULL on failure. */
static struct daedalus_message *make_job(struct daedalus_stream *s, struct daedalus_buffer *src,
					 struct daedalus_buffer *dst, bool second_field)
{
	struct vb2_buffer *vb = &src->m2m.vb.vb2_buf;
	const u8 *plane = vb2_plane_vaddr(vb, 0);
	const u32 data_offset = vb->planes[0].data_offset;
	const u32 bitstream_size = vb2_get_plane_payload(vb, 0) - data_offset;
	const u32 pitch = s->capture.plane_fmt[0].bytesperline;
	struct daedalus_v4l2_job *job;
	struct daedalus_message *message;
	size_t offset, end;

	if (s->failed || !plane || bitstream_size > DAEDALUS_V4L2_MAX_BITSTREAM)
		return NULL;
	/* Other threads of the client may set controls. */
	guard(mutex)(s->hdl.lock);
	offset = sizeof(*job) + daedalus_controls_copy(s, NULL);
	end = offset + bitstream_size;
	if (s->unread && s->unread + ALIGN(end, 8) > MAX_UNREAD)
		return NULL;
	message = make_message(DAEDALUS_V4L2_JOB, ALIGN(end, 8));
	if (!message)
		return NULL;
	job = (struct daedalus_v4l2_job *)message->data;
	*job = (struct daedalus_v4l2_job){
		.header = job->header,
		.job = ++s->last_job,
		.buffer = dst->number,
		.timestamp = vb->timestamp,
		.codec = s->codec,
		.flags = second_field ? DAEDALUS_V4L2_JOB_SECOND_FIELD : 0,
		.format = s->capture.pixelformat,
		.width = s->capture.width,
		.height = s->capture.height,
		.pitch = pitch,
		.chroma_offset = pitch * s->capture.height,
		.sizeimage = s->capture.plane_fmt[0].sizeimage,
		.controls_offset = sizeof(*job),
		.controls_size = offset - sizeof(*job),
		.bitstream_offset = offset,
		.bitstream_size = bitstream_size,
	};
	daedalus_controls_copy(s, message->data + sizeof(*job));
	memcpy(message->data + offset, plane + data_offset, bitstream_size);
	memset(message->data + end, 0, message->size - end);
	return message;
}

/* v4l2_m2m_buf_copy_metadata()'s arguments differ between kernel versions. */
static void copy_metadata(const struct vb2_v4l2_buffer *src, struct vb2_v4l2_buffer *dst)
{
	const u32 flags = V4L2_BUF_FLAG_TIMECODE | V4L2_BUF_FLAG_TSTAMP_SRC_MASK |
			  V4L2_BUF_FLAG_KEYFRAME | V4L2_BUF_FLAG_PFRAME | V4L2_BUF_FLAG_BFRAME;

	dst->vb2_buf.timestamp = src->vb2_buf.timestamp;
	dst->vb2_buf.copied_timestamp = 1;
	dst->timecode = src->timecode;
	dst->field = src->field;
	dst->flags = (dst->flags & ~flags) | (src->flags & flags);
}

static void queue_job(struct daedalus_stream *s, struct daedalus_buffer *src,
		      struct daedalus_buffer *dst, bool second_field)
{
	struct vb2_v4l2_buffer *from = &src->m2m.vb, *to = &dst->m2m.vb;
	struct media_request *req = from->vb2_buf.req_obj.req;

	src->message = NULL;
	if (!v4l2_ctrl_request_setup(req, &s->hdl))
		src->message = make_job(s, src, dst, second_field);
	v4l2_ctrl_request_complete(req, &s->hdl);
	copy_metadata(from, to);
	if (!second_field)
		to->sequence = s->sequence++;
	from->sequence = to->sequence;
	vb2_set_plane_payload(&to->vb2_buf, 0, s->capture.plane_fmt[0].sizeimage);
	if (!src->message) {
		put_dst(dst, true);
		v4l2_m2m_buf_done(from, VB2_BUF_STATE_ERROR);
		return;
	}
	src->number = s->last_job;
	src->dst = dst;
	src->answer = VB2_BUF_STATE_ACTIVE;
	src->message->job = src;
	s->unread += src->message->size;
	list_add_tail(&src->entry, &s->jobs);
	send_message(s, src->message);
	if (from->flags & V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF) {
		s->held = dst;
		dst->users++;
	}
}

/* The held buffer if src is its second field, else the next one, or NULL. */
static struct daedalus_buffer *take_dst(struct daedalus_stream *s, struct vb2_buffer *src,
					bool *second_field)
{
	struct daedalus_buffer *dst = s->held;
	struct vb2_v4l2_buffer *next;

	*second_field = dst && dst->m2m.vb.vb2_buf.timestamp == src->timestamp;
	if (*second_field) {
		s->held = NULL; /* src takes over its use */
		return dst;
	}
	daedalus_stream_release_held(s, false);
	next = v4l2_m2m_dst_buf_remove(s->fh.m2m_ctx);
	if (!next)
		return NULL;
	dst = daedalus_buffer_of(&next->vb2_buf);
	dst->failed = false;
	dst->users = 1;
	return dst;
}

/* Turns pairs of queued buffers into jobs. Called by the client's thread. */
void daedalus_stream_pump(struct daedalus_stream *s)
{
	struct v4l2_m2m_ctx *m2m = s->fh.m2m_ctx;
	struct vb2_v4l2_buffer *src;
	struct daedalus_buffer *dst;
	bool second_field;

	lockdep_assert_held(&s->lock);
	if (!vb2_start_streaming_called(v4l2_m2m_get_src_vq(m2m)) ||
	    !vb2_start_streaming_called(v4l2_m2m_get_dst_vq(m2m)))
		return;
	while ((src = v4l2_m2m_next_src_buf(m2m))) {
		dst = take_dst(s, &src->vb2_buf, &second_field);
		if (!dst)
			return;
		v4l2_m2m_src_buf_remove(m2m);
		queue_job(s, daedalus_buffer_of(&src->vb2_buf), dst, second_field);
	}
}

/* -EINVAL if the daemon has not read the job. Cancelled and answered jobs are accepted. */
static int answer_job(struct daedalus_stream *s, u64 number, enum vb2_buffer_state state)
{
	struct daedalus_buffer *job;

	guard(mutex)(&s->lock);
	if (!number || number > s->last_read)
		return -EINVAL;
	list_for_each_entry(job, &s->jobs, entry)
		if (job->number == number && job->answer == VB2_BUF_STATE_ACTIVE)
			job->answer = state;
	while ((job = list_first_entry_or_null(&s->jobs, struct daedalus_buffer, entry)) &&
	       job->answer != VB2_BUF_STATE_ACTIVE)
		return_job(s, job, job->answer);
	return 0;
}

/* Unlocked: read() checks again under the lock. */
static bool is_readable(struct daedalus_stream *s)
{
	return READ_ONCE(s->closed) || !list_empty(&s->messages);
}

/* The next message; NULL after the last one; -EAGAIN; -EMSGSIZE if `room` is too small. */
static struct daedalus_message *take_message(struct daedalus_stream *s, size_t room)
{
	struct daedalus_message *message;
	struct daedalus_buffer *job;

	guard(mutex)(&s->lock);
	message = list_first_entry_or_null(&s->messages, struct daedalus_message, entry);
	if (!message)
		return s->closed ? NULL : ERR_PTR(-EAGAIN);
	if (message->size > room)
		return ERR_PTR(-EMSGSIZE);
	list_del(&message->entry);
	job = message->job;
	if (job) {
		job->message = NULL;
		job->dst->told = true;
		s->last_read = job->number;
		s->unread -= message->size;
	}
	return message;
}

static ssize_t stream_read(struct file *file, char __user *to, size_t count, loff_t *offset)
{
	struct daedalus_stream *s = file->private_data;
	struct daedalus_message *message = take_message(s, count);
	ssize_t ret;

	if (IS_ERR_OR_NULL(message))
		return PTR_ERR_OR_ZERO(message);
	ret = message->size;
	if (copy_to_user(to, message->data, message->size)) {
		ret = -EFAULT;
		daedalus_stream_fail(s); /* the job will not be answered */
	}
	kvfree(message);
	return ret;
}

static ssize_t stream_write(struct file *file, const char __user *from, size_t count,
			    loff_t *offset)
{
	struct daedalus_v4l2_answer answer;
	int ret;

	if (count != sizeof(answer))
		return -EINVAL;
	if (copy_from_user(&answer, from, sizeof(answer)))
		return -EFAULT;
	if (answer.header.size != sizeof(answer) || answer.header.type != DAEDALUS_V4L2_ANSWER ||
	    answer.header.version != DAEDALUS_V4L2_VERSION ||
	    answer.status > DAEDALUS_V4L2_FAILED || answer.reserved)
		return -EINVAL;
	ret = answer_job(file->private_data, answer.job,
			 answer.status == DAEDALUS_V4L2_DONE ? VB2_BUF_STATE_DONE :
							       VB2_BUF_STATE_ERROR);
	return ret ? ret : count;
}

static __poll_t stream_poll(struct file *file, poll_table *wait)
{
	struct daedalus_stream *s = file->private_data;
	__poll_t events = EPOLLOUT | EPOLLWRNORM;

	poll_wait(file, &s->wait, wait);
	if (is_readable(s))
		events |= EPOLLIN | EPOLLRDNORM;
	if (READ_ONCE(s->closed))
		events |= EPOLLHUP;
	return events;
}

/* Creates a descriptor of a CAPTURE buffer's memory: the client's dma-buf, or vb2's. */
static int export_buffer(struct vb2_buffer *vb)
{
	struct dma_buf *dbuf = vb->planes[0].dbuf;
	int fd;

	if (vb->memory == VB2_MEMORY_DMABUF)
		get_dma_buf(dbuf);
	else
		dbuf = vb->vb2_queue->mem_ops->get_dmabuf(vb, vb->planes[0].mem_priv, O_RDWR);
	if (IS_ERR_OR_NULL(dbuf))
		return -ENOMEM;
	fd = dma_buf_fd(dbuf, O_CLOEXEC);
	if (fd < 0)
		dma_buf_put(dbuf);
	return fd;
}

static long stream_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct daedalus_stream *s = file->private_data;
	struct daedalus_v4l2_get get;
	struct vb2_buffer *vb;
	unsigned int i;

	if (command != DAEDALUS_V4L2_GET)
		return -ENOTTY;
	if (copy_from_user(&get, (const void __user *)argument, sizeof(get)))
		return -EFAULT;
	guard(mutex)(&s->lock);
	for (i = 0; !s->closed && i < DAEDALUS_V4L2_MAX_BUFFERS; i++) {
		vb = vb2_get_buffer(v4l2_m2m_get_dst_vq(s->fh.m2m_ctx), i);
		if (vb && daedalus_buffer_of(vb)->told &&
		    daedalus_buffer_of(vb)->number == get.buffer)
			return export_buffer(vb);
	}
	return -ENOENT;
}

static int stream_release(struct inode *inode, struct file *file)
{
	struct daedalus_stream *s = file->private_data;

	daedalus_stream_fail(s);
	daedalus_stream_put(s);
	return 0;
}

const struct file_operations daedalus_stream_fops = {
	.owner = THIS_MODULE,
	.read = stream_read,
	.write = stream_write,
	.poll = stream_poll,
	.unlocked_ioctl = stream_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = stream_release,
};

struct daedalus_stream *daedalus_stream_create(struct daedalus_device *dev)
{
	struct daedalus_stream *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return NULL;
	s->dev = dev;
	kref_init(&s->refs);
	INIT_LIST_HEAD(&s->waiting);
	mutex_init(&s->lock);
	INIT_LIST_HEAD(&s->jobs);
	INIT_LIST_HEAD(&s->messages);
	init_waitqueue_head(&s->wait);
	return s;
}
