// SPDX-License-Identifier: MIT
// What the driver offers: one row for each profile and entry point. Configs, their attributes,
// their surfaces' attributes and their contexts follow from the row and from what the device can
// do.
#pragma once

#include <va/va.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "daedalus/device.h"
#include "daedalus/settings.h"
#include "va/session.h"

namespace daedalus::va {

// What a context is made for.
struct ContextWish {
  VAProfile profile;
  uint32_t width, height;  // samples
  uint32_t entropy_threads;
};

struct Offer {
  VAProfile profile;
  VAEntrypoint entrypoint;
  std::optional<Codec> codec;                  // to which the setting `profiles` applies
  uint32_t rt_formats;                         // VA_RT_FORMAT_*, of its surfaces
  uint32_t min_size;                           // width and height of its surfaces, in samples
  PictureSize max_size;                        // the device may take only smaller ones
  bool context_has_size;                       // false: each of a context's pictures has its own
  std::span<const VAConfigAttrib> attributes;  // beside RTFormat and MaxPictureWidth and -Height
  bool (*runs_on)(const Device& device);       // null: on each device that opens
  Result<std::unique_ptr<Session>> (*create_session)(Device& device, const ContextWish& wish);
};

using Offers = std::span<const Offer>;

// All rows there are; the driver's own, or a test's.
Offers offer_table();

// Those that the device can do and the limits admit, each with the largest size of both.
std::vector<Offer> offers_of(const Device& device, const CodecLimits& limits);

// Null where there is none.
const Offer* find_offer(Offers offers, VAProfile profile, VAEntrypoint entrypoint);

// Each once, in the table's order.
std::vector<VAProfile> profiles_of(Offers offers);
// Empty for a profile that is not offered.
std::vector<VAEntrypoint> entrypoints_of(Offers offers, VAProfile profile);

std::vector<VAConfigAttrib> config_attributes(const Offer& offer);
// VA_ATTRIB_NOT_SUPPORTED for what is not in config_attributes.
uint32_t config_attribute(const Offer& offer, VAConfigAttribType type);

std::vector<VASurfaceAttrib> surface_attributes(const Offer& offer, const Device& device);

// How large the arrays are that clients bring for the answers to their queries.
struct ArraySizes {
  int profiles, entrypoints, config_attributes;
};
ArraySizes array_sizes(Offers offers);

}  // namespace daedalus::va
