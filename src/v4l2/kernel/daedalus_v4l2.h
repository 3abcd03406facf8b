/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * The protocol between the V4L2 module and the decoding daemon.
 *
 * The daemon opens /dev/daedalus-v4l2 and creates a device with CREATE: a video
 * node and a media node, which exist until it closes that descriptor. POLLIN on
 * the descriptor announces each client that starts streaming, and ACCEPT
 * returns a descriptor for that client's stream.
 *
 * On a stream's descriptor read() returns messages, write() takes answers, and
 * GET returns a CAPTURE buffer's dma-buf. When the client is gone, poll()
 * reports POLLIN and POLLHUP, and read() returns 0 after the last message. When
 * the daemon closes the descriptor, the client's current and later jobs fail.
 *
 * All integers are in the machine's byte order. The writer must set reserved
 * fields to 0; the module rejects other values with EINVAL. There are no
 * pointers. A client controls all of a job's controls, bitstream and timestamp,
 * within the ranges that the kernel's control framework checks. What the module
 * guarantees is stated at each field.
 */
#ifndef DAEDALUS_V4L2_H
#define DAEDALUS_V4L2_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define DAEDALUS_V4L2_VERSION 1

/* Codecs: clients see H264_SLICE (frame based, Annex B), VP9_FRAME, AV1_FRAME. */
#define DAEDALUS_V4L2_H264 0
#define DAEDALUS_V4L2_VP9 1
#define DAEDALUS_V4L2_AV1 2
#define DAEDALUS_V4L2_CODECS 3

/* What the daemon decodes beyond 8-bit 4:2:0 frames. */
#define DAEDALUS_V4L2_10_BIT (1U << 0) /* VP9 profile 2, AV1: into P010 */
#define DAEDALUS_V4L2_INTERLACED (1U << 1) /* H.264: field pictures and MBAFF */
#define DAEDALUS_V4L2_MONOCHROME (1U << 2) /* H.264, AV1: neutral chroma is written */

/* The module's limits. */
#define DAEDALUS_V4L2_MAX_SIZE 16384 /* width and height, in samples */
#define DAEDALUS_V4L2_SIZE_STEP 16 /* of widths and heights */
#define DAEDALUS_V4L2_MAX_STREAMS 64 /* clients of one device at a time */
#define DAEDALUS_V4L2_MAX_BUFFERS 32 /* of each queue: at most this many jobs per stream */
#define DAEDALUS_V4L2_MAX_BITSTREAM (32U << 20) /* of one job, in bytes */

/* What the device offers of a codec; all 0: not offered. */
struct daedalus_v4l2_codec {
	__u32 flags; /* DAEDALUS_V4L2_10_BIT and so on */
	__u32 max_width; /* in samples, a multiple of SIZE_STEP up to MAX_SIZE */
	__u32 max_height; /* likewise */
};

/*
 * CREATE: registers the nodes. Once per descriptor: EBUSY afterwards. EINVAL
 * for a size or version other than this header's, for an invalid codec, and if
 * no codec is offered.
 */
struct daedalus_v4l2_create {
	__u32 size; /* in: sizeof(struct daedalus_v4l2_create) */
	__u32 version; /* in: DAEDALUS_V4L2_VERSION */
	__u32 video; /* out: N of /dev/video<N>; in: 0 */
	struct daedalus_v4l2_codec codecs[DAEDALUS_V4L2_CODECS]; /* in: by DAEDALUS_V4L2_H264 and so on */
};

/*
 * GET, on a stream: returns a descriptor (close-on-exec, read and write) of the
 * dma-buf of a CAPTURE buffer named in a JOB. ENOENT if there is none, or if it
 * is gone. The memory lives as long as a descriptor or a mapping; whoever maps
 * it must bracket accesses with DMA_BUF_IOCTL_SYNC.
 */
struct daedalus_v4l2_get {
	__u64 buffer; /* in: daedalus_v4l2_job.buffer */
};

#define DAEDALUS_V4L2_CREATE _IOWR(0xda, 0x01, struct daedalus_v4l2_create)
/*
 * ACCEPT, without an argument: takes the stream that has waited longest and
 * returns its descriptor (close-on-exec). Never waits: EAGAIN if there is no
 * stream. A stream whose descriptor cannot be created (EMFILE, ENOMEM) fails.
 */
#define DAEDALUS_V4L2_ACCEPT _IO(0xda, 0x02)
#define DAEDALUS_V4L2_GET _IOW(0xda, 0x03, struct daedalus_v4l2_get)

/*
 * Messages. read() returns one whole message. It fails with EMSGSIZE and keeps
 * the message if the buffer is too small, and with EAGAIN if there is no
 * message: only poll() waits.
 */
