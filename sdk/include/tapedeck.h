/* tapedeck.h - the whole contract between Tapedeck and a strategy (ABI 1.0).
 *
 * A strategy is a shared library that exports one function, tapedeck_plugin_v1(), and carries a JSON
 * manifest in an ELF note (TD_MANIFEST below). Nothing else is exported and no host symbol is linked:
 * what a strategy may call comes in a table. 64-bit little-endian Linux only.
 *
 * THREADS  The host never runs two calls into one instance at once, may use a different thread each
 *          time, and a plug-in calls the host only from inside a call, on that thread (log excepted).
 * MEMORY   Nobody frees what the other side made. Inputs are borrowed for the call; outputs go into
 *          the caller's buffer or sink. Strings are UTF-8, pointer and length, not 0-terminated.
 * ERRORS   Every call that can fail returns a td_status. A negative one from a plug-in stops that
 *          instance alone. No language exception may cross this boundary.
 * LIFE     create -> [load] -> start -> on_events* -> stop -> destroy; save between any two calls
 *          after start. `destroy` is called exactly once for each successful `create`.
 * GROWTH   A major version is a new entry symbol. A minor only appends to structs that begin with
 *          struct_size; test a new member with TD_HAS. Events never change; new kinds get new numbers.
 */
#ifndef TAPEDECK_H
#define TAPEDECK_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#define TD_ASSERT(condition, text) static_assert(condition, text)
#else
#define TD_ASSERT(condition, text) _Static_assert(condition, text)
#endif

#define TD_ABI_MAJOR 1
#define TD_ABI_MINOR 0
#define TD_EXPORT __attribute__((visibility("default")))
/* True when the other side's struct is long enough to hold member `m`. */
#define TD_HAS(pointer, type, m) \
  ((pointer)->struct_size >= offsetof(type, m) + sizeof((pointer)->m))

typedef int32_t td_status;
enum {
  TD_OK = 0,
  TD_DONE = 1,            /* from on_events: this strategy has finished, call it no more */
  TD_E_INVALID = -1,      /* an argument is out of range or not understood */
  TD_E_STATE = -2,        /* not allowed at this point of the life cycle */
  TD_E_UNSUPPORTED = -3,  /* the other side does not have this */
  TD_E_LIMIT = -4,        /* a stated bound was reached (buffer, rate, count) */
  TD_E_REJECTED = -5,     /* an order was refused; an order update with the reason follows */
  TD_E_THREAD = -6,       /* called from outside a call, or on another thread */
  TD_E_STALE = -7,        /* refers to something that is over (an order, an instance) */
  TD_E_FORMAT = -8,       /* damaged or foreign bytes */
  TD_E_INTERNAL = -9,     /* a bug on the answering side */
  TD_E_PANIC = -10        /* a language exception was stopped at the edge */
};

typedef struct td_string { const char *data; uint64_t length; } td_string;
/* The caller's buffer for a reason in words; `length` says how much of `text` is used. */
typedef struct td_error { uint32_t struct_size; uint32_t length; char text[248]; } td_error;
typedef struct td_context td_context; /* the host's token for one instance; opaque */

/* ---- Events: 64 bytes, flat, the same in memory, in shared memory and in a tape file ---------- */

enum {
  TD_EVENT_BAR = 1,        /* a closed bar */
  TD_EVENT_TRADE = 2,
  TD_EVENT_QUOTE = 3,
  TD_EVENT_DEPTH = 4,      /* one level of an order book */
  TD_EVENT_SPLIT = 5,
  TD_EVENT_DIVIDEND = 6,
  TD_EVENT_SESSION_OPEN = 7,
  TD_EVENT_SESSION_CLOSE = 8,
  TD_EVENT_TIMER = 9,      /* private: a timer of this instance */
  TD_EVENT_ORDER = 10,     /* private: one of this instance's orders changed its state */
  TD_EVENT_FILL = 11,      /* private: one of this instance's orders was filled, in part or whole */
  TD_EVENT_PARAMETER = 12, /* private: a live parameter was changed (set_parameter was called) */
  TD_EVENT_GAP = 13,       /* data are missing before this event */
  TD_EVENT_COMMAND = 14,   /* an operator's command; for the host, plug-ins step over it */
  TD_EVENT_FUNDING = 15,   /* a perpetual's funding falls due: longs pay rate x notional, or get it */
  TD_EVENT_STANDING = 16   /* an instrument is halted, resumed, delisted, or succeeded by another */
};
enum {
  TD_FLAG_PRIVATE = 1,     /* made for this instance; `sequence` is that of the tape event it belongs to */
  TD_FLAG_SYNTHETIC = 2,   /* made by a generator, not seen on a market */
  TD_FLAG_WARM_UP = 4,     /* history before the first event on which orders are accepted */
  TD_FLAG_SHORT_BAR = 8,   /* a bar cut short by its session's close */
  TD_FLAG_REPLAY = 16,     /* played again to catch up; orders are muted */
  TD_FLAG_MORE = 32        /* of a level of depth: more of the same update follow */
};

