// SPDX-License-Identifier: MIT
// Intra prediction of AV1 and everything else that reads the picture's own samples (7.11.2,
// 7.11.3.2 for intra block copy, 7.11.3.13 to 14 for inter-intra, 7.11.4, 7.11.5), sample by
// sample.
#pragma once

#include "daedalus/av1/job.h"
#include "reference/av1/picture_view.h"

namespace daedalus::av1::scalar {

// Predicts one record of a list: 0 is luma, 1 Cb and Cr. Chroma may be predicted from luma beyond
// the padded size: samples within whole 64x64 squares are written.
void predict_intra(const PictureJob& job, uint32_t list, const IntraRecord& record,
                   const PictureView& target);

}  // namespace daedalus::av1::scalar
