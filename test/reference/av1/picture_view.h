// SPDX-License-Identifier: MIT
#pragma once

#include "reference/planes.h"

namespace daedalus::av1::scalar {

using daedalus::scalar::Component;
using daedalus::scalar::PictureView;
using daedalus::scalar::Plane;

}  // namespace daedalus::av1::scalar