enum { /* td_standing.kind */
  TD_STANDING_HALTED = 1, TD_STANDING_RESUMED = 2, TD_STANDING_DELISTED = 3, TD_STANDING_SUCCEEDED = 4
};

/* Prices and quantities are finite; high >= low; positive where the instrument says so. */
typedef struct td_bar { double open, high, low, close, volume; } td_bar;
typedef struct td_trade { double price, quantity; uint64_t id; int32_t side; uint32_t conditions; uint64_t reserved; } td_trade;
typedef struct td_quote { double bid, bid_quantity, ask, ask_quantity; uint64_t reserved; } td_quote;
typedef struct td_depth { double price, quantity; int32_t side; uint32_t level; uint64_t reserved[2]; } td_depth;
typedef struct td_split { double ratio; int64_t numerator, denominator; uint64_t reserved[2]; } td_split;
typedef struct td_dividend { double amount; double tax_rate; uint64_t reserved[3]; } td_dividend;
typedef struct td_session { int64_t opens, closes; uint32_t calendar; uint32_t kind; uint64_t reserved[2]; } td_session;
typedef struct td_timer { uint64_t id; int64_t due; uint64_t reserved[3]; } td_timer;
typedef struct td_order_update {
  uint64_t order; uint64_t tag;   /* the host's number, the author's own mark */
  double filled, remaining;       /* magnitudes, in units of the instrument */
  uint16_t state, reason;         /* TD_STATE_*, TD_REASON_* */
  uint32_t reserved;
} td_order_update;
typedef struct td_fill { uint64_t order, tag; double price, quantity, fee; } td_fill; /* quantity is signed */
typedef struct td_parameter_change { uint32_t id, type; double number; uint64_t reserved[3]; } td_parameter_change;
typedef struct td_gap { int64_t from, to; uint64_t events; uint64_t reserved[2]; } td_gap;
typedef struct td_command { uint32_t kind, argument; uint64_t slot; double number; uint64_t reserved[2]; } td_command;

typedef struct td_funding { double rate, price; uint64_t reserved[3]; } td_funding; /* price 0: at the mark */
/* `price`: what a unit of a delisted instrument is paid, negative for its last price; of a succeeded one, cash for
 * each old unit beside `numerator` units of `successor` for `denominator` old ones. */
typedef struct td_standing { uint32_t kind, successor; int64_t numerator, denominator; double price; uint64_t reserved; } td_standing;

typedef struct td_event {
  uint8_t type;          /* TD_EVENT_*; step over a kind that you do not know */
  uint8_t flags;         /* TD_FLAG_* */
  uint16_t instrument;   /* dense number within this instance's host; see host->instrument */
  uint32_t timeframe;    /* of a bar, in seconds; else 0 */
  uint64_t sequence;     /* place on the tape, gapless over the whole tape */
  int64_t time;          /* UTC nanoseconds since 1970; a bar's is its close */
  union {
    td_bar bar; td_trade trade; td_quote quote; td_depth depth; td_split split; td_dividend dividend;
    td_session session; td_timer timer; td_order_update order; td_fill fill;
    td_parameter_change parameter; td_gap gap; td_command command; td_funding funding; td_standing standing;
    double values[5];
  };
} td_event;

/* ---- Orders --------------------------------------------------------------------------------- */

