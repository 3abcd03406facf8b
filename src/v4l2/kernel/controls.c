// SPDX-License-Identifier: GPL-2.0
/* The codecs' controls: a table, what is refused, and copies for the daemon. */
#include "daedalus.h"

static const struct v4l2_ctrl_h264_sps default_h264_sps = {
	.profile_idc = 100,
	.level_idc = 10,
	.chroma_format_idc = 1,
	.flags = V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY,
};

static const struct v4l2_ctrl_av1_sequence default_av1_sequence = {
	.bit_depth = 8,
	.flags = V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X | V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y,
};

struct codec_control {
	u32 codec;
	bool in_job; /* part of the JOB message */
	struct v4l2_ctrl_config cfg;
};

static const struct v4l2_ctrl_ops control_ops;

#define IN_JOB(_codec, _id, ...)			\
	{						\
		.codec = DAEDALUS_V4L2_##_codec,	\
		.in_job = true,				\
		.cfg = {				\
			.ops = &control_ops,		\
			.id = V4L2_CID_STATELESS_##_id,	\
			__VA_ARGS__			\
		},					\
	}

/* A menu of which only some entries exist. */
#define MENU(_codec, _id, _max, _def, _skip)		\
	{						\
		.codec = DAEDALUS_V4L2_##_codec,	\
		.cfg = {				\
			.id = _id,			\
			.max = _max,			\
			.def = _def,			\
			.menu_skip_mask = _skip,	\
		},					\
	}

/* In the order of the JOB message. */
static const struct codec_control codec_controls[] = {
	IN_JOB(H264, H264_SPS, .p_def.p_const = &default_h264_sps),
	IN_JOB(H264, H264_PPS),
	IN_JOB(H264, H264_SCALING_MATRIX),
	IN_JOB(H264, H264_DECODE_PARAMS),
	MENU(H264, V4L2_CID_STATELESS_H264_DECODE_MODE, V4L2_STATELESS_H264_DECODE_MODE_FRAME_BASED,
	     V4L2_STATELESS_H264_DECODE_MODE_FRAME_BASED,
	     BIT(V4L2_STATELESS_H264_DECODE_MODE_SLICE_BASED)),
	MENU(H264, V4L2_CID_STATELESS_H264_START_CODE, V4L2_STATELESS_H264_START_CODE_ANNEX_B,
	     V4L2_STATELESS_H264_START_CODE_ANNEX_B, BIT(V4L2_STATELESS_H264_START_CODE_NONE)),
	MENU(H264, V4L2_CID_MPEG_VIDEO_H264_PROFILE, V4L2_MPEG_VIDEO_H264_PROFILE_HIGH,
	     V4L2_MPEG_VIDEO_H264_PROFILE_MAIN,
	     BIT(V4L2_MPEG_VIDEO_H264_PROFILE_BASELINE) |
		     BIT(V4L2_MPEG_VIDEO_H264_PROFILE_EXTENDED)),
	IN_JOB(VP9, VP9_FRAME),
	IN_JOB(VP9, VP9_COMPRESSED_HDR),
	MENU(VP9, V4L2_CID_MPEG_VIDEO_VP9_PROFILE, V4L2_MPEG_VIDEO_VP9_PROFILE_2,
	     V4L2_MPEG_VIDEO_VP9_PROFILE_0, BIT(V4L2_MPEG_VIDEO_VP9_PROFILE_1)),
	IN_JOB(AV1, AV1_SEQUENCE, .p_def.p_const = &default_av1_sequence),
	IN_JOB(AV1, AV1_FRAME),
	IN_JOB(AV1, AV1_TILE_GROUP_ENTRY, .dims = { V4L2_AV1_MAX_TILE_COUNT }),
	IN_JOB(AV1, AV1_FILM_GRAIN),
	MENU(AV1, V4L2_CID_MPEG_VIDEO_AV1_PROFILE, V4L2_MPEG_VIDEO_AV1_PROFILE_MAIN,
	     V4L2_MPEG_VIDEO_AV1_PROFILE_MAIN, 0),
};

