// In which kind of market a strategy may enter. Included by tapedeck.hpp.
#ifndef TAPEDECK_REGIME_HPP
#define TAPEDECK_REGIME_HPP
#include "tapedeck_indicators.hpp"
#include "tapedeck_setup.hpp"

namespace tapedeck {

/// Four parameters that any strategy can offer; its manifest declares them by these names and in this order:
/// `regime` (an enum of off, trend, range), `regime_length` (int), `regime_adx`, `regime_volatility` (float).
struct regime_rule {
  enum class kind { off, trend, range };
  kind which;
  int64_t length;
  double threshold, highest_volatility;

  explicit regime_rule(const setup &setup)
      : which(kind(setup.choice("regime"))),
        length(setup.integer("regime_length")),
        threshold(setup.number("regime_adx")),
        highest_volatility(setup.number("regime_volatility")) {}
  bool is_off() const { return which == kind::off && highest_volatility == 0; }
};

/// The state of a rule for one instrument. Exits are never held back.
class regime_filter {
 public:
  explicit regime_filter(const regime_rule &rule) : rule_(rule), adx_(rule.length), atr_(rule.length) {}
  void update(const td_bar &bar) {
    if (rule_.is_off()) return;
    adx_.update(bar);
    atr_.update(bar);
    close_ = bar.close;
  }
  /// False while what the rule looks at has no value yet.
  bool allows_entry() const {
    if (rule_.highest_volatility > 0 && !(100 * atr_.value() / close_ <= rule_.highest_volatility)) return false;
    switch (rule_.which) {
      case regime_rule::kind::trend: return adx_.value() >= rule_.threshold;
      case regime_rule::kind::range: return adx_.value() < rule_.threshold;
      default: return true;
    }
  }
  void restate(const td_split &split) {
    adx_.restate(split), atr_.restate(split);
    close_ = restated(close_, split);
  }
  void save(state_writer &w) const {
    w.write(rule_.is_off());
    if (!rule_.is_off()) adx_.save(w), atr_.save(w), w.write(close_);
  }
  void load(state_reader &r) {
    if (r.flag() != rule_.is_off())
      throw refusal("this state was saved with the regime filter the other way (on or off)");
    if (!rule_.is_off()) adx_.load(r), atr_.load(r), close_ = r.number();
  }

 private:
  regime_rule rule_;
  adx adx_;
  atr atr_;
  double close_ = std::numeric_limits<double>::quiet_NaN();
};

}  // namespace tapedeck
#endif
