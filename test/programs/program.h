// SPDX-License-Identifier: MIT
// Runs programs, and provides what they need.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace daedalus::test {

// An X server without a screen. It gives ffmpeg a VA display on machines without a DRM node.
class VirtualDisplay {
 public:
  VirtualDisplay();
  ~VirtualDisplay();
  VirtualDisplay(const VirtualDisplay&) = delete;
  VirtualDisplay& operator=(const VirtualDisplay&) = delete;
  const std::string& name() const { return name_; }  // ":N"; empty if Xvfb did not start

 private:
  int pid_ = -1;
  std::string name_;
};

// A temporary folder, removed with its contents by the destructor.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // The path of a file in the folder.
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Shared by all tests of a program.
const VirtualDisplay& display();

// Returns a shell command's standard output.
class Pipe {
 public:
  explicit Pipe(const std::string& command);
  ~Pipe() { close(); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  // Fills the chunk; returns fewer bytes only at the end of the output.
  std::size_t read(std::vector<uint8_t>& chunk);
  // Reads the rest of the output.
  std::string text();
  // Waits for the command. Returns its exit status, or 128 + the signal that ended it.
  int close();

 private:
  FILE* file_;
  int exit_ = -1;
};

// Runs a shell command. Returns its exit status, or 128 + the signal that ended it.
int run(const std::string& command);

std::string quoted(const std::string& word);

}  // namespace daedalus::test
