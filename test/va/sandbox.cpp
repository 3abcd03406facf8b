// SPDX-License-Identifier: MIT
#include "va/sandbox.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <thread>

namespace daedalus::test {

namespace {

struct Call {
  const char* name;
  int number;
  int path;  // index of the path argument; -1: none
};

constexpr Call calls[] = {
#ifdef __NR_open
    {"open", __NR_open, 0},         {"creat", __NR_creat, 0},
    {"mkdir", __NR_mkdir, 0},       {"unlink", __NR_unlink, 0},
    {"rename", __NR_rename, 0},     {"fork", __NR_fork, -1},
    {"vfork", __NR_vfork, -1},
#endif
    {"openat", __NR_openat, 1},     {"openat2", __NR_openat2, 1},
    {"mkdirat", __NR_mkdirat, 1},   {"unlinkat", __NR_unlinkat, 1},
    {"socket", __NR_socket, -1},    {"socketpair", __NR_socketpair, -1},
    {"connect", __NR_connect, -1},  {"execve", __NR_execve, 0},
    {"execveat", __NR_execveat, 1},
};

// Static memory: the listener must not call the allocator, which may open files itself.
struct Record {
  std::array<std::array<char, 256>, 64> lines;
  std::atomic<std::size_t> count = 0;
};
Record record;

void note(const seccomp_data& data) {
  const std::size_t line = record.count;
  if (line == record.lines.size()) return;
  for (const auto& call : calls) {
    if (call.number != data.nr) continue;
    const char* path = call.path < 0 ? "" : reinterpret_cast<const char*>(data.args[call.path]);
    snprintf(record.lines[line].data(), record.lines[line].size(), "%s %s", call.name, path);
  }
  record.count = line + 1;
}

void listen(int listener) {
  while (true) {
    seccomp_notif asked{};
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) {
      if (errno == EINTR || errno == ENOENT) continue;
      return;
    }
    note(asked.data);
    seccomp_notif_resp answer{};
    answer.id = asked.id;
    answer.error = -EACCES;
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
}

// Applies to all threads, including existing ones.
int close_in() {
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr))};
  for (const auto& call : calls) {
    program.push_back(
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call.number), 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  const sock_fprog filter = {static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  constexpr unsigned flags = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_TSYNC |
                             SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
  return static_cast<int>(syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, flags, &filter));
}

}  // namespace

bool Sandbox::offered() {
  seccomp_notif_sizes sizes{};
  return syscall(__NR_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes) == 0;
}

Sandbox::Sandbox() : listener_(close_in()) {
  if (closed()) std::thread(listen, listener_).detach();
}

std::vector<std::string> Sandbox::refused() const {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < record.count; ++i) result.emplace_back(record.lines[i].data());
  return result;
}

}  // namespace daedalus::test
