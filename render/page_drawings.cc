#include "render/page_drawings.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <unordered_map>

namespace tern {
namespace {

using Numbers = std::vector<std::uint32_t>;

std::string hex(Color color) {
  char text[16];
  std::snprintf(text, sizeof text, color.a == 255 ? "\"#%02x%02x%02x\"" : "\"#%02x%02x%02x%02x\"",
                color.r, color.g, color.b, color.a);
  return text;
}

/// Cells that only text canvases show.
bool is_invisible(const DrawCall& call) {
  return call.kind == DrawCall::Kind::kCells &&
         std::all_of(call.styles.begin(), call.styles.end(),
                     [](const CellStyle& style) { return style.color.a == 0; });
}

/// The letter of the call, its colour if it has one, then its numbers.
void write_call(PageWriter& out, const DrawCall& call) {
  const auto points = [&] {
    for (const Point& point : call.points) {
      out.raw(",").coordinate(point.x).raw(",").coordinate(point.y);
    }
  };
  const auto shape = [&](char letter, bool has_size) {
    out.raw("[\"").raw(std::string(1, letter)).raw("\",").raw(hex(call.color));
    points();
    if (has_size) out.raw(",").coordinate(call.size);
  };
  const auto placed = [&](char letter) {
    out.raw("[\"").raw(std::string(1, letter)).raw("\"");
    points();
  };
  switch (call.kind) {
    case DrawCall::Kind::kSetView:
      shape('v', false);
      break;
    case DrawCall::Kind::kPolygon:
      shape('p', false);
      break;
    case DrawCall::Kind::kCircle:
      shape('c', true);
      break;
    case DrawCall::Kind::kCapsule:
      shape('k', true);
      break;
    case DrawCall::Kind::kLine:
      shape('l', true);
      break;
    case DrawCall::Kind::kCells:
      placed('b');
      out.raw(",").coordinate(call.size).raw(",").number(call.rows).raw(",").number(call.columns);
      out.raw(",").numbers(call.bytes).raw(",");
      out.list(call.styles.size(), [&](std::size_t i) { out.raw(hex(call.styles[i].color)); });
      break;
    case DrawCall::Kind::kImage:
      placed('i');
      out.raw(",").number(call.columns).raw(",").number(call.rows);
      out.raw(",").base64(call.bytes);
      break;
    case DrawCall::Kind::kText: {
      shape('t', true);
      static const char* const kAligns[] = {"left", "center", "right"};
      out.raw(",\"").raw(kAligns[static_cast<int>(call.align)]).raw("\",").text(call.line);
      break;
    }
    case DrawCall::Kind::kPush:
      placed('u');
      out.raw(",").coordinate(call.size).raw(",").coordinate(call.scale);
      break;
    case DrawCall::Kind::kPop:
      placed('o');
      break;
  }
  out.raw("]");
}

/// Where each number stands that stands there once.
std::unordered_map<std::uint32_t, std::size_t> single_places(const Numbers& numbers) {
  std::unordered_map<std::uint32_t, std::size_t> places, counts;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    places[numbers[i]] = i;
    ++counts[numbers[i]];
  }
  for (const auto& [number, count] : counts) {
    if (count > 1) places.erase(number);
  }
  return places;
}

struct Match {
  std::size_t last, now;  // places
};

/// The longest row of numbers that stand once in both, in the same order: a longest increasing
/// subsequence, by patience sorting.
std::vector<Match> common_row(const Numbers& last, const Numbers& now) {
  const auto in_last = single_places(last), in_now = single_places(now);
  std::vector<Match> candidates;
  for (std::size_t i = 0; i < now.size(); ++i) {
    const auto place = in_last.find(now[i]);
    if (place != in_last.end() && in_now.count(now[i]) > 0)
      candidates.push_back({place->second, i});
  }
  constexpr std::size_t kNone = ~std::size_t{0};
  std::vector<std::size_t> tops, before(candidates.size(), kNone);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto top = std::partition_point(tops.begin(), tops.end(), [&](std::size_t other) {
      return candidates[other].last < candidates[i].last;
    });
    if (top != tops.begin()) before[i] = *(top - 1);
    if (top == tops.end()) {
      tops.push_back(i);
    } else {
      *top = i;
    }
  }
  std::vector<Match> row;
  for (std::size_t i = tops.empty() ? kNone : tops.back(); i != kNone; i = before[i]) {
    row.push_back(candidates[i]);
  }
  std::reverse(row.begin(), row.end());
  return row;
}