#define DAEDALUS_V4L2_JOB 1 /* from read(): struct daedalus_v4l2_job */
#define DAEDALUS_V4L2_BUFFER_GONE 2 /* from read(): struct daedalus_v4l2_buffer_gone */
#define DAEDALUS_V4L2_ANSWER 3 /* to write(): struct daedalus_v4l2_answer */

struct daedalus_v4l2_header {
	__u32 size; /* of the whole message including this header, in bytes; a multiple of 8 */
	__u16 type; /* DAEDALUS_V4L2_JOB and so on */
	__u16 version; /* DAEDALUS_V4L2_VERSION */
};

/*
 * A picture or field to decode, written by the module. A stream's jobs arrive
 * in decode order. The message consists of this struct, the controls and the
 * bitstream.
 */
struct daedalus_v4l2_job {
	struct daedalus_v4l2_header header;
	__u64 job; /* 1, 2, 3 and so on within a stream; cancelled jobs leave gaps */
	/* The CAPTURE buffer to write: identifies its memory, never reused in the stream. */
	__u64 buffer;
	/*
	 * In ns, chosen by the client: later jobs refer to this picture by it. Clients
	 * reuse values; the last job with a value counts.
	 */
	__u64 timestamp;
	__u32 codec; /* DAEDALUS_V4L2_H264 and so on; offered in CREATE */
	__u32 flags; /* DAEDALUS_V4L2_JOB_SECOND_FIELD */
	/* The CAPTURE buffer. The module guarantees all fields from here to the offsets. */
	__u32 format; /* V4L2_PIX_FMT_NV12 or V4L2_PIX_FMT_P010, both linear */
	/*
	 * In samples, multiples of 16, at most CREATE's maximum: the client's coded
	 * size rounded up. The controls' size can differ: check it.
	 */
	__u32 width;
	__u32 height;
	__u32 pitch; /* of both planes, in bytes; a multiple of 64 */
	__u32 chroma_offset; /* from the start of the buffer, in bytes: pitch * height */
	__u32 sizeimage; /* bytes of both planes; the dma-buf is at least this large */
	/* Offsets are from the start of the message, in bytes, multiples of 8. */
	__u32 controls_offset;
	__u32 controls_size; /* in bytes; a multiple of 8 */
	__u32 bitstream_offset;
	__u32 bitstream_size; /* in bytes, 0 to MAX_BITSTREAM, without the message's padding */
};

/*
 * The job is the second field of the picture whose first field was the stream's
 * previous job, in the same buffer.
 */
#define DAEDALUS_V4L2_JOB_SECOND_FIELD (1U << 0)

/*
 * A job's controls: this header, `size` bytes of the control's struct as in
 * linux/v4l2-controls.h, padding to a multiple of 8, then the next one.
 * Contains all of the codec's controls, once each, in this order, with the
 * request's values or, if it has none, earlier ones:
 *   H.264: SPS, PPS, SCALING_MATRIX, DECODE_PARAMS
 *   VP9: FRAME, COMPRESSED_HDR
 *   AV1: SEQUENCE, FRAME, TILE_GROUP_ENTRY (an array, 1 or more), FILM_GRAIN
 */
struct daedalus_v4l2_control {
	__u32 id; /* V4L2_CID_STATELESS_H264_SPS and so on */
	__u32 size; /* of the struct, in bytes, without padding */
};

/*
 * The buffer's memory is no longer the client's: no later job names it, and GET
 * fails for it. The daemon must release its descriptor and everything it keeps
 * for the buffer, at the latest when no picture in it can be referred to any
 * more.
 */
struct daedalus_v4l2_buffer_gone {
	struct daedalus_v4l2_header header;
	__u64 buffer; /* daedalus_v4l2_job.buffer */
};

/*
 * The answer to a job, written by the daemon: one write() each, in any order;
 * pictures return to the client in decode order. An answer to a job that the
 * client has cancelled is accepted and ignored. EINVAL: an invalid field, or a
 * job that read() has not returned.
 */
struct daedalus_v4l2_answer {
	struct daedalus_v4l2_header header; /* size: sizeof(struct daedalus_v4l2_answer) */
	__u64 job; /* daedalus_v4l2_job.job */
	__u32 status; /* DAEDALUS_V4L2_DONE or DAEDALUS_V4L2_FAILED */
	__u32 reserved;
};

/*
 * DONE: the buffer holds a picture, concealed where the bitstream is damaged,
 * and all writes to it have finished. FAILED: it does not; the client gets
 * V4L2_BUF_FLAG_ERROR.
 */
#define DAEDALUS_V4L2_DONE 0
#define DAEDALUS_V4L2_FAILED 1

#endif
