// SPDX-License-Identifier: MIT
#include "settings/codec_limits.h"

#include <charconv>

#include "settings/words.h"

namespace daedalus {

namespace {

constexpr std::string_view separators = " \t,";
constexpr uint32_t macroblock_size = 16, max_side = 1 << 16;

// Takes the next word from the text; empty after the last one.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(separators), text.size()));
  const auto word = text.substr(0, text.find_first_of(separators));
  text.remove_prefix(word.size());
  return word;
}

std::optional<uint32_t> parse_side(std::string_view text) {
  uint32_t side = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), side);
  if (error != std::errc{} || end != text.data() + text.size() || side == 0 || side > max_side)
    return {};
  return (side + macroblock_size - 1) / macroblock_size * macroblock_size;
}

std::optional<CodecLimit> parse_size(std::string_view text) {
  const auto cross = text.find_first_of("xX");
  if (cross == text.npos) return {};
  const auto width = parse_side(text.substr(0, cross)), height = parse_side(text.substr(cross + 1));
  if (!width || !height) return {};
  return CodecLimit{*width, *height};
}

// Sets the limit of the codec that a word such as "av1@1280x720" names. False if the word is wrong.
bool set_limit(std::string_view word, CodecLimits& limits) {
  const auto at = word.find('@');
  const auto limit =
      at == word.npos ? CodecLimit{} : parse_size(word.substr(at + 1)).value_or(CodecLimit{0, 0});
  for (std::size_t codec = 0; codec < limits.size(); ++codec) {
    if (!same_word(word.substr(0, at), codec_names[codec]) || limits[codec].width != 0) continue;
    limits[codec] = limit;
    return limit.width != 0;
  }
  return false;
}

}  // namespace

std::optional<CodecLimits> parse_codec_limits(std::string_view text) {
  CodecLimits limits;
  auto word = take_word(text);
  if (word.empty()) return limits;
  limits.fill({0, 0});
  if (same_word(word, "none"))
    return take_word(text).empty() ? std::optional(limits) : std::nullopt;
  for (; !word.empty(); word = take_word(text))
    if (!set_limit(word, limits)) return {};
  return limits;
}

std::string describe_left_out(const CodecLimits& limits) {
  std::string text;
  for (std::size_t codec = 0; codec < limits.size(); ++codec) {
    const auto& [width, height] = limits[codec];
    if (limits[codec] == CodecLimit{}) continue;
    text += (text.empty() ? "" : ", ") + std::string(codec_names[codec]);
    if (width != 0) text += " above " + std::to_string(width) + "x" + std::to_string(height);
  }
  return text;
}

}  // namespace daedalus
