// What the C++ helper reads of a manifest, checked by the compiler alone; see BuildToolTests.
#include "tapedeck.hpp"

constexpr tapedeck::count_range a = tapedeck::manifest_reader(R"({"id":"x","timeframes":{"fixed":["1m", "1h"]},"state":{"version":2,"reads":[1, 2],"max_bytes":9}})").counts("timeframes");
static_assert(a.least == 2 && a.most == 2);
constexpr tapedeck::count_range b = tapedeck::manifest_reader(R"({"x_a":{"b":[1,{"c":"}"}]}, "instruments" : { "min" : 2, "max" : 9 } })").counts("instruments");
static_assert(b.least == 2 && b.most == 9);
static_assert(tapedeck::manifest_reader(R"({"state":{"version":2,"reads":[1, 2],"max_bytes":9}})").reads(2));
static_assert(!tapedeck::manifest_reader(R"({"state":{"version":2,"reads":[1, 2],"max_bytes":9}})").reads(3));
