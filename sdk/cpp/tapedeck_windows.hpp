// Indicators over the last bars or values, first values where the Swift helper's come. Included by tapedeck.hpp.
#ifndef TAPEDECK_WINDOWS_HPP
#define TAPEDECK_WINDOWS_HPP
#include "tapedeck_indicators.hpp"

namespace tapedeck {

/// Sum of the last `length` values.
class rolling_sum {
 public:
  explicit rolling_sum(int64_t length) : ring_(length) {}
  void update(double x) {
    sum_.add(x);
    sum_.add(-ring_.push(x));
  }
  bool ready() const { return ring_.full(); }
  double value() const { return ready() ? sum_.value() : no_value; }
  void restate(const td_split &split, series of = series::prices) {
    ring_.restate(split, of, sum_);
  }
  void save(state_writer &w) const { ring_.save(w), sum_.save(w); }
  void load(state_reader &r) { ring_.load(r), sum_.load(r); }

 private:
  ring ring_;
  exact_sum sum_;
};

/// Linearly weighted moving average: weight `length` for the newest value, 1 for the oldest.
class wma {
 public:
  explicit wma(int64_t length) : ring_(length) {}
  void update(double x) {
    double n = double(ring_.length());
    if (ready()) {
      // Every value held loses one weight, the oldest its last; the newest comes in at the top.
      weighted_.add(-plain_.high);
      weighted_.add(-plain_.low);
      weighted_.add_product(n, x);
    } else {
      weighted_.add_product(double(ring_.count() + 1), x);
    }
    plain_.add(x);
    plain_.add(-ring_.push(x));
    if (ready()) value_ = weighted_.value() / (n * (n + 1) / 2);
  }
  bool ready() const { return ring_.full(); }
  double value() const { return value_; }
  void restate(const td_split &split, series of = series::prices) {
    ring_.restate(split, of, plain_);
    value_ = restated(value_, split, of);
    if (is_exact(split)) return weighted_.restate(split, of);
    weighted_ = {};
    for (size_t place = 0; place < ring_.count(); place++)
      weighted_.add_product(double(place + 1), ring_[place]);
  }
  void save(state_writer &w) const { ring_.save(w), plain_.save(w), weighted_.save(w), w.write(value_); }
  void load(state_reader &r) { ring_.load(r), plain_.load(r), weighted_.load(r), value_ = r.number(); }

 private:
  ring ring_;
  exact_sum plain_, weighted_;
  double value_ = no_value;
};

/// The change over `length` updates; the first value comes with update length + 1.
class rate_of_change {
 public:
  explicit rate_of_change(int64_t length) : ring_(length) {}
  void update(double x) {
    bool was_full = ring_.full();
    double earlier = ring_.push(x);
    if (!was_full) return;
    momentum_ = x - earlier;
    value_ = earlier == 0 ? 0 : (x / earlier - 1) * 100;
  }
  bool ready() const { return !std::isnan(momentum_); }
  /// In percent; 0 when the earlier value was 0.
  double value() const { return value_; }
  /// The plain difference.
  double momentum() const { return momentum_; }
  void restate(const td_split &split, series of = series::prices) {
    ring_.restate(split, of);
    momentum_ = restated(momentum_, split, of);
  }
  void save(state_writer &w) const { ring_.save(w), w.write(momentum_), w.write(value_); }
  void load(state_reader &r) { ring_.load(r), momentum_ = r.number(), value_ = r.number(); }

 private:
  ring ring_;
  double momentum_ = no_value, value_ = no_value;
};

/// Mean, variance and deviation of the last `length` values; population figures (divided by length).
class rolling_deviation {
 public:
  explicit rolling_deviation(int64_t length) : ring_(length) {}
  void update(double x) {
    double leaving = ring_.push(x);
    sum_.add(x);
    sum_.add(-leaving);
    squares_.add_product(x, x);
    squares_.add_product(-leaving, leaving);
    if (ready()) measure();
  }
  bool ready() const { return ring_.full(); }
  double mean() const { return mean_; }
  double variance() const { return variance_; }
  double value() const { return std::sqrt(variance_); }
  /// How many deviations `x` is from the mean; 0 when there is no deviation.
  double score(double x) const { return variance_ == 0 ? 0 : (x - mean_) / value(); }
  void restate(const td_split &split, series of = series::prices) {
    ring_.restate(split, of, sum_);
    mean_ = restated(mean_, split, of);
    variance_ = restated(restated(variance_, split, of), split, of);
    if (is_exact(split)) return squares_.restate(split, of), squares_.restate(split, of);
    squares_ = {};
    for (size_t place = 0; place < ring_.count(); place++)
      squares_.add_product(ring_[place], ring_[place]);
  }
  void save(state_writer &w) const {
    ring_.save(w), sum_.save(w), squares_.save(w), w.write(mean_), w.write(variance_);
  }
  void load(state_reader &r) {
    ring_.load(r), sum_.load(r), squares_.load(r), mean_ = r.number(), variance_ = r.number();
  }

