/* Mean reversion: buys what has fallen `entry` deviations below its average and sells it back at the
 * average. With `both`, the mirror as well. Decides from the second bar on which the average has a
 * value. Plain C over tapedeck.h, no helper. */
#include "tapedeck.h"

#include <stdlib.h>
#include <string.h>

TD_MANIFEST_JSON({
  "schema": 1,
  "id": "org.tapedeck.zscore",
  "name": "Mean reversion",
  "version": "1.1.0",
  "vendor": "Tapedeck",
  "license": "MIT",
  "description": "Buys some deviations below the average, sells at the average.",
  "abi": {"major": 1, "minor": 0},
  "kind": "strategy",
  "subscribes": ["bars"],
  "instruments": {"min": 1, "max": 4096},
  "timeframes": {"min": 1, "max": 1},
  "parameters": [
    {"id": 1, "name": "length", "type": "int", "default": 20, "min": 2, "max": 100000, "unit": "bars",
     "doc": "Length of the average and of the deviation."},
    {"id": 2, "name": "entry", "type": "float", "default": 2.0, "min": 0, "max": 100,
     "unit": "deviations", "live": true, "doc": "How far from the average the close must be to enter."},
    {"id": 3, "name": "both", "type": "bool", "default": false,
     "doc": "Also sell short above the average."},
    {"id": 10, "name": "quantity", "type": "float", "default": 0, "min": 0, "max": 1e12, "unit": "units",
     "live": true, "doc": "Units of an entry; 0 leaves the size to the sizing of the configuration."},
    {"id": 11, "name": "stop_loss", "type": "float", "default": 0, "min": 0, "max": 0.99,
     "unit": "fraction", "live": true, "doc": "Stop loss as a fraction of the signal bar's close; 0 for none."},
    {"id": 12, "name": "take_profit", "type": "float", "default": 0, "min": 0, "max": 10,
     "unit": "fraction", "live": true, "doc": "Take profit as a fraction of the signal bar's close; 0 for none."},
    {"id": 20, "name": "regime", "type": "enum", "default": "off", "values": ["off", "trend", "range"],
     "doc": "Enter in any market (off), only in a trend (ADX at or above regime_adx), or only in a range (below it)."},
    {"id": 21, "name": "regime_length", "type": "int", "default": 14, "min": 2, "max": 10000, "unit": "bars",
     "doc": "Length of the regime's ADX and ATR."},
    {"id": 22, "name": "regime_adx", "type": "float", "default": 25, "min": 0, "max": 100,
     "doc": "The ADX that parts a trend from a range."},
    {"id": 23, "name": "regime_volatility", "type": "float", "default": 0, "min": 0, "max": 1000, "unit": "percent",
     "doc": "Highest ATR, in percent of the close, at which to enter; 0 for any."}
  ],
  "warm_up": {"bars": "length"},
  "history": {"bars": 0},
  "state": {"version": 2, "reads": [2], "max_bytes": 1073741824},
  "needs": {"threads": false, "files": false, "network": false},
  "deterministic": true,
  "unload": "clean",
  "sdk": {"language": "c", "version": "1.0"}
});

/* ---- The window: sums of values and squares that lose nothing ------------------------------------ */

/* high + low is the exact sum: what each addition loses goes to low (Knuth's two-sum). */
typedef struct { double high, low; } exact;

static void add(exact *sum, double x) {
  double total = sum->high + x, part = total - sum->high;
  sum->low += (sum->high - (total - part)) + (x - part);
  sum->high = total;
}

/* a * b as two doubles (Dekker's product). */
static exact product(double a, double b) {
  double split_a = 134217729.0 * a, split_b = 134217729.0 * b;
  double ah = split_a - (split_a - a), al = a - ah, bh = split_b - (split_b - b), bl = b - bh;
  double high = a * b;
  return (exact){high, ((ah * bh - high) + ah * bl + al * bh) + al * bl};
}

static void add_product(exact *sum, double a, double b, double sign) {
  exact p = product(a, b);
  add(sum, sign * p.high);
  sum->low += sign * p.low;
}

typedef struct {
  exact sum, squares;
  uint32_t head, count;
  double *values;
} window;

