// SPDX-License-Identifier: MIT
// Compiles every pipeline for the Raspberry Pi 5, checks that it is within the limits and needs no
// spills or scratch memory, and prints the table of instructions and threads. Mesa's V3D driver
// runs here without the board, with its kernel side replaced; DAEDALUS_V3D_RUN names the program
// that runs a command that way.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>

namespace {

std::string v3d_run() {
  const char* chosen = getenv("DAEDALUS_V3D_RUN");
  return chosen ? chosen : DEFAULT_V3D_RUN;
}

TEST(V3dPipelines, CompileWithoutSpillsOrScratch) {
  if (!std::filesystem::exists(v3d_run()))
    GTEST_SKIP() << "no V3D compiler: set DAEDALUS_V3D_RUN to a program that runs a command on it";

  const std::string command = v3d_run() + " " + PIPELINE_STATISTICS + " 2>&1";
  FILE* pipe = popen(command.c_str(), "re");
  ASSERT_NE(pipe, nullptr);
  std::string output;
  std::array<char, 4096> chunk;
  while (fgets(chunk.data(), chunk.size(), pipe)) output += chunk.data();
  ASSERT_EQ(pclose(pipe), 0) << output;
  std::fputs(output.c_str(), stdout);

  std::istringstream lines(output);
  int pipelines = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    std::string name;
    uint64_t instructions, threads, spills, fills, scratch;
    if (!(fields >> name >> instructions >> threads >> spills >> fills >> scratch)) continue;
    ++pipelines;
    EXPECT_GE(threads, 2u) << name;
    EXPECT_EQ(spills, 0u) << name;
    EXPECT_EQ(fills, 0u) << name;
    EXPECT_EQ(scratch, 0u) << name;
  }
  EXPECT_GE(pipelines, 82);
}

}  // namespace
