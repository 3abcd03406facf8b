// VAConfigID: a profile and an entry point.
#pragma once

#include <va/va.h>

namespace daedalus::va {

struct Display;

struct Config {
  VAProfile profile;
  VAEntrypoint entrypoint;
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

}  // namespace daedalus::va
