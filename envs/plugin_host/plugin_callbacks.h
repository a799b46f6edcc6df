#pragma once
// What the host hands to a plugin to call: a canvas, a sink of bytes, a sink of transitions, each a
// table of C functions over our own object. Host side.

#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>

#include "core/canvas.h"
#include "core/state_io.h"
#include "envs/env.h"
#include "envs/plugin_abi.h"

namespace tern {

/// Keeps what our side throws while the plugin is on the stack, which no exception may cross.
class Escapes {
 public:
  template <class Body>
  void keep(const Body& body) {
    if (caught_) return;  // only the first counts, and nothing more is worth doing
    try {
      body();
    } catch (...) {
      caught_ = std::current_exception();
    }
  }
  /// What a C function returns after keep().
  tern_status status() const { return caught_ ? TERN_FAILED : TERN_OK; }
  /// To be called once the plugin has returned.
  void rethrow() const {
    if (caught_) std::rethrow_exception(caught_);
  }

 private:
  std::exception_ptr caught_;
};

/// A Canvas as the table that a plugin draws on.
class CanvasTable {
 public:
  explicit CanvasTable(Canvas& canvas);
  CanvasTable(const CanvasTable&) = delete;
  CanvasTable& operator=(const CanvasTable&) = delete;

  const tern_canvas* c() const { return &c_; }
  const Escapes& escapes() const { return escapes_; }

 private:
  template <class Body>
  static void draw(const tern_canvas* c, const Body& body) {
    auto* table = static_cast<CanvasTable*>(c->host);
    table->escapes_.keep([&] { body(table->canvas_); });
  }

  Canvas& canvas_;
  Escapes escapes_;
  tern_canvas c_ = {};
};

/// A StateWriter as the sink that a plugin saves into.
class StateSink {
 public:
  explicit StateSink(StateWriter& out);
  StateSink(const StateSink&) = delete;
  StateSink& operator=(const StateSink&) = delete;

  const tern_byte_sink* c() const { return &c_; }
  const Escapes& escapes() const { return escapes_; }

 private:
  StateWriter& out_;
  Escapes escapes_;
  tern_byte_sink c_ = {};
};

/// A TransitionTable as the sink that a plugin fills. An index out of range is kept as Error that
/// begins with `where`.
class TransitionSink {
 public:
  TransitionSink(TransitionTable& table, std::string where);
  TransitionSink(const TransitionSink&) = delete;
  TransitionSink& operator=(const TransitionSink&) = delete;

  const tern_transition_sink* c() const { return &c_; }
  const Escapes& escapes() const { return escapes_; }

 private:
  template <class Body>
  static tern_status fill(const tern_transition_sink* c, const Body& body) {
    auto* sink = static_cast<TransitionSink*>(c->host);
    sink->escapes_.keep([&] { body(*sink); });
    return sink->escapes_.status();
  }
  void check(const char* what, std::size_t index, std::size_t count) const;

  TransitionTable& table_;
  std::string where_;
  std::size_t num_actions_ = 0;
  Escapes escapes_;
  tern_transition_sink c_ = {};
};

}  // namespace tern
