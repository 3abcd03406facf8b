// SPDX-License-Identifier: MIT
#include "reference/h264/intra_prediction.h"

#include <array>

namespace daedalus::h264::scalar {
namespace {

// Table 8-2 and Table 8-3
enum BlockMode {
  vertical,
  horizontal,
  dc,
  diagonal_down_left,
  diagonal_down_right,
  vertical_right,
  horizontal_down,
  vertical_left,
  horizontal_up,
};

// The neighbours of an n x n block: p(x, -1) for x = -1..2n-1 and p(-1, y) for y = -1..n-1.
// Unavailable ones are 0; conforming streams do not use modes that read them.
template <int n>
struct Border {
  bool left = false, top = false, top_left = false, top_right = false;
  std::array<int, 2 * n + 1> above{};  // [x + 1]
  std::array<int, n + 1> beside{};     // [y + 1]

  int operator()(int x, int y) const {
    return y < 0 ? above[static_cast<size_t>(x + 1)] : beside[static_cast<size_t>(y + 1)];
  }
};

// Whether the samples above right of the block of size n at (x, y) in its macroblock are decoded
// and usable (6.4.11.4 with 8.3.1.2, 8.3.2.2).
bool top_right_available(const Macroblock& mb, int x, int y, int n) {
  const bool in_row_above = y == 0, in_column_right = x + n == 16;
  if (in_row_above) {
    return mb.has(in_column_right ? mb_head::top_right_available : mb_head::top_available);
  }
  if (in_column_right) return false;
  return luma_block_index((x + n) / 4, y / 4 - 1) < luma_block_index(x / 4, y / 4);
}

// The neighbours of the block with origin `block`, at (x, y) in its macroblock.
template <int n>
Border<n> border_of(const Macroblock& mb, Plane block, int x, int y) {
  Border<n> p;
  p.left = x > 0 || mb.left_available(y >= 8);
  p.top = y > 0 || mb.has(mb_head::top_available);
  p.top_left = x > 0   ? p.top
               : y > 0 ? mb.left_available(y > 8)
                       : mb.has(mb_head::top_left_available);
  p.top_right = p.top && top_right_available(mb, x, y, n);
  if (p.top_left) p.above[0] = p.beside[0] = block(-1, -1);
  for (int i = 0; i < n; ++i) {
    const auto at = static_cast<size_t>(i + 1);
    if (p.left) p.beside[at] = block(-1, i);
    if (p.top) p.above[at] = block(i, -1);
    if (p.top) p.above[at + n] = p.top_right ? block(i + n, -1) : block(n - 1, -1);
  }
  return p;
}

// 8.3.2.2.1: the filtered neighbours p' of an 8x8 block.
Border<8> filtered(const Border<8>& p) {
  const auto filter = [](int a, int b, int c) { return (a + 2 * b + c + 2) >> 2; };
  Border<8> f = p;
  if (p.top) {
    f.above[1] =
        p.top_left ? filter(p(-1, -1), p(0, -1), p(1, -1)) : (3 * p(0, -1) + p(1, -1) + 2) >> 2;
    for (int x = 1; x < 15; ++x) {
      f.above[static_cast<size_t>(x + 1)] = filter(p(x - 1, -1), p(x, -1), p(x + 1, -1));
    }
    f.above[16] = (p(14, -1) + 3 * p(15, -1) + 2) >> 2;
  }
  if (p.top_left) {
    int corner = p(-1, -1);
    if (p.top && p.left) {
      corner = filter(p(0, -1), corner, p(-1, 0));
    } else if (p.top) {
      corner = (3 * corner + p(0, -1) + 2) >> 2;
    } else if (p.left) {
      corner = (3 * corner + p(-1, 0) + 2) >> 2;
    }
    f.above[0] = f.beside[0] = corner;
  }
  if (p.left) {
    f.beside[1] =
        p.top_left ? filter(p(-1, -1), p(-1, 0), p(-1, 1)) : (3 * p(-1, 0) + p(-1, 1) + 2) >> 2;
    for (int y = 1; y < 7; ++y) {
      f.beside[static_cast<size_t>(y + 1)] = filter(p(-1, y - 1), p(-1, y), p(-1, y + 1));
    }
    f.beside[8] = (p(-1, 6) + 3 * p(-1, 7) + 2) >> 2;
  }
  return f;
}

// 8.3.1.2.3, 8.3.2.2.4
template <int n>
int dc_of(const Border<n>& p) {
  int top = 0, left = 0;
  for (int i = 0; i < n; ++i) {
    top += p(i, -1);
    left += p(-1, i);
  }
  if (p.top && p.left) return (top + left + n) / (2 * n);
  if (p.left) return (left + n / 2) / n;
  if (p.top) return (top + n / 2) / n;
  return 128;
}

// One sample of 8.3.1.2.1 to 8.3.1.2.9 (n = 4) and 8.3.2.2.2 to 8.3.2.2.10 (n = 8), which differ
// only in size.
template <int n>
int block_sample(const Border<n>& p, uint32_t mode, int x, int y) {
  const auto two = [&](int ax, int ay, int bx, int by) { return (p(ax, ay) + p(bx, by) + 1) >> 1; };
  const auto three = [&](int ax, int ay, int bx, int by, int cx, int cy) {
    return (p(ax, ay) + 2 * p(bx, by) + p(cx, cy) + 2) >> 2;
  };
  // Three neighbours around the i-th one, counted from the corner: positive along the top, negative
  // down the left side.
  const auto around_corner = [&](int i) {
    if (i > 0) return three(i - 2, -1, i - 1, -1, i, -1);
    if (i < 0) return three(-1, -i - 2, -1, -i - 1, -1, -i);
    return three(0, -1, -1, -1, -1, 0);
  };

  switch (mode) {
    case vertical:
      return p(x, -1);
    case horizontal:
      return p(-1, y);
    case dc:
      return dc_of(p);
    case diagonal_down_left:
      if (x + y == 2 * n - 2) return (p(2 * n - 2, -1) + 3 * p(2 * n - 1, -1) + 2) >> 2;
      return three(x + y, -1, x + y + 1, -1, x + y + 2, -1);
    case diagonal_down_right:
      return around_corner(x - y);
    case vertical_right: {
      const int z = 2 * x - y, i = x - (y >> 1);
      if (z >= 0 && z % 2 == 0) return two(i - 1, -1, i, -1);
      if (z >= 0) return three(i - 2, -1, i - 1, -1, i, -1);
      if (z == -1) return three(-1, 0, -1, -1, 0, -1);
      return three(-1, y - 2 * x - 1, -1, y - 2 * x - 2, -1, y - 2 * x - 3);
    }
    case horizontal_down: {
      const int z = 2 * y - x, i = y - (x >> 1);
      if (z >= 0 && z % 2 == 0) return two(-1, i - 1, -1, i);
      if (z >= 0) return three(-1, i - 2, -1, i - 1, -1, i);
      if (z == -1) return three(-1, 0, -1, -1, 0, -1);
      return three(x - 2 * y - 1, -1, x - 2 * y - 2, -1, x - 2 * y - 3, -1);
    }
    case vertical_left: {
      const int i = x + (y >> 1);
      if (y % 2 == 0) return two(i, -1, i + 1, -1);
      return three(i, -1, i + 1, -1, i + 2, -1);
    }
    default: {  // horizontal_up
      const int z = x + 2 * y, i = y + (x >> 1), last = n - 1;
      if (z > 2 * n - 3) return p(-1, last);
      if (z == 2 * n - 3) return (p(-1, last - 1) + 3 * p(-1, last) + 2) >> 2;
      if (z % 2 == 0) return two(-1, i, -1, i + 1);
      return three(-1, i, -1, i + 1, -1, i + 2);
    }
  }
}

template <int n>
void predict_block(const Border<n>& border, uint32_t mode, Plane block) {
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x)
      block(x, y) = static_cast<uint8_t>(block_sample(border, mode, x, y));
  }
}

