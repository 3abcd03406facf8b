// SPDX-License-Identifier: MIT
// Runs daedalus-bench as a user does, on clips encoded with libx264 and libvpx.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "programs/program.h"

namespace daedalus::test {

namespace {

using Json = nlohmann::json;

constexpr int clip_pictures = 12;

class Bench : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TemporaryFolder>();
    clip = *folder / "clip.264";
    ASSERT_EQ(run("ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=96x64 -frames:v " +
                  std::to_string(clip_pictures) +
                  " -pix_fmt yuv420p -c:v libx264 -preset medium -bf 2 " + test::quoted(clip)),
              0);
  }
  static void TearDownTestSuite() { folder.reset(); }

  struct Result {
    int status;
    std::string output;  // standard output, and standard error if the command redirects it
  };
  static Result bench(const std::string& arguments) {
    Pipe pipe(test::quoted(DAEDALUS_BENCH) + " " + arguments);
    std::string output = pipe.text();
    return {pipe.close(), std::move(output)};
  }
  static Json measured(const std::string& arguments, const std::string& file = clip) {
    const auto result = bench(arguments + " --json - " + test::quoted(file));
    EXPECT_EQ(result.status, 0);
    auto json = Json::parse(result.output, nullptr, false);
    EXPECT_FALSE(json.is_discarded()) << result.output;
    return json;
  }
  static std::string read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  static std::unique_ptr<TemporaryFolder> folder;
  static std::string clip;
};

std::unique_ptr<TemporaryFolder> Bench::folder;
std::string Bench::clip;

TEST_F(Bench, MeasuresTheCpuAlone) {
  const Json json = measured("--device null");
  EXPECT_NE(json["device"].get<std::string>().find("no GPU"), std::string::npos);
  const Json& file = json["files"].at(0);
  EXPECT_EQ(file["width"], 96);
  EXPECT_EQ(file["height"], 64);
  EXPECT_EQ(file["pictures"], clip_pictures);
  ASSERT_EQ(file["rows"].size(), 1u);
  const Json& row = file["rows"][0];
  EXPECT_EQ(row["decoder"], "daedalus");
  EXPECT_EQ(row["runs"].at(0)["frames"], clip_pictures);
  for (const char* field :
       {"frames_per_second", "cpu_ms_per_frame", "first_frame_ms", "peak_bytes"})
    EXPECT_GT(row[field].get<double>(), 0) << field;
  EXPECT_TRUE(file["profile"]["gpu_ms_per_picture"].is_null());
}

TEST_F(Bench, ProfilesEveryPicture) {
  const Json json = measured("--device null --frames 40");
  const Json& profile = json["files"].at(0)["profile"];
  EXPECT_EQ(profile["run"]["frames"], 40);
  const Json& pictures = profile["pictures"];
  std::size_t sums[2] = {};
  for (const auto& [name, column] : pictures.items()) ASSERT_EQ(column.size(), 40u) << name;
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(pictures["picture"][i], i + 1);
    EXPECT_EQ(pictures["inter_mbs"][i].get<int>() + pictures["intra_mbs"][i].get<int>(), 24);
    for (const char* stage : {"cpu_entropy", "cpu_end", "job_bytes", "nal_bytes"})
      EXPECT_GT(pictures[stage][i].get<uint64_t>(), 0u) << stage;
    const char* instants[] = {"given", "opened", "parsed", "submitted", "completed"};
    for (std::size_t next = 1; next < std::size(instants); ++next)
      EXPECT_LE(pictures[instants[next - 1]][i].get<uint64_t>(),
                pictures[instants[next]][i].get<uint64_t>());
    sums[0] += pictures["kind"][i] == "I";
    sums[1] += pictures["kind"][i] == "B";
  }
  EXPECT_EQ(sums[0], 4u);  // it starts over from the beginning
  EXPECT_GT(sums[1], 0u);

  double split = 0;
  for (const auto& [stage, ms] : profile["cpu_ms_per_frame"].items())
    if (stage != "total") split += ms.get<double>();
  EXPECT_NEAR(split, profile["cpu_ms_per_frame"]["total"].get<double>(), 1e-9);
}

