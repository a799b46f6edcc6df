#include "render/video.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/error.h"

extern char** environ;

namespace tern {
namespace {

bool is_webm(const std::string& path) {
  return path.size() > 5 && path.compare(path.size() - 5, 5, ".webm") == 0;
}

/// The full name of ffmpeg; "": there is none in PATH.
std::string ffmpeg_path() {
  const char* const path = std::getenv("PATH");
  std::string folders = path == nullptr ? "" : path;
  folders += ':';
  for (std::size_t begin = 0, end; (end = folders.find(':', begin)) != std::string::npos;
       begin = end + 1) {
    const std::string name = folders.substr(begin, end - begin) + "/ffmpeg";
    if (end > begin && access(name.c_str(), X_OK) == 0) return name;
  }
  return "";
}

std::vector<std::string> ffmpeg_words(const std::string& out, bool webm, int width, int height,
                                      double rate) {
  char text[40];
  std::snprintf(text, sizeof text, "%.6g", rate);
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  std::vector<std::string> words = {
      "ffmpeg", "-nostdin", "-loglevel", "error",   "-y",  "-f",          "rawvideo",
      "-pix_fmt", "rgb24",  "-s",        size,      "-r",  text,          "-i",
      "pipe:0", "-an",      "-vf",       "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-pix_fmt", "yuv420p"};
  const std::vector<std::string> codec =
      webm ? std::vector<std::string>{"-c:v", "libvpx-vp9", "-crf", "30", "-b:v", "0", "-f", "webm"}
           : std::vector<std::string>{"-c:v",      "libx264",    "-crf", "20",
                                      "-movflags", "+faststart", "-f",   "mp4"};
  words.insert(words.end(), codec.begin(), codec.end());
  words.push_back("file:" + out);
  return words;
}

}  // namespace

void check_ffmpeg(const std::string& path) {
  if (!ffmpeg_path().empty()) return;
  throw Error::failure("cannot write " + path +
                       ": films of this kind are made by the program ffmpeg, which is not "
                       "installed. Install it (Debian: apt-get install ffmpeg) or write a .gif");
}

VideoEncoder::VideoEncoder(const std::string& path, int width, int height, double frames_per_second)
    : path_(path), unfinished_(path + ".tmp-" + std::to_string(getpid())) {
  check_ffmpeg(path);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw Error::failure(std::string("cannot talk to ffmpeg: ") + std::strerror(errno));
  }
  errors_ = memfd_create("ffmpeg", MFD_CLOEXEC);
  std::vector<std::string> words =
      ffmpeg_words(unfinished_, is_webm(path), width, height, frames_per_second);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors_, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, errors_, STDERR_FILENO);
  const int error =
      posix_spawn(&child_, ffmpeg_path().c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  input_ = ends[0];
  if (error == 0) return;
  child_ = -1;
  close_input();
  close(errors_);
  throw Error::failure(std::string("cannot start ffmpeg: ") + std::strerror(error));
}

VideoEncoder::~VideoEncoder() {
  close_input();
  if (child_ > 0) {
    wait();
    unlink(unfinished_.c_str());
  }
  if (errors_ >= 0) close(errors_);
}

void VideoEncoder::add(const RasterCanvas& picture) {
  const std::uint8_t* bytes = picture.rgb().data();
  std::size_t left = picture.rgb().size();
  while (left > 0) {
    const ssize_t sent = send(input_, bytes, left, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) fail();
    bytes += sent;
    left -= static_cast<std::size_t>(sent);
  }
}

void VideoEncoder::finish() {
  close_input();
  if (wait() != 0) fail();
  if (std::rename(unfinished_.c_str(), path_.c_str()) != 0) {
    const std::string why = std::strerror(errno);
    unlink(unfinished_.c_str());
    throw Error::failure("cannot write " + path_ + ": " + why);
  }
}

void VideoEncoder::fail() {
  close_input();
  if (child_ > 0) wait();
  unlink(unfinished_.c_str());
  char said[400];
  const ssize_t size = pread(errors_, said, sizeof said, 0);
  std::string line(said, static_cast<std::size_t>(size > 0 ? size : 0));
  line = line.substr(0, line.find('\n'));
  throw Error::failure("cannot write " + path_ + ": ffmpeg failed" +
                       (line.empty() ? "" : " (" + line + ")"));
}

/// The exit status; -1: a signal ended it.
int VideoEncoder::wait() {
  int status = 0;
  while (waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void VideoEncoder::close_input() {
  if (input_ >= 0) close(input_);
  input_ = -1;
}

}  // namespace tern