/* Larger pictures than the format's need a new S_FMT first; the daemon checks again. */
static int check_size(struct daedalus_stream *s, u32 codec, u32 width, u32 height)
{
	if (s->codec->codec != codec)
		return 0;
	return width <= s->coded.width && height <= s->coded.height ? 0 : -EINVAL;
}

static int try_h264_sps(struct daedalus_stream *s, const struct v4l2_ctrl_h264_sps *sps)
{
	const struct daedalus_v4l2_codec *codec = daedalus_device_codec(s->dev, DAEDALUS_V4L2_H264);
	bool frames = sps->flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;

	if (sps->chroma_format_idc > 1 || sps->bit_depth_luma_minus8 ||
	    sps->bit_depth_chroma_minus8)
		return -EINVAL;
	if (!sps->chroma_format_idc && !(codec->flags & DAEDALUS_V4L2_MONOCHROME))
		return -EINVAL;
	if (!frames && !(codec->flags & DAEDALUS_V4L2_INTERLACED))
		return -EINVAL;
	return check_size(s, DAEDALUS_V4L2_H264, (sps->pic_width_in_mbs_minus1 + 1) * 16,
			  (sps->pic_height_in_map_units_minus1 + 1) * (frames ? 16 : 32));
}

static bool depth_is_offered(struct daedalus_stream *s, u32 codec, u32 depth)
{
	return depth == 8 || (depth == 10 && daedalus_device_codec(s->dev, codec)->flags &
						     DAEDALUS_V4L2_10_BIT);
}

static int try_vp9_frame(struct daedalus_stream *s, const struct v4l2_ctrl_vp9_frame *frame)
{
	const u32 subsampling =
		V4L2_VP9_FRAME_FLAG_X_SUBSAMPLING | V4L2_VP9_FRAME_FLAG_Y_SUBSAMPLING;

	if (frame->profile != (frame->bit_depth == 8 ? 0 : 2) ||
	    !depth_is_offered(s, DAEDALUS_V4L2_VP9, frame->bit_depth) ||
	    (frame->flags & subsampling) != subsampling)
		return -EINVAL;
	return check_size(s, DAEDALUS_V4L2_VP9, frame->frame_width_minus_1 + 1,
			  frame->frame_height_minus_1 + 1);
}

static int try_av1_sequence(struct daedalus_stream *s,
			    const struct v4l2_ctrl_av1_sequence *sequence)
{
	const u32 subsampling =
		V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_X | V4L2_AV1_SEQUENCE_FLAG_SUBSAMPLING_Y;
	const struct daedalus_v4l2_codec *codec = daedalus_device_codec(s->dev, DAEDALUS_V4L2_AV1);

	if (sequence->seq_profile ||
	    !depth_is_offered(s, DAEDALUS_V4L2_AV1, sequence->bit_depth) ||
	    (sequence->flags & subsampling) != subsampling)
		return -EINVAL;
	if (sequence->flags & V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME &&
	    !(codec->flags & DAEDALUS_V4L2_MONOCHROME))
		return -EINVAL;
	/* The sequence's size is an upper bound; each frame has its own. */
	return 0;
}

static int try_control(struct v4l2_ctrl *ctrl)
{
	struct daedalus_stream *s = container_of(ctrl->handler, struct daedalus_stream, hdl);
	const struct v4l2_ctrl_av1_frame *frame;

	switch (ctrl->id) {
	case V4L2_CID_STATELESS_H264_SPS:
		return try_h264_sps(s, ctrl->p_new.p_h264_sps);
	case V4L2_CID_STATELESS_VP9_FRAME:
		return try_vp9_frame(s, ctrl->p_new.p_vp9_frame);
	case V4L2_CID_STATELESS_AV1_SEQUENCE:
		return try_av1_sequence(s, ctrl->p_new.p_av1_sequence);
	case V4L2_CID_STATELESS_AV1_FRAME:
		frame = ctrl->p_new.p_av1_frame;
		return check_size(s, DAEDALUS_V4L2_AV1, frame->upscaled_width,
				  frame->frame_height_minus_1 + 1);
	default:
		return 0;
	}
}

