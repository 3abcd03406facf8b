// SPDX-License-Identifier: MIT
// The setting `profiles`: which codecs are offered to clients, and up to which size.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daedalus/settings.h"

namespace daedalus {

// Reads "h264 vp9 av1@1280x720": codecs that are not named are not offered. Empty: no limits;
// "none": no codec. Sizes are rounded up to whole macroblocks, as the pictures of clients are:
// 1920x1080 includes 1920x1088. Returns nothing if the text is malformed or names a codec twice.
std::optional<CodecLimits> parse_codec_limits(std::string_view text);

// What the limits leave out, for people: "vp9, av1 above 1280x720". Empty if they leave out
// nothing.
std::string describe_left_out(const CodecLimits& limits);

}  // namespace daedalus