// 8.3.3.4 (n = 16) and 8.3.4.4 (n = 8)
template <int n>
void predict_plane(Plane p) {
  int h = 0, v = 0;
  for (int i = 1; i <= n / 2; ++i) {
    h += i * (p(n / 2 - 1 + i, -1) - p(n / 2 - 1 - i, -1));
    v += i * (p(-1, n / 2 - 1 + i) - p(-1, n / 2 - 1 - i));
  }
  const int a = 16 * (p(-1, n - 1) + p(n - 1, -1));
  const int b = n == 16 ? (5 * h + 32) >> 6 : (34 * h + 32) >> 6;
  const int c = n == 16 ? (5 * v + 32) >> 6 : (34 * v + 32) >> 6;
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) {
      p(x, y) = clip1((a + b * (x - (n / 2 - 1)) + c * (y - (n / 2 - 1)) + 16) >> 5);
    }
  }
}

template <int n>
void predict_vertical(Plane p) {
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) p(x, y) = p(x, -1);
  }
}

template <int n>
void predict_horizontal(Plane p) {
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x) p(x, y) = p(-1, y);
  }
}

// The DC of an n x n block at (x, y) in p, from the samples above and left of its macroblock.
template <int n>
void predict_dc(Plane p, int x, int y, bool top, bool left) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += (top ? p(x + i, -1) : 0) + (left ? p(-1, y + i) : 0);
  const int count = n * ((top ? 1 : 0) + (left ? 1 : 0));
  const int value = count == 0 ? 128 : (sum + count / 2) / count;
  for (int j = 0; j < n; ++j) {
    for (int i = 0; i < n; ++i) p(x + i, y + j) = static_cast<uint8_t>(value);
  }
}

