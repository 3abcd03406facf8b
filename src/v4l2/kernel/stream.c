// SPDX-License-Identifier: GPL-2.0
/*
 * A stream's jobs: from v4l2-mem2mem's queues to the daemon and back.
 *
 * v4l2-mem2mem's scheduler is not used: it runs one job of one stream at a time,
 * and STREAMOFF waits for it in D state. Here a job leaves the queues as soon as
 * both have a buffer, in the client's own context, and STREAMOFF takes it back
 * whatever the daemon does with it.
 */
#include <linux/fcntl.h>
#include <linux/freezer.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "daedalus.h"

/* Bytes of jobs that the daemon has not read. One job is always taken. */
#define MAX_UNREAD (2 * DAEDALUS_V4L2_MAX_BITSTREAM)

static void free_messages(struct list_head *messages)
{
	struct daedalus_message *message, *next;

	list_for_each_entry_safe(message, next, messages, entry)
		kvfree(message);
}

static void release_stream(struct kref *refs)
{
	struct daedalus_stream *s = container_of(refs, struct daedalus_stream, refs);

	free_messages(&s->messages);
	kfree(s);
}

void daedalus_stream_put(struct daedalus_stream *s)
{
	kref_put(&s->refs, release_stream);
}

/*
 * Takes a job off the list and returns its buffers, with job_lock held. dst goes
 * first: src wakes the client, which takes both.
 */
static void return_job(struct daedalus_stream *s, struct daedalus_job *job,
		       enum vb2_buffer_state state, struct list_head *unused)
{
	list_del(&job->entry);
	if (s->held_job == job)
		s->held_job = NULL;
	if (job->message) {
		s->unread -= job->message->size;
		list_move(&job->message->entry, unused);
	}
	if (!job->hold)
		v4l2_m2m_buf_done(job->dst, job->incomplete ? VB2_BUF_STATE_ERROR : state);
	v4l2_m2m_buf_done(job->src, state);
	kfree(job);
}

/* Takes all jobs back. The daemon's answers to them will be ignored. */
void daedalus_stream_abort(struct daedalus_stream *s)
{
	struct daedalus_job *job, *next;
	LIST_HEAD(unused);

	spin_lock(&s->job_lock);
	list_for_each_entry_safe(job, next, &s->jobs, entry)
		return_job(s, job, VB2_BUF_STATE_ERROR, &unused);
	if (s->held)
		v4l2_m2m_buf_done(s->held, VB2_BUF_STATE_ERROR);
	s->held = NULL;
	spin_unlock(&s->job_lock);
	free_messages(&unused);
}

/* Wakes up the client, and completes its requests that have not become jobs. */
static void fail_work(struct work_struct *work)
{
	struct daedalus_stream *s = container_of(work, struct daedalus_stream, fail_work);

	mutex_lock(&s->lock);
	if (!s->closed) {
		daedalus_video_return_ready(s, V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
					    VB2_BUF_STATE_ERROR);
		daedalus_video_return_ready(s, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
					    VB2_BUF_STATE_ERROR);
		vb2_queue_error(v4l2_m2m_get_src_vq(s->fh.m2m_ctx));
		vb2_queue_error(v4l2_m2m_get_dst_vq(s->fh.m2m_ctx));
	}
	mutex_unlock(&s->lock);
	daedalus_stream_put(s);
}

/*
 * The daemon is gone: all jobs fail, now and later. What needs the client's lock
 * is left to a worker, so that no client can keep the daemon from exiting.
 */
void daedalus_stream_fail(struct daedalus_stream *s)
{
	spin_lock(&s->job_lock);
	s->failed = true;
	spin_unlock(&s->job_lock);
	daedalus_stream_abort(s);
	kref_get(&s->refs);
	if (!queue_work(daedalus_workqueue, &s->fail_work))
		daedalus_stream_put(s);
}

/* The client is gone, and its queues with it. Called with lock held. */
void daedalus_stream_close(struct daedalus_stream *s)
{
	spin_lock(&s->job_lock);
	s->closed = true;
	spin_unlock(&s->job_lock);
	wake_up(&s->wait);
}

/* Of the client's own memory, or of vb2's. */
static struct dma_buf *buffer_dma_buf(struct vb2_buffer *vb)
{
	struct dma_buf *dbuf = vb->planes[0].dbuf;

	if (vb->memory != VB2_MEMORY_DMABUF)
		return vb->vb2_queue->mem_ops->get_dmabuf(vb, vb->planes[0].mem_priv, O_RDWR);
	get_dma_buf(dbuf);
	return dbuf;
}

