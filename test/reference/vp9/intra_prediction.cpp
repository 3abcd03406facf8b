// SPDX-License-Identifier: MIT
#include "reference/vp9/intra_prediction.h"

#include <algorithm>
#include <array>

namespace daedalus::vp9::scalar {
namespace {

// The samples around a transform block: index 0 is above left, 1, 2, ... are above, -1, -2, ... are
// left, downwards.
class Edge {
 public:
  int& operator[](int i) { return samples_[static_cast<size_t>(i + 32)]; }
  int operator[](int i) const { return samples_[static_cast<size_t>(i + 32)]; }

  int average_2(int first, int second) const { return ((*this)[first] + (*this)[second] + 1) >> 1; }
  // The weighted average of three neighbours.
  int average_3(int centre) const {
    return ((*this)[centre - 1] + 2 * (*this)[centre] + (*this)[centre + 1] + 2) >> 2;
  }

 private:
  std::array<int, 32 + 1 + 64 + 1> samples_ = {};
};

struct TransformBlock {
  int x, y, size;
  IntraMode mode;
  bool left, above, right;
};

TransformBlock parse(uint32_t word) {
  namespace p = transform_place;
  TransformBlock block;
  block.x = static_cast<int>(word >> p::x_shift & 0x7ff) * 4;
  block.y = static_cast<int>(word >> p::y_shift & 0x7ff) * 4;
  block.size = 4 << (word >> p::tx_size_shift & 3);
  block.mode = static_cast<IntraMode>(word >> p::mode_shift & 15);
  block.left = (word & p::left_available) != 0;
  block.above = block.y > 0;
  block.right = (word & p::right_available) != 0;
  return block;
}

Edge edge_of(const TransformBlock& block, const Plane& plane, int width, int height) {
  const int base = 1 << (plane.bit_depth - 1);
  Edge edge;
  for (int i = 0; i < block.size; ++i) {
    edge[-1 - i] = block.left ? plane(block.x - 1, std::min(block.y + i, height - 1)) : base + 1;
  }
  for (int i = 0; i < 2 * block.size; ++i) {
    const int last = block.right && block.size == 4 ? 7 : block.size - 1;
    const int x = std::min(block.x + std::min(i, last), width - 1);
    edge[1 + i] = block.above ? plane(x, block.y - 1) : base - 1;
  }
  edge[0] = !block.above ? base - 1 : block.left ? plane(block.x - 1, block.y - 1) : base + 1;
  return edge;
}

int average_of_edge(const TransformBlock& block, const Edge& edge, int base) {
  int sum = 0, count = 0;
  for (int i = 0; i < block.size; ++i) {
    if (block.above) sum += edge[1 + i];
    if (block.left) sum += edge[-1 - i];
    count += block.above + block.left;
  }
  return count == 0 ? base : (sum + (count >> 1)) / count;
}

// The sample in column j of row i (8.5.1.1).
int d45(const TransformBlock& block, const Edge& edge, int i, int j) {
  const int at = i + j + 2;
  return at < 2 * block.size ? edge.average_3(at) : edge[2 * block.size];
}

int d63(const Edge& edge, int i, int j) {
  const int at = j + i / 2 + 1;
  return i % 2 == 0 ? edge.average_2(at, at + 1) : edge.average_3(at + 1);
}

int d117(const Edge& edge, int i, int j) {
  if (i > 2 * j) return edge.average_3(2 * j - i + 1);
  const int at = j - i / 2;
  return i % 2 == 0 ? edge.average_2(at, at + 1) : edge.average_3(at);
}

int d153(const Edge& edge, int i, int j) {
  if (j > 2 * i) return edge.average_3(j - 2 * i - 1);
  const int at = i - j / 2;
  return j % 2 == 0 ? edge.average_2(-at, -at - 1) : edge.average_3(-at);
}

int d207(const TransformBlock& block, const Edge& edge, int i, int j) {
  const auto left = [&](int row) { return edge[-1 - std::min(row, block.size - 1)]; };
  const int row = i + j / 2;
  return j % 2 == 0 ? (left(row) + left(row + 1) + 1) >> 1
                    : (left(row) + 2 * left(row + 1) + left(row + 2) + 2) >> 2;
}

int predict(const TransformBlock& block, const Edge& edge, const Plane& plane, int i, int j) {
  switch (block.mode) {
    case IntraMode::v:
      return edge[1 + j];
    case IntraMode::h:
      return edge[-1 - i];
    case IntraMode::d45:
      return d45(block, edge, i, j);
    case IntraMode::d135:
      return edge.average_3(j - i);
    case IntraMode::d117:
      return d117(edge, i, j);
    case IntraMode::d153:
      return d153(edge, i, j);
    case IntraMode::d207:
      return d207(block, edge, i, j);
    case IntraMode::d63:
      return d63(edge, i, j);
    case IntraMode::tm:
      return plane.clip(edge[-1 - i] + edge[1 + j] - edge[0]);
    case IntraMode::dc:
      break;
  }
  return average_of_edge(block, edge, 1 << (plane.bit_depth - 1));
}

}  // namespace

void predict_intra(uint32_t intra, const Plane& plane, int width, int height) {
  const TransformBlock block = parse(intra);
  const Edge edge = edge_of(block, plane, width, height);
  for (int i = 0; i < block.size && block.y + i < height; ++i) {
    for (int j = 0; j < block.size && block.x + j < width; ++j) {
      plane.set(block.x + j, block.y + i, predict(block, edge, plane, i, j));
    }
  }
}

}  // namespace daedalus::vp9::scalar
