// SPDX-License-Identifier: GPL-2.0
/* The video and the media node: formats, buffers, opening and closing. */
#include <linux/module.h>
#include <linux/slab.h>
#include <media/v4l2-common.h>
#include <media/v4l2-event.h>
#include <media/v4l2-ioctl.h>
#include <media/videobuf2-dma-sg.h>
#include <media/videobuf2-vmalloc.h>

#include "daedalus.h"

#define PITCH_STEP 64
#define MIN_BITSTREAM SZ_256K

static const u32 coded_formats[DAEDALUS_V4L2_CODECS] = {
	[DAEDALUS_V4L2_H264] = V4L2_PIX_FMT_H264_SLICE,
	[DAEDALUS_V4L2_VP9] = V4L2_PIX_FMT_VP9_FRAME,
	[DAEDALUS_V4L2_AV1] = V4L2_PIX_FMT_AV1_FRAME,
};

/* One of the codecs that the device offers. */
static int codec_of_format(const struct daedalus_device *dev, u32 format)
{
	int codec;

	for (codec = 0; codec < DAEDALUS_V4L2_CODECS; codec++)
		if (dev->codecs[codec].max_width && coded_formats[codec] == format)
			return codec;
	return -EINVAL;
}

static int nth_codec(const struct daedalus_device *dev, u32 n)
{
	int codec;

	for (codec = 0; codec < DAEDALUS_V4L2_CODECS; codec++)
		if (dev->codecs[codec].max_width && !n--)
			return codec;
	return -EINVAL;
}

static struct daedalus_stream *stream_of(struct file *file)
{
	return container_of(file->private_data, struct daedalus_stream, fh);
}

/* Formats */

static struct v4l2_frmsize_stepwise sizes_of(const struct daedalus_device *dev, int codec)
{
	const u32 step = DAEDALUS_V4L2_SIZE_STEP;

	return (struct v4l2_frmsize_stepwise){
		step, dev->codecs[codec].max_width, step,
		step, dev->codecs[codec].max_height, step,
	};
}

static void adjust_coded(struct daedalus_device *dev, struct v4l2_pix_format_mplane *pix)
{
	int codec = codec_of_format(dev, pix->pixelformat);
	struct v4l2_frmsize_stepwise sizes;
	u32 smallest;

	if (codec < 0)
		codec = nth_codec(dev, 0);
	pix->pixelformat = coded_formats[codec];
	sizes = sizes_of(dev, codec);
	v4l2_apply_frmsize_constraints(&pix->width, &pix->height, &sizes);
	pix->field = V4L2_FIELD_NONE;
	pix->num_planes = 1;
	smallest = clamp(pix->width * pix->height / 2 * 3, MIN_BITSTREAM,
			 DAEDALUS_V4L2_MAX_BITSTREAM);
	pix->plane_fmt[0].sizeimage =
		clamp(pix->plane_fmt[0].sizeimage, smallest, DAEDALUS_V4L2_MAX_BITSTREAM);
	pix->plane_fmt[0].bytesperline = 0;
}

/*
 * The CAPTURE format follows the coded size and the controls' bit depth until
 * its buffers are allocated.
 */
static const struct v4l2_pix_format_mplane *update_capture(struct daedalus_stream *s)
{
	const bool ten_bit = daedalus_controls_ten_bit(s);
	struct v4l2_pix_format_mplane *pix = &s->capture;

	lockdep_assert_held(&s->lock);
	if (vb2_is_busy(v4l2_m2m_get_dst_vq(s->fh.m2m_ctx)))
		return pix;
	*pix = s->coded;
	pix->pixelformat = ten_bit ? V4L2_PIX_FMT_P010 : V4L2_PIX_FMT_NV12;
	pix->plane_fmt[0].bytesperline = ALIGN(pix->width * (ten_bit ? 2 : 1), PITCH_STEP);
	pix->plane_fmt[0].sizeimage = pix->plane_fmt[0].bytesperline * pix->height / 2 * 3;
	return pix;
}

