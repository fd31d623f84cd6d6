import Testing

@testable import TapedeckSDK

/// Bytes written by a strategy's `save`, kept by the test.
final class Saved {
    var bytes: [UInt8] = []

    func save(_ write: (inout StateWriter) -> Void) {
        bytes = []
        let handle = Unmanaged.passUnretained(self).toOpaque()
        var writer = StateWriter(
            td_sink(
                struct_size: 0, reserved: 0, handle: handle,
                write: { handle, bytes, count in
                    let saved = Unmanaged<Saved>.fromOpaque(handle!).takeUnretainedValue()
                    saved.bytes += UnsafeRawBufferPointer(start: bytes, count: Int(count))
                    return 0
                }))
        write(&writer)
        writer.finish()
    }

    func load(_ read: (inout StateReader) throws(Refusal) -> Void) throws(Refusal) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        defer { buffer.deallocate() }
        buffer.copyBytes(from: bytes)
        var reader = try StateReader(
            td_blob(
                struct_size: 0, state_version: 1, bytes: buffer.baseAddress,
                count: UInt64(buffer.count)))
        try read(&reader)
        try reader.finish()
    }
}

struct IndicatorStateTests {
    let workspace = Workspace()

    /// A walk with a range, a trend and some volume; the same every time.
    static func bar(_ number: Int) -> Bar {
        let wave = Double((number * 7919) % 101) / 4
        let close = 100 + wave + Double(number) / 8
        return Bar(
            open: close - 0.5, high: close + 1 + wave / 8, low: close - 1.25, close: close,
            volume: Double(100 + (number * 31) % 17))
    }

    /// Plays some bars, saves, loads into another, and checks that both go on the same.
    private func check<Indicator: ~Copyable>(
        _ make: () -> Indicator, update: (inout Indicator, Bar) -> Void,
        value: (borrowing Indicator) -> [Double],
        save: (borrowing Indicator, inout StateWriter) -> Void,
        load: (inout Indicator, inout StateReader) throws(Refusal) -> Void, line: Int = #line
    ) throws {
        for bars in [0, 1, 4, 5, 13, 60] {
            var first = make()
            for number in 0..<bars { update(&first, Self.bar(number)) }
            let saved = Saved()
            saved.save { save(first, &$0) }
            var second = make()
            try saved.load { (reader) throws(Refusal) in try load(&second, &reader) }
            let again = Saved()
            again.save { save(second, &$0) }
            #expect(saved.bytes == again.bytes, "line \(line), \(bars) bars")
            for number in bars..<(bars + 40) {
                update(&first, Self.bar(number))
                update(&second, Self.bar(number))
                let (a, b) = (value(first), value(second))
                #expect(a.map(\.bitPattern) == b.map(\.bitPattern), "line \(line), \(bars) bars")
            }
        }
    }

    @Test func `an indicator that was saved and loaded goes on as if nothing had happened`() throws
    {
        try check(
            { SMA(5, workspace) }, update: { $0.update($1.close) }, value: { [$0.value] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { SMAPair(fast: 3, slow: 5, workspace) }, update: { $0.update($1.close) },
            value: { [$0.fast, $0.slow] }, save: { $0.save(&$1) },
            load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { RollingSum(5, workspace) }, update: { $0.update($1.close) }, value: { [$0.value] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { EMA(5) }, update: { $0.update($1.close) }, value: { [$0.value] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { WMA(5, workspace) }, update: { $0.update($1.close) }, value: { [$0.value] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { MACD(fast: 3, slow: 5, signal: 4) }, update: { $0.update($1.close) },
            value: { [$0.value, $0.signal] }, save: { $0.save(&$1) },
            load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { RSI(5) }, update: { $0.update($1.close) }, value: { [$0.value] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { ATR(5) }, update: { $0.update($1) }, value: { [$0.value, $0.normalised] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { ADX(5) }, update: { $0.update($1) }, value: { [$0.value, $0.plus, $0.minus, $0.dx] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { BollingerBands(5, workspace) }, update: { $0.update($1.close) },
            value: { [$0.upper, $0.middle, $0.lower] }, save: { $0.save(&$1) },
            load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { ZScore(5, workspace) }, update: { $0.update($1.close) }, value: { [$0.value] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { Donchian(5, workspace) }, update: { $0.update($1) }, value: { [$0.upper, $0.lower] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { Stochastic(5, workspace) }, update: { $0.update($1) },
            value: { [$0.fastK, $0.slowK, $0.slowD, $0.williamsR] }, save: { $0.save(&$1) },
            load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { SessionVWAP() }, update: { $0.update($1) }, value: { [$0.value] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { RollingVWAP(5, workspace) }, update: { $0.update($1) }, value: { [$0.value] },
            save: { $0.save(&$1) }, load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { RateOfChange(5, workspace) }, update: { $0.update($1.close) },
            value: { [$0.value, $0.momentum] }, save: { $0.save(&$1) },
            load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { VolumeProfile(5, bins: 4, workspace) },
            update: {
                $0.update($1); $0.measure()
            },
            value: { [$0.control, $0.valueLow, $0.valueHigh] }, save: { $0.save(&$1) },
            load: { (i, r) throws(Refusal) in try i.load(&r) })
        try check(
            { Crossing() }, update: { _ = $0.update($1.close, $1.open + $1.low / 200) },
            value: {
                var copy = $0; return [copy.update(1, 0) == .over ? 1 : 0]
            }, save: { $0.save(&$1) },
            load: { (i, r) throws(Refusal) in try i.load(&r) })
    }

    @Test func `a window of another length is refused in words`() throws {
        let saved = Saved()
        let five = SMA(5, workspace)
        saved.save { five.save(&$0) }
        var six = SMA(6, workspace)
        #expect(throws: Refusal.self) {
            try saved.load { (reader) throws(Refusal) in try six.load(&reader) }
        }
    }

    @Test func `equal states are equal bytes, whatever way led to them`() {
        // Both zeros, and NaNs of any make.
        let (one, other) = (Saved(), Saved())
        one.save {
            $0.write(0.0); $0.write(Double.nan)
        }
        other.save {
            $0.write(-0.0); $0.write(Double(nan: 7, signaling: false))
        }
        #expect(one.bytes == other.bytes)
    }
}
