// tapedeck.hpp - a strategy in C++20 over tapedeck.h. One header; g++ and clang++.
//
//   #include "tapedeck.hpp"
//   TD_MANIFEST_JSON({ "schema": 1, "id": "org.example.above", ... });
//   struct above : tapedeck::strategy {
//     explicit above(const tapedeck::setup &setup) : average(setup.integer("length")) {}
//     void on_bar(const td_bar &bar, tapedeck::context &context) {
//       average.update(bar.close);
//       if (bar.close > average.value() && context.is_idle()) context.buy(100);
//     }
//     tapedeck::sma average;
//   };
//   TAPEDECK_STRATEGY(above)
//
// A handler that the struct does not have does nothing. Everything is allocated in the constructor;
// handlers allocate nothing. Exceptions are stopped at the edge: a `refusal` becomes an answer, any
// other one TD_E_PANIC, which stops this instance alone.
#ifndef TAPEDECK_HPP
#define TAPEDECK_HPP
#include "tapedeck.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tapedeck {

/// Why something cannot be, in words for a person.
struct refusal : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// ---- Parameters: found by name in the manifest -------------------------------------------------

struct declaration {
  uint32_t place = 0, id = 0, type = 0;
  bool found = false;
};

/// Just enough of a JSON reader to find a parameter in a manifest; it trusts the manifest's form.
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

 private:
  std::string_view text_;
  size_t at_ = 0;

  static constexpr uint32_t code(std::string_view type) {
    constexpr std::string_view names[] = {"", "bool", "int", "float", "string", "enum", "duration", "instrument", "file"};
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
    declaration none;
    uint32_t declared = manifest_reader(manifest).parameters("", none);
    if (declared != given.parameter_count)
      throw refusal("the host gave " + std::to_string(given.parameter_count) + " parameters, the manifest declares " +
                    std::to_string(declared));
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

  static std::string words(const td_parameter &p) { return {p.text.data, size_t(p.text.length)}; }

  const td_parameter &find(std::string_view name, uint32_t type) const {
    declaration wanted;
    manifest_reader(manifest_).parameters(name, wanted);
    if (!wanted.found || wanted.type != type)
      throw refusal("the manifest declares no parameter " + std::string(name) + " of the type asked for");
    const td_parameter &p = given_.parameters[wanted.place];
    if (p.id != wanted.id || p.type != type)
      throw refusal("parameter " + std::string(name) + " was expected, but number " + std::to_string(p.id) + " given");
    if (type == TD_PARAM_FLOAT && !std::isfinite(p.number)) throw refusal(std::string(name) + " is not a number");
    return p;
  }
};

// ---- State: the same bytes as the Swift helper writes -------------------------------------------

constexpr uint64_t state_mark = 0x31534B4445504154;  // "TAPEDKS1"

class state_writer {
 public:
  state_writer() { write(state_mark); }
  void write(uint64_t value) {
    for (int i = 0; i < 8; i++) bytes_.push_back(uint8_t(value >> (8 * i)));
  }
  void write(int64_t value) { write(uint64_t(value)); }
  void write(double value) {
    if (value == 0) value = 0;
    if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
    uint64_t bits;
    std::memcpy(&bits, &value, 8);
    write(bits);
  }
  void write(bool value) { bytes_.push_back(value); }
  static uint64_t hash(const uint8_t *bytes, size_t count) {
    uint64_t sum = 0xCBF29CE484222325;
    for (size_t i = 0; i < count; i++) sum = (sum ^ bytes[i]) * 0x100000001B3;
    return sum;
  }
  td_status put(const td_sink &sink) {
    write(hash(bytes_.data(), bytes_.size()));
    return sink.write(sink.handle, bytes_.data(), bytes_.size());
  }

 private:
  std::vector<uint8_t> bytes_;
};