static void push(window *w, uint32_t length, double x) {
  double leaving = w->values[w->head]; /* zero until the window is full */
  w->values[w->head] = x;
  w->head = w->head + 1 == length ? 0 : w->head + 1;
  if (w->count < length) w->count++;
  add(&w->sum, x);
  add(&w->sum, -leaving);
  add_product(&w->squares, x, x, 1);
  add_product(&w->squares, leaving, leaving, -1);
}

/* At a split: prices of before it as they count after it, and the sums taken of those anew. */
static double price_after(const td_split *split, double before) {
  return before * (double)split->denominator / (double)split->numerator;
}

static void restate_window(window *w, uint32_t length, const td_split *split) {
  w->sum = w->squares = (exact){0, 0};
  for (uint32_t i = 0; i < length; i++) {
    double x = w->values[i] = price_after(split, w->values[i]);
    add(&w->sum, x);
    add_product(&w->squares, x, x, 1);
  }
}

/* Mean and population variance: sum((x - m)^2) = sum(x^2) - m * (2 * sum(x) - n * m). */
static double measure(const window *w, uint32_t length, double *variance) {
  double mean = (w->sum.high + w->sum.low) / length;
  exact scaled = product(length, mean), total = w->squares;
  add_product(&total, mean, 2 * w->sum.high - scaled.high, -1);
  double spread = (total.high + total.low) - mean * (2 * w->sum.low - scaled.low);
  *variance = spread > 0 ? spread / length : 0;
  return mean;
}

/* ---- The regime: Wilder's ADX and ATR --------------------------------------------------------------- */

enum { OFF, TREND, RANGE };

/* All numbers, so that they are saved as they stand. An average is a sum until its length is full. */
typedef struct {
  double bars, high, low, close;      /* bars seen, at most length + 1; the last one */
  double plus, minus, range;          /* Wilder sums of the moves and of the true range */
  double dx, strengths, strength;     /* the last DX; how many are in the ADX, which is `strength` */
  double ranges, volatility;          /* how many ranges are in the ATR, which is `volatility` */
} regime;

enum { REGIME_WORDS = sizeof(regime) / sizeof(double) };

static void average(double *count, double *value, double length, double x) {
  if (*count == length) {
    *value = (*value * (length - 1) + x) / length;
    return;
  }
  *value += x;
  if (++*count == length) *value /= length;
}

static double larger(double a, double b) { return a > b ? a : b; }
static double distance(double a, double b) { return a > b ? a - b : b - a; }

static void observe(regime *g, double length, const td_bar *bar) {
  if (g->bars > 0) {
    double up = bar->high - g->high, down = g->low - bar->low;
    double range = larger(bar->high - bar->low, larger(distance(bar->high, g->close), distance(bar->low, g->close)));
    /* The first length - 1 moves are summed, later ones push a share of the sum out. */
    double keep = g->bars < length ? 1 : 1 - 1 / length;
    g->plus = g->plus * keep + (up > 0 && up > down ? up : 0);
    g->minus = g->minus * keep + (down > 0 && down > up ? down : 0);
    g->range = g->range * keep + range;
    if (g->bars >= length) {
      /* No movement either way keeps the last figure. */
      if (g->range != 0 && g->plus + g->minus != 0) g->dx = 100 * distance(g->plus, g->minus) / (g->plus + g->minus);
      average(&g->strengths, &g->strength, length, g->dx);
    }
    average(&g->ranges, &g->volatility, length, range);
  }
  if (g->bars <= length) g->bars++;
  g->high = bar->high, g->low = bar->low, g->close = bar->close;
}

static void restate_regime(regime *g, const td_split *split) {
  double *prices[] = {&g->high, &g->low, &g->close, &g->plus, &g->minus, &g->range, &g->volatility};
  for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++) *prices[i] = price_after(split, *prices[i]);
}

/* ---- The strategy ---------------------------------------------------------------------------------- */

typedef struct {
  window window;
  regime regime;
  double quantity, in_flight; /* the host's figures, asked again after each change */
} lane;

typedef struct {
  const td_host *host;
  td_context *context;
  uint32_t length, lane_count, id_count;
  double entry, quantity, stop_loss, take_profit;
  int both;
  int64_t regime;
  double regime_length, regime_adx, regime_volatility;
  uint16_t *instruments;
  uint16_t *place; /* by dense number; lane_count for a foreign one */
  lane *lanes;
  double *values;
} reverter;

