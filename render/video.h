#pragma once
// Films that a child process encodes: the program ffmpeg, which is found in PATH.

#include <sys/types.h>

#include <string>

#include "core/drawing/raster_canvas.h"

namespace tern {

/// Throws Error::failure saying what to do if there is no ffmpeg for a film of this name.
void check_ffmpeg(const std::string& path);

/// Writes frames to `path`, .mp4 (H.264) or .webm (VP9), odd sizes padded by a pixel. A file that was
/// there before is replaced by finish() alone.
class VideoEncoder {
 public:
  /// Throws Error::failure if ffmpeg cannot be started.
  VideoEncoder(const std::string& path, int width, int height, double frames_per_second);
  ~VideoEncoder();
  VideoEncoder(const VideoEncoder&) = delete;
  VideoEncoder& operator=(const VideoEncoder&) = delete;

  /// A picture of the film's size. Throws Error::failure with what ffmpeg says if it has ended.
  void add(const RasterCanvas& picture);
  /// Waits until the film is on the disk. Throws Error::failure if ffmpeg failed.
  void finish();

 private:
  [[noreturn]] void fail();
  int wait();
  void close_input();

  std::string path_, unfinished_;
  pid_t child_ = -1;
  int input_ = -1;   // a socket: a write to a child that has ended is an error, not a signal
  int errors_ = -1;  // what ffmpeg says
};

}  // namespace tern