/// Never trusts what it reads: damage, a read past the end and a value out of range are refusals.
class state_reader {
 public:
  const uint32_t version;
  explicit state_reader(const td_blob &blob)
      : version(blob.state_version), bytes_(static_cast<const uint8_t *>(blob.bytes)), count_(blob.count) {
    if (!bytes_ || count_ < 16) throw refusal("this state is too short to be one");
    count_ -= 8;
    uint64_t sum = 0;
    for (int i = 0; i < 8; i++) sum |= uint64_t(bytes_[count_ + i]) << (8 * i);
    if (sum != state_writer::hash(bytes_, count_)) throw refusal("this state is damaged: its check sum differs");
    if (bits() != state_mark) throw refusal("this is not a state of a strategy");
  }
  uint64_t bits() {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) value |= uint64_t(byte()) << (8 * i);
    return value;
  }
  double number() {
    uint64_t raw = bits();
    double value;
    std::memcpy(&value, &raw, 8);
    return value;
  }
  bool flag() {
    uint8_t value = byte();
    if (value > 1) throw refusal("this state is damaged: neither yes nor no");
    return value == 1;
  }
  int64_t integer(int64_t least, int64_t most) {
    int64_t value = int64_t(bits());
    if (value < least || value > most) throw refusal("this state is of other parameters or damaged");
    return value;
  }
  void finish() const {
    if (place_ != count_) throw refusal("this state is longer than this version reads");
  }

 private:
  const uint8_t *bytes_;
  uint64_t count_, place_ = 0;
  uint8_t byte() {
    if (place_ >= count_) throw refusal("this state ends too early");
    return bytes_[place_++];
  }
};

// ---- The context: what a strategy may see and do while it handles an event ------------------------

struct known_position {
  double quantity = 0, average_price = 0, in_flight = 0;
};

/// Exits that come to life with an entry's fill: prices, the trail a distance. 0: none.
struct protection {
  double stop_loss = 0, take_profit = 0, trailing_stop = 0;
};

struct answer {
  uint64_t order;
  td_status status;
  bool accepted() const { return status == TD_OK; }
};

class context {
 public:
  context(const td_host *host, td_context *token, const td_setup &setup) : host_(host), token_(token) {
    for (uint32_t i = 0; i < setup.instrument_count; i++) {
      uint16_t id = setup.instruments[i];
      if (id >= places_.size()) places_.resize(id + 1u, setup.instrument_count);
      places_[id] = i;
      instruments_.push_back(id);
    }
    positions_.resize(instruments_.size() + 1);
    if (!instruments_.empty()) instrument_ = instruments_[0];
  }

  const td_event &event() const { return *event_; }
  int64_t time() const { return event_->time; }
  uint16_t instrument() const { return instrument_; }
  /// The place of the event's instrument in the configuration, from 0; one behind the last for a foreign one.
  size_t place() const { return place_; }
  bool is_warm_up() const { return event_->flags & TD_FLAG_WARM_UP; }

  /// Signed; the host's figure, known without a call until something changes it.
  double quantity() const { return positions_[place_].quantity; }
  double average_price() const { return positions_[place_].average_price; }
  /// Signed quantity of orders underway, protective ones not counted.
  double in_flight() const { return positions_[place_].in_flight; }
  bool is_idle() const { return quantity() == 0 && in_flight() == 0; }

  answer buy(double quantity, const protection &exits = {}) { return submit(ticket(quantity, exits)); }
  answer sell(double quantity, const protection &exits = {}) { return submit(ticket(-quantity, exits)); }
  /// Enters in a direction (+1, -1); a quantity of 0 leaves the size to the operator's sizing.
  answer enter(double direction, double quantity, const protection &exits = {}, double limit = 0, double stop = 0) {
    td_order order = ticket(quantity > 0 ? direction * quantity : direction, exits);
    if (!(quantity > 0)) order.flags |= TD_ORDER_SIZED;
    order.limit = limit;
    order.stop = stop;
    order.type = stop != 0 ? (limit != 0 ? TD_ORDER_STOP_LIMIT : TD_ORDER_STOP) : limit != 0 ? TD_ORDER_LIMIT : TD_ORDER_MARKET;
    return submit(order);
  }
  /// Closes the event's instrument at the market; nothing when flat.
  answer close() { return quantity() == 0 ? answer{0, TD_OK} : submit(ticket(-quantity(), {})); }
  answer target(double quantity) {
    td_order order = ticket(quantity, {});
    order.type = TD_ORDER_TARGET;
    return submit(order);
  }
  answer submit(td_order order) {
    uint64_t number = 0;
    order.struct_size = sizeof order;
    td_status status = host_->submit(token_, &order, &number);
    acted_ = true;
    learn(order.instrument);
    return {number, status};
  }
  bool replace(uint64_t order, td_order with) {
    with.struct_size = sizeof with;
    td_status status = host_->replace(token_, order, &with);
    acted_ = true;
    learn_all();
    return status == TD_OK;
  }
  bool cancel(uint64_t order) {
    td_status status = host_->cancel(token_, order);
    acted_ = true;
    learn_all();
    return status == TD_OK;
  }
  void set_timer(uint64_t id, int64_t at) {
    host_->set_timer(token_, id, at);
    acted_ = true;
  }
  td_order ticket(double quantity, const protection &exits) const {
    td_order order{};
    order.instrument = instrument_;
    order.type = TD_ORDER_MARKET;
    order.quantity = quantity;
    order.stop_loss = exits.stop_loss;
    order.take_profit = exits.take_profit;
    order.trailing_stop = exits.trailing_stop;
    return order;
  }

