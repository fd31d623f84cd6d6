// What a strategy is made from: parameters, found by name in the manifest. Included by tapedeck.hpp.
#ifndef TAPEDECK_SETUP_HPP
#define TAPEDECK_SETUP_HPP
#include "tapedeck.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <string_view>

namespace tapedeck {

/// Why something cannot be, in words for a person.
struct refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct declaration {
  uint32_t place = 0, id = 0, type = 0;
  bool found = false;
};

struct count_range {
  uint32_t least = 1, most = 1;
};

/// Just enough of a JSON reader to find what a strategy needs of its manifest; it trusts the form, which
/// the host has checked. One question a reader.
class manifest_reader {
 public:
  constexpr explicit manifest_reader(std::string_view text) : text_(text) {}

  /// How many parameters there are; `wanted` is filled in when its name is among them.
  constexpr uint32_t parameters(std::string_view name, declaration &wanted) {
    uint32_t count = 0;
    if (!enter("parameters")) return 0;
    for (bool more = open('['); more; more = next(']'), count++) {
      std::string_view given, type;
      uint32_t id = 0;
      for (bool member = open('{'); member; member = next('}')) {
        std::string_view key = string();
        expect(':');
        space();
        if (key == "name") given = string();
        else if (key == "type") type = string();
        else if (key == "id") id = number();
        else skip();
      }
      if (given == name) wanted = {count, id, code(type), true};
    }
    return count;
  }

  /// `instruments` or `timeframes`; 1 and 1 when the manifest says nothing.
  constexpr count_range counts(std::string_view key) {
    count_range range;
    if (!enter(key)) return range;
    for (bool member = open('{'); member; member = next('}')) {
      std::string_view name = string();
      expect(':');
      space();
      if (name == "min") {
        range.least = number();
      } else if (name == "max") {
        range.most = number();
      } else if (name == "fixed") {
        range.least = 0;
        for (bool more = open('['); more; more = next(']'), range.least++) string();
        range.most = range.least;
      } else {
        skip();
      }
    }
    if (range.most < range.least) range.most = range.least;
    return range;
  }

  /// Whether a state of this version is among those that the manifest says it reads.
  constexpr bool reads(uint32_t version) {
    if (!enter("state")) return false;
    for (bool member = open('{'); member; member = next('}')) {
      std::string_view name = string();
      expect(':');
      space();
      if (name != "reads") {
        skip();
        continue;
      }
      for (bool more = open('['); more; more = next(']'))
        if (number() == version) return true;
    }
    return false;
  }

 private:
  std::string_view text_;
  size_t at_ = 0;

  static constexpr uint32_t code(std::string_view type) {
    constexpr std::string_view names[] = {"",     "bool",     "int",        "float", "string",
                                          "enum", "duration", "instrument", "file"};
    for (uint32_t i = 1; i < 9; i++)
      if (names[i] == type) return i;
    return 0;
  }
  constexpr char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  constexpr void space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') at_++;
  }
  constexpr void expect(char c) {
    space();
    if (peek() == c) at_++;
  }
  /// Steps into a list or object; false when it is empty.
  constexpr bool open(char bracket) {
    expect(bracket);
    space();
    if (peek() != ']' && peek() != '}') return at_ < text_.size();
    at_++;
    return false;
  }
  constexpr bool next(char bracket) {
    space();
    char c = peek();
    at_++;
    space();
    return c != bracket && c == ',';
  }
  constexpr std::string_view string() {
    expect('"');
    size_t start = at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    std::string_view found = text_.substr(std::min(start, text_.size()), at_ - start);
    at_++;
    return found;
  }
  constexpr uint32_t number() {
    uint32_t value = 0;
    for (; peek() >= '0' && peek() <= '9'; at_++) value = value * 10 + uint32_t(peek() - '0');
    return value;
  }
  constexpr void skip() {
    int depth = 0;
    do {
      char c = peek();
      if (c == '"') {
        string();
        continue;
      }
      if (depth == 0 && (c == ',' || c == '}' || c == ']')) return;
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      at_++;
    } while (at_ < text_.size());
  }
  constexpr bool enter(std::string_view key) {
    for (bool member = open('{'); member; member = next('}')) {
      std::string_view name = string();
      expect(':');
      space();
      if (name == key) return true;
      skip();
    }
    return false;
  }
};

/// What an instance is made from. A parameter that the manifest does not declare, or declares with
/// another type, is refused with its name.
class setup {
 public:
  setup(const td_setup &given, std::string_view manifest) : given_(given), manifest_(manifest) {
    check(given.instrument_count, "instruments");
    check(given.timeframe_count, "timeframes");
    declaration none;
    uint32_t declared = manifest_reader(manifest).parameters("", none);
    if (declared != given.parameter_count)
      throw refusal("the host gave " + std::to_string(given.parameter_count) +
                    " parameters, the manifest declares " + std::to_string(declared));
  }
  int64_t integer(std::string_view name) const { return find(name, TD_PARAM_INT).integer; }
  double number(std::string_view name) const { return find(name, TD_PARAM_FLOAT).number; }
  bool flag(std::string_view name) const { return find(name, TD_PARAM_BOOL).integer != 0; }
  /// The place of the choice among the manifest's values, from 0.
  int64_t choice(std::string_view name) const { return find(name, TD_PARAM_ENUM).integer; }
  int64_t duration(std::string_view name) const { return find(name, TD_PARAM_DURATION).integer; }
  uint16_t instrument(std::string_view name) const { return uint16_t(find(name, TD_PARAM_INSTRUMENT).integer); }
  std::string text(std::string_view name) const { return words(find(name, TD_PARAM_STRING)); }
  std::string file(std::string_view name) const { return words(find(name, TD_PARAM_FILE)); }

  uint32_t instrument_count() const { return given_.instrument_count; }
  uint16_t instrument_at(uint32_t place) const { return given_.instruments[place]; }
  uint32_t timeframe_count() const { return given_.timeframe_count; }
  uint32_t timeframe_at(uint32_t place) const { return given_.timeframes[place]; }
  uint64_t seed() const { return given_.seed; }

 private:
  const td_setup &given_;
  std::string_view manifest_;

  void check(uint32_t count, std::string_view what) const {
    count_range range = manifest_reader(manifest_).counts(what);
    if (count < range.least || count > range.most)
      throw refusal(std::to_string(count) + " " + std::string(what) + " are wired; the manifest takes " +
                    std::to_string(range.least) + " to " + std::to_string(range.most));
  }

  static std::string words(const td_parameter &p) { return {p.text.data, size_t(p.text.length)}; }

  const td_parameter &find(std::string_view name, uint32_t type) const {
    declaration wanted;
    manifest_reader(manifest_).parameters(name, wanted);
    if (!wanted.found || wanted.type != type)
      throw refusal("the manifest declares no parameter " + std::string(name) + " of the type asked for");
    const td_parameter &p = given_.parameters[wanted.place];
    if (p.id != wanted.id || p.type != type)
      throw refusal("parameter " + std::string(name) + " was expected, but number " + std::to_string(p.id) +
                    " given");
    if (type == TD_PARAM_FLOAT && !std::isfinite(p.number)) throw refusal(std::string(name) + " is not a number");
    return p;
  }
};

}  // namespace tapedeck
#endif
