// SPDX-License-Identifier: GPL-2.0
/* The codecs' controls: a table, checks, and copies for the daemon. */
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

static const struct codec_control {
	u32 codec;
	struct v4l2_ctrl_config cfg;
} codec_controls[] = {
	/* In the order of the JOB message, which has all of them except the menus. */
	{ DAEDALUS_V4L2_H264, { .id = V4L2_CID_STATELESS_H264_SPS,
				.p_def.p_const = &default_h264_sps } },
	{ DAEDALUS_V4L2_H264, { .id = V4L2_CID_STATELESS_H264_PPS } },
	{ DAEDALUS_V4L2_H264, { .id = V4L2_CID_STATELESS_H264_SCALING_MATRIX } },
	{ DAEDALUS_V4L2_H264, { .id = V4L2_CID_STATELESS_H264_DECODE_PARAMS } },
	{ DAEDALUS_V4L2_VP9, { .id = V4L2_CID_STATELESS_VP9_FRAME } },
	{ DAEDALUS_V4L2_VP9, { .id = V4L2_CID_STATELESS_VP9_COMPRESSED_HDR } },
	{ DAEDALUS_V4L2_AV1, { .id = V4L2_CID_STATELESS_AV1_SEQUENCE,
			       .p_def.p_const = &default_av1_sequence } },
	{ DAEDALUS_V4L2_AV1, { .id = V4L2_CID_STATELESS_AV1_FRAME } },
	{ DAEDALUS_V4L2_AV1, { .id = V4L2_CID_STATELESS_AV1_TILE_GROUP_ENTRY,
			       .dims = { V4L2_AV1_MAX_TILE_COUNT } } },
	{ DAEDALUS_V4L2_AV1, { .id = V4L2_CID_STATELESS_AV1_FILM_GRAIN } },
	/* Menus with only some of their entries. */
	{ DAEDALUS_V4L2_H264, { .id = V4L2_CID_STATELESS_H264_DECODE_MODE,
				.max = V4L2_STATELESS_H264_DECODE_MODE_FRAME_BASED,
				.def = V4L2_STATELESS_H264_DECODE_MODE_FRAME_BASED,
				.menu_skip_mask = BIT(V4L2_STATELESS_H264_DECODE_MODE_SLICE_BASED) } },
	{ DAEDALUS_V4L2_H264, { .id = V4L2_CID_STATELESS_H264_START_CODE,
				.max = V4L2_STATELESS_H264_START_CODE_ANNEX_B,
				.def = V4L2_STATELESS_H264_START_CODE_ANNEX_B,
				.menu_skip_mask = BIT(V4L2_STATELESS_H264_START_CODE_NONE) } },
	{ DAEDALUS_V4L2_H264, { .id = V4L2_CID_MPEG_VIDEO_H264_PROFILE,
				.max = V4L2_MPEG_VIDEO_H264_PROFILE_HIGH,
				.def = V4L2_MPEG_VIDEO_H264_PROFILE_MAIN,
				.menu_skip_mask = BIT(V4L2_MPEG_VIDEO_H264_PROFILE_BASELINE) |
						  BIT(V4L2_MPEG_VIDEO_H264_PROFILE_EXTENDED) } },
	{ DAEDALUS_V4L2_VP9, { .id = V4L2_CID_MPEG_VIDEO_VP9_PROFILE,
			       .max = V4L2_MPEG_VIDEO_VP9_PROFILE_2,
			       .menu_skip_mask = BIT(V4L2_MPEG_VIDEO_VP9_PROFILE_1) } },
	{ DAEDALUS_V4L2_AV1, { .id = V4L2_CID_MPEG_VIDEO_AV1_PROFILE } },
};

static bool offers(const struct daedalus_stream *s, u32 codec, u32 flag)
{
	return s->dev->codecs[codec].flags & flag;
}

static bool offers_depth(const struct daedalus_stream *s, u32 codec, u32 depth)
{
	return depth == 8 || (depth == 10 && offers(s, codec, DAEDALUS_V4L2_10_BIT));
}

/* A picture larger than the format needs a new S_FMT first; the daemon checks again. */
static bool fits(const struct daedalus_stream *s, u32 codec, u32 width, u32 height)
{
	return s->codec != codec || (width <= s->coded.width && height <= s->coded.height);
}

static bool h264_sps_is_offered(const struct daedalus_stream *s,
				const struct v4l2_ctrl_h264_sps *sps)
{
	const bool frames = sps->flags & V4L2_H264_SPS_FLAG_FRAME_MBS_ONLY;

	return sps->chroma_format_idc <= 1 &&
	       (sps->chroma_format_idc || offers(s, DAEDALUS_V4L2_H264, DAEDALUS_V4L2_MONOCHROME)) &&
	       !sps->bit_depth_luma_minus8 && !sps->bit_depth_chroma_minus8 &&
	       (frames || offers(s, DAEDALUS_V4L2_H264, DAEDALUS_V4L2_INTERLACED)) &&
	       fits(s, DAEDALUS_V4L2_H264, (sps->pic_width_in_mbs_minus1 + 1) * 16,
		    (sps->pic_height_in_map_units_minus1 + 1) * (frames ? 16 : 32));
}