 private:
  ring ring_;
  exact_sum sum_, squares_;
  double mean_ = no_value, variance_ = no_value;

  /// sum((x - m)^2) = sum(x^2) - m * (2 * sum(x) - n * m), for whatever m is near the mean; sums of squares are kept
  /// to twice a double's digits, so a small deviation of large values is right.
  void measure() {
    double n = double(ring_.length());
    mean_ = sum_.value() / n;
    double scaled = n * mean_;
    double doubled = 2 * sum_.high - scaled, rest = 2 * sum_.low - std::fma(n, mean_, -scaled);
    exact_sum total = squares_;
    total.add_product(-mean_, doubled);
    variance_ = std::max(0.0, (total.value() - mean_ * rest) / n);
  }
};

/// Bollinger bands: the mean of the last `length` values and `width` deviations on either side.
class bollinger_bands {
 public:
  explicit bollinger_bands(int64_t length, double width = 2) : deviation_(length), width_(width) {}
  void update(double x) { deviation_.update(x); }
  bool ready() const { return deviation_.ready(); }
  double middle() const { return deviation_.mean(); }
  double upper() const { return deviation_.mean() + width_ * deviation_.value(); }
  double lower() const { return deviation_.mean() - width_ * deviation_.value(); }
  void restate(const td_split &split, series of = series::prices) { deviation_.restate(split, of); }
  void save(state_writer &w) const { deviation_.save(w); }
  void load(state_reader &r) { deviation_.load(r); }

 private:
  rolling_deviation deviation_;
  double width_;
};

/// The largest of the last `length` values, or with sign -1 the smallest: a queue of candidates in order, so that an
/// update costs the same on average however long the window is.
class rolling_extreme {
 public:
  explicit rolling_extreme(int64_t length, int sign = 1)
      : candidates_(size_t(std::max<int64_t>(1, length))), sign_(sign < 0 ? -1 : 1) {}
  void update(double x) {
    x *= sign_;
    updates_++;
    if (count_ > 0 && candidates_[first_].update + candidates_.size() <= updates_) {
      first_ = wrapped(first_ + 1);
      count_--;
    }
    while (count_ > 0 && candidates_[wrapped(first_ + count_ - 1)].value <= x) count_--;
    candidates_[wrapped(first_ + count_++)] = {x, updates_};
  }
  bool ready() const { return updates_ >= candidates_.size(); }
  double value() const { return ready() ? candidates_[first_].value * sign_ : no_value; }
  /// Updates since that value; the newest of equals. 0: the last one.
  uint64_t age() const { return ready() ? updates_ - candidates_[first_].update : 0; }
  void restate(const td_split &split, series of = series::prices) {
    for (candidate &one : candidates_) one.value = restated(one.value, split, of);
  }
  void save(state_writer &w) const {
    w.write(int64_t(candidates_.size())), w.write(updates_), w.write(int64_t(count_));
    for (size_t i = 0; i < count_; i++) {
      const candidate &one = candidates_[wrapped(first_ + i)];
      w.write(one.value), w.write(one.update);
    }
  }
  void load(state_reader &r) {
    int64_t length = int64_t(candidates_.size());
    r.integer(length, length);
    updates_ = r.bits();
    size_t saved = size_t(r.integer(updates_ == 0 ? 0 : 1, length));
    first_ = count_ = 0;
    uint64_t last = 0;
    while (count_ < saved) {
      candidate one{r.number(), r.bits()};
      if (one.update <= last || one.update > updates_ || updates_ - one.update >= uint64_t(length))
        throw refusal("this state is damaged: a window's values are out of order");
      last = one.update;
      candidates_[count_++] = one;
    }
    if (last != updates_) throw refusal("this state is damaged: a window's newest value is missing");
  }

 private:
  struct candidate {
    double value = 0;
    uint64_t update = 0;
  };
  std::vector<candidate> candidates_;
  double sign_;
  size_t first_ = 0, count_ = 0;
  uint64_t updates_ = 0;

  size_t wrapped(size_t place) const { return place >= candidates_.size() ? place - candidates_.size() : place; }
};

/// The channel between the highest high and the lowest low of the last `length` bars.
class donchian {
 public:
  explicit donchian(int64_t length) : high_(length), low_(length, -1) {}
  void update(const td_bar &bar) { high_.update(bar.high), low_.update(bar.low); }
  bool ready() const { return high_.ready(); }
  double upper() const { return high_.value(); }
  double lower() const { return low_.value(); }
  double middle() const { return (upper() + lower()) / 2; }
  void restate(const td_split &split) { high_.restate(split), low_.restate(split); }
  void save(state_writer &w) const { high_.save(w), low_.save(w); }
  void load(state_reader &r) { high_.load(r), low_.load(r); }