// 8.3.4.1 to 8.3.4.3: if both sides are available, blocks off the diagonal use one.
void predict_chroma_dc(Plane p, bool top, bool left, bool left_below) {
  predict_dc<4>(p, 0, 0, top, left);
  predict_dc<4>(p, 4, 0, top, left && !top);
  predict_dc<4>(p, 0, 4, top && !left_below, left_below);
  predict_dc<4>(p, 4, 4, top, left_below);
}

}  // namespace

void predict_intra_4x4(const Macroblock& mb, int luma_4x4_blk_idx, Plane samples) {
  const int x = luma_block_column(luma_4x4_blk_idx) * 4, y = luma_block_row(luma_4x4_blk_idx) * 4;
  const Plane block = samples.at(x, y);
  predict_block(border_of<4>(mb, block, x, y), mb.intra_pred_mode(luma_4x4_blk_idx), block);
}

void predict_intra_8x8(const Macroblock& mb, int luma_8x8_blk_idx, Plane samples) {
  const int x = luma_8x8_blk_idx % 2 * 8, y = luma_8x8_blk_idx / 2 * 8;
  const Plane block = samples.at(x, y);
  predict_block(filtered(border_of<8>(mb, block, x, y)), mb.intra_pred_mode(luma_8x8_blk_idx),
                block);
}

void predict_intra_16x16(const Macroblock& mb, Plane samples) {
  const bool top = mb.has(mb_head::top_available);
  const bool left = mb.left_available(false) && mb.left_available(true);
  switch (mb.intra_16x16_pred_mode()) {  // Table 8-4
    case 0:
      return predict_vertical<16>(samples);
    case 1:
      return predict_horizontal<16>(samples);
    case 2:
      return predict_dc<16>(samples, 0, 0, top, left);
    default:
      return predict_plane<16>(samples);
  }
}

void predict_intra_chroma(const Macroblock& mb, Plane samples) {
  const bool top = mb.has(mb_head::top_available);
  switch (mb.intra_chroma_pred_mode()) {  // Table 8-5
    case 0:
      return predict_chroma_dc(samples, top, mb.left_available(false), mb.left_available(true));
    case 1:
      return predict_horizontal<8>(samples);
    case 2:
      return predict_vertical<8>(samples);
    default:
      return predict_plane<8>(samples);
  }
}

}  // namespace daedalus::h264::scalar
