// SPDX-License-Identifier: MIT
// The constant tables of AV1's shaders, as stored in JobHeader::tables.
#pragma once

#include "daedalus/av1/job.h"

namespace daedalus::vulkan {

extern const av1::JobTables av1_tables;

}  // namespace daedalus::vulkan
