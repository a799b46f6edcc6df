#include "render/page_images.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "render/explainer.h"
#include "render/observed_images.h"
#include "render/png.h"

namespace tern {
namespace {

constexpr int kMostSheetHeight = 8192;            // pixels
constexpr std::size_t kMostSheetBytes = 8 << 20;  // of all sheets of a field
constexpr int kMostHeatSide = 28;                 // pixels
constexpr std::size_t kMostHeatTiles = 64;        // as observed_images() has them

using Bytes = std::vector<std::uint8_t>;

/// The tiles of one image field in all moments, each different one once.
struct TileSheets {
  std::string name;
  int width = 0, height = 0, rows = 1;
  std::vector<Bytes> tiles;
  std::unordered_map<std::string, std::size_t> numbers;  // by the tile's bytes
  std::vector<std::vector<std::size_t>> at;

  void add(const ObservedImage& image) {
    name = image.name;
    width = image.width;
    height = image.height;
    rows = std::max(kMostSheetHeight / std::max(height, 1), 1);
    std::vector<std::size_t>& now = at.emplace_back();
    for (const Bytes& tile : image.tiles) {
      const auto [entry, is_new] =
          numbers.try_emplace(std::string(tile.begin(), tile.end()), tiles.size());
      if (is_new) tiles.push_back(tile);
      now.push_back(entry->second);
    }
  }
  /// PNG files; none where they would be too large.
  std::vector<Bytes> sheets() const {
    std::vector<Bytes> files;
    std::size_t bytes = 0;
    for (std::size_t begin = 0; begin < tiles.size(); begin += static_cast<std::size_t>(rows)) {
      const std::size_t end = std::min(begin + static_cast<std::size_t>(rows), tiles.size());
      Bytes rgb;
      for (std::size_t i = begin; i < end; ++i) {
        rgb.insert(rgb.end(), tiles[i].begin(), tiles[i].end());
      }
      files.push_back(encode_png(width, height * static_cast<int>(end - begin), rgb.data()));
      bytes += files.back().size();
      if (bytes > kMostSheetBytes) return {};
    }
    return files;
  }
};

std::vector<TileSheets> sheets_of(const Episode& episode) {
  std::vector<TileSheets> all;
  FrameData frame;
  frame.spec = episode.spec;
  for (const Moment& moment : episode.moments) {
    frame.obs = moment.obs;
    frame.obs.insert(frame.obs.end(), moment.obs_bytes.begin(), moment.obs_bytes.end());
    const std::vector<ObservedImage> images = observed_images(frame);
    all.resize(images.size());
    for (std::size_t i = 0; i < images.size(); ++i) all[i].add(images[i]);
  }
  return all;
}

std::vector<const Field*> image_fields(const ObsSpace& space) {
  std::vector<const Field*> fields;
  for (const Field& field : space.fields()) {
    if (field.is_image()) fields.push_back(&field);
  }
  return fields;
}

/// How an image's scores become the pixels of a heat map.
struct HeatShape {
  int block, width, height;  // a pixel is block x block of the image
  std::size_t channels, tiles;

