// SPDX-License-Identifier: MIT
// The film grain data in a job's memory, for shaders/av1/film_grain.comp.
#pragma once

#include <cstdint>
#include <span>

#include "daedalus/av1/job.h"

namespace daedalus::vulkan {

// The room for a picture of this many luma samples.
uint32_t film_grain_words(uint32_t width, uint32_t height);

// Writes all of it sequentially.
void write_film_grain(std::span<uint32_t> words, const av1::FilmGrain& grain, uint32_t width,
                      uint32_t height);

}  // namespace daedalus::vulkan
