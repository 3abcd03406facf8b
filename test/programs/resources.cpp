// SPDX-License-Identifier: MIT
#include "programs/resources.h"

#include <malloc.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace daedalus::test {

namespace {

std::size_t entries(const char* folder) {
  const std::filesystem::directory_iterator begin(folder);
  return static_cast<std::size_t>(std::distance(begin, {}));
}

}  // namespace

Resources Resources::now() {
  malloc_trim(0);
  std::size_t total = 0, resident = 0, shared = 0, text = 0, libraries = 0, data = 0;  // pages
  std::ifstream("/proc/self/statm") >> total >> resident >> shared >> text >> libraries >> data;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return {entries("/proc/self/fd"), entries("/proc/self/task"), resident * page, data * page};
}

Resources Resources::settled(const Resources& before) {
  Resources settled = now();
  for (int i = 0; i < 100; ++i) {
    if (settled.descriptors <= before.descriptors && settled.threads <= before.threads) break;
    usleep(10'000);
    settled = now();
  }
  return settled;
}

namespace {

constexpr char layers_variable[] = "VK_INSTANCE_LAYERS";

}  // namespace

WithoutLayers::WithoutLayers() {
  if (const char* layers = getenv(layers_variable)) layers_ = layers;
  unsetenv(layers_variable);
}

WithoutLayers::~WithoutLayers() {
  if (layers_) setenv(layers_variable, layers_->c_str(), 1);
}

}  // namespace daedalus::test