  explicit HeatShape(const Field& field)
      : block((std::max(field.shape[0], field.shape[1]) + kMostHeatSide - 1) / kMostHeatSide),
        width((field.shape[1] + block - 1) / block),
        height((field.shape[0] + block - 1) / block),
        channels(static_cast<std::size_t>(field.shape[2])),
        tiles(channels == 3 ? 1 : std::min(channels, kMostHeatTiles)) {}
};

Bytes heat_of(const std::vector<double>& scores, const Field& field) {
  const HeatShape shape(field);
  const std::size_t pixels = static_cast<std::size_t>(shape.width * shape.height);
  std::vector<double> heat(shape.tiles * pixels, 0.0);
  for (std::size_t i = 0; i < field.size(); ++i) {
    const std::size_t tile = shape.tiles == 1 ? 0 : i % shape.channels;
    if (tile >= shape.tiles) continue;
    const auto pixel = static_cast<int>(i / shape.channels);
    const int y = pixel / field.shape[1] / shape.block, x = pixel % field.shape[1] / shape.block;
    heat[tile * pixels + static_cast<std::size_t>(y * shape.width + x)] += scores[field.offset + i];
  }
  double largest = 0;
  for (const double score : heat) {
    if (std::isfinite(score)) largest = std::max(largest, std::fabs(score));
  }
  Bytes bytes;
  for (const double score : heat) {
    const double part = largest > 0 && std::isfinite(score) ? score / largest : 0;
    bytes.push_back(static_cast<std::uint8_t>(128 + std::lround(127 * part)));
  }
  return bytes;
}

void write_heat(PageWriter& out, const EpisodeWhy& why, const Field& field) {
  const HeatShape shape(field);
  out.raw("{\"width\":").number(shape.width).raw(",\"height\":").number(shape.height);
  out.raw(",\"tiles\":").number(static_cast<double>(shape.tiles)).raw(",\"pixels\":");
  out.list(why.moments.size(), [&](std::size_t t) {
    const std::vector<double>& scores = why.moments[t].scores;
    if (scores.empty()) {
      out.raw("null");
    } else {
      out.base64(heat_of(scores, field));
    }
  });
  out.raw("}");
}

void write_one(PageWriter& out, const EpisodeWhy& why, bool is_first_of_output,
               const std::vector<const Field*>& images, const std::vector<std::size_t>& places) {
  const auto series = [&](const char* name, const auto& of) {
    out.raw(",\"").raw(name).raw("\":");
    out.list(why.moments.size(), [&](std::size_t t) {
      if (why.moments[t].scores.empty()) {
        out.raw("null");
      } else {
        of(why.moments[t]);
      }
    });
  };
  out.raw("{\"method\":\"").raw(attribution_name(why.method)).raw("\",\"output\":");
  out.text(why.output);
  if (is_first_of_output) {
    series("here", [&](const Attribution& moment) { out.number(moment.output); });
    series("baseline", [&](const Attribution& moment) { out.number(moment.baseline_output); });
  }
  series("scores", [&](const Attribution& moment) {
    out.list(places.size(), [&](std::size_t i) { out.number(moment.scores[places[i]], 3); });
  });
  if (!images.empty()) {
    const bool is_occlusion = why.method == AttributionMethod::kOcclusion;
    series("sums", [&](const Attribution& moment) {
      out.list(images.size(), [&](std::size_t i) {
        out.number(image_score(moment.scores, *images[i], is_occlusion), 3);
      });
    });
    out.raw(",\"heat\":");
    out.list(images.size(), [&](std::size_t i) { write_heat(out, why, *images[i]); });
  }
  out.raw("}");
}

}  // namespace

void write_images(PageWriter& out, const Episode& episode) {
  const std::vector<TileSheets> fields = sheets_of(episode);
  out.raw("\"images\":");
  out.list(fields.size(), [&](std::size_t i) {
    const TileSheets& field = fields[i];
    const std::vector<Bytes> sheets = field.sheets();
    out.raw("{\"name\":").text(field.name).raw(",\"width\":").number(field.width);
    out.raw(",\"height\":").number(field.height).raw(",\"rows\":").number(field.rows);
    out.raw(",\"sheets\":");
    out.list(sheets.size(), [&](std::size_t k) { out.base64(sheets[k]); });
    out.raw(",\"at\":");
    out.list(sheets.empty() ? 0 : field.at.size(), [&](std::size_t t) {
      out.list(field.at[t].size(), [&](std::size_t k) { out.raw(std::to_string(field.at[t][k])); });
    });
    out.raw("}");
  });
}

void write_why(PageWriter& out, const Episode& episode, const std::vector<std::size_t>& places) {
  const std::vector<const Field*> images = image_fields(episode.spec->obs);
  out.raw("\"why\":");
  out.list(episode.why.size(), [&](std::size_t i) {
    const bool is_first = i == 0 || episode.why[i - 1].output != episode.why[i].output;
    write_one(out, episode.why[i], is_first, images, places);
  });
}

}  // namespace tern
