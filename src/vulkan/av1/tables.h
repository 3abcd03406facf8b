// SPDX-License-Identifier: MIT
// The constants of AV1's shaders, in the form of JobHeader::tables.
#pragma once

#include "daedalus/av1/job.h"

namespace daedalus::vulkan {

extern const av1::JobTables av1_tables;

}  // namespace daedalus::vulkan