  int64_t now() const { return host_->now(token_); }
  uint64_t random() { return host_->random(token_); }
  td_account account() const {
    td_account out{};
    out.struct_size = sizeof out;
    host_->account(token_, &out);
    return out;
  }
  td_position position(uint16_t instrument) const {
    td_position out{};
    out.struct_size = sizeof out;
    host_->position(token_, instrument, &out);
    return out;
  }
  /// The newest closed bars before the event, oldest first; how many there were.
  uint64_t history(uint16_t instrument, uint32_t timeframe, td_bar *bars, uint64_t capacity) const {
    uint64_t count = 0;
    return host_->history(token_, instrument, timeframe, bars, capacity, &count) == TD_OK ? count : 0;
  }
  void signal(double forecast, double confidence = 1) { host_->signal(token_, instrument_, forecast, confidence); }
  void plot(std::string_view name, double value) { host_->plot(token_, {name.data(), name.size()}, value); }
  void log(std::string_view text, int32_t level = TD_LOG_INFO) { host_->log(token_, level, {text.data(), text.size()}); }
  /// This strategy has done its work: it is called no more.
  void finish() { finished_ = acted_ = true; }

 private:
  template <class> friend struct instance;
  const td_host *host_;
  td_context *token_;
  td_event no_event_{};
  const td_event *event_ = &no_event_;
  uint16_t instrument_ = 0;
  size_t place_ = 0;
  bool acted_ = false, finished_ = false;
  std::vector<uint16_t> instruments_;
  std::vector<uint32_t> places_;
  std::vector<known_position> positions_;

  size_t place_of(uint16_t id) const { return id < places_.size() ? places_[id] : instruments_.size(); }
  void turn_to(const td_event &event) {
    event_ = &event;
    if (event.instrument == instrument_) return;
    instrument_ = event.instrument;
    place_ = place_of(instrument_);
  }
  void learn(uint16_t id) {
    size_t place = place_of(id);
    if (place >= instruments_.size()) return;
    td_position p = position(id);
    positions_[place] = {p.quantity, p.average_price, p.in_flight};
  }
  void learn_all() {
    for (uint16_t id : instruments_) learn(id);
  }
};

/// Gives a strategy every handler that it does not have itself.
struct strategy {
  void on_bar(const td_bar &, context &) {}
  void on_trade(const td_trade &, context &) {}
  void on_quote(const td_quote &, context &) {}
  void on_depth(const td_depth &, context &) {}
  void on_timer(const td_timer &, context &) {}
  void on_order(const td_order_update &, context &) {}
  void on_fill(const td_fill &, context &) {}
  void on_split(const td_split &, context &) {}
  void on_session(const td_session &, context &) {}
  void on_start(const td_start &, context &) {}
  void on_stop(uint32_t, context &) {}
  void parameter_changed(const td_parameter &) {}
  void save(state_writer &) const {}
  void load(state_reader &) {}
};

// ---- Indicators: exact sums, the first value where the Swift helper's comes -------------------------

/// What each addition loses is kept apart (Knuth's two-sum), so a long run does not drift.
struct exact_sum {
  double high = 0, low = 0;
  double value() const { return high + low; }
  void add(double x) {
    double sum = high + x, part = sum - high;
    low += (high - (sum - part)) + (x - part);
    high = sum;
  }
  void save(state_writer &w) const { w.write(high), w.write(low); }
  void load(state_reader &r) { high = r.number(), low = r.number(); }
};

