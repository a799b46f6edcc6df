#pragma once
// The pictures of an episode, each call kept once: most of what an env draws is as it was a step
// before.

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/drawing/recording_canvas.h"

namespace tern {

class Drawings {
 public:
  /// Returns the number of the picture, counted from 0.
  std::size_t add(const RecordingCanvas& picture);
  std::size_t size() const { return pictures_.size(); }
  /// About as much memory as they take.
  std::size_t bytes() const { return bytes_; }
  /// Makes the calls of a picture on `canvas`.
  void replay(std::size_t picture, RecordingCanvas& canvas) const;

  /// The different calls of all pictures, and each picture as numbers of them.
  const std::vector<DrawCall>& calls() const { return calls_; }
  const std::vector<std::uint32_t>& picture(std::size_t i) const { return pictures_[i]; }

 private:
  std::vector<DrawCall> calls_;
  std::unordered_map<std::string, std::uint32_t> numbers_;  // by the call's bytes
  std::vector<std::vector<std::uint32_t>> pictures_;
  std::size_t bytes_ = 0;
};

}  // namespace tern