/* The control framework has checked the profile against depth and subsampling. */
static bool vp9_frame_is_offered(const struct daedalus_stream *s,
				 const struct v4l2_ctrl_vp9_frame *frame)
{
	return !(frame->profile & 1) &&
	       offers_depth(s, DAEDALUS_V4L2_VP9, frame->bit_depth) &&
	       fits(s, DAEDALUS_V4L2_VP9, frame->frame_width_minus_1 + 1,
		    frame->frame_height_minus_1 + 1);
}

/* The sequence's size is an upper bound; each frame has its own. */
static bool av1_sequence_is_offered(const struct daedalus_stream *s,
				    const struct v4l2_ctrl_av1_sequence *sequence)
{
	const u32 subsampling = default_av1_sequence.flags;

	return !sequence->seq_profile &&
	       offers_depth(s, DAEDALUS_V4L2_AV1, sequence->bit_depth) &&
	       (sequence->flags & subsampling) == subsampling &&
	       (!(sequence->flags & V4L2_AV1_SEQUENCE_FLAG_MONO_CHROME) ||
		offers(s, DAEDALUS_V4L2_AV1, DAEDALUS_V4L2_MONOCHROME));
}

static bool is_offered(const struct daedalus_stream *s, u32 id, const union v4l2_ctrl_ptr value)
{
	switch (id) {
	case V4L2_CID_STATELESS_H264_SPS:
		return h264_sps_is_offered(s, value.p_h264_sps);
	case V4L2_CID_STATELESS_VP9_FRAME:
		return vp9_frame_is_offered(s, value.p_vp9_frame);
	case V4L2_CID_STATELESS_AV1_SEQUENCE:
		return av1_sequence_is_offered(s, value.p_av1_sequence);
	case V4L2_CID_STATELESS_AV1_FRAME:
		return fits(s, DAEDALUS_V4L2_AV1, value.p_av1_frame->upscaled_width,
			    value.p_av1_frame->frame_height_minus_1 + 1);
	default:
		return true;
	}
}

static int try_control(struct v4l2_ctrl *ctrl)
{
	const struct daedalus_stream *s = container_of(ctrl->handler, struct daedalus_stream, hdl);

	return is_offered(s, ctrl->id, ctrl->p_new) ? 0 : -EINVAL;
}

static const struct v4l2_ctrl_ops control_ops = {
	.try_ctrl = try_control,
};

int daedalus_controls_init(struct daedalus_stream *s)
{
	unsigned int i;

	v4l2_ctrl_handler_init(&s->hdl, ARRAY_SIZE(codec_controls));
	for (i = 0; i < ARRAY_SIZE(codec_controls); i++) {
		const u32 codec = codec_controls[i].codec;
		struct v4l2_ctrl_config cfg = codec_controls[i].cfg;

		if (!s->dev->codecs[codec].max_width)
			continue;
		cfg.ops = &control_ops;
		if (cfg.id == V4L2_CID_MPEG_VIDEO_VP9_PROFILE &&
		    !offers(s, codec, DAEDALUS_V4L2_10_BIT))
			cfg.max = cfg.menu_skip_mask = 0;
		v4l2_ctrl_new_custom(&s->hdl, &cfg, (void *)&codec_controls[i]);
	}
	s->fh.ctrl_handler = &s->hdl;
	return s->hdl.error;
}

/* According to the codec's controls. */
bool daedalus_controls_ten_bit(struct daedalus_stream *s)
{
	if (s->codec == DAEDALUS_V4L2_VP9)
		return v4l2_ctrl_find(&s->hdl, V4L2_CID_STATELESS_VP9_FRAME)
			       ->p_cur.p_vp9_frame->bit_depth == 10;
	if (s->codec == DAEDALUS_V4L2_AV1)
		return v4l2_ctrl_find(&s->hdl, V4L2_CID_STATELESS_AV1_SEQUENCE)
			       ->p_cur.p_av1_sequence->bit_depth == 10;
	return false;
}

/*
 * Returns the size of the codec's controls for a JOB, and writes them to `to`
 * unless it is NULL. Called with hdl.lock held.
 */
size_t daedalus_controls_copy(struct daedalus_stream *s, u8 *to)
{
	struct v4l2_ctrl *ctrl;
	size_t size = 0;

	list_for_each_entry(ctrl, &s->hdl.ctrls, node) {
		const struct codec_control *control = ctrl->priv;
		const struct daedalus_v4l2_control head = {
			.id = ctrl->id,
			.size = ctrl->elems * ctrl->elem_size,
		};

		if (!ctrl->is_ptr || control->codec != s->codec)
			continue;
		if (to) {
			memcpy(to + size, &head, sizeof(head));
			memcpy(to + size + sizeof(head), ctrl->p_cur.p_const, head.size);
			memset(to + size + sizeof(head) + head.size, 0, -head.size & 7);
		}
		size += sizeof(head) + ALIGN(head.size, 8);
	}
	return size;
}
