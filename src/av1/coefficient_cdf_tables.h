// SPDX-License-Identifier: MIT
#pragma once

#include "av1/cdf.h"

namespace daedalus::av1 {

// By idx of init_coeff_cdfs().
extern const CoefficientCdfs default_coefficient_cdfs_0;
extern const CoefficientCdfs default_coefficient_cdfs_1;
extern const CoefficientCdfs default_coefficient_cdfs_2;
extern const CoefficientCdfs default_coefficient_cdfs_3;

}  // namespace daedalus::av1
