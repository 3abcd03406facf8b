// SPDX-License-Identifier: MIT
#include "va/config.h"

#include <algorithm>
#include <utility>

#include "daedalus/log.h"
#include "va/current_device.h"
#include "va/display_objects.h"
#include "va/names.h"
#include "va/offers.h"
#include "va/status.h"

namespace daedalus::va {

VAStatus query_config_profiles(Display& display, VAProfile* profiles, int* num_profiles) {
  if (!profiles || !num_profiles) return VA_STATUS_ERROR_INVALID_PARAMETER;
  const auto offered = profiles_of(display.offers);
  std::copy(offered.begin(), offered.end(), profiles);
  *num_profiles = static_cast<int>(offered.size());
  return VA_STATUS_SUCCESS;
}

VAStatus query_config_entrypoints(Display& display, VAProfile profile, VAEntrypoint* entrypoints,
                                  int* num_entrypoints) {
  if (!entrypoints || !num_entrypoints) return VA_STATUS_ERROR_INVALID_PARAMETER;
  const auto offered = entrypoints_of(display.offers, profile);
  std::copy(offered.begin(), offered.end(), entrypoints);
  *num_entrypoints = static_cast<int>(offered.size());
  return offered.empty() ? VA_STATUS_ERROR_UNSUPPORTED_PROFILE : VA_STATUS_SUCCESS;
}

namespace {

VAStatus why_not_offered(const Display& display, VAProfile profile) {
  return entrypoints_of(display.offers, profile).empty() ? VA_STATUS_ERROR_UNSUPPORTED_PROFILE
                                                         : VA_STATUS_ERROR_UNSUPPORTED_ENTRYPOINT;
}

// What a client asks of a config: a set of formats, or the value of an attribute.
VAStatus check_wanted(const Offer& offer, const VAConfigAttrib& wanted) {
  const uint32_t offered = config_attribute(offer, wanted.type);
  switch (wanted.type) {
    case VAConfigAttribRTFormat:
      return wanted.value & offered ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_UNSUPPORTED_RT_FORMAT;
    case VAConfigAttribMaxPictureWidth:
    case VAConfigAttribMaxPictureHeight:
      return wanted.value <= offered ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_RESOLUTION_NOT_SUPPORTED;
    default:
      // A client may pass back what vaGetConfigAttributes returned, even VA_ATTRIB_NOT_SUPPORTED.
      // libva's own tests expect this status for attributes that are not supported, too.
      return wanted.value == offered ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_VALUE;
  }
}

}  // namespace

VAStatus get_config_attributes(Display& display, VAProfile profile, VAEntrypoint entrypoint,
                               VAConfigAttrib* attributes, int num_attributes) {
  if (num_attributes < 0 || (num_attributes > 0 && !attributes))
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  const auto* offer = find_offer(display.offers, profile, entrypoint);
  if (!offer) return why_not_offered(display, profile);
  for (int i = 0; i < num_attributes; ++i)
    attributes[i].value = config_attribute(*offer, attributes[i].type);
  return VA_STATUS_SUCCESS;
}

VAStatus create_config(Display& display, VAProfile profile, VAEntrypoint entrypoint,
                       VAConfigAttrib* attributes, int num_attributes, VAConfigID* id) {
  if (!id || num_attributes < 0 || (num_attributes > 0 && !attributes))
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  const auto* offer = find_offer(display.offers, profile, entrypoint);
  if (!offer) {
    log(LogLevel::info, "refused: profile %s with entry point %s", profile_name(profile).c_str(),
        entrypoint_name(entrypoint).c_str());
    return why_not_offered(display, profile);
  }
  for (int i = 0; i < num_attributes; ++i) {
    if (auto status = check_wanted(*offer, attributes[i]); status != VA_STATUS_SUCCESS) {
      log(LogLevel::info, "refused: config attribute %s with value %#x",
          config_attribute_name(attributes[i].type).c_str(), attributes[i].value);
      return status;
    }
  }
  *id = display.configs.insert(std::make_shared<Config>(Config{*offer}));
  return *id == VA_INVALID_ID ? VA_STATUS_ERROR_MAX_NUM_EXCEEDED : VA_STATUS_SUCCESS;
}

VAStatus destroy_config(Display& display, VAConfigID id) {
  return display.configs.remove(id) ? VA_STATUS_SUCCESS : VA_STATUS_ERROR_INVALID_CONFIG;
}

VAStatus query_config_attributes(Display& display, VAConfigID id, VAProfile* profile,
                                 VAEntrypoint* entrypoint, VAConfigAttrib* attributes,
                                 int* num_attributes) {
  const auto config = display.configs.find(id);
  if (!config) return VA_STATUS_ERROR_INVALID_CONFIG;
  if (!profile || !entrypoint || !attributes || !num_attributes)
    return VA_STATUS_ERROR_INVALID_PARAMETER;
  *profile = config->offer.profile;
  *entrypoint = config->offer.entrypoint;
  const auto offered = config_attributes(config->offer);
  std::copy(offered.begin(), offered.end(), attributes);
  *num_attributes = static_cast<int>(offered.size());
  return VA_STATUS_SUCCESS;
}

VAStatus query_surface_attributes(Display& display, VAConfigID id, VASurfaceAttrib* attributes,
                                  unsigned* num_attributes) {
  const auto config = display.configs.find(id);
  if (!config) return VA_STATUS_ERROR_INVALID_CONFIG;
  if (!num_attributes) return VA_STATUS_ERROR_INVALID_PARAMETER;
  const auto device = display.device->get();
  if (!device) return to_status(device.error());
  const auto offered = surface_attributes(config->offer, **device);
  const unsigned room = std::exchange(*num_attributes, static_cast<unsigned>(offered.size()));
  if (!attributes) return VA_STATUS_SUCCESS;
  if (room < offered.size()) return VA_STATUS_ERROR_MAX_NUM_EXCEEDED;
  std::copy(offered.begin(), offered.end(), attributes);
  return VA_STATUS_SUCCESS;
}

}  // namespace daedalus::va
