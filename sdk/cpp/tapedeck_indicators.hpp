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

}  // namespace tapedeck
#endif
