// SPDX-License-Identifier: MIT
#include "va/offers.h"

#include <algorithm>

#include "va/formats.h"

namespace daedalus::va {

namespace {

bool has_surfaces_of(const Offer& offer, const SurfaceFormat& format) {
  return (format.rt_format & offer.rt_formats) &&
         (format.decoded || offer.entrypoint == VAEntrypointVideoProc);
}

CodecLimit limit_of(const Offer& offer, const CodecLimits& limits) {
  return offer.codec ? limits[static_cast<std::size_t>(*offer.codec)] : CodecLimit{};
}

// The largest size that the device can do in any of the row's formats, within the limit.
PictureSize max_size(const Offer& offer, const Device& device, const CodecLimit& limit) {
  PictureSize size = {std::min(offer.max_size.width, limit.width),
                      std::min(offer.max_size.height, limit.height)};
  for (const auto& format : surface_formats()) {
    if (!has_surfaces_of(offer, format)) continue;
    const auto of_device = device.max_picture_size(format.picture);
    size.width = std::min(size.width, of_device.width);
    size.height = std::min(size.height, of_device.height);
  }
  return size;
}

}  // namespace

std::vector<Offer> offers_of(const Device& device, const CodecLimits& limits) {
  std::vector<Offer> offers;
  for (Offer offer : offer_table()) {
    if (offer.runs_on && !offer.runs_on(device)) continue;
    const auto limit = limit_of(offer, limits);
    if (limit.width == 0) continue;
    offer.max_size = max_size(offer, device, limit);
    offers.push_back(offer);
  }
  return offers;
}

const Offer* find_offer(Offers offers, VAProfile profile, VAEntrypoint entrypoint) {
  const auto found = std::find_if(offers.begin(), offers.end(), [&](const Offer& offer) {
    return offer.profile == profile && offer.entrypoint == entrypoint;
  });
  return found == offers.end() ? nullptr : &*found;
}

std::vector<VAProfile> profiles_of(Offers offers) {
  std::vector<VAProfile> profiles;
  for (const auto& offer : offers)
    if (std::find(profiles.begin(), profiles.end(), offer.profile) == profiles.end())
      profiles.push_back(offer.profile);
  return profiles;
}

std::vector<VAEntrypoint> entrypoints_of(Offers offers, VAProfile profile) {
  std::vector<VAEntrypoint> entrypoints;
  for (const auto& offer : offers)
    if (offer.profile == profile) entrypoints.push_back(offer.entrypoint);
  return entrypoints;
}

std::vector<VAConfigAttrib> config_attributes(const Offer& offer) {
  std::vector<VAConfigAttrib> attributes = {
      {VAConfigAttribRTFormat, offer.rt_formats},
      {VAConfigAttribMaxPictureWidth, offer.max_size.width},
      {VAConfigAttribMaxPictureHeight, offer.max_size.height},
  };
  attributes.insert(attributes.end(), offer.attributes.begin(), offer.attributes.end());
  return attributes;
}

uint32_t config_attribute(const Offer& offer, VAConfigAttribType type) {
  for (const auto& attribute : config_attributes(offer))
    if (attribute.type == type) return attribute.value;
  return VA_ATTRIB_NOT_SUPPORTED;
}

namespace {

VASurfaceAttrib integer(VASurfaceAttribType type, uint32_t flags, uint32_t value) {
  VASurfaceAttrib attribute{.type = type, .flags = flags};
  attribute.value.type = VAGenericValueTypeInteger;
  attribute.value.value.i = static_cast<int>(value);
  return attribute;
}

VASurfaceAttrib settable_pointer(VASurfaceAttribType type) {
  VASurfaceAttrib attribute{.type = type, .flags = VA_SURFACE_ATTRIB_SETTABLE};
  attribute.value.type = VAGenericValueTypePointer;
  return attribute;
}

}  // namespace

std::vector<VASurfaceAttrib> surface_attributes(const Offer& offer, const Device& device) {
  constexpr uint32_t get = VA_SURFACE_ATTRIB_GETTABLE;
  constexpr uint32_t get_set = VA_SURFACE_ATTRIB_GETTABLE | VA_SURFACE_ATTRIB_SETTABLE;
  std::vector<VASurfaceAttrib> attributes;
  for (const auto& format : surface_formats())
    if (has_surfaces_of(offer, format))
      attributes.push_back(integer(VASurfaceAttribPixelFormat, get_set, format.fourcc));
  attributes.push_back(integer(VASurfaceAttribMinWidth, get, offer.min_size));
  attributes.push_back(integer(VASurfaceAttribMaxWidth, get, offer.max_size.width));
  attributes.push_back(integer(VASurfaceAttribMinHeight, get, offer.min_size));
  attributes.push_back(integer(VASurfaceAttribMaxHeight, get, offer.max_size.height));
  attributes.push_back(integer(VASurfaceAttribMemoryType, get_set, surface_memory_types(device)));
  if (device.shares_dma_bufs()) {
    attributes.push_back(settable_pointer(VASurfaceAttribExternalBufferDescriptor));
    attributes.push_back(settable_pointer(VASurfaceAttribDRMFormatModifiers));
  }
  return attributes;
}

ArraySizes array_sizes(Offers offers) {
  ArraySizes sizes{static_cast<int>(profiles_of(offers).size()), 0, 0};
  for (const auto& offer : offers) {
    const auto entrypoints = static_cast<int>(entrypoints_of(offers, offer.profile).size());
    const auto attributes = static_cast<int>(config_attributes(offer).size());
    sizes.entrypoints = std::max(sizes.entrypoints, entrypoints);
    sizes.config_attributes = std::max(sizes.config_attributes, attributes);
  }
  return sizes;
}

}  // namespace daedalus::va