// A frame's cost includes the hidden picture that it is predicted from: the stages' times are per
// shown frame, like the process's, and the rest belongs to other threads.
TEST_F(Bench, DividesCpuTimeByShownFrames) {
  const std::string hidden = *folder / "hidden.webm";
  // libvpx hides pictures only in two-pass encoding, in the second pass.
  for (const char* pass : {"1", "2"})
    ASSERT_EQ(run("ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=96x64 -frames:v 30 "
                  "-pix_fmt yuv420p -c:v libvpx-vp9 -b:v 200k -auto-alt-ref 1 -lag-in-frames 16 "
                  "-pass " +
                  std::string(pass) + " -passlogfile " + test::quoted(*folder / "log") + " " +
                  test::quoted(hidden)),
              0);
  const Json json = measured("--device null", hidden);
  const Json& profile = json["files"].at(0)["profile"];
  const auto frames = profile["run"]["frames"].get<double>();
  EXPECT_EQ(frames, 30);
  const Json& entropy = profile["pictures"]["cpu_entropy"];
  ASSERT_GT(entropy.size(), 30u) << "the clip has no hidden pictures";
  double sum = 0;
  for (const auto& picture : entropy) sum += picture.get<double>() * 1e-6;
  EXPECT_NEAR(sum / frames, profile["cpu_ms_per_frame"]["entropy"].get<double>(), 1e-9);
}

TEST_F(Bench, MeasuresTheGpu) {
  const Json json = measured("");
  const Json& profile = json["files"].at(0)["profile"];
  ASSERT_FALSE(profile["gpu_ms_per_picture"].is_null()) << json["device"];
  double stages = 0;
  for (const auto& [stage, times] : profile["gpu_ms_per_picture"].items())
    if (stage != "total") stages += times["mean"].get<double>();
  EXPECT_GT(stages, 0);
  EXPECT_NEAR(stages, profile["gpu_ms_per_picture"]["total"]["mean"].get<double>(), 1e-9);
  for (const auto& dispatches : profile["pictures"]["dispatches"]) EXPECT_GE(dispatches, 5);
  EXPECT_LE(profile["latency_ms"]["p50"], profile["latency_ms"]["max"]);
}

TEST_F(Bench, ComparesPairByPair) {
  const Json json = measured("--device null --compare --repeat 2 --streams 1,3");
  const Json& file = json["files"].at(0);
  ASSERT_EQ(file["rows"].size(), 6u);
  for (const auto& row : file["rows"]) {
    ASSERT_EQ(row["runs"].size(), 2u);
    for (const auto& run : row["runs"])
      EXPECT_EQ(run["frames"], clip_pictures * row["streams"].get<int>());
  }
  ASSERT_EQ(file["ratios"].size(), 4u);
  const auto speed = [&](std::size_t row, std::size_t run) {
    return file["rows"][row]["runs"][run]["frames_per_second"].get<double>();
  };
  EXPECT_NEAR(file["ratios"][0]["frames_per_second"].get<double>(),
              (speed(0, 0) / speed(1, 0) + speed(0, 1) / speed(1, 1)) / 2, 1e-9);
}

TEST_F(Bench, ModelsEveryPicture) {
  const Json json = measured("--model v3d --frames 20");
  const Json& model = json["files"].at(0)["model"];
  EXPECT_TRUE(model["changed_shaders"].is_array());
  EXPECT_EQ(model["kind"].size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) {
    double sum = 0;
    for (const auto& [stage, times] : model["stages"].items()) {
      ASSERT_EQ(times.size(), 20u) << stage;
      sum += times[i].get<double>();
    }
    EXPECT_GT(sum, 0);
    EXPECT_NEAR(sum, model["ms"].at(i).get<double>(), 1e-9);
  }
}

