/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What the V4L2 module and the decoding daemon tell each other.
 *
 * The daemon opens /dev/daedalus-v4l2 and makes a device with CREATE: a video
 * node and a media node, which exist until it closes that descriptor. Each
 * client that starts to stream is announced by POLLIN on it, and ACCEPT
 * returns a descriptor for that client's stream alone.
 *
 * On a stream's descriptor read() returns messages, write() takes answers, and
 * GET returns a CAPTURE buffer's dma-buf. When the client is gone, poll()
 * reports POLLIN and POLLHUP and read() returns 0, after the last message. When
 * the daemon closes the descriptor, the client's jobs and later ones fail.
 *
 * All integers have the machine's byte order. Reserved fields are 0: the writer
 * sets them, the module refuses others with EINVAL. Nothing here is a pointer.
 * A client can make any of a job's controls, bitstream and timestamp what it
 * likes, within the ranges that the kernel's control framework checks; what
 * the module vouches for is said at each field.
 */
#ifndef DAEDALUS_V4L2_H
#define DAEDALUS_V4L2_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define DAEDALUS_V4L2_VERSION 1

/* Codecs: a client sees H264_SLICE (frame based, Annex B), VP9_FRAME, AV1_FRAME. */
#define DAEDALUS_V4L2_H264 0
#define DAEDALUS_V4L2_VP9 1
#define DAEDALUS_V4L2_AV1 2
#define DAEDALUS_V4L2_CODECS 3

/* What the daemon decodes beyond 8-bit 4:2:0 frames. */
#define DAEDALUS_V4L2_10_BIT (1U << 0) /* VP9 profile 2, AV1: into P010 */
#define DAEDALUS_V4L2_INTERLACED (1U << 1) /* H.264: field pictures and MBAFF */
#define DAEDALUS_V4L2_MONOCHROME (1U << 2) /* H.264, AV1: neutral chroma is written */

/* Limits of the module. */
#define DAEDALUS_V4L2_MAX_SIZE 16384 /* width and height, in samples */
#define DAEDALUS_V4L2_SIZE_STEP 16 /* of widths and heights */
#define DAEDALUS_V4L2_MAX_STREAMS 64 /* clients of one device at a time */
#define DAEDALUS_V4L2_MAX_BUFFERS 32 /* of each queue: at most that many jobs a stream */
#define DAEDALUS_V4L2_MAX_BITSTREAM (32U << 20) /* of one job, in bytes */

/* What the device offers of a codec; all 0: it does not offer it. */
struct daedalus_v4l2_codec {
	__u32 flags; /* DAEDALUS_V4L2_10_BIT and so on */
	__u32 max_width; /* in samples, a multiple of SIZE_STEP up to MAX_SIZE */
	__u32 max_height; /* likewise */
};

/*
 * CREATE: registers the nodes. Once per descriptor: EBUSY afterwards. EINVAL
 * for a size or version that is not this header's, for a codec that is not as
 * above, and for no codec at all.
 */
struct daedalus_v4l2_create {
	__u32 size; /* in: sizeof(struct daedalus_v4l2_create) */
	__u32 version; /* in: DAEDALUS_V4L2_VERSION */
	__u32 video; /* out: the video node is /dev/video<N>; in: 0 */
	struct daedalus_v4l2_codec codecs[DAEDALUS_V4L2_CODECS]; /* in: by DAEDALUS_V4L2_H264 and so on */
};

/*
 * GET, on a stream: its result is a descriptor (close-on-exec, read and write)
 * of the dma-buf of a CAPTURE buffer that a JOB has named. ENOENT if there is
 * none, or if it is gone. The memory lives as long as the descriptor or a
 * mapping; whoever maps it brackets accesses with DMA_BUF_IOCTL_SYNC.
 */
struct daedalus_v4l2_get {
	__u64 buffer; /* in: daedalus_v4l2_job.buffer */
};

#define DAEDALUS_V4L2_CREATE _IOWR(0xda, 0x01, struct daedalus_v4l2_create)
/*
 * ACCEPT, without an argument: takes the stream that has waited longest. Its
 * result is the stream's descriptor (close-on-exec). Never waits: EAGAIN without
 * a stream. A stream that gets no descriptor (EMFILE, ENOMEM) fails.
 */
#define DAEDALUS_V4L2_ACCEPT _IO(0xda, 0x02)
#define DAEDALUS_V4L2_GET _IOW(0xda, 0x03, struct daedalus_v4l2_get)

/*
 * Messages. One read() returns one whole message; with a buffer that is too
 * small it fails with EMSGSIZE and the message stays. It never waits, poll()
 * does: EAGAIN without a message.
 */
