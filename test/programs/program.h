// Running programs, and what they need around them.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace daedalus::test {

// An X server without a screen, which gives ffmpeg a VA display where there is no DRM node.
class VirtualDisplay {
 public:
  VirtualDisplay();
  ~VirtualDisplay();
  VirtualDisplay(const VirtualDisplay&) = delete;
  VirtualDisplay& operator=(const VirtualDisplay&) = delete;
  const std::string& name() const { return name_; }  // ":N"; empty where Xvfb did not start

 private:
  int pid_ = -1;
  std::string name_;
};

// Removed with all that is in it when it goes out of scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  // The path of a file in it.
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// One for all tests of a program.
const VirtualDisplay& display();

// What a shell command writes to its standard output.
class Pipe {
 public:
  explicit Pipe(const std::string& command);
  ~Pipe() { close(); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  // Fills the chunk as far as there is output; how many bytes.
  std::size_t read(std::vector<uint8_t>& chunk);
  // All that is left.
  std::string text();
  // Waits for the end; the exit status, 128 + signal where one ended it.
  int close();

 private:
  FILE* file_;
  int exit_ = -1;
};

// Runs a shell command; its exit status, 128 + signal where one ended it.
int run(const std::string& command);

std::string quoted(const std::string& word);

}  // namespace daedalus::test