static td_status fail(td_error *error, td_status status, const char *text) {
  if (error) {
    error->length = (uint32_t)strlen(text);
    memcpy(error->text, text, error->length);
  }
  return status;
}

static void destroy(void *self) {
  reverter *r = self;
  if (!r) return;
  free(r->instruments);
  free(r->place);
  free(r->lanes);
  free(r->values);
  free(r);
}

static int matches(const td_setup *setup) {
  static const uint32_t expected[][2] = {{1, TD_PARAM_INT},    {2, TD_PARAM_FLOAT},  {3, TD_PARAM_BOOL},
                                         {10, TD_PARAM_FLOAT}, {11, TD_PARAM_FLOAT}, {12, TD_PARAM_FLOAT},
                                         {20, TD_PARAM_ENUM},  {21, TD_PARAM_INT},   {22, TD_PARAM_FLOAT},
                                         {23, TD_PARAM_FLOAT}};
  enum { COUNT = sizeof expected / sizeof expected[0] };
  if (setup->parameter_count != COUNT) return 0;
  for (int i = 0; i < COUNT; i++) {
    const td_parameter *p = &setup->parameters[i];
    if (p->id != expected[i][0] || p->type != expected[i][1]) return 0;
    if (p->type == TD_PARAM_FLOAT && p->number != p->number) return 0; /* NaN */
  }
  return 1;
}

static td_status create(const td_host *host, td_context *context, const td_setup *setup, void **self,
                        td_error *error) {
  *self = NULL;
  if (!matches(setup)) return fail(error, TD_E_INVALID, "the parameters differ from those of the manifest");
  if (setup->parameters[0].integer < 2 || setup->parameters[0].integer > 100000)
    return fail(error, TD_E_INVALID, "length must be between 2 and 100000");
  if (setup->instrument_count == 0) return fail(error, TD_E_INVALID, "no instrument is wired to this strategy");
  reverter *r = calloc(1, sizeof *r);
  if (!r) return fail(error, TD_E_LIMIT, "out of memory");
  r->host = host;
  r->context = context;
  r->length = (uint32_t)setup->parameters[0].integer;
  r->entry = setup->parameters[1].number;
  r->both = setup->parameters[2].integer != 0;
  r->quantity = setup->parameters[3].number;
  r->stop_loss = setup->parameters[4].number;
  r->take_profit = setup->parameters[5].number;
  r->regime = setup->parameters[6].integer;
  r->regime_length = (double)setup->parameters[7].integer;
  r->regime_adx = setup->parameters[8].number;
  r->regime_volatility = setup->parameters[9].number;
  uint32_t n = r->lane_count = setup->instrument_count;
  for (uint32_t i = 0; i < n; i++)
    if (setup->instruments[i] >= r->id_count) r->id_count = setup->instruments[i] + 1u;
  r->instruments = malloc(n * sizeof *r->instruments);
  r->place = malloc(r->id_count * sizeof *r->place);
  r->lanes = calloc(n, sizeof *r->lanes);
  r->values = calloc((size_t)n * r->length, sizeof *r->values);
  if (!r->instruments || !r->place || !r->lanes || !r->values) {
    destroy(r);
    return fail(error, TD_E_LIMIT, "out of memory");
  }
  for (uint32_t i = 0; i < r->id_count; i++) r->place[i] = (uint16_t)n;
  for (uint32_t i = 0; i < n; i++) {
    r->instruments[i] = setup->instruments[i];
    r->place[setup->instruments[i]] = (uint16_t)i;
    r->lanes[i].window.values = r->values + (size_t)i * r->length;
  }
  *self = r;
  return TD_OK;
}

static void learn(reverter *r, uint32_t place) {
  td_position position = {.struct_size = sizeof position};
  if (r->host->position(r->context, r->instruments[place], &position) != TD_OK) return;
  r->lanes[place].quantity = position.quantity;
  r->lanes[place].in_flight = position.in_flight;
}

static td_status start(void *self, const td_start *start, td_error *error) {
  reverter *r = self;
  (void)start, (void)error;
  for (uint32_t i = 0; i < r->lane_count; i++) learn(r, i);
  return TD_OK;
}