 private:
  rolling_extreme high_, low_;
};

/// Where the close lies in the range of the last bars, 0...100, and its averages. 0 without a range.
class stochastic {
 public:
  explicit stochastic(int64_t length, int64_t smoothing = 3, int64_t signal = 3)
      : range_(length), k_(smoothing), d_(signal) {}
  void update(const td_bar &bar) {
    range_.update(bar);
    if (!range_.ready()) return;
    double height = range_.upper() - range_.lower();
    fast_k_ = height == 0 ? 0 : 100 * (bar.close - range_.lower()) / height;
    williams_r_ = height == 0 ? 0 : -100 * (range_.upper() - bar.close) / height;
    k_.update(fast_k_);
    if (k_.ready()) d_.update(k_.value());
  }
  bool ready() const { return d_.ready(); }
  /// Not smoothed, from bar `length` on.
  double fast_k() const { return fast_k_; }
  /// `fast_k` averaged over `smoothing`; starts together with `slow_d`.
  double slow_k() const { return ready() ? k_.value() : no_value; }
  double slow_d() const { return d_.value(); }
  /// Williams' %R, -100...0, from bar `length` on.
  double williams_r() const { return williams_r_; }
  /// What it says are shares of a range, which no split changes.
  void restate(const td_split &split) { range_.restate(split); }
  void save(state_writer &w) const {
    range_.save(w), k_.save(w), d_.save(w), w.write(fast_k_), w.write(williams_r_);
  }
  void load(state_reader &r) {
    range_.load(r), k_.load(r), d_.load(r), fast_k_ = r.number(), williams_r_ = r.number();
  }

 private:
  donchian range_;
  sma k_, d_;
  double fast_k_ = no_value, williams_r_ = no_value;
};

/// Volume-weighted average price since the last `reset`, at each bar's typical price (high + low + close) / 3.
/// Without any volume the last value stays.
class session_vwap {
 public:
  /// A session opened: from now on only its own bars count.
  void reset() { *this = session_vwap(); }
  void update(const td_bar &bar) {
    money_.add_product((bar.high + bar.low + bar.close) / 3, bar.volume);
    volume_.add(bar.volume);
    if (volume_.value() > 0) value_ = money_.value() / volume_.value();
  }
  /// NaN until there was volume.
  double value() const { return value_; }
  void restate(const td_split &split) {
    // The money is what it was.
    volume_.restate(split, series::volumes);
    value_ = restated(value_, split);
  }
  void save(state_writer &w) const { money_.save(w), volume_.save(w), w.write(value_); }
  void load(state_reader &r) { money_.load(r), volume_.load(r), value_ = r.number(); }

 private:
  exact_sum money_, volume_;
  double value_ = no_value;
};

/// The same over the last `length` bars.
class rolling_vwap {
 public:
  explicit rolling_vwap(int64_t length) : prices_(length), volumes_(length) {}
  void update(const td_bar &bar) {
    double price = (bar.high + bar.low + bar.close) / 3, leaving = volumes_.push(bar.volume);
    money_.add_product(price, bar.volume);
    money_.add_product(-prices_.push(price), leaving);
    volume_.add(bar.volume);
    volume_.add(-leaving);
    if (ready() && volume_.value() > 0) value_ = money_.value() / volume_.value();
  }
  bool ready() const { return prices_.full(); }
  double value() const { return value_; }
  void restate(const td_split &split) {
    prices_.restate(split);
    volumes_.restate(split, series::volumes, volume_);
    value_ = restated(value_, split);
    // The money is what it was, unless prices and volumes were rounded.
    if (is_exact(split)) return;
    money_ = {};
    for (size_t place = 0; place < prices_.count(); place++)
      money_.add_product(prices_[place], volumes_[place]);
  }
  void save(state_writer &w) const {
    prices_.save(w), volumes_.save(w), money_.save(w), volume_.save(w), w.write(value_);
  }
  void load(state_reader &r) {
    prices_.load(r), volumes_.load(r), money_.load(r), volume_.load(r), value_ = r.number();
  }

 private:
  ring prices_, volumes_;
  exact_sum money_, volume_;
  double value_ = no_value;
};

/// Notices when one line crosses another: strictly below before and strictly above now, or the reverse.
class crossing {
 public:
  /// +1 when `line` has risen above `other`, -1 when it has fallen below, else 0; NaN is nothing to compare.
  int update(double line, double other) {
    double earlier = before_;
    before_ = line - other;
    return earlier < 0 && before_ > 0 ? 1 : earlier > 0 && before_ < 0 ? -1 : 0;
  }
  /// Nothing that it says depends on it: which line is above does not change at a split.
  void restate(const td_split &split, series of = series::prices) {
    before_ = restated(before_, split, of);
  }
  void save(state_writer &w) const { w.write(before_); }
  void load(state_reader &r) { before_ = r.number(); }

 private:
  double before_ = no_value;
};

}  // namespace tapedeck
#endif
