// SPDX-License-Identifier: MIT
// A job that a stage lends to its caller: it is moved, never copied, and destroying it returns it.
#pragma once

#include <memory>

namespace daedalus {

// The lender of jobs. Any thread may call.
template <typename Job>
class JobOwner {
 public:
  virtual void give_back(Job& job) noexcept = 0;

 protected:
  ~JobOwner() = default;
};

template <typename Job>
struct GiveBack {
  JobOwner<Job>* owner = nullptr;
  void operator()(Job* job) const noexcept { owner->give_back(*job); }
};

// Must not outlive its stage.
template <typename Job>
using LentJob = std::unique_ptr<Job, GiveBack<Job>>;

}  // namespace daedalus