static int video_querycap(struct file *file, void *priv, struct v4l2_capability *cap)
{
	strscpy(cap->driver, "daedalus");
	strscpy(cap->card, "daedalus");
	return 0;
}

static int video_enum_coded(struct file *file, void *priv, struct v4l2_fmtdesc *f)
{
	const int codec = nth_codec(stream_of(file)->dev, f->index);

	if (codec < 0)
		return codec;
	f->pixelformat = coded_formats[codec];
	return 0;
}

static int video_enum_capture(struct file *file, void *priv, struct v4l2_fmtdesc *f)
{
	struct daedalus_stream *s = stream_of(file);

	if (f->index)
		return -EINVAL;
	guard(mutex)(&s->lock);
	f->pixelformat = update_capture(s)->pixelformat;
	return 0;
}

static int video_enum_framesizes(struct file *file, void *priv, struct v4l2_frmsizeenum *f)
{
	struct daedalus_device *dev = stream_of(file)->dev;
	const int codec = codec_of_format(dev, f->pixel_format);

	if (codec < 0 || f->index)
		return -EINVAL;
	f->type = V4L2_FRMSIZE_TYPE_STEPWISE;
	f->stepwise = sizes_of(dev, codec);
	return 0;
}

static int video_g_coded(struct file *file, void *priv, struct v4l2_format *f)
{
	struct daedalus_stream *s = stream_of(file);

	guard(mutex)(&s->lock);
	f->fmt.pix_mp = s->coded;
	return 0;
}

static int video_try_coded(struct file *file, void *priv, struct v4l2_format *f)
{
	adjust_coded(stream_of(file)->dev, &f->fmt.pix_mp);
	return 0;
}

static int video_s_coded(struct file *file, void *priv, struct v4l2_format *f)
{
	struct daedalus_stream *s = stream_of(file);
	struct vb2_queue *coded = v4l2_m2m_get_src_vq(s->fh.m2m_ctx);
	struct v4l2_pix_format_mplane *pix = &f->fmt.pix_mp;

	guard(mutex)(&s->lock);
	adjust_coded(s->dev, pix);
	if (vb2_is_busy(v4l2_m2m_get_dst_vq(s->fh.m2m_ctx)) || vb2_is_streaming(coded) ||
	    (vb2_is_busy(coded) && pix->pixelformat != s->coded.pixelformat))
		return -EBUSY;
	s->coded = *pix;
	s->codec = codec_of_format(s->dev, pix->pixelformat);
	update_capture(s);
	return 0;
}

/* G_FMT, TRY_FMT and S_FMT: the client can choose nothing. */
static int video_capture(struct file *file, void *priv, struct v4l2_format *f)
{
	struct daedalus_stream *s = stream_of(file);

	guard(mutex)(&s->lock);
	f->fmt.pix_mp = *update_capture(s);
	return 0;
}

static int video_decoder_cmd(struct file *file, void *priv, struct v4l2_decoder_cmd *cmd)
{
	struct daedalus_stream *s = stream_of(file);
	struct vb2_v4l2_buffer *src;
	int ret;

	ret = v4l2_m2m_ioctl_stateless_try_decoder_cmd(file, priv, cmd);
	if (ret)
		return ret;
	/* FLUSH, the only command: no second field will follow. */
	guard(mutex)(&s->lock);
	src = v4l2_m2m_last_src_buf(s->fh.m2m_ctx);
	if (src)
		src->flags &= ~V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF;
	else
		daedalus_stream_release_held(s, false);
	return 0;
}

