// The window, by SFML. The picture comes from RasterCanvas: drawing it costs less than it would
// through OpenGL in software, looks the same everywhere and is the same in recordings, to the bit.

#include <SFML/Graphics/RenderWindow.hpp>
#include <SFML/Graphics/Sprite.hpp>
#include <SFML/Graphics/Texture.hpp>
#include <SFML/System/Clock.hpp>
#include <SFML/System/Err.hpp>
#include <SFML/Window/Event.hpp>
#include <SFML/Window/VideoMode.hpp>
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "render/viewer_keys.h"
#include "render/window_library.h"

namespace tern {
namespace {

class SfmlWindow final : public Window {
 public:
  SfmlWindow(const std::string& title, int width, int height, KeyUse use)
      : title_(title), use_(use) {
    const sf::VideoMode desktop = sf::VideoMode::getDesktopMode();
    const unsigned w = std::min(static_cast<unsigned>(width), desktop.width);
    const unsigned h = std::min(static_cast<unsigned>(height), desktop.height);
    open(w, h);
    if (!window_.isOpen()) throw Error::failure("the window could not be opened.");
  }

  void set_key_use(KeyUse use) override {
    if (use == use_) return;
    use_ = use;
    stale_ = down_;
    presses_.clear();
  }

  std::vector<ViewerKey> poll() override {
    std::vector<ViewerKey> keys;
    sf::Event event;
    while (window_.pollEvent(event)) {
      if (event.type == sf::Event::Closed) keys.push_back(ViewerKey::kQuit);
      if (event.type == sf::Event::LostFocus) {
        down_ = stale_ = Keys();
        is_tab_down_ = false;
      }
      if (event.type == sf::Event::GainedFocus || event.type == sf::Event::MouseEntered) {
        repaints_ = std::max(repaints_, 1);
      }
      add_mouse(event);
      if (event.type == sf::Event::KeyReleased) release(event.key);
      if (event.type == sf::Event::KeyPressed && !goes_down(event.key)) continue;
      if (event.type == sf::Event::KeyPressed && event.key.code == sf::Keyboard::F11) {
        toggle_full_screen();
        break;  // the rest was the other window's
      }
      if (event.type == sf::Event::KeyPressed && event.key.code == sf::Keyboard::Tab) {
        if (!is_tab_down_ && !event.key.alt) keys.push_back(ViewerKey::kTakeOver);
        is_tab_down_ = true;
      }
      if (use_ == KeyUse::kPlayer) {
        if (event.type == sf::Event::KeyPressed) add_player_key(event.key, keys);
        continue;
      }
      if (event.type == sf::Event::KeyPressed) add_key(event.key, keys);
      if (event.type == sf::Event::TextEntered) add_character(event.text.unicode, keys);
    }
    paint_again();
    return keys;
  }

  MouseInput mouse_input() override {
    MouseInput mouse = mouse_;
    mouse_.went_down = false;
    mouse_.wheel = 0;
    return mouse;
  }

  PlayerInput player_input() override {
    if (use_ == KeyUse::kViewer) return PlayerInput();
    return {without(down_, stale_), std::exchange(presses_, {})};
  }

  int width() const override { return static_cast<int>(std::max(window_.getSize().x, 1u)); }
  int height() const override { return static_cast<int>(std::max(window_.getSize().y, 1u)); }

  bool is_full_screen() const override { return is_full_screen_; }

  void show(const RasterCanvas& picture) override {
    const auto w = static_cast<unsigned>(picture.width()),
               h = static_cast<unsigned>(picture.height());
    const std::vector<std::uint8_t>& rgb = picture.rgb();
    if (texture_.getSize() != sf::Vector2u(w, h)) {
      if (!texture_.create(w, h)) {
        throw Error::failure("the graphics card has no room for a picture of " + std::to_string(w) +
                             "x" + std::to_string(h) + " pixels");
      }
      shown_.clear();
    }
    update_texture(rgb, w, h);
    paint();
  }

  void close() override { window_.close(); }