/// Simple moving average; NaN until `length` values are in.
class sma {
 public:
  explicit sma(int64_t length) : ring_(size_t(std::max<int64_t>(1, length))) {}
  void update(double x) {
    sum_.add(x);
    sum_.add(-ring_[head_]);
    ring_[head_] = x;
    head_ = head_ + 1 == ring_.size() ? 0 : head_ + 1;
    if (count_ < ring_.size()) count_++;
  }
  bool ready() const { return count_ == ring_.size(); }
  double value() const { return ready() ? sum_.value() / double(ring_.size()) : std::numeric_limits<double>::quiet_NaN(); }
  void save(state_writer &w) const {
    w.write(int64_t(ring_.size()));
    w.write(int64_t(count_));
    for (size_t age = count_; age > 0; age--) w.write(ring_[(head_ + ring_.size() - age) % ring_.size()]);
    sum_.save(w);
  }
  void load(state_reader &r) {
    int64_t length = int64_t(ring_.size());
    r.integer(length, length);
    count_ = size_t(r.integer(0, length));
    std::fill(ring_.begin(), ring_.end(), 0.0);
    for (size_t i = 0; i < count_; i++) ring_[i] = r.number();
    head_ = count_ == ring_.size() ? 0 : count_;
    sum_.load(r);
  }

 private:
  std::vector<double> ring_;
  size_t head_ = 0, count_ = 0;
  exact_sum sum_;
};

/// Wilder's average: the mean of the first `length` values, then (a * (length - 1) + x) / length.
class wilder_average {
 public:
  explicit wilder_average(int64_t length) : length_(std::max<int64_t>(1, length)) {}
  void update(double x) {
    if (count_ == length_) {
      value_ = (value_ * double(length_ - 1) + x) / double(length_);
      return;
    }
    seed_.add(x);
    if (++count_ == length_) value_ = seed_.value() / double(length_);
  }
  bool ready() const { return count_ == length_; }
  double value() const { return value_; }
  void save(state_writer &w) const { w.write(length_), w.write(count_), seed_.save(w), w.write(value_); }
  void load(state_reader &r) {
    r.integer(length_, length_);
    count_ = r.integer(0, length_);
    seed_.load(r);
    value_ = r.number();
  }

 private:
  int64_t length_, count_ = 0;
  exact_sum seed_;
  double value_ = std::numeric_limits<double>::quiet_NaN();
};

/// Average true range, Wilder's; the first value comes with bar length + 1.
class atr {
 public:
  explicit atr(int64_t length) : average_(length) {}
  void update(const td_bar &bar) {
    if (!std::isnan(close_))
      average_.update(std::max({bar.high - bar.low, std::fabs(bar.high - close_), std::fabs(bar.low - close_)}));
    close_ = bar.close;
  }
  bool ready() const { return average_.ready(); }
  double value() const { return average_.value(); }
  void save(state_writer &w) const { average_.save(w), w.write(close_); }
  void load(state_reader &r) { average_.load(r), close_ = r.number(); }

 private:
  wilder_average average_;
  double close_ = std::numeric_limits<double>::quiet_NaN();
};

// ---- The edge ----------------------------------------------------------------------------------------

template <class S>
struct instance {
  context desk;
  S strategy;
  instance(const td_host *host, td_context *token, const td_setup &given, std::string_view manifest)
      : desk(host, token, given), strategy(setup(given, manifest)) {}

  static instance *at(void *self) { return static_cast<instance *>(self); }

  static td_status say(td_error *error, td_status status, const char *text) noexcept {
    if (error) {
      error->length = uint32_t(std::min(std::strlen(text), sizeof error->text));
      std::memcpy(error->text, text, error->length);
    }
    return status;
  }

  template <class Call>
  static td_status guard(td_error *error, td_status refused, Call call) noexcept {
    try {
      return call();
    } catch (const refusal &reason) {
      return say(error, refused, reason.what());
    } catch (const std::exception &reason) {
      return say(error, TD_E_PANIC, reason.what());
    } catch (...) {
      return say(error, TD_E_PANIC, "an exception that says nothing");
    }
  }

