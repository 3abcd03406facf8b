// SPDX-License-Identifier: MIT
// What the driver offers: one row for each profile and entry point. Configs, their attributes,
// their surfaces' attributes and their contexts are derived from the row and from the device's
// capabilities.
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

// The arguments of creating a context.
struct ContextWish {
  VAProfile profile;
  uint32_t width, height;  // samples
  uint32_t entropy_threads;
};

struct Offer {
  VAProfile profile;
  VAEntrypoint entrypoint;
  std::optional<Codec> codec;                  // that the setting `profiles` may limit
  uint32_t rt_formats;                         // VA_RT_FORMAT_*, of its surfaces
  uint32_t min_size;                           // width and height of its surfaces, in samples
  PictureSize max_size;                        // the device may limit it further
  bool context_has_size;                       // false: each picture of a context has its own size
  std::span<const VAConfigAttrib> attributes;  // besides RTFormat and MaxPictureWidth and -Height
  bool (*runs_on)(const Device& device);       // null: on any device that opens
  Result<std::unique_ptr<Session>> (*create_session)(Device& device, const ContextWish& wish);
};

using Offers = std::span<const Offer>;

// All rows: the driver's own, or a test's.
Offers offer_table();

// The rows that the device and the limits allow, each with its largest size.
std::vector<Offer> offers_of(const Device& device, const CodecLimits& limits);

// Null if there is none.
const Offer* find_offer(Offers offers, VAProfile profile, VAEntrypoint entrypoint);

// Each once, in the table's order.
std::vector<VAProfile> profiles_of(Offers offers);
// Empty if the profile is not offered.
std::vector<VAEntrypoint> entrypoints_of(Offers offers, VAProfile profile);

std::vector<VAConfigAttrib> config_attributes(const Offer& offer);
// VA_ATTRIB_NOT_SUPPORTED for attributes that are not in config_attributes.
uint32_t config_attribute(const Offer& offer, VAConfigAttribType type);

std::vector<VASurfaceAttrib> surface_attributes(const Offer& offer, const Device& device);

// The maximum lengths of the arrays that clients pass for the results of queries.
struct ArraySizes {
  int profiles, entrypoints, config_attributes;
};
ArraySizes array_sizes(Offers offers);

}  // namespace daedalus::va
