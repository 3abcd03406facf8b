// SPDX-License-Identifier: MIT
// Display attributes: the driver has none.
#pragma once

#include <va/va.h>

namespace daedalus::va {

struct Display;

VAStatus query_display_attributes(Display&, VADisplayAttribute* attributes, int* num_attributes);
VAStatus get_display_attributes(Display&, VADisplayAttribute* attributes, int num_attributes);
VAStatus set_display_attributes(Display&, VADisplayAttribute* attributes, int num_attributes);

}  // namespace daedalus::va