#define DAEDALUS_V4L2_JOB 1 /* from read(): struct daedalus_v4l2_job */
#define DAEDALUS_V4L2_BUFFER_GONE 2 /* from read(): struct daedalus_v4l2_buffer_gone */
#define DAEDALUS_V4L2_ANSWER 3 /* to write(): struct daedalus_v4l2_answer */

struct daedalus_v4l2_header {
	__u32 size; /* of the whole message with this header, in bytes; a multiple of 8 */
	__u16 type; /* DAEDALUS_V4L2_JOB and so on */
	__u16 version; /* DAEDALUS_V4L2_VERSION */
};

/*
 * A picture or field to decode, written by the module. Jobs of a stream come in
 * decode order. The message is: this struct, the controls, the bitstream.
 */
struct daedalus_v4l2_job {
	struct daedalus_v4l2_header header;
	__u64 job; /* 1, 2, 3 and so on within a stream, gaps where jobs were taken back */
	/* The CAPTURE buffer to write: one piece of memory. Never used again in the stream. */
	__u64 buffer;
	/*
	 * In ns, the client's: later jobs refer to this picture by it. Clients use
	 * values again; the last job with a value counts.
	 */
	__u64 timestamp;
	__u32 codec; /* DAEDALUS_V4L2_H264 and so on, one that CREATE offered */
	__u32 flags; /* DAEDALUS_V4L2_JOB_SECOND_FIELD */
	/* The CAPTURE buffer. The module vouches for all that follows, up to the offsets. */
	__u32 format; /* V4L2_PIX_FMT_NV12 or V4L2_PIX_FMT_P010, both linear */
	/*
	 * In samples, multiples of 16, at most CREATE's: the client's coded size
	 * rounded up. That of the controls can differ: check it.
	 */
	__u32 width;
	__u32 height;
	__u32 pitch; /* of both planes, in bytes; a multiple of 64 */
	__u32 chroma_offset; /* from the buffer's beginning, in bytes: pitch * height */
	__u32 sizeimage; /* bytes of both planes; the dma-buf has at least that many */
	/* Offsets are from the message's beginning, in bytes, multiples of 8. */
	__u32 controls_offset;
	__u32 controls_size; /* in bytes; a multiple of 8 */
	__u32 bitstream_offset;
	__u32 bitstream_size; /* in bytes, 0 to MAX_BITSTREAM, without the message's padding */
};

/*
 * The job is the second field of the picture that the stream's last job began
 * in the same buffer.
 */
#define DAEDALUS_V4L2_JOB_SECOND_FIELD (1U << 0)

/*
 * A job's controls: this header, `size` bytes of the control's struct as in
 * linux/v4l2-controls.h, and padding to a multiple of 8; then the next one. All
 * of the codec's are there, each once, in this order, with the request's values
 * or, where it had none, earlier ones:
 *   H.264: SPS, PPS, SCALING_MATRIX, DECODE_PARAMS
 *   VP9: FRAME, COMPRESSED_HDR
 *   AV1: SEQUENCE, FRAME, TILE_GROUP_ENTRY (an array, 1 or more), FILM_GRAIN
 */
struct daedalus_v4l2_control {
	__u32 id; /* V4L2_CID_STATELESS_H264_SPS and so on */
	__u32 size; /* of what follows, in bytes, without padding */
};

/*
 * The buffer's memory is no longer the client's: no later job names it, and GET
 * of it fails. The daemon drops its descriptor and what it keeps for it, at the
 * latest when no picture that it may still refer to lies there.
 */
struct daedalus_v4l2_buffer_gone {
	struct daedalus_v4l2_header header;
	__u64 buffer; /* daedalus_v4l2_job.buffer */
};

/*
 * The answer to a job, written by the daemon: one write() each, in any order;
 * pictures return to the client in decode order. An answer to a job that the
 * client has taken back meanwhile is taken and ignored. EINVAL: a bad field, or
 * a job that read() has not returned.
 */
struct daedalus_v4l2_answer {
	struct daedalus_v4l2_header header; /* size: sizeof(struct daedalus_v4l2_answer) */
	__u64 job; /* daedalus_v4l2_job.job */
	__u32 status; /* DAEDALUS_V4L2_DONE or DAEDALUS_V4L2_FAILED */
	__u32 reserved;
};

/*
 * DONE: the buffer holds a picture, concealed where the bitstream is damaged,
 * and no one writes it any more. FAILED: it does not; V4L2_BUF_FLAG_ERROR.
 */
#define DAEDALUS_V4L2_DONE 0
#define DAEDALUS_V4L2_FAILED 1

#endif
