// SPDX-License-Identifier: MIT
#include "bench/options.h"

#include <getopt.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace daedalus::bench {

namespace {

constexpr char help[] =
    R"(Usage: daedalus-bench [OPTION]... FILE...
  or:  daedalus-bench --recommend [OPTION]... [FILE]...

Plays video files through the daedalus driver as a VA-API client does, and prints how fast that was and
what it cost. FILE is anything that libavformat reads. LIBVA_DRIVERS_PATH names the folder of a driver
that is not installed.

What to measure:
  --frames N         decode N pictures of each file, starting over if it has fewer (default: each file
                     once)
  --streams N[,N]...
                     play the file N times at once; several numbers are measured one after the other
                     (default: 1)
  --compare          measure libavcodec too, with one thread and with all, alternating with the driver
  --repeat N         measure N times and print medians (default: 1, with --compare 3, --recommend 2)
  --device NAME      the GPU, as the driver's setting "device"; null: no GPU, to see the CPU's part alone
  --software         measure libavcodec instead of the driver
  --threads N        libavcodec's threads with --software (default: 1; 0: one for each core)
  --decoder NAME     libavcodec's decoder with --software and --compare, like libaom-av1 (default: its first
                     of the codec)
  --check            compare every frame with libavcodec's instead of measuring
  --model v3d        print how long the GPU of a Raspberry Pi 5 would take for each picture: modelled from
                     the work in the pictures, not measured
  --recommend        find out for each codec and size whether the driver is worth it on this machine, or
                     software decodes better: measures the driver and libavcodec, with one thread and with
                     all, alone and beside a busy CPU, on clips that it makes, or on the given ones. Takes
                     a few minutes; with --model v3d it is about a Raspberry Pi 5

What to write:
  --write FILE       with --recommend: put what it recommends into the configuration file FILE, as the
                     setting "profiles", with the figures as comments; other settings in it stay
  --json FILE        write everything that was measured as JSON; -: to standard output, and nothing else
  --html FILE        write a self-contained page with charts

Other:
  --help             print this and exit
  --version          print the version and exit

Each measurement is a process of its own. CPU time is that of all its threads, from opening the decoder
until the last frame is available; the driver's split into stages comes from one more run, with the
driver's profile on. Exit status: 0; 1 if something failed or a frame differs; 2 if the command line is
wrong.
)";

[[noreturn]] void refuse(const std::string& what) {
  fprintf(stderr, "daedalus-bench: %s; see --help\n", what.c_str());
  exit(2);
}

template <typename Number>
Number number(std::string_view option, std::string_view text, Number least, Number most) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most)
    refuse("--" + std::string(option) + ": \"" + std::string(text) + "\" is no number from " +
           std::to_string(least) + " to " + std::to_string(most));
  return value;
}

constexpr int most_streams = 1024, most_threads = 1024, most_repeats = 1000;
constexpr uint64_t most_pictures = 100'000'000;

std::vector<int> stream_counts(std::string_view text) {
  std::vector<int> counts;
  while (true) {
    const auto comma = text.find(',');
    counts.push_back(number("streams", text.substr(0, comma), 1, most_streams));
    if (comma == text.npos) return counts;
    text.remove_prefix(comma + 1);
  }
}

void check_combination(const Options& options) {
  if (options.files.empty() && !options.recommend) refuse("no file");
  const bool measures = !options.check;
  if (!measures && (options.software || options.compare || !options.json.empty() ||
                    !options.html.empty() || options.streams != std::vector{1}))
    refuse("--check measures nothing");
  if (options.model && (options.check || options.software || options.compare ||
                        !options.device.empty() || options.streams != std::vector{1}))
    refuse("--model measures nothing, and has no device");
  if (options.recommend && (options.check || options.software || options.compare ||
                            options.pictures != 0 || options.streams != std::vector{1}))
    refuse("--recommend decides itself what it measures");
  if (!options.write.empty() && !options.recommend) refuse("--write is for --recommend");
  if (options.software && options.compare) refuse("--software has nothing to compare with");
  if (!options.decoder.empty() && !options.software && !options.compare)
    refuse("--decoder is for --software and --compare");
  if (options.software && !options.device.empty()) refuse("--software has no device");
}

}  // namespace

Options parse_options(int argc, char** argv) {
  enum {
    check,
    software,
    compare,
    threads,
    decoder,
    frames,
    streams,
    repeat,
    device,
    model,
    recommend,
    write,
    json,
    html,
    helps,
    version
  };
  static const option known[] = {{"check", no_argument, nullptr, check},
                                 {"software", no_argument, nullptr, software},
                                 {"compare", no_argument, nullptr, compare},
                                 {"threads", required_argument, nullptr, threads},
                                 {"decoder", required_argument, nullptr, decoder},
                                 {"frames", required_argument, nullptr, frames},
                                 {"streams", required_argument, nullptr, streams},
                                 {"repeat", required_argument, nullptr, repeat},
                                 {"device", required_argument, nullptr, device},
                                 {"model", required_argument, nullptr, model},
                                 {"recommend", no_argument, nullptr, recommend},
                                 {"write", required_argument, nullptr, write},
                                 {"json", required_argument, nullptr, json},
                                 {"html", required_argument, nullptr, html},
                                 {"help", no_argument, nullptr, helps},
                                 {"version", no_argument, nullptr, version},
                                 {}};
  Options options;
  int repeats = 0, chosen = 0;
  opterr = 0;
  while ((chosen = getopt_long(argc, argv, "", known, nullptr)) != -1) {
    switch (chosen) {
      case check:
        options.check = true;
        break;
      case software:
        options.software = true;
        break;
      case compare:
        options.compare = true;
        break;
      case threads:
        options.threads = number("threads", optarg, 0, most_threads);
        break;
      case decoder:
        options.decoder = optarg;
        break;
      case frames:
        options.pictures = number<uint64_t>("frames", optarg, 1, most_pictures);
        break;
      case streams:
        options.streams = stream_counts(optarg);
        break;
      case repeat:
        repeats = number("repeat", optarg, 1, most_repeats);
        break;
      case device:
        options.device = optarg;
        break;
      case model:
        if (std::string_view(optarg) != "v3d") refuse(std::string("no model of ") + optarg);
        options.model = true;
        break;
      case recommend:
        options.recommend = true;
        break;
      case write:
        options.write = optarg;
        break;
      case json:
        options.json = optarg;
        break;
      case html:
        options.html = optarg;
        break;
      case helps:
        fputs(help, stdout);
        exit(0);
      case version:
        puts("daedalus-bench " DAEDALUS_VERSION);
        exit(0);
      default:
        refuse(std::string("no option ") + argv[optind - 1] + ", or without its value");
    }
  }
  options.files.assign(argv + optind, argv + argc);
  options.repeat = repeats ? repeats : options.compare ? 3 : options.recommend ? 2 : 1;
  check_combination(options);
  return options;
}

}  // namespace daedalus::bench