static const struct v4l2_ioctl_ops video_ioctl_ops = {
	.vidioc_querycap = video_querycap,
	.vidioc_enum_framesizes = video_enum_framesizes,
	.vidioc_enum_fmt_vid_cap = video_enum_capture,
	.vidioc_g_fmt_vid_cap_mplane = video_capture,
	.vidioc_try_fmt_vid_cap_mplane = video_capture,
	.vidioc_s_fmt_vid_cap_mplane = video_capture,
	.vidioc_enum_fmt_vid_out = video_enum_coded,
	.vidioc_g_fmt_vid_out_mplane = video_g_coded,
	.vidioc_try_fmt_vid_out_mplane = video_try_coded,
	.vidioc_s_fmt_vid_out_mplane = video_s_coded,
	.vidioc_reqbufs = v4l2_m2m_ioctl_reqbufs,
	.vidioc_querybuf = v4l2_m2m_ioctl_querybuf,
	.vidioc_qbuf = v4l2_m2m_ioctl_qbuf,
	.vidioc_dqbuf = v4l2_m2m_ioctl_dqbuf,
	.vidioc_prepare_buf = v4l2_m2m_ioctl_prepare_buf,
	.vidioc_create_bufs = v4l2_m2m_ioctl_create_bufs,
	.vidioc_remove_bufs = v4l2_m2m_ioctl_remove_bufs,
	.vidioc_expbuf = v4l2_m2m_ioctl_expbuf,
	.vidioc_streamon = v4l2_m2m_ioctl_streamon,
	.vidioc_streamoff = v4l2_m2m_ioctl_streamoff,
	.vidioc_decoder_cmd = video_decoder_cmd,
	.vidioc_try_decoder_cmd = v4l2_m2m_ioctl_stateless_try_decoder_cmd,
	.vidioc_subscribe_event = v4l2_ctrl_subscribe_event,
	.vidioc_unsubscribe_event = v4l2_event_unsubscribe,
};

/* Buffers */

static int queue_setup(struct vb2_queue *vq, unsigned int *count, unsigned int *planes,
		       unsigned int sizes[], struct device *alloc_devs[])
{
	struct daedalus_stream *s = daedalus_stream_of_queue(vq);
	const struct v4l2_pix_format_mplane *pix =
		V4L2_TYPE_IS_OUTPUT(vq->type) ? &s->coded : update_capture(s);
	const u32 size = pix->plane_fmt[0].sizeimage;

	if (*planes)
		return *planes == 1 && sizes[0] >= size ? 0 : -EINVAL;
	*planes = 1;
	sizes[0] = size;
	return 0;
}

static int buf_init(struct vb2_buffer *vb)
{
	if (V4L2_TYPE_IS_OUTPUT(vb->type))
		return 0;
	return daedalus_stream_add_memory(daedalus_stream_of_queue(vb->vb2_queue),
					  daedalus_buffer_of(vb));
}

static void buf_cleanup(struct vb2_buffer *vb)
{
	struct daedalus_buffer *buffer = daedalus_buffer_of(vb);

	if (buffer->gone)
		daedalus_stream_remove_memory(daedalus_stream_of_queue(vb->vb2_queue), buffer);
}

static int buf_out_validate(struct vb2_buffer *vb)
{
	to_vb2_v4l2_buffer(vb)->field = V4L2_FIELD_NONE;
	return 0;
}

static int buf_prepare(struct vb2_buffer *vb)
{
	struct daedalus_stream *s = daedalus_stream_of_queue(vb->vb2_queue);

	if (V4L2_TYPE_IS_OUTPUT(vb->type))
		return 0; /* vb2 has checked its payload against its size */
	return vb2_plane_size(vb, 0) >= s->capture.plane_fmt[0].sizeimage ? 0 : -EINVAL;
}

static void buf_queue(struct vb2_buffer *vb)
{
	struct daedalus_stream *s = daedalus_stream_of_queue(vb->vb2_queue);

	v4l2_m2m_buf_queue(s->fh.m2m_ctx, to_vb2_v4l2_buffer(vb));
	daedalus_stream_pump(s);
}

static void buf_request_complete(struct vb2_buffer *vb)
{
	struct daedalus_stream *s = daedalus_stream_of_queue(vb->vb2_queue);

	v4l2_ctrl_request_complete(vb->req_obj.req, &s->hdl);
}

