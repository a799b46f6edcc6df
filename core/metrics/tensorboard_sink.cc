// Field numbers are those of TensorFlow's event.proto and summary.proto; wire format:
// https://protobuf.dev/programming-guides/encoding.

#include "core/metrics/tensorboard_sink.h"

#include <chrono>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "core/files/crc32c.h"
#include "core/utf8.h"

namespace tern {
namespace {

// Event
constexpr int kWallTime = 1;     // double
constexpr int kStep = 2;         // int64
constexpr int kFileVersion = 3;  // string
constexpr int kSummary = 5;      // Summary
// Summary
constexpr int kValue = 1;  // Summary.Value, repeated
// Summary.Value
constexpr int kTag = 1;          // string
constexpr int kSimpleValue = 2;  // float

enum WireType { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

/// Bytes of a TFRecord before its data: length and the checksum of the length.
constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kFooterBytes = 4;

/// Builds one message in protobuf's wire format.
class Message {
 public:
  void add_double(int field, double value) { add_fixed(field, kFixed64, &value, sizeof value); }
  void add_float(int field, float value) { add_fixed(field, kFixed32, &value, sizeof value); }
  void add_integer(int field, std::int64_t value) {
    add_key(field, kVarint);
    add_varint(static_cast<std::uint64_t>(value));
  }
  void add_text(int field, const std::string& text) {
    add_key(field, kLengthDelimited);
    add_varint(text.size());
    bytes_ += text;
  }
  void add_message(int field, const Message& message) { add_text(field, message.bytes_); }
  const std::string& bytes() const { return bytes_; }

 private:
  void add_key(int field, WireType type) {
    add_varint(static_cast<std::uint64_t>(field) << 3 | static_cast<std::uint64_t>(type));
  }
  void add_varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_ += static_cast<char>(value | 128);
    bytes_ += static_cast<char>(value);
  }
  void add_fixed(int field, WireType type, const void* value, std::size_t size) {
    add_key(field, type);
    bytes_.append(static_cast<const char*>(value), size);
  }

  std::string bytes_;
};

/// A CRC stored beside the data that it covers, scrambled so that a CRC over both is no constant.
std::uint32_t masked_crc(ByteRow bytes) {
  const std::uint32_t crc = crc32c(bytes);
  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

template <class T>
void append_number(std::string& text, T value) {
  text.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T number_at(ByteRow bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string framed(const std::string& data) {
  std::string record;
  append_number(record, static_cast<std::uint64_t>(data.size()));
  append_number(record, masked_crc(as_bytes(record)));
  record += data;
  append_number(record, masked_crc(as_bytes(data)));
  return record;
}

/// The data of the record that begins at `offset`, or none if it is torn or damaged.
std::optional<ByteRow> record_at(ByteRow file, std::size_t offset) {
  if (file.size() - offset < kHeaderBytes + kFooterBytes) return std::nullopt;
  const auto length = number_at<std::uint64_t>(file, offset);
  if (number_at<std::uint32_t>(file, offset + 8) != masked_crc(file.subrow(offset, 8)) ||
      length > file.size() - offset - kHeaderBytes - kFooterBytes) {
    return std::nullopt;
  }
  const ByteRow data = file.subrow(offset + kHeaderBytes, static_cast<std::size_t>(length));
  const auto stored = number_at<std::uint32_t>(file, offset + kHeaderBytes + data.size());
  if (stored != masked_crc(data)) return std::nullopt;
  return data;
}

/// The step of an Event written above: its fields come in ascending order, and those before the
/// step have a fixed size. 0 if it has none, as protobuf leaves out zeros.
std::int64_t step_of(ByteRow event) {
  std::size_t position = 1 + sizeof(double);  // wall_time
  const int key = kStep << 3 | kVarint;
  if (event.size() <= position || event[position] != key) return 0;
  std::uint64_t step = 0;
  for (int shift = 0; ++position < event.size() && shift < 64; shift += 7) {
    step |= static_cast<std::uint64_t>(event[position] & 127) << shift;
    if (event[position] < 128) break;
  }
  return static_cast<std::int64_t>(step);
}

double seconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

}  // namespace

TensorBoardSink::TensorBoardSink(std::string path, std::function<double()> now)
    : now_(now ? std::move(now) : seconds_since_1970), file_(std::move(path)) {
  truncate_after(file_.path(), std::numeric_limits<std::int64_t>::max());  // a torn last record
  file_ = AppendFile(file_.path());
  if (file_.size() > 0) return;
  Message version;
  version.add_double(kWallTime, now_());
  version.add_text(kFileVersion, "brain.Event:2");
  file_.write(framed(version.bytes()));
}

void TensorBoardSink::write(const MetricsRecord& record) {
  Message summary;
  for (const Metric& metric : record.metrics) {
    Message value;
    value.add_text(kTag, shown(metric.name));  // protobuf takes UTF-8 only
    value.add_float(kSimpleValue, static_cast<float>(metric.value));
    summary.add_message(kValue, value);
  }
  Message event;
  event.add_double(kWallTime, now_());
  event.add_integer(kStep, record.step);
  event.add_message(kSummary, summary);
  file_.write(framed(event.bytes()));
}

void TensorBoardSink::flush() {
  file_.start_sync();
}

void TensorBoardSink::truncate_after(const std::string& path, std::int64_t step) {
  if (!is_file(path)) return;
  const Bytes file = read_file(path);
  std::size_t kept = 0;
  while (kept < file.size()) {
    const std::optional<ByteRow> event = record_at(file, kept);
    if (!event || step_of(*event) > step) break;
    kept += kHeaderBytes + event->size() + kFooterBytes;
  }
  if (kept < file.size()) cut_file(path, static_cast<std::int64_t>(kept));
}

}  // namespace tern