  static td_status create(const td_host *host, td_context *token, const td_setup *given, std::string_view manifest,
                          void **self, td_error *error) {
    *self = nullptr;
    return guard(error, TD_E_INVALID, [&] {
      *self = new instance(host, token, *given, manifest);
      return td_status(TD_OK);
    });
  }
  static void destroy(void *self) { delete at(self); }
  static td_status start(void *self, const td_start *start, td_error *error) {
    return guard(error, TD_E_INVALID, [&] {
      at(self)->desk.learn_all();
      at(self)->strategy.on_start(*start, at(self)->desk);
      return td_status(TD_OK);
    });
  }
  static td_status stop(void *self, uint32_t reason, td_error *error) {
    return guard(error, TD_E_INVALID, [&] {
      at(self)->strategy.on_stop(reason, at(self)->desk);
      return td_status(TD_OK);
    });
  }
  static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *error) {
    return guard(error, TD_E_INTERNAL, [&] {
      context &desk = at(self)->desk;
      desk.acted_ = false;
      for (uint64_t i = 0; i < count && !desk.acted_; i++) {
        *consumed = i + 1;
        desk.turn_to(events[i]);
        at(self)->deliver(events[i]);
      }
      desk.event_ = &desk.no_event_;
      return td_status(desk.finished_ ? TD_DONE : TD_OK);
    });
  }
  void deliver(const td_event &event) {
    switch (event.type) {
      case TD_EVENT_BAR: return strategy.on_bar(event.bar, desk);
      case TD_EVENT_TRADE: return strategy.on_trade(event.trade, desk);
      case TD_EVENT_QUOTE: return strategy.on_quote(event.quote, desk);
      case TD_EVENT_DEPTH: return strategy.on_depth(event.depth, desk);
      case TD_EVENT_TIMER: return strategy.on_timer(event.timer, desk);
      case TD_EVENT_SESSION_OPEN:
      case TD_EVENT_SESSION_CLOSE: return strategy.on_session(event.session, desk);
      case TD_EVENT_SPLIT: desk.learn(event.instrument); return strategy.on_split(event.split, desk);
      case TD_EVENT_ORDER: desk.learn(event.instrument); return strategy.on_order(event.order, desk);
      case TD_EVENT_FILL: desk.learn(event.instrument); return strategy.on_fill(event.fill, desk);
      default: return;  // an unknown kind is stepped over
    }
  }
  static td_status set_parameter(void *self, const td_parameter *parameter, td_error *error) {
    return guard(error, TD_E_INVALID, [&] {
      at(self)->strategy.parameter_changed(*parameter);
      return td_status(TD_OK);
    });
  }
  static td_status save(void *self, const td_sink *sink, td_error *error) {
    return guard(error, TD_E_INTERNAL, [&] {
      state_writer writer;
      at(self)->strategy.save(writer);
      return writer.put(*sink);
    });
  }
  static td_status load(void *self, const td_blob *blob, td_error *error) {
    return guard(error, TD_E_FORMAT, [&] {
      state_reader reader(*blob);
      at(self)->strategy.load(reader);
      reader.finish();
      return td_status(TD_OK);
    });
  }
};

}  // namespace tapedeck

/// Exports a strategy; once, after TD_MANIFEST or TD_MANIFEST_JSON in the same file.
#define TAPEDECK_STRATEGY(type)                                                                            \
  extern "C" const td_plugin *tapedeck_plugin_v1(void) {                                                   \
    using instance = tapedeck::instance<type>;                                                             \
    static constexpr td_plugin table = {                                                                   \
        sizeof(td_plugin), TD_ABI_MAJOR, TD_ABI_MINOR,                                                     \
        [](const td_host *host, td_context *token, const td_setup *given, void **self, td_error *error) {  \
          return instance::create(host, token, given, {td_manifest_note.text, td_manifest_note.text_size}, \
                                  self, error);                                                            \
        },                                                                                                 \
        instance::destroy, instance::start, instance::stop, instance::on_events, instance::set_parameter,  \
        instance::save, instance::load, nullptr};                                                          \
    return &table;                                                                                         \
  }
#endif
