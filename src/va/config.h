// SPDX-License-Identifier: MIT
// VAConfigID: a row of the offer table.
#pragma once

#include <va/va.h>

namespace daedalus::va {

struct Display;

struct Offer;

struct Config {
  const Offer& offer;
};

VAStatus query_config_profiles(Display&, VAProfile* profiles, int* num_profiles);
VAStatus query_config_entrypoints(Display&, VAProfile profile, VAEntrypoint* entrypoints,
                                  int* num_entrypoints);
VAStatus get_config_attributes(Display&, VAProfile profile, VAEntrypoint entrypoint,
                               VAConfigAttrib* attributes, int num_attributes);
VAStatus create_config(Display&, VAProfile profile, VAEntrypoint entrypoint,
                       VAConfigAttrib* attributes, int num_attributes, VAConfigID* id);
VAStatus destroy_config(Display&, VAConfigID id);
VAStatus query_config_attributes(Display&, VAConfigID id, VAProfile* profile,
                                 VAEntrypoint* entrypoint, VAConfigAttrib* attributes,
                                 int* num_attributes);
VAStatus query_surface_attributes(Display&, VAConfigID config, VASurfaceAttrib* attributes,
                                  unsigned* num_attributes);

}  // namespace daedalus::va