enum { TD_SELL = -1, TD_BUY = 1 };
enum { /* td_order.type */
  TD_ORDER_MARKET = 1, TD_ORDER_LIMIT = 2, TD_ORDER_STOP = 3, TD_ORDER_STOP_LIMIT = 4,
  TD_ORDER_TRAILING_STOP = 5, TD_ORDER_ON_OPEN = 6, TD_ORDER_ON_CLOSE = 7,
  TD_ORDER_TARGET = 8,         /* quantity is the position wanted; orders in flight are counted */
  TD_ORDER_TARGET_PERCENT = 9  /* quantity is the share of equity wanted, 1.0 = all */
};
enum { TD_GTC = 0, TD_DAY = 1, TD_GTD = 2, TD_IOC = 3, TD_FOK = 4 };
enum { /* td_order.flags */
  TD_ORDER_POST_ONLY = 1, TD_ORDER_REDUCE_ONLY = 2,
  TD_ORDER_TRAIL_PERCENT = 4, /* `trail` is a fraction of the price, else an amount */
  TD_ORDER_SIZED = 8          /* `quantity` is a signed strength in -1...1; the operator's sizing decides */
};
enum { /* td_order_update.state */
  TD_STATE_ACCEPTED = 1, TD_STATE_REJECTED = 2, TD_STATE_TRIGGERED = 3, TD_STATE_PARTLY_FILLED = 4,
  TD_STATE_FILLED = 5, TD_STATE_CANCELLED = 6, TD_STATE_EXPIRED = 7, TD_STATE_REPLACED = 8,
  TD_STATE_HELD = 9           /* a child that waits for its parent's fill */
};
enum { /* td_order_update.reason */
  TD_REASON_NONE = 0, TD_REASON_ROUNDS_TO_ZERO = 1, TD_REASON_NOT_FINITE = 2, TD_REASON_UNKNOWN_INSTRUMENT = 3,
  TD_REASON_BELOW_MINIMUM = 4, TD_REASON_BUYING_POWER = 5, TD_REASON_SHORT_NOT_ALLOWED = 6,
  TD_REASON_POSITION_LIMIT = 7, TD_REASON_ORDER_LIMIT = 8, TD_REASON_RATE_LIMIT = 9, TD_REASON_EXPOSURE_LIMIT = 10,
  TD_REASON_OUTSIDE_SESSION = 11, TD_REASON_OUTSIDE_WINDOW = 12, TD_REASON_PAUSED = 13, TD_REASON_DISABLED = 14,
  TD_REASON_WOULD_TRADE = 15, TD_REASON_NOT_REDUCING = 16, TD_REASON_UNKNOWN_ORDER = 17, TD_REASON_BAD_PRICE = 18,
  TD_REASON_WARM_UP = 19, TD_REASON_BY_AUTHOR = 20, TD_REASON_BY_OPERATOR = 21, TD_REASON_SIBLING_FILLED = 22,
  TD_REASON_PARENT_ENDED = 23, TD_REASON_TIME = 24, TD_REASON_SESSION_CLOSED = 25, TD_REASON_NOT_ENOUGH_VOLUME = 26,
  TD_REASON_RISK = 27, TD_REASON_BAD_TIME_IN_FORCE = 28, TD_REASON_OVERFLOW = 29, TD_REASON_BAD_TYPE = 30,
  TD_REASON_POSITION_CLOSED = 31, TD_REASON_NO_PRICE = 32, TD_REASON_END_OF_DATA = 33,
  TD_REASON_STOP_LOSS = 34, TD_REASON_TAKE_PROFIT = 35, TD_REASON_TRAILING_STOP = 36, TD_REASON_FAULT = 37,
  TD_REASON_DELISTED = 38, TD_REASON_MARGIN_CALL = 39
};

/* What a strategy asks for. Zero everything, set struct_size, then what you need. A price of 0 means
 * "none". The host turns doubles into exact units: quantities toward zero to the lot, prices to the tick
 * against you, and says no, with a reason, to what cannot be. */
typedef struct td_order {
  uint32_t struct_size;
  uint16_t instrument;
  uint8_t type, time_in_force;
  uint32_t flags, oco;     /* oco: orders of one instance with the same non-zero number cancel each other */
  double quantity;         /* signed: buys are positive */
  double limit, stop, trail;
  double stop_loss, take_profit, trailing_stop; /* children of this order, live from its fill on; the last a distance */
  int64_t expires;         /* for TD_GTD */
  uint64_t tag;            /* yours; comes back with every update and fill */
  uint64_t parent;         /* order that must fill first (one triggers other), or 0 */
} td_order;

/* ---- What the host answers -------------------------------------------------------------------- */

typedef struct td_position {
  uint32_t struct_size, instrument;
  double quantity;         /* signed */
  double average_price, mark, realised, unrealised;
  double in_flight;        /* signed quantity of working orders that would change the position */
} td_position;
typedef struct td_account {
  uint32_t struct_size; char currency[12];
  double cash, equity, buying_power, peak_equity, realised, unrealised, fees;
} td_account;
typedef struct td_instrument {
  uint32_t struct_size, id;
  double price_step, quantity_step, multiplier, minimum_notional;
  int32_t price_exponent, quantity_exponent;
  char symbol[32], venue[16], currency[12], calendar[20];
} td_instrument;

