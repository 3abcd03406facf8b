// SPDX-License-Identifier: MIT
#include "programs/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace daedalus::test {

namespace {

int exit_code(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Pipe::Pipe(const std::string& command) : file_(popen(command.c_str(), "re")) {}

std::size_t Pipe::read(std::vector<uint8_t>& chunk) {
  return file_ ? fread(chunk.data(), 1, chunk.size(), file_) : 0;
}

std::string Pipe::text() {
  std::vector<uint8_t> chunk(1 << 16);
  std::string all;
  while (const std::size_t size = read(chunk))
    all.append(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(size));
  return all;
}

int Pipe::close() {
  if (!file_) return exit_;
  exit_ = exit_code(pclose(file_));
  file_ = nullptr;
  return exit_;
}

std::string quoted(const std::string& word) {
  std::string result = "'";
  for (char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

int run(const std::string& command) {
  return exit_code(system(command.c_str()));
}

VirtualDisplay::VirtualDisplay() {
  int numbers[2];
  if (pipe2(numbers, 0) != 0) return;
  pid_ = fork();
  if (pid_ == 0) {
    const std::string descriptor = std::to_string(numbers[1]);
    const int silent = open("/dev/null", O_RDWR);
    dup2(silent, STDOUT_FILENO);
    dup2(silent, STDERR_FILENO);
    execlp("Xvfb", "Xvfb", "-displayfd", descriptor.c_str(), "-screen", "0", "640x480x24",
           "-nolisten", "tcp", nullptr);
    _exit(127);
  }
  close(numbers[1]);
  char text[16] = {":"};
  const ssize_t length = read(numbers[0], text + 1, sizeof(text) - 2);
  close(numbers[0]);
  if (length > 0) name_.assign(text, strcspn(text, "\n"));
}

VirtualDisplay::~VirtualDisplay() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
}

TemporaryFolder::TemporaryFolder()
    : path_((std::filesystem::temp_directory_path() / "daedalus-XXXXXX").string()) {
  mkdtemp(path_.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::filesystem::remove_all(path_);
}

const VirtualDisplay& display() {
  static const VirtualDisplay started;
  return started;
}

}  // namespace daedalus::test