static td_status stop(void *self, uint32_t reason, td_error *error) {
  (void)self, (void)reason, (void)error;
  return TD_OK;
}

static void send(reverter *r, uint32_t place, td_order *order) {
  uint64_t number;
  order->struct_size = sizeof *order;
  order->instrument = r->instruments[place];
  order->type = TD_ORDER_MARKET;
  (void)r->host->submit(r->context, order, &number); /* a refusal comes as an order update */
  learn(r, place);
}

static void enter(reverter *r, uint32_t place, double side, double close) {
  td_order order = {0};
  order.quantity = r->quantity > 0 ? side * r->quantity : side;
  if (!(r->quantity > 0)) order.flags = TD_ORDER_SIZED;
  if (r->stop_loss > 0) order.stop_loss = close * (1 - side * r->stop_loss);
  if (r->take_profit > 0) order.take_profit = close * (1 + side * r->take_profit);
  send(r, place, &order);
}

/* Whether the market is of the kind to enter in; not while what that asks for has no value yet. */
static int allows_entry(const reverter *r, const regime *g) {
  if (r->regime_volatility > 0 &&
      !(g->ranges == r->regime_length && 100 * g->volatility <= r->regime_volatility * g->close)) return 0;
  if (r->regime == OFF) return 1;
  if (g->strengths < r->regime_length) return 0;
  return r->regime == TREND ? g->strength >= r->regime_adx : g->strength < r->regime_adx;
}

/* Whether the bar made it act. */
static int on_bar(reverter *r, uint32_t place, const td_event *event) {
  lane *l = &r->lanes[place];
  double close = event->bar.close;
  int decides = l->window.count == r->length;
  push(&l->window, r->length, close);
  observe(&l->regime, r->regime_length, &event->bar);
  if (!decides || (event->flags & TD_FLAG_WARM_UP) || l->in_flight != 0) return 0;
  double variance, mean = measure(&l->window, r->length, &variance);
  double away = close - mean;
  if (l->quantity != 0) {
    if (l->quantity > 0 ? away < 0 : away > 0) return 0;
    td_order order = {.quantity = -l->quantity};
    send(r, place, &order);
    return 1;
  }
  /* |away| > entry * deviation, without a square root. */
  if (away * away <= r->entry * r->entry * variance || away == 0) return 0;
  if (away > 0 && !r->both) return 0;
  if (!allows_entry(r, &l->regime)) return 0;
  enter(r, place, away > 0 ? -1 : 1, close);
  return 1;
}

static td_status on_events(void *self, const td_event *events, uint64_t count, uint64_t *consumed,
                           td_error *error) {
  reverter *r = self;
  (void)error;
  for (uint64_t i = 0; i < count; i++) {
    const td_event *event = &events[i];
    *consumed = i + 1;
    uint32_t place = event->instrument < r->id_count ? r->place[event->instrument] : r->lane_count;
    if (place >= r->lane_count) continue;
    if (event->type == TD_EVENT_BAR) {
      if (on_bar(r, place, event)) return TD_OK;
    } else if (event->type == TD_EVENT_SPLIT) {
      restate_window(&r->lanes[place].window, r->length, &event->split);
      restate_regime(&r->lanes[place].regime, &event->split);
      learn(r, place);
    } else if (event->type == TD_EVENT_FILL || event->type == TD_EVENT_ORDER) {
      learn(r, place);
    }
  }
  return TD_OK;
}

static td_status set_parameter(void *self, const td_parameter *parameter, td_error *error) {
  reverter *r = self;
  switch (parameter->id) {
    case 2: r->entry = parameter->number; return TD_OK;
    case 10: r->quantity = parameter->number; return TD_OK;
    case 11: r->stop_loss = parameter->number; return TD_OK;
    case 12: r->take_profit = parameter->number; return TD_OK;
    default: return fail(error, TD_E_INVALID, "this parameter does not change while the strategy runs");
  }
}

/* ---- State: mark, length, regime_length, number of lanes; of each lane the count, four sums, the regime, the
 * values by age; then a checksum of all that. Eight bytes each. ------------------------------------------- */

static const uint64_t mark = 0x325245565245535a; /* "ZSREVER2" */

enum { HEAD_WORDS = 4 };

static uint64_t lane_words(const reverter *r) { return 5u + REGIME_WORDS + r->length; }

