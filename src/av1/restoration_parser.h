// SPDX-License-Identifier: MIT
// Loop restoration units of a tile (5.11.57, 5.11.58).
#pragma once

#include <array>
#include <cstdint>

#include "av1/tile_context.h"

namespace daedalus::av1 {

class RestorationParser {
 public:
  // Call at the start of a tile. Resets the units that the first ones are coded against.
  void begin();
  // read_lr() of a superblock. Stores its units in the frame.
  void read_superblock(TileContext& tile, uint32_t mi_row, uint32_t mi_col);

 private:
  RestorationUnit read_unit(TileContext& tile, uint32_t plane);
  RestorationUnit read_wiener(SymbolDecoder& decoder, uint32_t plane);
  RestorationUnit read_self_guided(SymbolDecoder& decoder, uint32_t plane);

  std::array<std::array<std::array<int32_t, 3>, 2>, 3> ref_wiener_{};  // RefLrWiener
  std::array<std::array<int32_t, 2>, 3> ref_xqd_{};                    // RefSgrXqd
};

}  // namespace daedalus::av1
