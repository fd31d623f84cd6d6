// Streaming averages and what is made of them, first values where the Swift helper's come; `ready()` says whether
// there is a value, which is NaN until then. Included by tapedeck.hpp.
#ifndef TAPEDECK_INDICATORS_HPP
#define TAPEDECK_INDICATORS_HPP
#include "tapedeck_state.hpp"

namespace tapedeck {

/// What a kept number counts, which says what a split does to it.
enum class series { prices, volumes };

/// Whether the ratio is a power of two, so that nothing is rounded.
inline bool is_exact(const td_split &split) {
  double ratio = double(split.numerator) / double(split.denominator);
  uint64_t bits;
  std::memcpy(&bits, &ratio, sizeof bits);
  return bits << 12 == 0 && ratio * double(split.denominator) == double(split.numerator);
}

/// A number of before a split as it counts after it: prices divided by the ratio, volumes times it.
///
/// Prices on the tape are raw, so a split would look like a crash to whoever remembers those before
/// it. A strategy restates what it keeps when it is told, before the first event after it:
///
///   void on_split(const td_split &split, tapedeck::context &) {
///     average.restate(split);                     // every indicator has it
///     level = tapedeck::restated(level, split);
///   }
///
/// From then on it says what it would say had every bar been in the prices of today: bit for bit
/// where the ratio is a power of two, else to a rounding.
inline double restated(double earlier, const td_split &split, series of = series::prices) {
  double times = double(split.denominator), over = double(split.numerator);
  if (of == series::volumes) std::swap(times, over);
  return is_exact(split) ? earlier * (times / over) : earlier * times / over;
}

/// What each addition loses is kept apart (Knuth's two-sum), so a long run does not drift.
struct exact_sum {
  double high = 0, low = 0;
  double value() const { return high + low; }
  void add(double x) {
    double sum = high + x, part = sum - high;
    low += (high - (sum - part)) + (x - part);
    high = sum;
  }
  /// Adds a product with what its rounding would lose.
  void add_product(double a, double b) {
    double product = a * b;
    add(product);
    low += std::fma(a, b, -product);
  }
  /// Of a sum whose parts nobody keeps.
  void restate(const td_split &split, series of = series::prices) {
    high = restated(high, split, of), low = restated(low, split, of);
  }
  void save(state_writer &w) const { w.write(high), w.write(low); }
  void load(state_reader &r) { high = r.number(), low = r.number(); }
};

/// The last `length` values. Pushing allocates nothing.
class ring {
 public:
  explicit ring(int64_t length) : values_(size_t(std::max<int64_t>(1, length))) {}
  size_t length() const { return values_.size(); }
  bool full() const { return count_ == values_.size(); }
  size_t count() const { return count_; }
  /// Puts the newest in and answers the one that leaves, 0 while the ring fills.
  double push(double x) {
    double leaving = values_[head_];
    values_[head_] = x;
    head_ = head_ + 1 == values_.size() ? 0 : head_ + 1;
    if (count_ < values_.size()) count_++;
    return leaving;
  }
  /// By age: 0 is the oldest still held.
  double operator[](size_t place) const {
    return values_[(head_ + values_.size() - count_ + place) % values_.size()];
  }
  void restate(const td_split &split, series of = series::prices) {
    for (double &value : values_) value = restated(value, split, of);
  }
  /// The same, and of the sum of its values. Where they are rounded the sum is taken anew, so that
  /// nothing is left of them once they have gone.
  void restate(const td_split &split, series of, exact_sum &sum) {
    restate(split, of);
    if (is_exact(split)) return sum.restate(split, of);
    sum = {};
    for (size_t place = 0; place < count_; place++) sum.add((*this)[place]);
  }
  void save(state_writer &w) const {
    w.write(int64_t(values_.size()));
    w.write(int64_t(count_));
    for (size_t place = 0; place < count_; place++) w.write((*this)[place]);
  }
  void load(state_reader &r) {
    int64_t length = int64_t(values_.size());
    r.integer(length, length);
    count_ = size_t(r.integer(0, length));
    std::fill(values_.begin(), values_.end(), 0.0);
    for (size_t i = 0; i < count_; i++) values_[i] = r.number();
    head_ = full() ? 0 : count_;
  }