int daedalus_stream_add_memory(struct daedalus_stream *s, struct vb2_buffer *vb)
{
	struct daedalus_memory *memory = kzalloc(sizeof(*memory), GFP_KERNEL_ACCOUNT);

	if (!memory)
		return -ENOMEM;
	memory->dbuf = buffer_dma_buf(vb);
	if (IS_ERR_OR_NULL(memory->dbuf)) {
		kfree(memory);
		return -ENOMEM;
	}
	memory->gone = (struct daedalus_v4l2_buffer_gone){
		.header = { sizeof(memory->gone), DAEDALUS_V4L2_BUFFER_GONE,
			    DAEDALUS_V4L2_VERSION },
		.buffer = ++s->last_memory,
	};
	memory->message.size = sizeof(memory->gone);
	memory->message.data = &memory->gone;
	daedalus_buffer_of(vb)->memory = memory;
	spin_lock(&s->job_lock);
	list_add_tail(&memory->entry, &s->memories);
	spin_unlock(&s->job_lock);
	return 0;
}

void daedalus_stream_remove_memory(struct daedalus_stream *s, struct vb2_buffer *vb)
{
	struct daedalus_memory *memory = daedalus_buffer_of(vb)->memory;
	struct dma_buf *dbuf = memory->dbuf;
	bool tell;

	daedalus_buffer_of(vb)->memory = NULL;
	spin_lock(&s->job_lock);
	list_del(&memory->entry);
	tell = memory->told && !s->failed;
	if (tell) {
		list_add_tail(&memory->message.entry, &s->messages);
		wake_up(&s->wait);
	}
	spin_unlock(&s->job_lock);
	if (!tell)
		kfree(memory);
	dma_buf_put(dbuf);
}

static struct daedalus_message *make_message(struct daedalus_stream *s,
					     struct vb2_v4l2_buffer *src,
					     struct vb2_v4l2_buffer *dst, bool second_field)
{
	const struct v4l2_pix_format_mplane *capture = &s->capture;
	const u8 *plane = vb2_plane_vaddr(&src->vb2_buf, 0);
	const u32 data_offset = src->vb2_buf.planes[0].data_offset;
	const u32 bitstream_size = vb2_get_plane_payload(&src->vb2_buf, 0) - data_offset;
	const size_t padded = ALIGN((size_t)bitstream_size, 8);
	struct daedalus_v4l2_job job = {
		.header = { 0, DAEDALUS_V4L2_JOB, DAEDALUS_V4L2_VERSION },
		.buffer = daedalus_buffer_of(&dst->vb2_buf)->memory->gone.buffer,
		.timestamp = src->vb2_buf.timestamp,
		.codec = s->codec,
		.flags = second_field ? DAEDALUS_V4L2_JOB_SECOND_FIELD : 0,
		.format = capture->pixelformat,
		.width = capture->width,
		.height = capture->height,
		.pitch = capture->plane_fmt[0].bytesperline,
		.chroma_offset = capture->plane_fmt[0].bytesperline * capture->height,
		.sizeimage = capture->plane_fmt[0].sizeimage,
		.controls_offset = sizeof(job),
		.bitstream_size = bitstream_size,
	};
	struct daedalus_message *message;

	if (!plane || bitstream_size > DAEDALUS_V4L2_MAX_BITSTREAM)
		return NULL;
	mutex_lock(s->hdl.lock);
	job.controls_size = daedalus_controls_copy(s, NULL);
	job.bitstream_offset = job.controls_offset + job.controls_size;
	job.header.size = job.bitstream_offset + padded;
	message = kvmalloc(sizeof(*message) + job.header.size, GFP_KERNEL_ACCOUNT);
	if (message)
		daedalus_controls_copy(s, (u8 *)(message + 1) + job.controls_offset);
	mutex_unlock(s->hdl.lock);
	if (!message)
		return NULL;
	message->size = job.header.size;
	message->data = message + 1;
	memcpy(message->data, &job, sizeof(job));
	memcpy(message->data + job.bitstream_offset, plane + data_offset, bitstream_size);
	memset(message->data + job.bitstream_offset + bitstream_size, 0, padded - bitstream_size);
	return message;
}

static struct daedalus_job *make_job(struct daedalus_stream *s, struct vb2_v4l2_buffer *src,
				     struct vb2_v4l2_buffer *dst, bool second_field)
{
	struct daedalus_job *job = kzalloc(sizeof(*job), GFP_KERNEL_ACCOUNT);

