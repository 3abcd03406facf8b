// SPDX-License-Identifier: MIT
// Ids.
#include "va/object_table.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "settings/log_sink.h"

namespace daedalus::va {

namespace {

using Table = ObjectTable<int, ObjectType::buffer>;

TEST(ObjectTable, FindsWhatIsIn) {
  Table table;
  const auto one = table.insert(std::make_shared<int>(1));
  const auto two = table.insert(std::make_shared<int>(2));
  EXPECT_EQ(*table.find(one), 1);
  EXPECT_EQ(*table.find(two), 2);
  EXPECT_EQ(*table.remove(one), 1);
  EXPECT_EQ(table.find(one), nullptr);
  EXPECT_EQ(table.remove(one), nullptr);
  EXPECT_EQ(*table.find(two), 2);
}

TEST(ObjectTable, KnowsNoIdsOfOtherTypesAndNoneThatItNeverGave) {
  Table table;
  ObjectTable<int, ObjectType::surface> other;
  const auto id = table.insert(std::make_shared<int>(1));
  const auto foreign = other.insert(std::make_shared<int>(2));
  EXPECT_NE(id, foreign);
  EXPECT_EQ(other.find(id), nullptr);
  for (VAGenericID wrong :
       {foreign, VAGenericID{0}, VAGenericID{VA_INVALID_ID}, id + 1, id ^ (1u << 16)})
    EXPECT_EQ(table.find(wrong), nullptr);
}

TEST(ObjectTable, AnObjectOutlivesItsId) {
  Table table;
  const auto id = table.insert(std::make_shared<int>(1));
  const auto held = table.find(id);
  table.remove(id);
  EXPECT_EQ(*held, 1);
}

TEST(ObjectTable, IdsComeBackLate) {
  Table table;
  std::set<VAGenericID> seen;
  for (int i = 0; i < 4000; ++i) {
    const auto id = table.insert(std::make_shared<int>(i));
    EXPECT_TRUE(seen.insert(id).second);
    table.remove(id);
  }
}

// A 4096x2816 picture with a slice for each of its 45056 macroblocks takes two buffers for each.
TEST(ObjectTable, HoldsTheBuffersOfThePictureWithMostSlices) {
  Table table;
  const auto object = std::make_shared<int>(1);
  std::set<VAGenericID> ids;
  for (int i = 0; i < 2 * 256 * 256 + 2; ++i) ids.insert(table.insert(object));
  EXPECT_EQ(ids.size(), std::size_t{2 * 256 * 256 + 2});
  EXPECT_FALSE(ids.contains(VA_INVALID_ID));
  for (const auto id : ids) EXPECT_EQ(table.remove(id), object);
  EXPECT_EQ(object.use_count(), 1);
}

TEST(ObjectTable, SaysWhenItIsFull) {
  ObjectTable<int, ObjectType::buffer, 8> table;
  const auto object = std::make_shared<int>(1);
  VAGenericID last = 0;
  for (std::size_t i = 0; i < table.max_objects; ++i) last = table.insert(object);
  EXPECT_NE(last, VAGenericID{VA_INVALID_ID});
  ErrorLines errors;
  EXPECT_EQ(table.insert(object), VAGenericID{VA_INVALID_ID});
  EXPECT_EQ(errors.lines, std::vector<std::string>{"a display can have at most 256 buffers"});
  table.remove(last);
  EXPECT_NE(table.insert(object), VAGenericID{VA_INVALID_ID});
}

TEST(ObjectTable, ServesManyThreads) {
  Table table;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 2000; ++i) {
        const auto id = table.insert(std::make_shared<int>(thread));
        EXPECT_EQ(*table.find(id), thread);
        EXPECT_EQ(*table.remove(id), thread);
      }
    });
  for (auto& thread : threads) thread.join();
}

}  // namespace

}  // namespace daedalus::va
