// Golden bytes from TensorFlow's own files, an independent parser written from the formats'
// descriptions (TFRecord, protobuf wire format, event.proto), and laws of cutting back.

#include "core/metrics/tensorboard_sink.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "tests/temporary_folder.h"

namespace tern {
namespace {

// ---- The independent reader. It shares nothing with the writer: its CRC works bit by bit from the
// polynomial's definition on a bit-reversed register, its protobuf reader keeps all fields of a
// message by number.

std::uint8_t reversed(std::uint8_t byte) {
  std::uint8_t result = 0;
  for (int bit = 0; bit < 8; ++bit) result |= ((byte >> bit) & 1) << (7 - bit);
  return result;
}

std::uint32_t reference_crc32c(const std::uint8_t* data, std::size_t size) {
  std::uint32_t remainder = 0xffffffffu;  // x^32 .. in natural order, polynomial 0x1EDC6F41
  for (std::size_t i = 0; i < size; ++i) {
    remainder ^= static_cast<std::uint32_t>(reversed(data[i])) << 24;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder & 0x80000000u) ? (remainder << 1) ^ 0x1edc6f41u : remainder << 1;
    }
  }
  std::uint32_t result = 0;
  for (int bit = 0; bit < 32; ++bit) result |= ((remainder >> bit) & 1u) << (31 - bit);
  return ~result;
}

std::uint32_t unmasked(std::uint32_t masked) {
  const std::uint32_t rotated = masked - 0xa282ead8u;
  return (rotated >> 17) | (rotated << 15);
}

struct Field {
  int wire_type = 0;
  std::uint64_t number = 0;         // varint, fixed32 and fixed64
  std::vector<std::uint8_t> bytes;  // length-delimited
};
using Fields = std::multimap<int, Field>;

Fields parse_message(const std::vector<std::uint8_t>& bytes) {
  Fields fields;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (int i = 0; i < 10; ++i) {
      const std::uint8_t byte = bytes.at(at++);
      value += static_cast<std::uint64_t>(byte % 128) << (7 * i);
      if (byte < 128) return value;
    }
    throw std::runtime_error("varint of more than ten bytes");
  };
  while (at < bytes.size()) {
    const std::uint64_t key = varint();
    Field field;
    field.wire_type = static_cast<int>(key % 8);
    if (field.wire_type == 0) {
      field.number = varint();
    } else if (field.wire_type == 1 || field.wire_type == 5) {
      const int size = field.wire_type == 1 ? 8 : 4;
      for (int i = 0; i < size; ++i) {
        field.number += static_cast<std::uint64_t>(bytes.at(at++)) << (8 * i);
      }
    } else if (field.wire_type == 2) {
      const std::uint64_t size = varint();
      for (std::uint64_t i = 0; i < size; ++i) field.bytes.push_back(bytes.at(at++));
    } else {
      throw std::runtime_error("unknown wire type");
    }
    fields.emplace(static_cast<int>(key / 8), field);
  }
  return fields;
}

struct Scalar {
  std::string tag;
  float value = 0;
  bool operator==(const Scalar& other) const { return tag == other.tag && value == other.value; }
};

struct Event {
  double wall_time = 0;
  std::int64_t step = 0;
  std::string file_version;
  std::vector<Scalar> scalars;
};

const Field& only(const Fields& fields, int number, int wire_type) {
  if (fields.count(number) != 1) throw std::runtime_error("field missing or repeated");
  const Field& field = fields.find(number)->second;
  if (field.wire_type != wire_type) throw std::runtime_error("wrong wire type");
  return field;
}

std::string text_of(const Field& field) {
  return {field.bytes.begin(), field.bytes.end()};
}

Event parse_event(const std::vector<std::uint8_t>& bytes) {
  const Fields fields = parse_message(bytes);
  Event event;
  const std::uint64_t wall_time = only(fields, 1, 1).number;
  std::memcpy(&event.wall_time, &wall_time, sizeof wall_time);
  if (fields.count(2)) event.step = static_cast<std::int64_t>(only(fields, 2, 0).number);
  if (fields.count(3)) event.file_version = text_of(only(fields, 3, 2));
  if (!fields.count(5)) return event;
  const Fields summary = parse_message(only(fields, 5, 2).bytes);
  for (const auto& [number, value] : summary) {
    if (number != 1) throw std::runtime_error("a summary holds values only");
    const Fields parts = parse_message(value.bytes);
    Scalar scalar;
    scalar.tag = text_of(only(parts, 1, 2));
    const auto bits = static_cast<std::uint32_t>(only(parts, 2, 5).number);
    std::memcpy(&scalar.value, &bits, sizeof bits);
    event.scalars.push_back(scalar);
  }
  return event;
}

std::vector<Event> parse_file(const std::string& path) {
  const Bytes file = read_file(path);
  std::vector<Event> events;
  std::size_t at = 0;
  const auto little_endian = [&](int size) {
    std::uint64_t value = 0;
    for (int i = 0; i < size; ++i) value |= static_cast<std::uint64_t>(file.at(at++)) << (8 * i);
    return value;
  };
  while (at < file.size()) {
    const std::uint32_t length_crc = reference_crc32c(&file.at(at), 8);
    const std::uint64_t length = little_endian(8);
    if (unmasked(static_cast<std::uint32_t>(little_endian(4))) != length_crc) {
      throw std::runtime_error("the length's checksum is wrong");
    }
    if (length > file.size() - at) throw std::runtime_error("the record is cut short");
    const std::uint32_t data_crc = reference_crc32c(file.data() + at, length);
    std::vector<std::uint8_t> data(file.begin() + static_cast<std::ptrdiff_t>(at),
                                   file.begin() + static_cast<std::ptrdiff_t>(at + length));
    at += length;
    if (unmasked(static_cast<std::uint32_t>(little_endian(4))) != data_crc) {
      throw std::runtime_error("the data's checksum is wrong");
    }
    events.push_back(parse_event(data));
  }
  return events;
}