	if (!job)
		return NULL;
	job->message = make_message(s, src, dst, second_field);
	if (!job->message) {
		kfree(job);
		return NULL;
	}
	job->message->job = job;
	job->src = src;
	job->dst = dst;
	job->hold = src->flags & V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF;
	return job;
}

static bool append_job(struct daedalus_stream *s, struct daedalus_job *job)
{
	struct daedalus_message *message = job->message;
	bool fits;

	spin_lock(&s->job_lock);
	fits = !s->failed && (!s->unread || s->unread + message->size <= MAX_UNREAD);
	if (fits) {
		job->number = ++s->last_job;
		((struct daedalus_v4l2_job *)message->data)->job = job->number;
		s->unread += message->size;
		list_add_tail(&job->entry, &s->jobs);
		list_add_tail(&message->entry, &s->messages);
		if (job->hold) {
			s->held = job->dst;
			s->held_job = job;
		}
		wake_up(&s->wait);
	}
	spin_unlock(&s->job_lock);
	return fits;
}

/* v4l2_m2m_buf_copy_metadata() has not the same arguments in all kernels. */
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

/*
 * Returns the buffer of a picture that became no job. The first field's job may
 * still be with the daemon: then it is that job's until then.
 */
static void fail_dst(struct daedalus_stream *s, struct vb2_v4l2_buffer *dst)
{
	struct daedalus_job *job;
	bool used = false;

	spin_lock(&s->job_lock);
	list_for_each_entry_reverse(job, &s->jobs, entry) {
		used = job->dst == dst;
		if (!used)
			continue;
		job->hold = false;
		job->incomplete = true;
		break;
	}
	spin_unlock(&s->job_lock);
	if (!used)
		v4l2_m2m_buf_done(dst, VB2_BUF_STATE_ERROR);
}

static void queue_job(struct daedalus_stream *s, struct vb2_v4l2_buffer *src,
		      struct vb2_v4l2_buffer *dst, bool second_field)
{
	struct media_request *req = src->vb2_buf.req_obj.req;
	struct daedalus_job *job = NULL;

	if (!v4l2_ctrl_request_setup(req, &s->hdl))
		job = make_job(s, src, dst, second_field);
	v4l2_ctrl_request_complete(req, &s->hdl);
	copy_metadata(src, dst);
	dst->sequence = second_field ? dst->sequence : s->sequence++;
	src->sequence = dst->sequence;
	vb2_set_plane_payload(&dst->vb2_buf, 0, s->capture.plane_fmt[0].sizeimage);
	if (job) {
		if (append_job(s, job))
			return;
		kvfree(job->message);
		kfree(job);
	}
	fail_dst(s, dst);
	v4l2_m2m_buf_done(src, VB2_BUF_STATE_ERROR);
}

/* Gives the held buffer back: at once, or with the first field's job. */
void daedalus_stream_release_held(struct daedalus_stream *s)
{
	spin_lock(&s->job_lock);
	if (s->held_job)
		s->held_job->hold = false;
	else if (s->held)
		v4l2_m2m_buf_done(s->held, VB2_BUF_STATE_DONE);
	s->held = NULL;
	s->held_job = NULL;
	spin_unlock(&s->job_lock);
}

/* The held buffer, if src is its second field; else the next one, or NULL. */
static struct vb2_v4l2_buffer *take_dst(struct daedalus_stream *s, struct vb2_v4l2_buffer *src,
					bool *second_field)
{
	struct vb2_v4l2_buffer *dst;

	spin_lock(&s->job_lock);
	dst = s->held;
	*second_field = dst && dst->vb2_buf.timestamp == src->vb2_buf.timestamp;
	if (*second_field) {
		s->held = NULL;
		s->held_job = NULL;
	}
	spin_unlock(&s->job_lock);
	if (*second_field)
		return dst;
	daedalus_stream_release_held(s);
	return v4l2_m2m_dst_buf_remove(s->fh.m2m_ctx);
}

/* Makes jobs of what is in both queues. Called with lock held, by the client's thread. */
void daedalus_stream_pump(struct daedalus_stream *s)
{
	struct v4l2_m2m_ctx *m2m = s->fh.m2m_ctx;
	struct vb2_v4l2_buffer *src, *dst;
	bool second_field;

	lockdep_assert_held(&s->lock);
	if (!vb2_start_streaming_called(v4l2_m2m_get_src_vq(m2m)) ||
	    !vb2_start_streaming_called(v4l2_m2m_get_dst_vq(m2m)))
		return;
	while ((src = v4l2_m2m_next_src_buf(m2m))) {
		dst = take_dst(s, src, &second_field);
		if (!dst)
			return;
		v4l2_m2m_src_buf_remove(m2m);
		queue_job(s, src, dst, second_field);
	}
}