enum { TD_LOG_DEBUG = 1, TD_LOG_INFO = 2, TD_LOG_WARNING = 3, TD_LOG_ERROR = 4 };

/* ---- Parameters, start, stop, state ----------------------------------------------------------- */

enum {
  TD_PARAM_BOOL = 1, TD_PARAM_INT = 2, TD_PARAM_FLOAT = 3, TD_PARAM_STRING = 4, TD_PARAM_ENUM = 5,
  TD_PARAM_DURATION = 6, TD_PARAM_INSTRUMENT = 7, TD_PARAM_FILE = 8
};
/* One value for one parameter of the manifest. bool, int, enum (index of the choice), duration
 * (nanoseconds) and instrument are in `integer`; float in `number`; string and file in `text`. */
typedef struct td_parameter { uint32_t id, type; union { int64_t integer; double number; }; td_string text; } td_parameter;

/* What `create` is given: every parameter of the manifest, in its order, checked and defaulted; the
 * instruments wired to this instance, in the order of the configuration; the time frames, ascending. */
typedef struct td_setup {
  uint32_t struct_size, parameter_count;
  const td_parameter *parameters;
  uint32_t instrument_count, timeframe_count;
  const uint16_t *instruments;
  const uint32_t *timeframes;   /* seconds */
  uint64_t seed;
} td_setup;
enum { TD_START_FRESH = 1, TD_START_RESTORED = 2, TD_START_UPGRADED = 3, TD_START_ROLLED_BACK = 4 };
typedef struct td_start { uint32_t struct_size, reason; uint64_t next_sequence; int64_t time; } td_start;
enum { TD_STOP_END = 1, TD_STOP_UNLOAD = 2, TD_STOP_RELOAD = 3, TD_STOP_FAULT = 4, TD_STOP_OPERATOR = 5 };
/* Where `save` writes. `write` may be called any number of times; a non-zero answer must be passed on. */
typedef struct td_sink { uint32_t struct_size, reserved; void *handle; td_status (*write)(void *handle, const void *bytes, uint64_t count); } td_sink;
typedef struct td_blob { uint32_t struct_size, state_version; const void *bytes; uint64_t count; } td_blob;

/* ---- The host's table: what a strategy may call ------------------------------------------------ */

typedef struct td_host {
  uint32_t struct_size; uint16_t abi_major, abi_minor;
  /* Time of the event being handled, UTC nanoseconds. Never the wall clock. */
  int64_t (*now)(td_context *);
  /* 64 random bits from this portfolio's own seeded generator. */
  uint64_t (*random)(td_context *);
  /* Asks for an order. *order gets its number, also when it is refused (TD_E_REJECTED). */
  td_status (*submit)(td_context *, const td_order *, uint64_t *order);
  /* Changes quantity, prices and expiry of a working order; atomic: the old one stays if refused. */
  td_status (*replace)(td_context *, uint64_t order, const td_order *);
  td_status (*cancel)(td_context *, uint64_t order);
  /* A TD_EVENT_TIMER with `id` at the first event at or after `time`; again with the same id moves it, 0 ends it. */
  td_status (*set_timer)(td_context *, uint64_t id, int64_t time);
  /* Set struct_size before these three. */
  td_status (*position)(td_context *, uint16_t instrument, td_position *);
  td_status (*account)(td_context *, td_account *);
  td_status (*instrument)(td_context *, uint16_t instrument, td_instrument *);
  /* The newest `capacity` closed bars before the present event, oldest first; `timeframe` in seconds. */
  td_status (*history)(td_context *, uint16_t instrument, uint32_t timeframe, td_bar *bars, uint64_t capacity, uint64_t *count);
  /* A forecast in -1...1 with a confidence in 0...1, for ensembles and charts. Does not trade. */
  td_status (*signal)(td_context *, uint16_t instrument, double forecast, double confidence);
  /* A named value for the chart. */
  td_status (*plot)(td_context *, td_string name, double value);
  /* The only call allowed from any thread. Bounded in length and rate. */
  void (*log)(td_context *, int32_t level, td_string text);
  /* A table of an optional power, "tapedeck.NAME/REV", or null. */
  const void *(*extension)(td_context *, td_string id);
} td_host;

/* ---- The plug-in's table: what a strategy implements ------------------------------------------- */