TEST_F(Bench, RecommendsASetting) {
  const std::string conf = *folder / "daedalus.conf";
  const Json json = measured("--recommend --device null --repeat 1 --write " + test::quoted(conf));
  const Json& recommended = json["recommendation"];
  const Json& row = recommended["rows"].at(0);
  EXPECT_EQ(row["codec"], "h264");
  EXPECT_FALSE(row["modelled"]);
  for (const char* decoder : {"daedalus", "libavcodec_one_thread", "libavcodec_all_threads"})
    for (const char* figure : {"frames_per_second", "frames_per_second_beside_load",
                               "cpu_ms_per_frame", "peak_bytes", "load_kept"})
      EXPECT_GT(row[decoder][figure], 0) << decoder << " " << figure;
  const std::string profiles = recommended["profiles"];
  EXPECT_EQ(profiles, row["verdict"] == "driver" ? "h264 vp9 av1" : "vp9 av1");
  EXPECT_NE(read(conf).find("\nprofiles = " + profiles + "\n"), std::string::npos) << read(conf);
}

// A codec is measured even if the configured setting disables it.
TEST_F(Bench, RecommendsWhateverIsConfigured) {
  Pipe pipe("DAEDALUS_PROFILES=none " + test::quoted(DAEDALUS_BENCH) +
            " --recommend --model v3d --repeat 1 " + test::quoted(clip));
  const std::string output = pipe.text();
  EXPECT_EQ(pipe.close(), 0);
  for (const char* text : {"Modelled", "h264     96x64", "\nprofiles = "})
    EXPECT_NE(output.find(text), std::string::npos) << output;
  EXPECT_EQ(output.find("does not decode"), std::string::npos) << output;
}

TEST_F(Bench, MeasuresLibavcodecAlone) {
  const Json json = measured("--software --threads 2 --frames 30");
  const Json& file = json["files"].at(0);
  EXPECT_EQ(file["rows"].at(0)["decoder"], "libavcodec");
  EXPECT_EQ(file["rows"][0]["threads"], 2);
  EXPECT_EQ(file["rows"][0]["runs"].at(0)["frames"], 30);
  EXPECT_FALSE(file.contains("profile"));
}

TEST_F(Bench, MeasuresOneOfLibavcodecsDecoders) {
  const auto result = bench("--software --decoder h264 --frames 5 " + test::quoted(clip));
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.output.find("h264, 1 thread"), std::string::npos) << result.output;
  const auto other = bench("--software --decoder vp9 " + test::quoted(clip) + " 2>&1");
  EXPECT_EQ(other.status, 1);
  EXPECT_NE(other.output.find("cannot open its decoder vp9"), std::string::npos) << other.output;
}

TEST_F(Bench, ChecksEveryFrame) {
  const auto result = bench("--check --frames 20 " + test::quoted(clip));
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.output.find("20 frames compared, 0 differ"), std::string::npos) << result.output;
}

// libavcodec crops only the right and lower edges of a surface.
TEST_F(Bench, ChecksWhatIsInsideOfTheCropRectangle) {
  const std::string cropped = *folder / "cropped.264";
  ASSERT_EQ(run("ffmpeg -nostdin -v error -i " + test::quoted(clip) +
                " -c copy -bsf:v h264_metadata=crop_left=6:crop_top=2:crop_right=4 " +
                test::quoted(cropped)),
            0);
  const auto result = bench("--check " + test::quoted(cropped));
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.output.find("12 frames compared, 0 differ"), std::string::npos) << result.output;
}

// P010 uses the upper bits of a word, libavcodec the lower ones.
TEST_F(Bench, ChecksFramesOf10Bits) {
  const std::string deep = *folder / "deep.webm";
  ASSERT_EQ(run("ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=67x35,format=yuv420p10le,"
                "noise=alls=20 -frames:v 12 -pix_fmt yuv420p10le -c:v libvpx-vp9 -b:v 500k " +
                test::quoted(deep)),
            0);
  const auto result = bench("--check " + test::quoted(deep));
  EXPECT_EQ(result.status, 0);
  EXPECT_NE(result.output.find("12 frames compared, 0 differ"), std::string::npos) << result.output;
  const auto black = bench("--check --device null " + test::quoted(deep));
  EXPECT_EQ(black.status, 1);
  EXPECT_NE(black.output.find("frame 0 (I): luma (0, 0) is 64, should be"), std::string::npos)
      << black.output;
}