static uint64_t checksum(const uint64_t *words, uint64_t count) {
  uint64_t sum = 0xcbf29ce484222325;
  for (uint64_t i = 0; i < count; i++) sum = (sum ^ words[i]) * 0x100000001b3;
  return sum;
}

static uint64_t bits(double value) {
  uint64_t raw;
  if (value == 0) value = 0; /* one zero */
  memcpy(&raw, &value, sizeof raw);
  return raw;
}

static double number(uint64_t raw) {
  double value;
  memcpy(&value, &raw, sizeof value);
  return value;
}

static td_status save(void *self, const td_sink *sink, td_error *error) {
  reverter *r = self;
  uint64_t count = HEAD_WORDS + r->lane_count * lane_words(r) + 1;
  uint64_t *words = calloc(count, sizeof *words), *next = words;
  if (!words) return fail(error, TD_E_LIMIT, "out of memory");
  *next++ = mark;
  *next++ = r->length;
  *next++ = bits(r->regime_length);
  *next++ = r->lane_count;
  for (uint32_t i = 0; i < r->lane_count; i++) {
    const window *w = &r->lanes[i].window;
    const double sums[] = {w->sum.high, w->sum.low, w->squares.high, w->squares.low};
    *next++ = w->count;
    for (int k = 0; k < 4; k++) *next++ = bits(sums[k]);
    double measures[REGIME_WORDS];
    memcpy(measures, &r->lanes[i].regime, sizeof measures);
    for (int k = 0; k < REGIME_WORDS; k++) *next++ = bits(measures[k]);
    for (uint32_t age = 0; age < r->length; age++) {
      uint32_t oldest = w->count == r->length ? w->head : 0;
      *next++ = age < w->count ? bits(w->values[(oldest + age) % r->length]) : 0;
    }
  }
  *next = checksum(words, count - 1);
  td_status status = sink->write(sink->handle, words, count * sizeof *words);
  free(words);
  return status;
}

static void restore(reverter *r, const uint64_t *words) {
  for (uint32_t i = 0; i < r->lane_count; i++, words += lane_words(r)) {
    window *w = &r->lanes[i].window;
    w->count = (uint32_t)words[0];
    w->head = w->count == r->length ? 0 : w->count;
    w->sum = (exact){number(words[1]), number(words[2])};
    w->squares = (exact){number(words[3]), number(words[4])};
    double measures[REGIME_WORDS];
    for (int k = 0; k < REGIME_WORDS; k++) measures[k] = number(words[5 + k]);
    memcpy(&r->lanes[i].regime, measures, sizeof measures);
    for (uint32_t age = 0; age < r->length; age++) w->values[age] = number(words[5 + REGIME_WORDS + age]);
  }
}

static td_status load(void *self, const td_blob *blob, td_error *error) {
  reverter *r = self;
  uint64_t count = HEAD_WORDS + r->lane_count * lane_words(r) + 1;
  if (blob->state_version != 2) return fail(error, TD_E_FORMAT, "this state is of another version");
  if (!blob->bytes || blob->count != count * sizeof(uint64_t))
    return fail(error, TD_E_FORMAT, "this state is of other parameters or instruments, or damaged");
  uint64_t *words = malloc(blob->count);
  if (!words) return fail(error, TD_E_LIMIT, "out of memory");
  memcpy(words, blob->bytes, blob->count);
  int whole = words[0] == mark && words[1] == r->length && words[2] == bits(r->regime_length) &&
              words[3] == r->lane_count &&
              words[count - 1] == checksum(words, count - 1);
  for (uint32_t i = 0; whole && i < r->lane_count; i++) whole = words[HEAD_WORDS + i * lane_words(r)] <= r->length;
  if (whole) restore(r, words + HEAD_WORDS);
  free(words);
  return whole ? TD_OK : fail(error, TD_E_FORMAT, "this state is damaged or of other parameters");
}

const td_plugin *tapedeck_plugin_v1(void) {
  static const td_plugin table = {
      .struct_size = sizeof table, .abi_major = TD_ABI_MAJOR, .abi_minor = TD_ABI_MINOR,
      .create = create, .destroy = destroy, .start = start, .stop = stop, .on_events = on_events,
      .set_parameter = set_parameter, .save = save, .load = load,
  };
  return &table;
}
