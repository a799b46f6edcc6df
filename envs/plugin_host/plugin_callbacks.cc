#include "envs/plugin_host/plugin_callbacks.h"

#include <string_view>
#include <utility>
#include <vector>

namespace tern {
namespace {

Point point(tern_point p) { return {p.x, p.y}; }
Color color(tern_color c) { return {c.r, c.g, c.b, c.a}; }

}  // namespace

CanvasTable::CanvasTable(Canvas& canvas) : canvas_(canvas) {
  c_.struct_size = sizeof c_;
  c_.host = this;
  c_.set_view = [](const tern_canvas* c, tern_point low, tern_point high, tern_color background) {
    draw(c, [&](Canvas& on) { on.set_view(point(low), point(high), color(background)); });
  };
  c_.polygon = [](const tern_canvas* c, const tern_point* corners, size_t count, tern_color fill) {
    draw(c, [&](Canvas& on) {
      on.polygon(reinterpret_cast<const Point*>(corners), count, color(fill));
    });
  };
  c_.circle = [](const tern_canvas* c, tern_point center, float radius, tern_color fill) {
    draw(c, [&](Canvas& on) { on.circle(point(center), radius, color(fill)); });
  };
  c_.capsule = [](const tern_canvas* c, tern_point a, tern_point b, float radius,
                  tern_color fill) {
    draw(c, [&](Canvas& on) { on.capsule(point(a), point(b), radius, color(fill)); });
  };
  c_.line = [](const tern_canvas* c, tern_point a, tern_point b, float width, tern_color ink) {
    draw(c, [&](Canvas& on) { on.line(point(a), point(b), width, color(ink)); });
  };
  c_.cells = [](const tern_canvas* c, tern_point top_left, float cell_size, int32_t rows,
                int32_t columns, const uint8_t* kind, const tern_cell_style* styles,
                size_t count) {
    draw(c, [&](Canvas& on) {
      on.cells(point(top_left), cell_size, rows, columns, kind,
               reinterpret_cast<const CellStyle*>(styles), count);
    });
  };
  c_.image = [](const tern_canvas* c, tern_point low, tern_point high, int32_t width,
                int32_t height, const uint8_t* rgb) {
    draw(c, [&](Canvas& on) { on.image(point(low), point(high), width, height, rgb); });
  };
  c_.text = [](const tern_canvas* c, tern_point at, float height, const char* line, size_t length,
               tern_color ink, int32_t align) {
    draw(c, [&](Canvas& on) {
      on.text(point(at), height, std::string_view(line, length), color(ink),
              static_cast<Align>(align));
    });
  };
  c_.push = [](const tern_canvas* c, tern_point move, float angle, float scale) {
    draw(c, [&](Canvas& on) { on.push(point(move), angle, scale); });
  };
  c_.pop = [](const tern_canvas* c) { draw(c, [](Canvas& on) { on.pop(); }); };
  c_.shown = [](const tern_canvas* c, tern_point low, tern_point high, tern_point* shown_low,
                tern_point* shown_high) {
    draw(c, [&](const Canvas& on) {
      const Rectangle all = on.shown(point(low), point(high));
      *shown_low = {all.low.x, all.low.y};
      *shown_high = {all.high.x, all.high.y};
    });
  };
}

StateSink::StateSink(StateWriter& out) : out_(out) {
  c_.struct_size = sizeof c_;
  c_.host = this;
  c_.write = [](const tern_byte_sink* c, const void* bytes, size_t size) {
    auto* sink = static_cast<StateSink*>(c->host);
    sink->escapes_.keep([&] { sink->out_.append(bytes, size); });
    return sink->escapes_.status();
  };
}

TransitionSink::TransitionSink(TransitionTable& table, std::string where)
    : table_(table), where_(std::move(where)) {
  c_.struct_size = sizeof c_;
  c_.host = this;
  c_.resize = [](const tern_transition_sink* c, uint32_t num_states, uint32_t num_actions) {
    return fill(c, [&](TransitionSink& sink) {
      sink.num_actions_ = num_actions;
      sink.table_.outcomes.assign(num_states, std::vector<std::vector<Transition>>(num_actions));
      sink.table_.initial.assign(num_states, 0.0);
    });
  };
  c_.outcome = [](const tern_transition_sink* c, uint32_t state, uint32_t action,
                  double probability, uint32_t next_state, double reward, int32_t terminated) {
    return fill(c, [&](TransitionSink& sink) {
      sink.check("state", state, sink.table_.outcomes.size());
      sink.check("action", action, sink.num_actions_);
      sink.check("next state", next_state, sink.table_.outcomes.size());
      sink.table_.outcomes[state][action].push_back(
          {probability, static_cast<int>(next_state), reward, terminated != 0});
    });
  };
  c_.initial = [](const tern_transition_sink* c, uint32_t state, double probability) {
    return fill(c, [&](TransitionSink& sink) {
      sink.check("start state", state, sink.table_.initial.size());
      sink.table_.initial[state] = probability;
    });
  };
}

void TransitionSink::check(const char* what, std::size_t index, std::size_t count) const {
  if (index < count) return;
  throw Error::failure(where_ + ": transitions() names " + what + " " + std::to_string(index) +
                       ", but said that there are " + std::to_string(count));
}

}  // namespace tern