/* Announces a client to the daemon when it starts streaming: many only query the device. */
static int announce(struct daedalus_stream *s)
{
	struct daedalus_device *dev = s->dev;

	guard(mutex)(&dev->lock);
	if (dev->dead)
		return -EIO;
	if (s->announced)
		return 0;
	if (dev->stream_count == DAEDALUS_V4L2_MAX_STREAMS)
		return -EBUSY;
	dev->stream_count++;
	s->announced = true;
	list_add_tail(&s->waiting, &dev->waiting);
	wake_up(&dev->wait);
	return 0;
}

static int start_streaming(struct vb2_queue *vq, unsigned int count)
{
	struct daedalus_stream *s = daedalus_stream_of_queue(vq);
	int ret = s->failed ? -EIO : announce(s);

	if (ret) {
		daedalus_stream_return_ready(s, vq->type, VB2_BUF_STATE_QUEUED);
		return ret;
	}
	s->sequence = 0;
	daedalus_stream_pump(s);
	return 0;
}

static void stop_streaming(struct vb2_queue *vq)
{
	struct daedalus_stream *s = daedalus_stream_of_queue(vq);

	daedalus_stream_abort(s);
	daedalus_stream_return_ready(s, vq->type, VB2_BUF_STATE_ERROR);
}

static const struct vb2_ops queue_ops = {
	.queue_setup = queue_setup,
	.buf_init = buf_init,
	.buf_cleanup = buf_cleanup,
	.buf_out_validate = buf_out_validate,
	.buf_prepare = buf_prepare,
	.buf_queue = buf_queue,
	.buf_request_complete = buf_request_complete,
	.start_streaming = start_streaming,
	.stop_streaming = stop_streaming,
	DAEDALUS_WAIT_OPS
};

static int queue_init(void *priv, struct vb2_queue *src, struct vb2_queue *dst)
{
	struct daedalus_stream *s = priv;
	struct vb2_queue *queues[] = { src, dst };
	unsigned int i;
	int ret;

	src->type = V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
	src->mem_ops = &vb2_vmalloc_memops;
	src->supports_requests = true;
	if (s->dev->codecs[DAEDALUS_V4L2_H264].flags & DAEDALUS_V4L2_INTERLACED)
		src->subsystem_flags = VB2_V4L2_FL_SUPPORTS_M2M_HOLD_CAPTURE_BUF;
	dst->type = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
	dst->mem_ops = &vb2_dma_sg_memops;
	dst->bidirectional = true; /* references are read */
	for (i = 0; i < ARRAY_SIZE(queues); i++) {
		struct vb2_queue *q = queues[i];

		/* v4l2-compliance requires the same for both; clients import no OUTPUT. */
		q->io_modes = VB2_MMAP | VB2_DMABUF;
		q->dev = s->dev->v4l2_dev.dev;
		q->drv_priv = s;
		q->ops = &queue_ops;
		q->buf_struct_size = sizeof(struct daedalus_buffer);
		q->timestamp_flags = V4L2_BUF_FLAG_TIMESTAMP_COPY;
		q->lock = &s->lock;
		ret = vb2_queue_init(q);
		if (ret)
			return ret;
	}
	return 0;
}

/* Clients */

static int video_open(struct file *file)
{
	struct daedalus_device *dev = video_drvdata(file);
	struct daedalus_stream *s = daedalus_stream_create(dev);
	int ret;

	if (!s)
		return -ENOMEM;
	s->codec = nth_codec(dev, 0);
	s->coded.colorspace = V4L2_COLORSPACE_REC709;
	adjust_coded(dev, &s->coded);
	v4l2_fh_init(&s->fh, &dev->vdev);
	ret = daedalus_controls_init(s);
	if (ret)
		goto err_controls;
	s->fh.m2m_ctx = v4l2_m2m_ctx_init(dev->m2m_dev, s, queue_init);
	if (IS_ERR(s->fh.m2m_ctx)) {
		ret = PTR_ERR(s->fh.m2m_ctx);
		goto err_controls;
	}
	file->private_data = &s->fh;
	daedalus_fh_add(&s->fh, file);
	return 0;

err_controls:
	v4l2_ctrl_handler_free(&s->hdl);
	v4l2_fh_exit(&s->fh);
	daedalus_stream_put(s);
	return ret;
}

