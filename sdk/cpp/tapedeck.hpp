// tapedeck.hpp - a strategy in C++20 over tapedeck.h, for g++ and clang++. Include this one header.
//
//   #include "tapedeck.hpp"
//   TD_MANIFEST_JSON({ "schema": 1, "id": "org.example.above", ... });
//   struct above : tapedeck::strategy {
//     explicit above(const tapedeck::setup &setup) : average(setup.integer("length")) {}
//     void on_bar(const td_bar &bar, tapedeck::context &context) {
//       average.update(bar.close);
//       if (bar.close > average.value() && context.is_idle()) context.buy(100);
//     }
//     void on_split(const td_split &split, tapedeck::context &) { average.restate(split); }
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
#include "tapedeck_indicators.hpp"
#include "tapedeck_regime.hpp"
#include "tapedeck_setup.hpp"
#include "tapedeck_state.hpp"
#include "tapedeck_windows.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

namespace tapedeck {

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
  answer enter(double direction, double quantity, const protection &exits = {}, double limit = 0,
               double stop = 0) {
    td_order order = ticket(quantity > 0 ? direction * quantity : direction, exits);
    if (!(quantity > 0)) order.flags |= TD_ORDER_SIZED;
    order.limit = limit;
    order.stop = stop;
    if (stop != 0) order.type = limit != 0 ? TD_ORDER_STOP_LIMIT : TD_ORDER_STOP;
    else if (limit != 0) order.type = TD_ORDER_LIMIT;
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
  void signal(double forecast, double confidence = 1) {
    host_->signal(token_, instrument_, forecast, confidence);
  }
  void plot(std::string_view name, double value) { host_->plot(token_, {name.data(), name.size()}, value); }
  void log(std::string_view text, int32_t level = TD_LOG_INFO) {
    host_->log(token_, level, {text.data(), text.size()});
  }
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
  /// The event's instrument was split; its position and orders are restated already. What the
  /// strategy keeps in prices or volumes must be too: `average.restate(split)`,
  /// `level = restated(level, split)`. `tapedeck plugin check` remarks on what was forgotten.
  void on_split(const td_split &, context &) {}
  void on_session(const td_session &, context &) {}
  void on_start(const td_start &, context &) {}
  void on_stop(uint32_t, context &) {}
  void parameter_changed(const td_parameter &) {}
  void save(state_writer &) const {}
  void load(state_reader &) {}
};

// ---- The edge ----------------------------------------------------------------------------------------

template <class S>
struct instance {
  std::string_view manifest;
  context desk;
  S strategy;
  instance(const td_host *host, td_context *token, const td_setup &given, std::string_view text)
      : manifest(text), desk(host, token, given), strategy(setup(given, text)) {}

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

  static td_status create(const td_host *host, td_context *token, const td_setup *given,
                          std::string_view manifest, void **self, td_error *error) {
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
  static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed,
                             td_error *error) {
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
      if (!manifest_reader(at(self)->manifest).reads(blob->state_version))
        throw refusal("a state of version " + std::to_string(blob->state_version) +
                      " cannot be read by this one");
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