typedef struct td_plugin {
  uint32_t struct_size; uint16_t abi_major, abi_minor;
  /* Makes an instance. On failure leave *self null. The table and the context live as long as the instance. */
  td_status (*create)(const td_host *, td_context *, const td_setup *, void **self, td_error *);
  void (*destroy)(void *self);
  td_status (*start)(void *self, const td_start *, td_error *);
  td_status (*stop)(void *self, uint32_t reason, td_error *);
  /* A run of events, oldest first. BEFORE handling events[i], set *consumed = i + 1: it tells the host
   * which event your calls belong to. After an event at which you called submit, replace, cancel or
   * set_timer, return: the rest comes again when the host has applied what you did. Otherwise go on to
   * the end. Results never depend on how long the runs are. */
  td_status (*on_events)(void *self, const td_event *events, uint64_t count, uint64_t *consumed, td_error *);
  /* A live parameter has a new value (only those that the manifest marks live). */
  td_status (*set_parameter)(void *self, const td_parameter *, td_error *);
  /* Pure and canonical: same state, same bytes. save, load and set_parameter may be null. */
  td_status (*save)(void *self, const td_sink *, td_error *);
  td_status (*load)(void *self, const td_blob *, td_error *);
  /* Null for an id that you do not know. May be null. */
  const void *(*extension)(td_string id);
} td_plugin;

/* The only exported symbol. Pure: no allocation, no thread, no host call; the same pointer every time. */
TD_EXPORT const td_plugin *tapedeck_plugin_v1(void);

/* The manifest: JSON in an ELF note, read from the file without running any of its code. Use one of the
 * two, once. TD_MANIFEST takes a string literal, TD_MANIFEST_JSON the JSON as it stands. */
#define TD_MANIFEST_JSON(...) TD_MANIFEST(#__VA_ARGS__)
#ifdef __cplusplus
#define TD_MANIFEST(json) \
  __attribute__((used, aligned(4), section(".note.tapedeck"))) static constexpr td_note<sizeof(json)> td_manifest_note(json)
#else
#define TD_MANIFEST(json) \
  __attribute__((used, aligned(4), section(".note.tapedeck"))) static const struct { \
    uint32_t name_size, text_size, type; char name[12]; TD_NONSTRING char text[(sizeof(json) + 2) & ~(size_t)3]; \
  } td_manifest_note = { 9, sizeof(json) - 1, 1, "TAPEDECK", json }
#if defined(__has_attribute) && __has_attribute(nonstring)
#define TD_NONSTRING __attribute__((nonstring))
#else
#define TD_NONSTRING
#endif
#endif

TD_ASSERT(sizeof(void *) == 8, "64-bit only");
TD_ASSERT(sizeof(td_event) == 64 && offsetof(td_event, sequence) == 8 && offsetof(td_event, time) == 16 && offsetof(td_event, bar) == 24, "events are frozen");
TD_ASSERT(sizeof(td_bar) == 40 && sizeof(td_trade) == 40 && sizeof(td_quote) == 40 && sizeof(td_depth) == 40 && sizeof(td_split) == 40 && sizeof(td_dividend) == 40, "payloads are frozen");
TD_ASSERT(sizeof(td_session) == 40 && sizeof(td_timer) == 40 && sizeof(td_order_update) == 40 && sizeof(td_fill) == 40 && sizeof(td_parameter_change) == 40 && sizeof(td_gap) == 40 && sizeof(td_command) == 40 && sizeof(td_funding) == 40 && sizeof(td_standing) == 40, "payloads are frozen");
TD_ASSERT(sizeof(td_string) == 16 && sizeof(td_start) == 24 && sizeof(td_sink) == 24 && sizeof(td_blob) == 24, "frozen at 1.0");
TD_ASSERT(sizeof(td_error) == 256 && sizeof(td_order) == 96 && sizeof(td_parameter) == 32 && sizeof(td_setup) == 48, "frozen at 1.0");
TD_ASSERT(sizeof(td_position) == 56 && sizeof(td_account) == 72 && sizeof(td_instrument) == 128, "1.0 sizes; later minors append");
TD_ASSERT(sizeof(td_host) == 120 && sizeof(td_plugin) == 80, "1.0 sizes; later minors append");
#ifdef __cplusplus
}
template <size_t size> struct td_note {
  uint32_t name_size = 9, text_size = size - 1, type = 1;
  char name[12] = "TAPEDECK", text[(size + 2) & ~size_t(3)] = {};
  constexpr td_note(const char (&json)[size]) { for (size_t i = 0; i + 1 < size; i++) text[i] = json[i]; }
};
#endif
#endif
