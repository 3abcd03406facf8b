// SPDX-License-Identifier: MIT
// Checks that the V3D model's cost tables were measured with the current shaders. Needs no V3D
// compiler.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "bench/v3d_model.h"
#include "programs/program.h"

namespace daedalus::test {
namespace {

// Outdated costs do not break the build, only the results of daedalus-bench --model v3d.
TEST(V3dCosts, TellHowToMeasureChangedShadersAgain) {
  const auto changed = bench::changed_v3d_shaders();
  for (const auto& shader : changed) {
    fprintf(stderr,
            "warning: %s has changed since its costs were measured. To measure again, "
            "with a V3D compiler (DAEDALUS_V3D_RUN) and test streams (DAEDALUS_VECTORS):\n"
            "    test/v3d/measure_costs BUILD %s\n",
            shader.c_str(), shader.substr(0, shader.find('_')).c_str());
  }
  const std::string described = bench::describe_v3d({});
  for (const auto& shader : changed)
    EXPECT_NE(described.find(shader + " has changed since its costs were measured"),
              std::string::npos);
}

class ShaderHash : public testing::Test {
 protected:
  static void write(const std::string& file, const std::string& text) {
    std::ofstream(file) << text;
  }
  std::string hash_of(const std::string& shader, const std::string& included) {
    write(folder / "main.comp", shader);
    write(folder / "part.glsl", included);
    const std::string output = folder / "hashes";
    EXPECT_EQ(run("python3 " + quoted(SHADER_HASH) + " " + quoted(output) + " " +
                  quoted(folder / "main.comp")),
              0);
    std::ostringstream text;
    text << std::ifstream(output).rdbuf();
    return text.str();
  }

  const TemporaryFolder folder;
  const std::string main = "#include \"part.glsl\"\nvoid main() { a = 1; }\n", part = "uint a;\n";
};

TEST_F(ShaderHash, ChangesWithTheCode) {
  const std::string hash = hash_of(main, part);
  EXPECT_NE(hash.find("0x"), std::string::npos);
  EXPECT_NE(hash_of("#include \"part.glsl\"\nvoid main() { a = 2; }\n", part), hash);
  EXPECT_NE(hash_of(main, "int a;\n"), hash);
}

TEST_F(ShaderHash, IsTheSameWithOtherComments) {
  EXPECT_EQ(hash_of("// One.\n" + main, part + "/* Two,\nand three. */"), hash_of(main, part));
}

}  // namespace
}  // namespace daedalus::test
