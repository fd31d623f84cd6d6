// usage: indicators BARS FUNCTION:LENGTH:PRICE...
// Feeds the C++ helper's indicators with bars, a line `open high low close volume` each, and prints a line of
// values for each bar, `-` where there is none yet.
#include "tapedeck.hpp"

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

static double price(const td_bar &bar, const std::string &name) {
  return name == "open" ? bar.open : name == "high" ? bar.high : name == "low" ? bar.low
       : name == "volume" ? bar.volume : bar.close;
}

static std::function<double(const td_bar &)> column(const std::string &what) {
  size_t first = what.find(':'), second = what.find(':', first + 1);
  std::string function = what.substr(0, first), input = what.substr(second + 1);
  int64_t length = std::stoll(what.substr(first + 1, second - first - 1));
  if (function == "SMA") {
    auto own = std::make_shared<tapedeck::sma>(length);
    return [own, input](const td_bar &bar) { own->update(price(bar, input)); return own->value(); };
  }
  if (function == "ADX" || function == "DX") {
    auto own = std::make_shared<tapedeck::adx>(length);
    bool strength = function == "ADX";
    return [own, strength](const td_bar &bar) { own->update(bar); return strength ? own->value() : own->dx(); };
  }
  auto own = std::make_shared<tapedeck::atr>(length);
  return [own](const td_bar &bar) { own->update(bar); return own->value(); };
}

int main(int count, char **arguments) {
  if (count < 3) return 64;
  std::vector<std::function<double(const td_bar &)>> columns;
  for (int i = 2; i < count; i++) columns.push_back(column(arguments[i]));
  std::FILE *file = std::fopen(arguments[1], "r");
  if (!file) return 1;
  td_bar bar{};
  while (std::fscanf(file, "%lf %lf %lf %lf %lf", &bar.open, &bar.high, &bar.low, &bar.close, &bar.volume) == 5) {
    for (auto &next : columns) {
      double value = next(bar);
      if (std::isnan(value)) std::printf("- ");
      else std::printf("%.17g ", value);
    }
    std::printf("\n");
  }
  std::fclose(file);
  return 0;
}