static int video_release(struct file *file)
{
	struct daedalus_stream *s = stream_of(file);
	struct daedalus_device *dev = s->dev;

	daedalus_fh_del(&s->fh, file);
	mutex_lock(&dev->lock);
	list_del_init(&s->waiting);
	if (s->announced)
		dev->stream_count--;
	mutex_unlock(&dev->lock);
	mutex_lock(&s->lock);
	v4l2_m2m_ctx_release(s->fh.m2m_ctx);
	s->closed = true;
	wake_up(&s->wait);
	mutex_unlock(&s->lock);
	v4l2_ctrl_handler_free(&s->hdl);
	v4l2_fh_exit(&s->fh);
	daedalus_stream_put(s);
	return 0;
}

static const struct v4l2_file_operations video_fops = {
	.owner = THIS_MODULE,
	.open = video_open,
	.release = video_release,
	.poll = v4l2_m2m_fop_poll,
	.unlocked_ioctl = video_ioctl2,
	.mmap = v4l2_m2m_fop_mmap,
};

/* Requests */

/* A client's request outlives the nodes, so each one holds the device and the module. */
static struct media_request *req_alloc(struct media_device *mdev)
{
	struct daedalus_device *dev = container_of(mdev, struct daedalus_device, mdev);
	struct media_request *req = kzalloc(sizeof(*req), GFP_KERNEL_ACCOUNT);

	if (!req)
		return NULL;
	req->mdev = mdev; /* for req_free, if the descriptor cannot be created */
	v4l2_device_get(&dev->v4l2_dev);
	__module_get(THIS_MODULE);
	return req;
}

static void req_free(struct media_request *req)
{
	struct daedalus_device *dev = container_of(req->mdev, struct daedalus_device, mdev);

	kfree(req);
	v4l2_device_put(&dev->v4l2_dev);
	module_put(THIS_MODULE);
}

static int req_validate(struct media_request *req)
{
	return vb2_request_buffer_cnt(req) > 1 ? -EINVAL : vb2_request_validate(req);
}

static const struct media_device_ops media_ops = {
	.req_alloc = req_alloc,
	.req_free = req_free,
	.req_validate = req_validate,
	.req_queue = vb2_request_queue,
};

/* The device */

static void device_run(void *priv)
{
	/* Never called, because job_ready returns false. */
}

static int job_ready(void *priv)
{
	return 0;
}

static const struct v4l2_m2m_ops m2m_ops = {
	.device_run = device_run,
	.job_ready = job_ready,
};

/* Called after the daemon, the last file of both nodes and the last request are gone. */
static void device_release(struct v4l2_device *v4l2_dev)
{
	struct daedalus_device *dev = container_of(v4l2_dev, struct daedalus_device, v4l2_dev);

	v4l2_device_unregister(v4l2_dev);
	if (!IS_ERR(dev->m2m_dev))
		v4l2_m2m_release(dev->m2m_dev);
	media_device_cleanup(&dev->mdev);
	kfree(dev);
}

/* Called after the last file of the media node is closed. */
static void devnode_release(struct media_devnode *devnode)
{
	struct daedalus_device *dev = dev_get_drvdata(&devnode->dev);

	v4l2_device_put(&dev->v4l2_dev);
}

/*
 * When the daemon exits, an ioctl on an open media node may still be running
 * and using mdev. So the node's open files keep the device alive, too.
 */
