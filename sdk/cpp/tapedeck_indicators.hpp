// Streaming indicators, first values where the Swift helper's come. Included by tapedeck.hpp.
#ifndef TAPEDECK_INDICATORS_HPP
#define TAPEDECK_INDICATORS_HPP
#include "tapedeck_state.hpp"

namespace tapedeck {

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
  double value() const {
    return ready() ? sum_.value() / double(ring_.size()) : std::numeric_limits<double>::quiet_NaN();
  }
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
      average_.update(
          std::max({bar.high - bar.low, std::fabs(bar.high - close_), std::fabs(bar.low - close_)}));
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

/// Wilder's directional movement: DX from bar length + 1, ADX from bar 2 * length. Wilder sums whose first sum
/// has length - 1 terms; a move counts when it is positive and the larger.
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
  void save(state_writer &w) const {
    w.write(length_), w.write(count_);
    for (double x : {high_, low_, close_, plus_, minus_, range_, dx_}) w.write(x);
    average_.save(w);
  }
  void load(state_reader &r) {
    r.integer(length_, length_);
    count_ = r.integer(0, length_);
    for (double *x : {&high_, &low_, &close_, &plus_, &minus_, &range_, &dx_}) *x = r.number();
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
    // No movement either way keeps the last figure.
    if (range_ != 0 && plus_ + minus_ != 0) {
      double plus = 100 * plus_ / range_, minus = 100 * minus_ / range_;
      dx_ = 100 * std::fabs(plus - minus) / (plus + minus);
    }
    average_.update(dx_);
  }

  int64_t length_, count_ = 0;
  double high_ = 0, low_ = 0, close_ = 0, plus_ = 0, minus_ = 0, range_ = 0;
  double dx_ = std::numeric_limits<double>::quiet_NaN();
  wilder_average average_;
};

}  // namespace tapedeck
#endif
