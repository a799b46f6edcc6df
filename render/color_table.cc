#include "render/color_table.h"

#include <algorithm>
#include <array>

namespace tern {
namespace {

constexpr std::size_t kChannels = 3;
/// More colours than this are first merged with their neighbours.
constexpr std::size_t kMostColors = 1 << 15;

std::uint32_t packed(const std::uint8_t* rgb) {
  return static_cast<std::uint32_t>(rgb[0]) << 16 | static_cast<std::uint32_t>(rgb[1]) << 8 |
         rgb[2];
}

std::array<double, kChannels> channels_of(std::uint32_t color) {
  return {static_cast<double>(color >> 16 & 255), static_cast<double>(color >> 8 & 255),
          static_cast<double>(color & 255)};
}

Color color_of(std::uint32_t color) {
  return {static_cast<std::uint8_t>(color >> 16), static_cast<std::uint8_t>(color >> 8),
          static_cast<std::uint8_t>(color)};
}

/// Some of the colours: [begin, end) of the list.
struct Box {
  std::size_t begin = 0, end = 0;
  double error = 0;        // squared distance of all pixels from their mean
  std::size_t widest = 0;  // channel with the largest part of it
  double mean_of_widest = 0;
};

Box make_box(const std::vector<ColorCounts::Count>& list, std::size_t begin, std::size_t end) {
  Box box;
  box.begin = begin;
  box.end = end;
  double pixels = 0;
  std::array<double, kChannels> mean = {}, error = {};
  for (std::size_t i = begin; i < end; ++i) {
    const double weight = static_cast<double>(list[i].pixels);
    const auto value = channels_of(list[i].color);
    pixels += weight;
    for (std::size_t c = 0; c < kChannels; ++c) mean[c] += weight * value[c];
  }
  for (double& each : mean) each /= pixels;
  for (std::size_t i = begin; i < end; ++i) {
    const double weight = static_cast<double>(list[i].pixels);
    const auto value = channels_of(list[i].color);
    for (std::size_t c = 0; c < kChannels; ++c) {
      error[c] += weight * (value[c] - mean[c]) * (value[c] - mean[c]);
    }
  }
  double largest = -1;
  for (std::size_t c = 0; c < kChannels; ++c) {
    box.error += error[c];
    if (error[c] > largest) {
      largest = error[c];
      box.widest = c;
      box.mean_of_widest = mean[c];
    }
  }
  if (end - begin < 2) box.error = 0;  // nothing to split
  return box;
}

/// The boxes' means, weighted by pixels; a colour with most of a box's pixels stands for it.
std::uint32_t representative(const std::vector<ColorCounts::Count>& list,
                             const std::vector<std::size_t>& members) {
  double pixels = 0;
  std::array<double, kChannels> sum = {};
  const ColorCounts::Count* heaviest = &list[members.front()];
  for (const std::size_t i : members) {
    const double weight = static_cast<double>(list[i].pixels);
    const auto value = channels_of(list[i].color);
    pixels += weight;
    for (std::size_t c = 0; c < kChannels; ++c) sum[c] += weight * value[c];
    if (list[i].pixels > heaviest->pixels) heaviest = &list[i];
  }
  if (2 * static_cast<double>(heaviest->pixels) > pixels) return heaviest->color;
  std::uint32_t color = 0;
  for (std::size_t c = 0; c < kChannels; ++c) {
    color = color << 8 | static_cast<std::uint32_t>(sum[c] / pixels + 0.5);
  }
  return color;
}

int squared_distance(std::uint32_t a, const Color& b) {
  const int dr = static_cast<int>(a >> 16 & 255) - b.r;
  const int dg = static_cast<int>(a >> 8 & 255) - b.g;
  const int db = static_cast<int>(a & 255) - b.b;
  return dr * dr + dg * dg + db * db;
}

std::size_t nearest_index(std::uint32_t color, const std::vector<Color>& colors) {
  std::size_t best = 0;
  int best_distance = squared_distance(color, colors[0]);
  for (std::size_t i = 1; i < colors.size() && best_distance > 0; ++i) {
    const int distance = squared_distance(color, colors[i]);
    if (distance < best_distance) {
      best = i;
      best_distance = distance;
    }
  }
  return best;
}

/// Merges colours that agree in their upper six bits a channel.
std::vector<ColorCounts::Count> coarser(const std::vector<ColorCounts::Count>& list) {
  std::unordered_map<std::uint32_t, ColorCounts::Count> heaviest;
  std::unordered_map<std::uint32_t, std::uint64_t> pixels;
  for (const ColorCounts::Count& count : list) {
    const std::uint32_t key = count.color & 0xfcfcfc;
    pixels[key] += count.pixels;
    if (count.pixels > heaviest[key].pixels) heaviest[key] = count;
  }
  std::vector<ColorCounts::Count> merged;
  for (const auto& entry : heaviest) merged.push_back({entry.second.color, pixels[entry.first]});
  std::sort(merged.begin(), merged.end(),
            [](const auto& a, const auto& b) { return a.color < b.color; });
  return merged;
}

std::vector<Color> split_boxes(std::vector<ColorCounts::Count>& list, std::size_t most) {
  std::vector<Box> boxes = {make_box(list, 0, list.size())};
  while (boxes.size() < most) {
    const auto worst = std::max_element(
        boxes.begin(), boxes.end(), [](const Box& a, const Box& b) { return a.error < b.error; });
    if (worst->error <= 0) break;
    const Box box = *worst;
    const auto first = list.begin() + static_cast<std::ptrdiff_t>(box.begin);
    const auto last = list.begin() + static_cast<std::ptrdiff_t>(box.end);
    const auto middle = std::stable_partition(first, last, [&](const ColorCounts::Count& count) {
      return channels_of(count.color)[box.widest] <= box.mean_of_widest;
    });
    const auto cut = static_cast<std::size_t>(middle - list.begin());
    if (cut == box.begin || cut == box.end) {
      worst->error = 0;  // rounding left one side empty
      continue;
    }
    *worst = make_box(list, box.begin, cut);
    boxes.push_back(make_box(list, cut, box.end));
  }
  std::vector<Color> colors;
  for (const Box& box : boxes) {
    std::vector<std::size_t> members;
    for (std::size_t i = box.begin; i < box.end; ++i) members.push_back(i);
    colors.push_back(color_of(representative(list, members)));
  }
  return colors;
}

}  // namespace

void ColorCounts::add(const std::uint8_t* rgb, std::size_t pixels) {
  for (std::size_t i = 0; i < pixels;) {
    const std::uint32_t color = packed(rgb + 3 * i);
    std::size_t run = 1;  // most pixels are like their neighbour
    while (i + run < pixels && packed(rgb + 3 * (i + run)) == color) ++run;
    counts_[color] += run;
    i += run;
  }
}

std::vector<ColorCounts::Count> ColorCounts::sorted() const {
  std::vector<Count> list;
  for (const auto& entry : counts_) list.push_back({entry.first, entry.second});
  std::sort(list.begin(), list.end(),
            [](const Count& a, const Count& b) { return a.color < b.color; });
  return list;
}

std::vector<Color> choose_colors(const ColorCounts& counts, std::size_t most) {
  std::vector<ColorCounts::Count> list = counts.sorted();
  std::vector<Color> colors;
  if (list.size() <= most) {
    for (const ColorCounts::Count& count : list) colors.push_back(color_of(count.color));
    return colors;
  }
  if (list.size() > kMostColors) list = coarser(list);
  colors = split_boxes(list, most);
  constexpr int kRounds = 4;  // later ones change little
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::vector<std::size_t>> members(colors.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      members[nearest_index(list[i].color, colors)].push_back(i);
    }
    for (std::size_t i = 0; i < colors.size(); ++i) {
      if (!members[i].empty()) colors[i] = color_of(representative(list, members[i]));
    }
  }
  return colors;
}

void ColorMatcher::match(const std::uint8_t* rgb, std::size_t pixels, std::uint8_t* indices) {
  std::uint32_t last = ~std::uint32_t{0};  // no colour
  std::uint8_t index = 0;
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint32_t color = packed(rgb + 3 * i);
    if (color != last) {
      const auto found = known_.find(color);
      index = found != known_.end() ? found->second
                                    : known_.emplace(color, nearest(color)).first->second;
      last = color;
    }
    indices[i] = index;
  }
}

std::uint8_t ColorMatcher::nearest(std::uint32_t color) const {
  return static_cast<std::uint8_t>(nearest_index(color, colors_));
}

}  // namespace tern