static void keep_while_open(struct daedalus_device *dev, struct media_devnode *devnode)
{
	dev_set_drvdata(&devnode->dev, dev);
	v4l2_device_get(&dev->v4l2_dev);
	devnode->release = devnode_release;
}

static int register_nodes(struct daedalus_device *dev)
{
	struct video_device *vdev = &dev->vdev;
	int ret;

	strscpy(vdev->name, "daedalus");
	vdev->vfl_dir = VFL_DIR_M2M;
	vdev->fops = &video_fops;
	vdev->ioctl_ops = &video_ioctl_ops;
	vdev->release = video_device_release_empty;
	vdev->device_caps = V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING;
	vdev->v4l2_dev = &dev->v4l2_dev;
	video_set_drvdata(vdev, dev);
	ret = video_register_device(vdev, VFL_TYPE_VIDEO, -1);
	if (ret)
		return ret;
	ret = v4l2_m2m_register_media_controller(dev->m2m_dev, vdev,
						 MEDIA_ENT_F_PROC_VIDEO_DECODER);
	if (ret)
		goto err_video;
	ret = media_device_register(&dev->mdev);
	if (ret)
		goto err_controller;
	keep_while_open(dev, dev->mdev.devnode);
	return 0;

err_controller:
	v4l2_m2m_unregister_media_controller(dev->m2m_dev);
err_video:
	video_unregister_device(vdev);
	return ret;
}

struct daedalus_device *daedalus_device_create(struct device *parent,
					       const struct daedalus_v4l2_create *create)
{
	struct daedalus_device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int ret;

	if (!dev)
		return ERR_PTR(-ENOMEM);
	memcpy(dev->codecs, create->codecs, sizeof(dev->codecs));
	mutex_init(&dev->lock);
	INIT_LIST_HEAD(&dev->waiting);
	init_waitqueue_head(&dev->wait);
	/* Both names would come from the parent's driver, but it has none. */
	strscpy(dev->v4l2_dev.name, "daedalus");
	strscpy(dev->mdev.driver_name, "daedalus");
	strscpy(dev->mdev.model, "daedalus");
	dev->mdev.dev = parent;
	dev->mdev.ops = &media_ops;
	dev->v4l2_dev.mdev = &dev->mdev;
	dev->v4l2_dev.release = device_release;
	ret = v4l2_device_register(parent, &dev->v4l2_dev);
	if (ret) {
		kfree(dev);
		return ERR_PTR(ret);
	}
	media_device_init(&dev->mdev);
	dev->m2m_dev = v4l2_m2m_init(&m2m_ops);
	ret = PTR_ERR_OR_ZERO(dev->m2m_dev);
	if (!ret)
		ret = register_nodes(dev);
	if (!ret)
		return dev;
	v4l2_device_put(&dev->v4l2_dev);
	return ERR_PTR(ret);
}

/* The stream that has waited longest, with a reference for the daemon. */
struct daedalus_stream *daedalus_device_take_waiting(struct daedalus_device *dev)
{
	struct daedalus_stream *s;

	guard(mutex)(&dev->lock);
	s = list_first_entry_or_null(&dev->waiting, struct daedalus_stream, waiting);
	if (s) {
		list_del_init(&s->waiting);
		kref_get(&s->refs);
	}
	return s;
}

/* The daemon is gone: removes the nodes. Accepted streams fail as it closes them. */
void daedalus_device_destroy(struct daedalus_device *dev)
{
	struct daedalus_stream *s;

	mutex_lock(&dev->lock);
	dev->dead = true;
	mutex_unlock(&dev->lock);
	while ((s = daedalus_device_take_waiting(dev))) {
		daedalus_stream_fail(s);
		daedalus_stream_put(s);
	}
	media_device_unregister(&dev->mdev);
	v4l2_m2m_unregister_media_controller(dev->m2m_dev);
	video_unregister_device(&dev->vdev);
	v4l2_device_put(&dev->v4l2_dev);
}
