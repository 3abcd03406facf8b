// SPDX-License-Identifier: MIT
// Tile parsers that any picture's tiles can use: a decoder has as many as it parses tiles in
// parallel, rather than some for each queued picture.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "av1/tile_parser.h"

namespace daedalus::av1 {

class TileParserPool {
 public:
  // Takes the most recently used one, because caches may still hold its memory (about 1 MB at
  // 1080p).
  std::unique_ptr<TileParser> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<TileParser>();
    auto parser = std::move(idle_.back());
    idle_.pop_back();
    return parser;
  }
  void give_back(std::unique_ptr<TileParser> parser) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(parser));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<TileParser>> idle_;
};

}  // namespace daedalus::av1
