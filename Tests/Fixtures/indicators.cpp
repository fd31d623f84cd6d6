// usage: indicators BARS FUNCTION:OUTPUT:PRICE:LENGTH[:LENGTH[:LENGTH]]...
// Feeds the C++ helper's indicators with bars, a line `open high low close volume` each, and prints a line of
// values for each bar, `-` where there is none yet; at a line `split NEW OLD` they are restated. Every 37 bars each indicator is saved, and a new one goes on from
// the state. A function that the helper does not have is status 65.
#include "tapedeck.hpp"

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

struct column {
  std::function<double(const td_bar &)> next;
  std::function<void(const td_split &)> restate;
};

static double price(const td_bar &bar, const std::string &name) {
  return name == "open" ? bar.open : name == "high" ? bar.high : name == "low" ? bar.low
       : name == "volume" ? bar.volume : bar.close;
}

/// A new indicator with the state of another.
template <class Indicator>
static Indicator restored(const Indicator &from, Indicator fresh) {
  tapedeck::state_writer writer;
  from.save(writer);
  std::vector<uint8_t> bytes;
  td_sink sink{};
  sink.handle = &bytes;
  sink.write = [](void *handle, const void *more, uint64_t count) {
    auto first = static_cast<const uint8_t *>(more);
    static_cast<std::vector<uint8_t> *>(handle)->insert(
        static_cast<std::vector<uint8_t> *>(handle)->end(), first, first + count);
    return td_status(TD_OK);
  };
  writer.put(sink);
  td_blob blob{};
  blob.bytes = bytes.data();
  blob.count = bytes.size();
  tapedeck::state_reader reader(blob);
  fresh.load(reader);
  reader.finish();
  return fresh;
}

template <class Indicator, class Update, class Restate, class Value>
static column follow(Indicator fresh, Update update, Restate restate, Value value) {
  auto own = std::make_shared<Indicator>(fresh);
  auto bars = std::make_shared<int>(0);
  auto next = [=](const td_bar &bar) {
    update(*own, bar);
    if (++*bars % 37 == 0) *own = restored(*own, fresh);
    return value(*own);
  };
  return {next, [=](const td_split &split) { restate(*own, split); }};
}

template <class Indicator, class Value>
static column of_price(Indicator fresh, const std::string &input, Value value) {
  auto kind = input == "volume" ? tapedeck::series::volumes : tapedeck::series::prices;
  return follow(
      fresh, [=](auto &own, const td_bar &bar) { own.update(price(bar, input)); },
      [=](auto &own, const td_split &split) { own.restate(split, kind); }, value);
}

template <class Indicator, class Value>
static column of_bar(Indicator fresh, Value value) {
  return follow(
      fresh, [](auto &own, const td_bar &bar) { own.update(bar); },
      [](auto &own, const td_split &split) { own.restate(split); }, value);
}

/// Whether the close crossed the open.
struct bar_crossing {
  tapedeck::crossing lines;
  int64_t last = 0;
  void update(const td_bar &bar) { last = lines.update(bar.close, bar.open); }
  void restate(const td_split &split) { lines.restate(split); }
  void save(tapedeck::state_writer &w) const { lines.save(w), w.write(last); }
  void load(tapedeck::state_reader &r) { lines.load(r), last = r.integer(-1, 1); }
};

static column make(const std::string &what) {
  using namespace tapedeck;
  std::vector<std::string> part;
  std::stringstream text(what);
  for (std::string one; std::getline(text, one, ':');) part.push_back(one);
  const std::string name = part.at(0), out = part.at(1), input = part.at(2);
  auto number = [&](size_t i) { return part.size() > 3 + i ? std::strtod(part[3 + i].c_str(), nullptr) : 1; };
  auto length = [&](size_t i) { return int64_t(number(i)); };
  auto value = [](auto &one) { return one.value(); };
  if (name == "SMA") return of_price(sma(length(0)), input, value);
  if (name == "SUM") return of_price(rolling_sum(length(0)), input, value);
  if (name == "EMA") return of_price(ema(length(0)), input, value);
  if (name == "WMA") return of_price(wma(length(0)), input, value);
  if (name == "RSI") return of_price(rsi(length(0)), input, value);
  if (name == "ROC") return of_price(rate_of_change(length(0)), input, value);
  if (name == "MOM") return of_price(rate_of_change(length(0)), input, [](auto &one) { return one.momentum(); });
  if (name == "VAR") return of_price(rolling_deviation(length(0)), input, [](auto &one) { return one.variance(); });
  if (name == "STDDEV") {
    double width = number(1);
    return of_price(rolling_deviation(length(0)), input, [=](auto &one) { return one.value() * width; });
  }
  if (name == "MAX") return of_price(rolling_extreme(length(0)), input, value);
  if (name == "MIN") return of_price(rolling_extreme(length(0), -1), input, value);
  if (name == "BBANDS")
    return of_price(bollinger_bands(length(0), number(1)), input, [=](auto &one) {
      return out == "upper" ? one.upper() : out == "lower" ? one.lower() : one.middle();
    });
  if (name == "MACD")
    return of_price(macd(length(0), length(1), length(2)), input, [=](auto &one) {
      return out == "macd" ? one.value() : out == "signal" ? one.signal() : one.histogram();
    });
  if (name == "ATR") return of_bar(atr(length(0)), value);
  if (name == "ADX") return of_bar(adx(length(0)), value);
  if (name == "DX") return of_bar(adx(length(0)), [](auto &one) { return one.dx(); });
  if (name == "PLUS_DI") return of_bar(adx(length(0)), [](auto &one) { return one.plus(); });
  if (name == "MINUS_DI") return of_bar(adx(length(0)), [](auto &one) { return one.minus(); });
  if (name == "MIDPRICE") return of_bar(donchian(length(0)), [](auto &one) { return one.middle(); });
  if (name == "WILLR") return of_bar(stochastic(length(0)), [](auto &one) { return one.williams_r(); });
  if (name == "STOCH")
    return of_bar(stochastic(length(0), length(1), length(2)), [=](auto &one) {
      return out == "slowk" ? one.slow_k() : one.slow_d();
    });
  if (name == "VWAP") return of_bar(session_vwap(), value);
  if (name == "RVWAP") return of_bar(rolling_vwap(length(0)), value);
  if (name == "CROSS") return of_bar(bar_crossing(), [](auto &one) { return double(one.last); });
  std::exit(65);
}

int main(int count, char **arguments) {
  if (count < 3) return 64;
  std::vector<column> columns;
  for (int i = 2; i < count; i++) columns.push_back(make(arguments[i]));
  std::FILE *file = std::fopen(arguments[1], "r");
  if (!file) return 1;
  td_bar bar{};
  td_split split{};
  char line[512];
  while (std::fgets(line, sizeof line, file)) {
    long long numerator, denominator;
    if (std::sscanf(line, "split %lld %lld", &numerator, &denominator) == 2) {
      split.numerator = numerator, split.denominator = denominator;
      split.ratio = double(numerator) / double(denominator);
      for (auto &one : columns) one.restate(split);
      continue;
    }
    if (std::sscanf(line, "%lf %lf %lf %lf %lf", &bar.open, &bar.high, &bar.low, &bar.close, &bar.volume) != 5) return 66;
    for (auto &one : columns) {
      double value = one.next(bar);
      if (std::isnan(value)) std::printf("- ");
      else std::printf("%.17g ", value);
    }
    std::printf("\n");
  }
  std::fclose(file);
  return 0;
}