TEST_F(Bench, ChecksFindDifferences) {
  const auto result = bench("--check --device null " + test::quoted(clip));
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.output.find("12 frames compared, 12 differ"), std::string::npos)
      << result.output;
  EXPECT_NE(result.output.find("frame 0 (I): luma (0, 0) is 16"), std::string::npos)
      << result.output;
}

TEST_F(Bench, WritesAPageThatIsCompleteInItself) {
  const std::string page = *folder / "page.html";
  ASSERT_EQ(bench("--device null --html " + test::quoted(page) + " " + test::quoted(clip)).status,
            0);
  const std::string text = read(page);
  const std::string begin = "<script type=\"application/json\" id=\"report\">";
  const auto first = text.find(begin);
  ASSERT_NE(first, text.npos);
  const auto numbers =
      text.substr(first + begin.size(), text.find("</script>", first) - first - begin.size());
  EXPECT_FALSE(Json::parse(numbers, nullptr, false).is_discarded());
  for (const char* address : {"src=", "href=", "url(", "@import", "fetch("})
    EXPECT_EQ(text.find(address), text.npos) << address;
}

TEST_F(Bench, GoesOnWithTheNextFile) {
  const auto result = bench("--device null " + test::quoted(*folder / "missing") + " " +
                            test::quoted(clip) + " 2>&1");
  EXPECT_EQ(result.status, 1);
  EXPECT_NE(result.output.find("missing: it cannot be read"), std::string::npos) << result.output;
  EXPECT_NE(result.output.find("96x64"), std::string::npos) << result.output;
}

TEST_F(Bench, SaysWhyTheDriverDoesNotOpen) {
  Pipe pipe("LIBVA_DRIVERS_PATH=/nowhere " + test::quoted(DAEDALUS_BENCH) + " " +
            test::quoted(clip) + " 2>&1");
  const std::string output = pipe.text();
  EXPECT_EQ(pipe.close(), 1);
  EXPECT_NE(output.find("the driver does not open"), std::string::npos) << output;
  EXPECT_NE(output.find("/nowhere"), std::string::npos) << output;
}

TEST_F(Bench, RefusesWhatItDoesNotKnow) {
  for (const char* arguments :
       {"", "--colour clip", "--streams 0 clip", "--streams 1,,2 clip", "--frames many clip",
        "--frames -1 clip", "--json", "--check --compare clip", "--software --device null clip",
        "--decoder h264 clip", "--model vax clip", "--model v3d --compare clip",
        "--recommend --compare clip", "--recommend --frames 3", "--write x clip"}) {
    const auto result = bench(std::string(arguments) + " 2>&1");
    EXPECT_EQ(result.status, 2) << arguments;
    EXPECT_EQ(result.output.find("daedalus-bench: "), 0u) << result.output;
    EXPECT_NE(result.output.find("--help"), std::string::npos) << result.output;
  }
  const auto help = bench("--help");
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.output.find("Usage: daedalus-bench"), std::string::npos);
}

// With the setting the driver writes a line for each picture; without it no file is created.
TEST_F(Bench, LeavesTheSettingsProfileToTheUser) {
  const std::string profile = *folder / "profile.tsv";
  for (const bool wanted : {false, true}) {
    ASSERT_EQ(run((wanted ? "DAEDALUS_PROFILE=" + test::quoted(profile) + " " : std::string()) +
                  test::quoted(DAEDALUS_BENCH) + " --device null --check " + test::quoted(clip) +
                  " >/dev/null"),
              1);  // the null device's black pictures differ
    EXPECT_EQ(std::filesystem::exists(profile), wanted);
  }
  const std::string text = read(profile);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + clip_pictures);
}

}  // namespace

}  // namespace daedalus::test
