// SPDX-License-Identifier: MIT
// Reports which of the machine's GPUs a user may not use.
#include "va/render_nodes.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace daedalus::va {

namespace {

TEST(RenderNodes, ThatMayNotBeOpenedAreNamed) {
  const auto folder = std::filesystem::temp_directory_path() /
                      ("daedalus-render-nodes-" + std::to_string(getpid()));
  std::filesystem::create_directory(folder);
  for (const auto* name : {"renderD128", "renderD129", "card0"}) std::ofstream(folder / name) << "";
  const auto allow = [&](const char* name, unsigned mode) {
    std::filesystem::permissions(folder / name, static_cast<std::filesystem::perms>(mode));
  };
  allow("renderD128", 0);
  allow("renderD129", 0666);
  allow("card0", 0);
  EXPECT_TRUE(closed_render_nodes(folder / "nothing").empty());
  const pid_t child = fork();
  if (child == 0) {
    // Root may open everything.
    if (getuid() == 0 && seteuid(65534) != 0) _exit(2);
    const auto closed = closed_render_nodes(folder);
    _exit(closed.size() == 1 && closed[0] == folder / "renderD128" ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  std::filesystem::remove_all(folder);
}

}  // namespace

}  // namespace daedalus::va