 private:
  std::vector<double> values_;
  size_t head_ = 0, count_ = 0;
};

constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

/// Simple moving average; NaN until `length` values are in.
class sma {
 public:
  explicit sma(int64_t length) : ring_(length) {}
  void update(double x) {
    sum_.add(x);
    sum_.add(-ring_.push(x));
  }
  bool ready() const { return ring_.full(); }
  double value() const { return ready() ? sum_.value() / double(ring_.length()) : no_value; }
  void restate(const td_split &split, series of = series::prices) {
    ring_.restate(split, of, sum_);
  }
  void save(state_writer &w) const { ring_.save(w), sum_.save(w); }
  void load(state_reader &r) { ring_.load(r), sum_.load(r); }

 private:
  ring ring_;
  exact_sum sum_;
};

/// An average whose first value is the mean of the first `length` values.
class seeded_average {
 public:
  explicit seeded_average(int64_t length) : length_(std::max<int64_t>(1, length)) {}
  bool ready() const { return count_ == length_; }
  double value() const { return value_; }
  int64_t length() const { return length_; }
  void restate(const td_split &split, series of = series::prices) {
    seed_.restate(split, of);
    value_ = restated(value_, split, of);
  }
  void save(state_writer &w) const { w.write(length_), w.write(count_), seed_.save(w), w.write(value_); }
  void load(state_reader &r) {
    r.integer(length_, length_);
    count_ = r.integer(0, length_);
    seed_.load(r);
    value_ = r.number();
  }

 protected:
  void start(double x) {
    seed_.add(x);
    if (++count_ == length_) value_ = seed_.value() / double(length_);
  }
  double value_ = no_value;

 private:
  int64_t length_, count_ = 0;
  exact_sum seed_;
};

/// Exponential moving average, smoothing 2 / (length + 1).
class ema : public seeded_average {
 public:
  explicit ema(int64_t length) : seeded_average(length), weight_(2 / double(this->length() + 1)) {}
  void update(double x) {
    if (ready()) value_ += weight_ * (x - value_);
    else start(x);
  }

 private:
  double weight_;
};

/// Wilder's average: (a * (length - 1) + x) / length.
class wilder_average : public seeded_average {
 public:
  using seeded_average::seeded_average;
  void update(double x) {
    if (ready()) value_ = (value_ * double(length() - 1) + x) / double(length());
    else start(x);
  }
};

/// Relative strength index with Wilder's averages, from update length + 1 on; 0 while nothing has changed.
class rsi {
 public:
  explicit rsi(int64_t length) : gain_(length), loss_(length) {}
  void update(double x) {
    double change = x - before_;
    before_ = x;
    if (std::isnan(change)) return;
    gain_.update(change > 0 ? change : 0);
    loss_.update(change < 0 ? -change : 0);
    double sum = gain_.value() + loss_.value();
    if (ready()) value_ = sum == 0 ? 0 : 100 * gain_.value() / sum;
  }
  bool ready() const { return gain_.ready(); }
  double value() const { return value_; }
  void restate(const td_split &split, series of = series::prices) {
    gain_.restate(split, of), loss_.restate(split, of);
    before_ = restated(before_, split, of);
  }
  void save(state_writer &w) const { gain_.save(w), loss_.save(w), w.write(before_), w.write(value_); }
  void load(state_reader &r) { gain_.load(r), loss_.load(r), before_ = r.number(), value_ = r.number(); }

 private:
  wilder_average gain_, loss_;
  double before_ = no_value, value_ = no_value;
};

/// Moving average convergence/divergence; all three values start at update slow + signal - 1. The fast average is
/// seeded by the values that end where the slow one's seed ends; a length above the slow one's is taken as that.
class macd {
 public:
  macd(int64_t fast, int64_t slow, int64_t signal)
      : slow_(slow), fast_(std::min(fast, slow_.length())), signal_(signal) {}
  void update(double x) {
    slow_.update(x);
    if (skipped_ < slow_.length() - fast_.length()) skipped_++;
    else fast_.update(x);
    if (!slow_.ready()) return;
    double line = fast_.value() - slow_.value();
    signal_.update(line);
    if (ready()) value_ = line;
  }
  bool ready() const { return signal_.ready(); }
  double value() const { return value_; }
  double signal() const { return ready() ? signal_.value() : no_value; }
  double histogram() const { return value() - signal(); }
  void restate(const td_split &split, series of = series::prices) {
    slow_.restate(split, of), fast_.restate(split, of), signal_.restate(split, of);
    value_ = restated(value_, split, of);
  }
  void save(state_writer &w) const {
    slow_.save(w), fast_.save(w), signal_.save(w), w.write(skipped_), w.write(value_);
  }
  void load(state_reader &r) {
    slow_.load(r), fast_.load(r), signal_.load(r);
    skipped_ = r.integer(0, slow_.length() - fast_.length());
    value_ = r.number();
  }