static int set_control(struct v4l2_ctrl *ctrl)
{
	struct daedalus_stream *s = container_of(ctrl->handler, struct daedalus_stream, hdl);

	if (ctrl->id == V4L2_CID_STATELESS_VP9_FRAME)
		WRITE_ONCE(s->ten_bit[DAEDALUS_V4L2_VP9], ctrl->p_new.p_vp9_frame->bit_depth == 10);
	else if (ctrl->id == V4L2_CID_STATELESS_AV1_SEQUENCE)
		WRITE_ONCE(s->ten_bit[DAEDALUS_V4L2_AV1],
			   ctrl->p_new.p_av1_sequence->bit_depth == 10);
	return 0;
}

static const struct v4l2_ctrl_ops control_ops = {
	.try_ctrl = try_control,
	.s_ctrl = set_control,
};

int daedalus_controls_init(struct daedalus_stream *s)
{
	unsigned int i;

	v4l2_ctrl_handler_init(&s->hdl, ARRAY_SIZE(codec_controls));
	for (i = 0; i < ARRAY_SIZE(codec_controls); i++) {
		const struct daedalus_v4l2_codec *codec =
			daedalus_device_codec(s->dev, codec_controls[i].codec);
		struct v4l2_ctrl_config cfg = codec_controls[i].cfg;

		if (!codec)
			continue;
		if (cfg.id == V4L2_CID_MPEG_VIDEO_VP9_PROFILE &&
		    !(codec->flags & DAEDALUS_V4L2_10_BIT)) {
			cfg.max = V4L2_MPEG_VIDEO_VP9_PROFILE_0;
			cfg.menu_skip_mask = 0;
		}
		v4l2_ctrl_new_custom(&s->hdl, &cfg, NULL);
	}
	if (!s->hdl.error)
		v4l2_ctrl_handler_setup(&s->hdl);
	s->fh.ctrl_handler = &s->hdl;
	return s->hdl.error;
}

static size_t max_size(struct v4l2_ctrl *ctrl)
{
	u32 elems = ctrl->is_dyn_array ? ctrl->dims[0] : ctrl->elems;

	return sizeof(struct daedalus_v4l2_control) + ALIGN(elems * ctrl->elem_size, 8);
}

static size_t copy(struct v4l2_ctrl *ctrl, u8 *to)
{
	struct daedalus_v4l2_control head = { .id = ctrl->id };
	size_t padded;

	/* Another thread of the client can set it, and so move an array. */
	v4l2_ctrl_lock(ctrl);
	head.size = ctrl->elems * ctrl->elem_size;
	padded = ALIGN(head.size, 8);
	memcpy(to + sizeof(head), ctrl->p_cur.p_const, head.size);
	v4l2_ctrl_unlock(ctrl);
	memset(to + sizeof(head) + head.size, 0, padded - head.size);
	memcpy(to, &head, sizeof(head));
	return sizeof(head) + padded;
}

/* Writes the current codec's controls for a JOB. Returns their size; without @to, the largest. */
size_t daedalus_controls_copy(struct daedalus_stream *s, u8 *to)
{
	size_t size = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(codec_controls); i++) {
		const struct codec_control *control = &codec_controls[i];
		struct v4l2_ctrl *ctrl;

		if (!control->in_job || control->codec != s->codec->codec)
			continue;
		ctrl = v4l2_ctrl_find(&s->hdl, control->cfg.id);
		size += to ? copy(ctrl, to + size) : max_size(ctrl);
	}
	return size;
}
