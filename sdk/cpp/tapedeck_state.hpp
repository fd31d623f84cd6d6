// A strategy's state as bytes: the same as the Swift helper writes. Included by tapedeck.hpp.
#ifndef TAPEDECK_STATE_HPP
#define TAPEDECK_STATE_HPP
#include "tapedeck_setup.hpp"

#include <cstring>
#include <limits>
#include <vector>

namespace tapedeck {

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

}  // namespace tapedeck
#endif