/// Puts the numbers of a picture together with what it keeps of the one before.
class Change {
 public:
  Change(const Numbers& last, const Numbers& now) : last_(last), now_(now) {}

  /// Both up to there are done, then one number is kept.
  void keep(Match match) {
    // Numbers that stand there several times, beside what is kept.
    while (kept_.last < match.last && kept_.now < match.now &&
           last_[kept_.last] == now_[kept_.now]) {
      ++kept_.last, ++kept_.now, ++num_kept_;
    }
    replace_until(match);
    if (match.last < last_.size()) ++kept_.last, ++kept_.now, ++num_kept_;
  }
  Numbers take() { return std::move(numbers_); }

 private:
  void replace_until(Match end) {
    if (kept_.last == end.last && kept_.now == end.now) return;
    std::size_t same = 0;
    while (kept_.last < end.last - same && kept_.now < end.now - same &&
           last_[end.last - same - 1] == now_[end.now - same - 1]) {
      ++same;
    }
    numbers_.push_back(num_kept_);
    numbers_.push_back(static_cast<std::uint32_t>(end.last - same - kept_.last));
    const std::size_t count_at = numbers_.size();
    numbers_.push_back(0);
    for (std::size_t i = kept_.now; i < end.now - same; ++i) {
      if (numbers_[count_at] > 0 && now_[i] == now_[i - 1] + 1) {
        ++numbers_.back();
        continue;
      }
      ++numbers_[count_at];
      numbers_.push_back(now_[i]);
      numbers_.push_back(1);
    }
    num_kept_ = static_cast<std::uint32_t>(same);
    kept_ = end;
  }

  const Numbers &last_, &now_;
  Match kept_{0, 0};            // what comes next
  std::uint32_t num_kept_ = 0;  // since the last replacement
  Numbers numbers_;
};

}  // namespace

std::vector<std::uint32_t> picture_change(const std::vector<std::uint32_t>& last,
                                          const std::vector<std::uint32_t>& now) {
  Change change(last, now);
  for (const Match match : common_row(last, now)) change.keep(match);
  change.keep({last.size(), now.size()});
  return change.take();
}

void write_drawings(PageWriter& out, const Drawings& drawings) {
  constexpr std::uint32_t kNone = ~std::uint32_t{0};
  std::vector<std::uint32_t> numbers;  // in the page, of each call
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < drawings.calls().size(); ++i) {
    const bool is_shown = !is_invisible(drawings.calls()[i]);
    numbers.push_back(is_shown ? static_cast<std::uint32_t>(shown.size()) : kNone);
    if (is_shown) shown.push_back(i);
  }
  out.raw("\"calls\":");
  out.list(shown.size(), [&](std::size_t i) { write_call(out, drawings.calls()[shown[i]]); });
  out.raw(",\"pictures\":");
  Numbers last;
  out.list(drawings.size(), [&](std::size_t picture) {
    Numbers now;
    for (const std::uint32_t call : drawings.picture(picture)) {
      if (numbers[call] != kNone) now.push_back(numbers[call]);
    }
    const Numbers change = picture_change(last, now);
    out.list(change.size(), [&](std::size_t i) { out.raw(std::to_string(change[i])); });
    last = std::move(now);
  });
}

}  // namespace tern
