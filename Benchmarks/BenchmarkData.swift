import CTapedeck
import Feeds
import Foundation
import Market

/// The benchmark's market data as tapes, made once from the generator's files.
struct BenchmarkData {
    let folder: String
    private let settled = Settled()

    /// The tapes that were read from the disk in this process.
    private final class Settled { var paths: Set<String> = [] }

    init(folder: String) { self.folder = folder }

    func path(_ name: String) -> String { "\(folder)/data/\(name)" }

    /// One symbol, one-minute bars: `10k`, `100k`, `1M` or `10M`.
    func bars(_ size: String) throws -> TapeFile {
        try tape("bars_\(size).tape") {
            // Records of 48 bytes: open time, open, high, low, close, volume.
            try events("bars_\(size).bin", width: 48) { record in (record, 0) }
        }
    }

    /// 50 symbols, interleaved in time.
    func symbols() throws -> TapeFile {
        try tape("sym_bars.tape", symbols: 50) {
            try events("sym_bars.bin", width: 56) { record in
                (record, InstrumentID(record.loadUnaligned(fromByteOffset: 48, as: Int64.self)))
            }
        }
    }

    /// Five million trades of one symbol.
    func trades() throws -> [Event] {
        try mapped("ticks_5M.bin").withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 32).map { offset in
                Event.trade(
                    0,
                    at: Timestamp(
                        nanoseconds: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self)),
                    price: bytes.loadUnaligned(fromByteOffset: offset + 8, as: Double.self),
                    quantity: bytes.loadUnaligned(fromByteOffset: offset + 16, as: Double.self))
            }
        }
    }

    func returns() throws -> [Double] {
        try mapped("returns_1M.f64").withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: 8).map {
                bytes.loadUnaligned(fromByteOffset: $0, as: Double.self)
            }
        }
    }

    private func mapped(_ name: String) throws -> Data {
        try Data(contentsOf: URL(filePath: path(name)), options: .alwaysMapped)
    }

    private func events(
        _ name: String, width: Int,
        _ locate: (UnsafeRawBufferPointer) -> (UnsafeRawBufferPointer, InstrumentID)
    ) throws -> [Event] {
        try mapped(name).withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: width).map { offset in
                let (record, instrument) = locate(
                    UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + width]))
                func number(_ field: Int) -> Double {
                    record.loadUnaligned(fromByteOffset: 8 * field, as: Double.self)
                }
                let opens = record.loadUnaligned(as: Int64.self)
                return Event.bar(
                    instrument, TimeFrame(rawValue: 60),
                    closes: Timestamp(nanoseconds: opens + 60_000_000_000),
                    Bar(
                        open: number(1), high: number(2), low: number(3), close: number(4),
                        volume: number(5)))
            }
        }
    }

    private func tape(
        _ name: String, symbols: Int = 1, _ events: () throws -> [Event]
    ) throws -> TapeFile {
        if FileManager.default.fileExists(atPath: path(name)) {
            try settle(path(name))
            return try TapeFile(path(name))
        }
        let instruments = (0..<symbols).map { index in
            Instrument(
                id: InstrumentID(index), symbol: "S\(index)",
                currency: Currency(code: "USD", exponent: 6),
                priceExponent: -2, quantityExponent: 0, priceStep: Price(25),
                quantityStep: Quantity(1))
        }
        let writer = try TapeWriter(.file(path(name)))
        try writer.append(try events())
        _ = try writer.finish(
            TapeContents(
                instruments: instruments, stamps: instruments.map { _ in .open },
                source: "benchmark \(name)"))
        forget(path(name))
        return try TapeFile(path(name))
    }

    /// Reads a tape from the disk once, at its first use in this process: a copy of the folder may
    /// have left it in the cache as a file that was just written.
    private func settle(_ path: String) throws {
        guard settled.paths.insert(path).inserted else { return }
        forget(path)
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        while let bytes = try file.read(upToCount: 1 << 20), !bytes.isEmpty {}
    }

    /// Leaves a file on the disk alone. What was just written lies in the system's cache in small
    /// pieces, and is slower to look at than what was read: about 3 ns a bar.
    private func forget(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        close(descriptor)
    }
}
