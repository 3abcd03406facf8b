// SPDX-License-Identifier: MIT
#include "video/filter_table.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

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

// Whether the source's plane has one sample for every two of luma.
bool is_halved(const Axis& axis, Plane plane) {
  return plane != Plane::luma && axis.source_halved;
}

// The samples of the plane that belong to the region.
struct Samples {
  uint32_t begin, end;
};

Samples frame_samples(const Axis& axis, Plane plane) {
  const uint32_t end = axis.source.begin + axis.source.length;
  if (!is_halved(axis, plane)) return {axis.source.begin, end};
  return {axis.source.begin / 2, (end + 1) / 2};
}

// The samples of the plane that are read: sample n of these is sample first + n * step.
struct Lattice {
  uint32_t first, step;
};

// A region of a single row may have no row of the field: then it keeps its own row.
Lattice source_lattice(const Axis& axis, Plane plane) {
  const auto [begin, end] = frame_samples(axis, plane);
  const uint32_t parity = axis.bottom_field ? 1 : 0;
  const bool has_field = end - begin > 1 || begin % 2 == parity;
  return axis.one_field && has_field ? Lattice{parity, 2} : Lattice{0, 1};
}

// The region's samples, numbered within the lattice.
Samples source_samples(const Axis& axis, Plane plane) {
  const auto [begin, end] = frame_samples(axis, plane);
  const Lattice lattice = source_lattice(axis, plane);
  const auto count_before = [&lattice](uint32_t sample) {
    return sample <= lattice.first ? 0 : (sample - lattice.first + lattice.step - 1) / lattice.step;
  };
  return {count_before(begin), count_before(end)};
}

Samples target_samples(const Axis& axis, Plane plane) {
  const uint32_t end = axis.target.begin + axis.target.length;
  if (plane != Plane::chroma) return {axis.target.begin, end};
  return {(axis.target.begin + 1) / 2, (end + 1) / 2};
}

// Distances along an axis are integers, in steps of a fraction of a source sample: so every device
// has the same tables, and reversed ones have the same weights.
int64_t steps_per_sample(const Axis& axis) {
  return 4 * int64_t{axis.target.length};
}

// The kernel's unit in steps: the width of a source sample that is read, or more.
int64_t widened_steps(const Axis& axis, Plane plane) {
  const int64_t per_sample = steps_per_sample(axis) * source_lattice(axis, plane).step;
  const int luma_samples = plane == Plane::chroma ? 2 : 1;
  const int64_t per_target_sample =
      (is_halved(axis, plane) ? 2 : 4) * luma_samples * int64_t{axis.source.length};
  return std::clamp(per_target_sample, per_sample, int64_t{max_widening} * per_sample);
}

// Chroma sample n lies at luma position 2 * n, or half a sample further: in halves of a sample.
int64_t siting_offset(Siting siting) {
  return siting == Siting::between ? 1 : 0;
}

// The position of the target's sample in the source's plane, in steps; sample n's centre is at n.
int64_t position(const Axis& axis, Plane plane, uint32_t target_sample) {
  const int64_t source_length = axis.source.length, target_length = axis.target.length;
  // Relative to the region's beginning, in halves of a sample.
  int64_t along = 2 * (int64_t{target_sample} - axis.target.begin) + 1;
  if (plane == Plane::chroma)
    along += 2 * int64_t{target_sample} + siting_offset(axis.target.siting);
  if (axis.reversed) along = 2 * target_length - along;
  // In source samples it is axis.source.begin + along * source_length / (2 * target_length) - 1/2.
  const int64_t in_source =
      (2 * int64_t{axis.source.begin} - 1) * target_length + along * source_length;
  if (!is_halved(axis, plane)) return 2 * in_source;
  return in_source - siting_offset(axis.source.siting) * target_length;
}

// The weights of one sample, and the first source sample that has one.
struct Entry {
  uint32_t first = 0;
  uint32_t count = 0;
  std::array<int32_t, max_taps> weights = {};
};

// Rounded so that they add up; the largest weight takes the remainder.
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

int64_t floor_divide(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

struct Filter {
  Kernel kernel;
  int64_t per_sample, widened;  // in steps; per sample that is read
  Samples source;
};

// The border samples are repeated beyond the region.
Entry make_entry(const Filter& filter, int64_t centre) {
  const int64_t reach = filter.kernel.radius * filter.widened;
  const auto clamped = [&](int64_t sample) {
    return static_cast<uint32_t>(
        std::clamp<int64_t>(sample, filter.source.begin, int64_t{filter.source.end} - 1));
  };
  const int64_t first = floor_divide(centre - reach, filter.per_sample) + 1;
  const int64_t last = floor_divide(centre + reach - 1, filter.per_sample);
  Entry entry;
  entry.first = clamped(first);
  entry.count = clamped(last) - entry.first + 1;
  std::array<double, max_taps> weights = {};
  for (int64_t sample = first; sample <= last; ++sample) {
    const auto distance = static_cast<double>(sample * filter.per_sample - centre);
    weights[clamped(sample) - entry.first] +=
        filter.kernel.weight(distance / static_cast<double>(filter.widened));
  }
  round_weights(weights, entry);
  trim(entry);
  return entry;
}

void append(const Entry& entry, uint32_t taps, const Samples& source, const Lattice& lattice,
            std::vector<uint32_t>& words) {
  // Shifted to the front if the taps of other samples would extend beyond the region.
  const uint32_t first = std::min(entry.first, source.end - taps);
  const uint32_t shift = entry.first - first;
  const auto weight = [&](uint32_t tap) -> uint32_t {
    const bool used = tap >= shift && tap - shift < entry.count;
    return used ? static_cast<uint16_t>(entry.weights[tap - shift]) : 0;
  };
  words.push_back(lattice.first + first * lattice.step);
  for (uint32_t tap = 0; tap < taps; tap += 2) words.push_back(weight(tap) | weight(tap + 1) << 16);
}

}  // namespace

uint32_t FilterTable::samples_of_four() const {
  uint32_t most = taps;
  const std::size_t count = words.size() / stride();
  for (std::size_t i = 1; i < count; ++i) {
    const uint32_t first = words[(i < 3 ? 0 : i - 3) * stride()], last = words[i * stride()];
    most = std::max(most, taps + (last < first ? first - last : last - first));
  }
  return most;
}

FilterTable make_filter_table(const Axis& axis, Plane plane, Scaling scaling) {
  const Samples source = source_samples(axis, plane), target = target_samples(axis, plane);
  const Lattice lattice = source_lattice(axis, plane);
  const int64_t origin = lattice.first * steps_per_sample(axis);
  const Filter filter{kernel_of(scaling), steps_per_sample(axis) * lattice.step,
                      widened_steps(axis, plane), source};
  std::vector<Entry> entries;
  FilterTable table;
  for (uint32_t sample = target.begin; sample < target.end; ++sample) {
    entries.push_back(make_entry(filter, position(axis, plane, sample) - origin));
    table.taps = std::max(table.taps, entries.back().count);
  }
  for (const Entry& entry : entries) append(entry, table.taps, source, lattice, table.words);
  return table;
}

}  // namespace daedalus::video