 private:
  /// Rows that are as they were are neither converted nor sent.
  void update_texture(const std::vector<std::uint8_t>& rgb, unsigned w, unsigned h) {
    const std::size_t row = std::size_t{3} * w;
    const auto is_same = [&](unsigned y) {
      return std::memcmp(rgb.data() + y * row, shown_.data() + y * row, row) == 0;
    };
    unsigned first = 0, end = h;
    if (shown_.size() == rgb.size()) {
      while (first < end && is_same(first)) ++first;
      while (end > first && is_same(end - 1)) --end;
    }
    if (first == end) return;
    rgba_.resize(std::size_t{4} * w * (end - first));
    const std::uint8_t* from = rgb.data() + first * row;
    for (std::size_t i = 0; i < rgba_.size(); i += 4, from += 3) {
      rgba_[i] = from[0];
      rgba_[i + 1] = from[1];
      rgba_[i + 2] = from[2];
      rgba_[i + 3] = 255;
    }
    texture_.update(rgba_.data(), w, end - first, 0, first);
    shown_ = rgb;
  }
  /// What was shown last.
  void paint() {
    const auto size = sf::Vector2f(texture_.getSize());
    if (size.x == 0) return;
    window_.setView(sf::View(sf::FloatRect(0, 0, size.x, size.y)));
    window_.draw(sf::Sprite(texture_), sf::RenderStates(sf::BlendNone));
    window_.display();
  }
  /// What is painted before a new window is on the screen, or on what another window covered, is
  /// lost; nobody tells when it has to be painted again.
  void paint_again() {
    if (repaints_ == 0 || since_paint_.getElapsedTime().asSeconds() < 0.1f) return;
    since_paint_.restart();
    --repaints_;
    paint();
  }
  void open(unsigned width, unsigned height) {
    const sf::VideoMode desktop = sf::VideoMode::getDesktopMode();
    window_.create(sf::VideoMode(width, height), title_);
    // In the middle: where no window manager runs, nobody else sees to that.
    window_.setPosition({static_cast<int>(desktop.width - width) / 2,
                         static_cast<int>(desktop.height - height) / 2});
  }
  void toggle_full_screen() {
    is_full_screen_ = !is_full_screen_;
    down_ = stale_ = Keys();
    is_tab_down_ = false;
    mouse_ = MouseInput();
    repaints_ = kRepaints;
    if (is_full_screen_) {
      before_ = window_.getSize();
      window_.create(sf::VideoMode::getDesktopMode(), title_, sf::Style::Fullscreen);
    } else {
      open(before_.x, before_.y);
    }
  }
  /// The key as an env knows it, if it does.
  static std::optional<Key> env_key(sf::Keyboard::Key code) {
    const auto shifted = [](Key first, int by) {
      return static_cast<Key>(static_cast<int>(first) + by);
    };
    if (code >= sf::Keyboard::A && code <= sf::Keyboard::Z) {
      return shifted(Key::kA, code - sf::Keyboard::A);
    }
    if (code >= sf::Keyboard::Num0 && code <= sf::Keyboard::Num9) {
      return shifted(Key::k0, code - sf::Keyboard::Num0);
    }
    if (code >= sf::Keyboard::Numpad0 && code <= sf::Keyboard::Numpad9) {
      return shifted(Key::k0, code - sf::Keyboard::Numpad0);
    }
    switch (code) {
      case sf::Keyboard::Left: return Key::kLeft;
      case sf::Keyboard::Right: return Key::kRight;
      case sf::Keyboard::Up: return Key::kUp;
      case sf::Keyboard::Down: return Key::kDown;
      case sf::Keyboard::Space: return Key::kSpace;
      case sf::Keyboard::Enter: return Key::kEnter;
      case sf::Keyboard::LShift:
      case sf::Keyboard::RShift: return Key::kShift;
      default: return std::nullopt;
    }
  }
  void add_mouse(const sf::Event& event) {
    const bool is_down = event.type == sf::Event::MouseButtonPressed;
    const bool is_up = event.type == sf::Event::MouseButtonReleased;
    const auto move = [&](int x, int y) {
      mouse_.at = {static_cast<float>(x), static_cast<float>(height() - y)};
    };
    if (event.type == sf::Event::MouseWheelScrolled) mouse_.wheel += event.mouseWheelScroll.delta;
    if (event.type == sf::Event::MouseMoved) move(event.mouseMove.x, event.mouseMove.y);
    if ((is_down || is_up) && event.mouseButton.button == sf::Mouse::Left) {
      move(event.mouseButton.x, event.mouseButton.y);
      mouse_.is_held = is_down;
      mouse_.went_down = mouse_.went_down || is_down;
    }
  }
  /// In a player's window: what is no key of the env's is the viewer's.
  void add_player_key(const sf::Event::KeyEvent& event, std::vector<ViewerKey>& keys) {
    if (const std::optional<Key> key = env_key(event.code)) {
      presses_.emplace_back();
      presses_.back().press(*key);
      return;
    }
    switch (event.code) {
      case sf::Keyboard::F1: keys.push_back(ViewerKey::kHelp); break;
      case sf::Keyboard::F2: keys.push_back(ViewerKey::kNextEpisode); break;
      case sf::Keyboard::F3: keys.push_back(ViewerKey::kPause); break;
      case sf::Keyboard::F4: keys.push_back(ViewerKey::kPicture); break;
      case sf::Keyboard::F5: keys.push_back(ViewerKey::kSlower); break;
      case sf::Keyboard::F6: keys.push_back(ViewerKey::kFaster); break;
      case sf::Keyboard::Escape: keys.push_back(ViewerKey::kQuit); break;
      default: break;
    }
  }
  void release(const sf::Event::KeyEvent& event) {
    if (event.code == sf::Keyboard::Tab) is_tab_down_ = false;
    if (const std::optional<Key> key = env_key(event.code)) {
      Keys released;
      released.press(*key);
      down_ = without(down_, released);
      stale_ = without(stale_, released);
    }
  }
  /// False: it has been down since the keys were for another use; a keyboard repeats such keys.
  bool goes_down(const sf::Event::KeyEvent& event) {
    const std::optional<Key> key = env_key(event.code);
    if (!key) return true;
    if (stale_[*key]) return false;
    down_.press(*key);
    return true;
  }
  static Keys without(const Keys& keys, const Keys& others) {
    return Keys(keys.bits() & ~others.bits());
  }
  /// Keys without a character, the same on every keyboard.
  static void add_key(const sf::Event::KeyEvent& key, std::vector<ViewerKey>& keys) {
    switch (key.code) {
      case sf::Keyboard::Right:
        keys.push_back(ViewerKey::kStep);
        break;
      case sf::Keyboard::Left:
        keys.push_back(ViewerKey::kBack);
        break;
      case sf::Keyboard::Home:
        keys.push_back(ViewerKey::kBegin);
        break;
      case sf::Keyboard::End:
        keys.push_back(ViewerKey::kEnd);
        break;
      case sf::Keyboard::PageUp:
        keys.push_back(ViewerKey::kPreviousEpisode);
        break;
      case sf::Keyboard::PageDown:
        keys.push_back(ViewerKey::kFollowingEpisode);
        break;
      case sf::Keyboard::Up:
        keys.push_back(ViewerKey::kFaster);
        break;
      case sf::Keyboard::Down:
        keys.push_back(ViewerKey::kSlower);
        break;
      case sf::Keyboard::F1:
        keys.push_back(ViewerKey::kHelp);
        break;
      case sf::Keyboard::Escape:
        keys.push_back(ViewerKey::kQuit);
        break;
      default:
        break;
    }
  }
  /// Characters, wherever the keyboard has them. Tab came as a key.
  void add_character(std::uint32_t character, std::vector<ViewerKey>& keys) const {
    if (stale_.bits() != 0 || character == '\t') return;
    if (const std::optional<ViewerKey> key = key_of_character(character)) keys.push_back(*key);
  }

  static constexpr int kRepaints = 5;
  std::string title_;
  int repaints_ = kRepaints;
  sf::Clock since_paint_;
  bool is_full_screen_ = false;
  sf::Vector2u before_;  // its size before it filled the screen
  KeyUse use_;
  Keys down_;
  Keys stale_;  // of these, those that went down while the keys were for another use
  bool is_tab_down_ = false;
  std::vector<Keys> presses_;
  MouseInput mouse_;
  sf::RenderWindow window_;
  sf::Texture texture_;
  std::vector<std::uint8_t> shown_, rgba_;
};

}  // namespace

Window* tern_open_window(const char* title, int width, int height, KeyUse use, bool is_trial) {
  // SFML remarks on what it does without (vertical sync); of interest only where it fails.
  if (!is_trial) sf::err().rdbuf(nullptr);
  return new SfmlWindow(title, width, height, use);
}

}  // namespace tern