/* -EINVAL: a job that the daemon has not read. One that was taken back or answered is fine. */
static int answer_job(struct daedalus_stream *s, u64 number, enum vb2_buffer_state state)
{
	struct daedalus_job *job;
	LIST_HEAD(unused);
	int ret = 0;

	spin_lock(&s->job_lock);
	if (!number || number > s->last_read)
		ret = -EINVAL;
	list_for_each_entry(job, &s->jobs, entry) {
		if (job->number != number || job->message)
			continue;
		if (!job->answered)
			job->state = state;
		job->answered = true;
	}
	while ((job = list_first_entry_or_null(&s->jobs, struct daedalus_job, entry)) &&
	       job->answered)
		return_job(s, job, job->state, &unused);
	spin_unlock(&s->job_lock);
	return ret;
}

static bool is_readable(struct daedalus_stream *s)
{
	bool readable;

	spin_lock(&s->job_lock);
	readable = s->closed || !list_empty(&s->messages);
	spin_unlock(&s->job_lock);
	return readable;
}

/* The next message; NULL after the last one; -EAGAIN, or -EMSGSIZE if it is too large. */
static struct daedalus_message *take_message(struct daedalus_stream *s, size_t room)
{
	struct daedalus_message *message;
	struct daedalus_job *job = NULL;

	spin_lock(&s->job_lock);
	message = list_first_entry_or_null(&s->messages, struct daedalus_message, entry);
	if (!message) {
		message = s->closed ? NULL : ERR_PTR(-EAGAIN);
	} else if (message->size > room) {
		message = ERR_PTR(-EMSGSIZE);
	} else {
		list_del(&message->entry);
		job = message->job;
	}
	if (job) {
		job->message = NULL;
		daedalus_buffer_of(&job->dst->vb2_buf)->memory->told = true;
		s->last_read = job->number;
		s->unread -= message->size;
	}
	spin_unlock(&s->job_lock);
	return message;
}

static ssize_t stream_read(struct file *file, char __user *to, size_t count, loff_t *offset)
{
	struct daedalus_stream *s = file->private_data;
	struct daedalus_message *message;
	ssize_t ret;

	while ((message = take_message(s, count)) == ERR_PTR(-EAGAIN)) {
		if (file->f_flags & O_NONBLOCK)
			return -EAGAIN;
		ret = wait_event_freezable(s->wait, is_readable(s));
		if (ret)
			return ret;
	}
	if (IS_ERR_OR_NULL(message))
		return PTR_ERR_OR_ZERO(message);
	ret = message->size;
	if (copy_to_user(to, message->data, message->size)) {
		ret = -EFAULT;
		daedalus_stream_fail(s); /* nobody will answer the job */
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

static long stream_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct daedalus_stream *s = file->private_data;
	struct daedalus_v4l2_get get;
	struct daedalus_memory *memory;
	struct dma_buf *dbuf = NULL;
	int fd;

	if (command != DAEDALUS_V4L2_GET)
		return -ENOTTY;
	if (copy_from_user(&get, (const void __user *)argument, sizeof(get)))
		return -EFAULT;
	spin_lock(&s->job_lock);
	list_for_each_entry(memory, &s->memories, entry) {
		if (memory->told && memory->gone.buffer == get.buffer) {
			dbuf = memory->dbuf;
			get_dma_buf(dbuf);
			break;
		}
	}
	spin_unlock(&s->job_lock);
	if (!dbuf)
		return -ENOENT;
	fd = dma_buf_fd(dbuf, O_CLOEXEC);
	if (fd < 0)
		dma_buf_put(dbuf);
	return fd;
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

struct daedalus_stream *daedalus_stream_create(void)
{
	struct daedalus_stream *s = kzalloc(sizeof(*s), GFP_KERNEL_ACCOUNT);

	if (!s)
		return NULL;
	kref_init(&s->refs);
	INIT_LIST_HEAD(&s->entry);
	INIT_LIST_HEAD(&s->waiting);
	INIT_WORK(&s->fail_work, fail_work);
	mutex_init(&s->lock);
	spin_lock_init(&s->job_lock);
	INIT_LIST_HEAD(&s->jobs);
	INIT_LIST_HEAD(&s->messages);
	INIT_LIST_HEAD(&s->memories);
	init_waitqueue_head(&s->wait);
	return s;
}
