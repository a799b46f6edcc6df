#pragma once
// A reader of animated GIFs for the tests: written from the format's description (GIF89a), so that
// what we write is compared with the format and not with the library that wrote it.

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace tern {

struct GifFilm {
  int width = 0, height = 0;
  bool loops_for_ever = false;
  std::vector<int> delays;                          // centiseconds
  std::vector<std::vector<std::uint8_t>> pictures;  // [height, width, 3], as shown
};

class GifReader {
 public:
  explicit GifReader(const std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  GifFilm read() {
    if (text(6) != "GIF89a") throw std::runtime_error("no GIF89a");
    film_.width = number();
    film_.height = number();
    const int flags = byte();
    byte();  // background
    byte();  // pixel aspect
    if ((flags & 0x80) != 0) global_ = table(flags);
    screen_.assign(static_cast<std::size_t>(film_.width * film_.height * 3), 0);
    while (true) {
      const int kind = byte();
      if (kind == 0x3b) break;
      if (kind == 0x21) {
        extension();
      } else if (kind == 0x2c) {
        picture();
      } else {
        throw std::runtime_error("unknown block");
      }
    }
    if (at_ != bytes_.size()) throw std::runtime_error("bytes after the end");
    return film_;
  }

 private:
  using Table = std::vector<std::uint8_t>;

  int byte() {
    if (at_ >= bytes_.size()) throw std::runtime_error("ends early");
    return bytes_[at_++];
  }
  int number() {
    const int low = byte();
    return low + 256 * byte();
  }
  std::string text(int length) {
    std::string result;
    for (int i = 0; i < length; ++i) result += static_cast<char>(byte());
    return result;
  }
  Table table(int flags) {
    Table colors;
    for (int i = 0; i < 3 * (2 << (flags & 7)); ++i) {
      colors.push_back(static_cast<std::uint8_t>(byte()));
    }
    return colors;
  }
  std::vector<std::uint8_t> sub_blocks() {
    std::vector<std::uint8_t> data;
    while (const int size = byte()) {
      for (int i = 0; i < size; ++i) data.push_back(static_cast<std::uint8_t>(byte()));
    }
    return data;
  }

  void extension() {
    const int kind = byte();
    const std::vector<std::uint8_t> data = sub_blocks();
    if (kind == 0xf9) {
      disposal_ = data[0] >> 2 & 7;
      transparent_ = (data[0] & 1) != 0 ? data[3] : -1;
      delay_ = data[1] + 256 * data[2];
    } else if (kind == 0xff) {
      const bool is_loop = std::string(data.begin(), data.begin() + 11) == "NETSCAPE2.0";
      film_.loops_for_ever = is_loop && data[12] == 0 && data[13] == 0;
    }
  }

  void picture() {
    const int left = number(), top = number(), width = number(), height = number();
    const int flags = byte();
    const Table colors = (flags & 0x80) != 0 ? table(flags) : global_;
    if ((flags & 0x40) != 0) throw std::runtime_error("interlaced");
    if (disposal_ > 1) throw std::runtime_error("disposal is not read here");
    const int code_size = byte();
    const std::vector<std::uint8_t> indices = decode(sub_blocks(), code_size);
    if (indices.size() != static_cast<std::size_t>(width * height)) {
      throw std::runtime_error("wrong number of pixels");
    }
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        const int index = indices[static_cast<std::size_t>(y * width + x)];
        if (index == transparent_) continue;
        for (int c = 0; c < 3; ++c) {
          screen_.at(static_cast<std::size_t>(((top + y) * film_.width + left + x) * 3 + c)) =
              colors.at(static_cast<std::size_t>(3 * index + c));
        }
      }
    }
    film_.delays.push_back(delay_);
    film_.pictures.push_back(screen_);
  }

  /// LZW with growing codes, low bits first.
  static std::vector<std::uint8_t> decode(const std::vector<std::uint8_t>& data, int code_size) {
    const int clear = 1 << code_size, end = clear + 1;
    std::vector<std::vector<std::uint8_t>> words;
    std::vector<std::uint8_t> out, previous;
    int bits = code_size + 1;
    std::size_t position = 0;  // in bits
    while (position + static_cast<std::size_t>(bits) <= 8 * data.size()) {
      int code = 0;
      for (int i = 0; i < bits; ++i, ++position) {
        code |= (data[position / 8] >> position % 8 & 1) << i;
      }
      if (code == end) return out;
      if (code == clear) {
        words.assign(static_cast<std::size_t>(clear) + 2, {});
        for (int i = 0; i < clear; ++i) {
          words[static_cast<std::size_t>(i)] = {static_cast<std::uint8_t>(i)};
        }
        bits = code_size + 1;
        previous.clear();
        continue;
      }
      const auto index = static_cast<std::size_t>(code);
      std::vector<std::uint8_t> word;
      if (index < words.size()) {
        word = words[index];
      } else if (index == words.size() && !previous.empty()) {
        word = previous;
        word.push_back(previous.front());
      } else {
        throw std::runtime_error("bad code");
      }
      out.insert(out.end(), word.begin(), word.end());
      if (!previous.empty() && words.size() < 4096) {
        previous.push_back(word.front());
        words.push_back(previous);
      }
      if (words.size() == static_cast<std::size_t>(1 << bits) && bits < 12) ++bits;
      previous = word;
    }
    throw std::runtime_error("no end code");
  }

  const std::vector<std::uint8_t>& bytes_;
  std::size_t at_ = 0;
  Table global_;
  GifFilm film_;
  std::vector<std::uint8_t> screen_;
  int disposal_ = 0, transparent_ = -1, delay_ = 0;
};

}  // namespace tern