double fixed_clock() {
  return 1.5e9;
}

void write_reports(const std::string& path, std::int64_t first, std::int64_t last) {
  TensorBoardSink sink(path, fixed_clock);
  for (std::int64_t step = first; step <= last; step += 1000) {
    sink.write({step, 0, {{"train/loss", 0.25}, {"rollout/return", static_cast<double>(step)}}});
  }
  sink.flush();
}

TEST(TensorBoardSink, BeginsWithTheBytesOfEveryEventFile) {
  TemporaryFolder folder;
  const std::string path = folder / "events.tfevents";
  TensorBoardSink sink(path, [] { return 0.0; });
  const Bytes file = read_file(path);
  // Length 24 and its masked checksum, as `hexdump` shows of files that TensorFlow wrote; then
  // wall_time (field 1, fixed64), and file_version (field 3, 13 characters).
  const Bytes expected = {0x18, 0,   0,   0,   0,   0,   0,   0,   0xa3, 0x7f, 0x4b, 0x22,
                          0x09, 0,   0,   0,   0,   0,   0,   0,   0,    0x1a, 0x0d, 'b',
                          'r',  'a', 'i', 'n', '.', 'E', 'v', 'e', 'n',  't',  ':',  '2'};
  ASSERT_EQ(file.size(), expected.size() + 4);
  EXPECT_EQ(Bytes(file.begin(), file.end() - 4), expected);
}

TEST(TensorBoardSink, AnIndependentParserReadsWhatWasWritten) {
  TemporaryFolder folder;
  const std::string path = folder / "events.tfevents";
  {
    TensorBoardSink sink(path, fixed_clock);
    sink.write({0, 0, {{"zero", 0}}});
    sink.write({300, 0.5, {{"rollout/return", 1.0 / 3}, {std::string(300, 'n'), -2}}});
    sink.write({5'000'000'000'000, 0.5, {}});
  }
  const std::vector<Event> events = parse_file(path);
  ASSERT_EQ(events.size(), 4u);
  EXPECT_EQ(events[0].file_version, "brain.Event:2");
  for (const Event& event : events) EXPECT_EQ(event.wall_time, 1.5e9);
  EXPECT_EQ(events[1].step, 0);
  EXPECT_EQ(events[1].scalars, (std::vector<Scalar>{{"zero", 0.0f}}));
  EXPECT_EQ(events[2].step, 300);
  EXPECT_EQ(events[2].scalars,
            (std::vector<Scalar>{{"rollout/return", 1.0f / 3}, {std::string(300, 'n'), -2.0f}}));
  EXPECT_EQ(events[3].step, 5'000'000'000'000);
  EXPECT_TRUE(events[3].scalars.empty());
}

TEST(TensorBoardSink, TheParserSeesADamagedByteAnywhere) {
  TemporaryFolder folder;
  const std::string path = folder / "events.tfevents";
  write_reports(path, 1000, 2000);
  const Bytes whole = read_file(path);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes damaged = whole;
    damaged[i] ^= 0x10;
    write_file_durably(path, damaged);
    EXPECT_THROW(parse_file(path), std::runtime_error) << "byte " << i;
  }
}

TEST(TensorBoardSink, TheSystemClockStampsTheEvents) {
  TemporaryFolder folder;
  const std::string path = folder / "events.tfevents";
  TensorBoardSink sink(path);
  EXPECT_GT(parse_file(path).at(0).wall_time, 1.6e9);  // after the year 2020
}

TEST(TensorBoardSink, CutBackAnywhereAndContinuedIsTheFileOfARunNeverInterrupted) {
  TemporaryFolder folder;
  write_reports(folder / "whole.tfevents", 1000, 5000);
  const Bytes whole = read_file(folder / "whole.tfevents");
  const std::string path = folder / "events.tfevents";
  for (std::size_t bytes = 0; bytes <= whole.size(); ++bytes) {
    write_file_durably(path, ByteRow(whole).subrow(0, bytes));
    TensorBoardSink::truncate_after(path, 3000);
    const auto events = static_cast<std::int64_t>(parse_file(path).size());
    ASSERT_LE(events, 4);  // the version and three reports
    const std::int64_t reports = std::max<std::int64_t>(events - 1, 0);
    write_reports(path, 1000 * (reports + 1), 5000);
    ASSERT_EQ(read_file(path), whole) << "killed after " << bytes << " bytes";
  }
}

TEST(TensorBoardSink, ADamagedRecordEndsTheFileAtTheOneBeforeIt) {
  TemporaryFolder folder;
  const std::string path = folder / "events.tfevents";
  write_reports(path, 1000, 3000);
  const Bytes whole = read_file(path);
  TensorBoardSink::truncate_after(path, 2000);
  const auto two_reports = static_cast<std::size_t>(file_bytes(path));
  for (std::size_t i = two_reports; i < whole.size(); ++i) {
    Bytes damaged = whole;
    damaged[i] ^= 0x01;
    write_file_durably(path, damaged);
    TensorBoardSink::truncate_after(path, 9000);
    EXPECT_EQ(file_bytes(path), static_cast<std::int64_t>(two_reports)) << "byte " << i;
  }
}

}  // namespace
}  // namespace tern
