// SPDX-License-Identifier: MIT
#include "vulkan/av1/tables.h"

namespace daedalus::vulkan {

const av1::JobTables av1_tables = {};

}  // namespace daedalus::vulkan
