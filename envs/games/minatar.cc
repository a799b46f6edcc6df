#include "envs/games/minatar.h"

#include <algorithm>
#include <cstring>

namespace tern::minatar {
namespace {

constexpr const char* kMoveNames[kNumMoves] = {"noop", "left", "up", "right", "down", "fire"};

std::vector<Move> offered_moves(const Facts& facts, const CommonParams& params) {
  if (params.actions == "all") return {kNoop, kLeft, kUp, kRight, kDown, kFire};
  return facts.moves;
}

}  // namespace

void clear(std::uint8_t* bytes, std::size_t size) { std::memset(bytes, 0, size); }

EnvSpec make_spec(const Facts& facts, const CommonParams& params) {
  EnvSpec spec;
  spec.id = "MinAtar-" + facts.name + (params.actions == "all" ? "-v0" : "-v1");
  spec.family = "games";
  spec.summary = facts.summary;
  spec.reference = "MinAtar, " + facts.name;
  std::string channels;
  for (const std::string& channel : facts.channels) {
    channels += (channels.empty() ? "" : ", ") + channel;
  }
  spec.obs = ObsSpace(DType::kUint8);
  spec.obs.image(channels, kSide, kSide, static_cast<int>(facts.channels.size()), 0, 1);
  std::vector<std::string> names;
  for (const Move move : offered_moves(facts, params)) names.push_back(kMoveNames[move]);
  spec.action = ActionSpace::discrete(names);
  spec.frames_per_second = facts.frames_per_second;
  return spec;
}

Controls::Controls(const Facts& facts, const CommonParams& params)
    : stickiness_(params.sticky_actions) {
  for (const Move move : offered_moves(facts, params)) moves_[num_moves_++] = move;
}

std::int32_t Controls::chosen(const Keys& keys, bool may_fire) const {
  Move wish = kNoop;
  if (keys[Key::kDown]) wish = kDown;
  if (keys[Key::kUp]) wish = kUp;
  if (keys[Key::kRight]) wish = kRight;
  if (keys[Key::kLeft]) wish = kLeft;
  if (keys[Key::kSpace] && may_fire) wish = kFire;
  const Move* const end = moves_ + num_moves_;
  const Move* const found = std::find(moves_, end, wish);
  return found == end ? 0 : static_cast<std::int32_t>(found - moves_);
}

}  // namespace tern::minatar