 private:
  ema slow_, fast_, signal_;
  int64_t skipped_ = 0;
  double value_ = no_value;
};

/// Average true range, Wilder's; the first value comes with bar length + 1.
class atr {
 public:
  explicit atr(int64_t length) : average_(length) {}
  void update(const td_bar &bar) {
    if (!std::isnan(close_))
      average_.update(
          std::max({bar.high - bar.low, std::fabs(bar.high - close_), std::fabs(bar.low - close_)}));
    close_ = bar.close;
  }
  bool ready() const { return average_.ready(); }
  double value() const { return average_.value(); }
  void restate(const td_split &split) { average_.restate(split), close_ = restated(close_, split); }
  void save(state_writer &w) const { average_.save(w), w.write(close_); }
  void load(state_reader &r) { average_.load(r), close_ = r.number(); }

 private:
  wilder_average average_;
  double close_ = no_value;
};

/// Wilder's directional movement: +DI, -DI and DX from bar length + 1, ADX from bar 2 * length. Wilder sums whose
/// first sum has length - 1 terms; a move counts when it is positive and the larger.
class adx {
 public:
  explicit adx(int64_t length) : length_(std::max<int64_t>(2, length)), average_(length_) {}
  void update(const td_bar &bar) {
    if (count_ > 0) move(bar);
    else count_ = 1;
    high_ = bar.high, low_ = bar.low, close_ = bar.close;
  }
  bool ready() const { return average_.ready(); }
  /// The strength of the trend, whatever its direction.
  double value() const { return average_.value(); }
  double dx() const { return dx_; }
  /// Wilder's indicators of either direction.
  double plus() const { return plus_di_; }
  double minus() const { return minus_di_; }
  void restate(const td_split &split) {
    for (double *x : {&high_, &low_, &close_, &plus_, &minus_, &range_}) *x = restated(*x, split);
  }
  void save(state_writer &w) const {
    w.write(length_), w.write(count_);
    for (double x : {high_, low_, close_, plus_, minus_, range_, plus_di_, minus_di_, dx_}) w.write(x);
    average_.save(w);
  }
  void load(state_reader &r) {
    r.integer(length_, length_);
    count_ = r.integer(0, length_);
    for (double *x : {&high_, &low_, &close_, &plus_, &minus_, &range_, &plus_di_, &minus_di_, &dx_})
      *x = r.number();
    average_.load(r);
  }

 private:
  void move(const td_bar &bar) {
    double up = bar.high - high_, down = low_ - bar.low;
    double range = std::max({bar.high - bar.low, std::fabs(bar.high - close_), std::fabs(bar.low - close_)});
    // The first length - 1 moves are summed, later ones push a share of the sum out.
    double keep = count_ < length_ ? 1 : 1 - 1 / double(length_);
    plus_ = plus_ * keep + (up > 0 && up > down ? up : 0);
    minus_ = minus_ * keep + (down > 0 && down > up ? down : 0);
    range_ = range_ * keep + range;
    if (count_ < length_) {
      count_++;
      return;
    }
    if (std::isnan(dx_)) dx_ = 0;
    plus_di_ = range_ == 0 ? 0 : 100 * plus_ / range_;
    minus_di_ = range_ == 0 ? 0 : 100 * minus_ / range_;
    // No movement either way keeps the last figure.
    double sum = plus_di_ + minus_di_;
    if (sum != 0) dx_ = 100 * std::fabs(plus_di_ - minus_di_) / sum;
    average_.update(dx_);
  }

  int64_t length_, count_ = 0;
  double high_ = 0, low_ = 0, close_ = 0, plus_ = 0, minus_ = 0, range_ = 0;
  double plus_di_ = no_value, minus_di_ = no_value, dx_ = no_value;
  wilder_average average_;
};

}  // namespace tapedeck
#endif
