#include "envs/isolation/spec_message.h"

#include <vector>

namespace tern {
namespace {

void put_texts(Message& out, const std::vector<std::string>& texts) {
  out.put(static_cast<std::uint64_t>(texts.size()));
  for (const std::string& text : texts) out.put_text(text);
}

std::vector<std::string> take_texts(Message& in) {
  std::vector<std::string> texts(in.take_count(sizeof(std::uint64_t)));
  for (std::string& text : texts) text = in.take_text();
  return texts;
}

template <class T>
void put_values(Message& out, const std::vector<T>& values) {
  out.put(static_cast<std::uint64_t>(values.size()));
  out.put_bytes(values.data(), values.size() * sizeof(T));
}

template <class T>
std::vector<T> take_values(Message& in) {
  std::vector<T> values(in.take_count(sizeof(T)));
  in.take_bytes(values.data(), values.size() * sizeof(T));
  return values;
}

}  // namespace

void put_spec(Message& out, const EnvSpec& spec) {
  for (const std::string* text : {&spec.id, &spec.family, &spec.summary, &spec.reference}) {
    out.put_text(*text);
  }
  out.put(static_cast<std::uint64_t>(spec.obs.fields().size()));
  for (const Field& field : spec.obs.fields()) {
    out.put_text(field.name);
    put_values(out, field.shape);
    out.put(field.low);
    out.put(field.high);
    out.put_text(field.unit);
    out.put(field.categories);
    out.put(field.first);
    out.put(field.dtype);
    out.put(field.advisory);
  }
  out.put(spec.action.kind());
  out.put(static_cast<std::uint64_t>(spec.action.components().size()));
  for (const ActionComponent& component : spec.action.components()) {
    out.put_text(component.name);
    put_texts(out, component.options);
    out.put(component.low);
    out.put(component.high);
    out.put_text(component.unit);
  }
  out.put(spec.max_episode_steps);
  out.put(spec.reward_threshold.has_value());
  out.put(spec.reward_threshold.value_or(0));
  put_texts(out, spec.reward_terms);
  put_texts(out, spec.metrics);
  put_texts(out, spec.state_fields);
  put_texts(out, spec.info);
  out.put(spec.num_levels);
  out.put(spec.has_masks);
  out.put(spec.frames_per_second);
  out.put(spec.turn_based);
  out.put(spec.players);
  out.put(spec.frame_stack);
}

EnvSpec take_spec(Message& in) {
  EnvSpec spec;
  for (std::string* text : {&spec.id, &spec.family, &spec.summary, &spec.reference}) {
    *text = in.take_text();
  }
  const std::size_t num_fields = in.take_count(1);
  for (std::size_t i = 0; i < num_fields; ++i) {
    Field field;
    field.name = in.take_text();
    field.shape = take_values<int>(in);
    field.low = in.take<double>();
    field.high = in.take<double>();
    field.unit = in.take_text();
    field.categories = in.take<int>();
    field.first = in.take<int>();
    const auto dtype = in.take<DType>();
    field.advisory = in.take<bool>();
    spec.obs.of(dtype).add(std::move(field));
  }
  const auto kind = in.take<ActionSpace::Kind>();
  std::vector<ActionComponent> components(in.take_count(1));
  for (ActionComponent& component : components) {
    component.name = in.take_text();
    component.options = take_texts(in);
    component.low = in.take<double>();
    component.high = in.take<double>();
    component.unit = in.take_text();
  }
  switch (kind) {
    case ActionSpace::Kind::kBox:
      spec.action = ActionSpace::box(std::move(components));
      break;
    case ActionSpace::Kind::kMultiDiscrete:
      spec.action = ActionSpace::multi_discrete(std::move(components));
      break;
    case ActionSpace::Kind::kDiscrete:
      spec.action = ActionSpace::discrete(std::move(components.at(0).options));
      break;
  }
  spec.max_episode_steps = in.take<int>();
  const bool has_threshold = in.take<bool>();
  const auto threshold = in.take<double>();
  if (has_threshold) spec.reward_threshold = threshold;
  spec.reward_terms = take_texts(in);
  spec.metrics = take_texts(in);
  spec.state_fields = take_texts(in);
  spec.info = take_texts(in);
  spec.num_levels = in.take<std::uint64_t>();
  spec.has_masks = in.take<bool>();
  spec.frames_per_second = in.take<int>();
  spec.turn_based = in.take<bool>();
  spec.players = in.take<int>();
  spec.frame_stack = in.take<int>();
  return spec;
}

void put_drawing(Message& out, const RecordingCanvas& canvas) {
  out.put(static_cast<std::uint64_t>(canvas.calls().size()));
  for (const DrawCall& call : canvas.calls()) {
    out.put(call.kind);
    out.put(call.color);
    out.put(call.align);
    put_values(out, call.points);
    out.put(call.size);
    out.put(call.scale);
    out.put(call.rows);
    out.put(call.columns);
    put_values(out, call.bytes);
    put_values(out, call.styles);
    out.put_text(call.line);
  }
}

void take_drawing(Message& in, RecordingCanvas& canvas) {
  const std::size_t count = in.take_count(1);
  for (std::size_t i = 0; i < count; ++i) {
    DrawCall call;
    call.kind = in.take<DrawCall::Kind>();
    call.color = in.take<Color>();
    call.align = in.take<Align>();
    call.points = take_values<Point>(in);
    call.size = in.take<float>();
    call.scale = in.take<float>();
    call.rows = in.take<int>();
    call.columns = in.take<int>();
    call.bytes = take_values<std::uint8_t>(in);
    call.styles = take_values<CellStyle>(in);
    call.line = in.take_text();
    canvas.add(std::move(call));
  }
}

}  // namespace tern
