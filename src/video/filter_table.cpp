#include "video/filter_table.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace daedalus::video {

namespace {

double triangle(double x) {
  return std::max(0.0, 1.0 - std::abs(x));
}

// Catmull and Rom's cubic: B = 0, C = 1/2 in Mitchell and Netravali's family.
double cubic(double x) {
  x = std::abs(x);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  if (x < 2) return ((-0.5 * x + 2.5) * x - 4) * x + 2;
  return 0;
}

struct Kernel {
  double (*weight)(double);
  int radius;
};

Kernel kernel_of(Scaling scaling) {
  return scaling == Scaling::bicubic ? Kernel{cubic, 2} : Kernel{triangle, 1};
}

// Samples of the plane that the region has.
struct Samples {
  uint32_t begin, end;
};

Samples source_samples(const Axis& axis, Plane plane) {
  const uint32_t end = axis.source.begin + axis.source.length;
  if (plane == Plane::luma) return {axis.source.begin, end};
  return {axis.source.begin / 2, (end + 1) / 2};
}

Samples target_samples(const Axis& axis, Plane plane) {
  const uint32_t end = axis.target.begin + axis.target.length;
  if (plane != Plane::chroma) return {axis.target.begin, end};
  return {(axis.target.begin + 1) / 2, (end + 1) / 2};
}

// Chroma sample n lies at luma position 2 * n, or half a sample further.
double siting_offset(Siting siting) {
  return siting == Siting::between ? 0.5 : 0.0;
}

// Where the target's sample lies in the source's plane; sample n's centre is at n.
double position(const Axis& axis, Plane plane, uint32_t target_sample) {
  const double luma = plane == Plane::chroma
                          ? 2.0 * target_sample + siting_offset(axis.target.siting)
                          : target_sample;
  double along = (luma - axis.target.begin + 0.5) / axis.target.length;
  if (axis.reversed) along = 1 - along;
  const double in_source = axis.source.begin + along * axis.source.length - 0.5;
  return plane == Plane::luma ? in_source : (in_source - siting_offset(axis.source.siting)) / 2;
}

// The weights of one sample, and the first source sample that has one.
struct Entry {
  uint32_t first = 0;
  uint32_t count = 0;
  std::array<int32_t, max_taps> weights = {};
};

// Rounded such that they add up; what is left over goes to the largest.
void round_weights(const std::array<double, max_taps>& weights, Entry& entry) {
  double sum = 0;
  for (uint32_t i = 0; i < entry.count; ++i) sum += weights[i];
  int32_t rest = 1 << weight_bits;
  uint32_t largest = 0;
  for (uint32_t i = 0; i < entry.count; ++i) {
    entry.weights[i] = static_cast<int32_t>(std::lround(weights[i] / sum * (1 << weight_bits)));
    rest -= entry.weights[i];
    if (entry.weights[i] > entry.weights[largest]) largest = i;
  }
  entry.weights[largest] += rest;
}

void trim(Entry& entry) {
  uint32_t leading = 0;
  while (entry.weights[leading] == 0) ++leading;
  while (entry.weights[entry.count - 1] == 0) --entry.count;
  std::copy(entry.weights.begin() + leading, entry.weights.begin() + entry.count,
            entry.weights.begin());
  entry.first += leading;
  entry.count -= leading;
}

Entry make_entry(const Kernel& kernel, double centre, double widening, const Samples& source) {
  const double radius = kernel.radius * widening;
  const auto clamped = [&](double sample) {
    return static_cast<uint32_t>(
        std::clamp<double>(sample, source.begin, static_cast<double>(source.end) - 1));
  };
  const double first = std::floor(centre - radius) + 1, last = std::ceil(centre + radius) - 1;
  Entry entry;
  entry.first = clamped(first);
  entry.count = clamped(last) - entry.first + 1;
  std::array<double, max_taps> weights = {};
  for (double sample = first; sample <= last; ++sample)
    weights[clamped(sample) - entry.first] += kernel.weight((sample - centre) / widening);
  round_weights(weights, entry);
  trim(entry);
  return entry;
}

void append(const Entry& entry, uint32_t taps, const Samples& source,
            std::vector<uint32_t>& words) {
  // Shifted to the front where the taps that others need would lead beyond the region.
  const uint32_t first = std::min(entry.first, source.end - taps);
  const uint32_t shift = entry.first - first;
  const auto weight = [&](uint32_t tap) -> uint32_t {
    const bool used = tap >= shift && tap - shift < entry.count;
    return used ? static_cast<uint16_t>(entry.weights[tap - shift]) : 0;
  };
  words.push_back(first);
  for (uint32_t tap = 0; tap < taps; tap += 2) words.push_back(weight(tap) | weight(tap + 1) << 16);
}

}  // namespace

FilterTable make_filter_table(const Axis& axis, Plane plane, Scaling scaling) {
  const Kernel kernel = kernel_of(scaling);
  const Samples source = source_samples(axis, plane), target = target_samples(axis, plane);
  const double ratio = static_cast<double>(axis.source.length) / axis.target.length;
  const double step = plane == Plane::chroma_at_luma ? ratio / 2 : ratio;
  const double widening = std::clamp<double>(step, 1, max_widening);

  std::vector<Entry> entries;
  FilterTable table;
  for (uint32_t sample = target.begin; sample < target.end; ++sample) {
    entries.push_back(make_entry(kernel, position(axis, plane, sample), widening, source));
    table.taps = std::max(table.taps, entries.back().count);
  }
  for (const Entry& entry : entries) append(entry, table.taps, source, table.words);
  return table;
}

}  // namespace daedalus::video
