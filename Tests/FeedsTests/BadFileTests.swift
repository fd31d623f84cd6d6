import CTapedeck
import Feeds
import Market
import TestGround
import Testing

/// What is no CSV of prices is refused with a name for it, a place and a hint.
@Suite struct BadFileTests {
    let folder = ScratchFolder()

    private func refusal(
        _ path: String, to destination: TapeWriter.Destination? = nil,
        change: (inout CSVImportSettings) -> Void = { _ in }
    ) -> FeedError? {
        var settings = CSVImportSettings()
        change(&settings)
        do throws(FeedError) {
            _ = try CSVImport.run(path, to: destination, settings: settings)
            return nil
        } catch { return error }
    }

    private func kind(_ text: String) -> FeedError.Kind? {
        refusal(folder.write(text, "a.csv"))?.kind
    }

    @Test func `what cannot be read is named for what it is`() {
        #expect(refusal(folder.file("none.csv"))?.kind == .notFound)
        #expect(refusal(folder.path)?.kind == .isDirectory)
        #expect(refusal("/dev/zero")?.kind == .notRegularFile)
        #expect(kind("") == .empty)
        #expect(kind("date,open,high,low,close,volume\n") == .empty)
        #expect(refusal(folder.write([0x1f, 0x8b, 8, 0], "a.gz"))?.kind == .compressed)
        #expect(refusal(folder.write([0xff, 0xfe, 0x64, 0], "a.csv"))?.kind == .wrongEncoding)
        #expect(refusal(folder.write("a,b\n1,\u{0}\n", "a.csv"))?.kind == .binary)
        #expect(
            refusal(folder.write((0..<5000).map { UInt8($0 % 32) | 1 }, "a.csv"))?.kind == .binary)
        #expect(kind("PAR1 and more") == .binary)
        #expect(kind("<!DOCTYPE html><html>") == .binary)
        #expect(kind("date,open,high,low,close\r2024-01-02,1,2,1,2\r") == .wrongEncoding)
        #expect(kind(String(repeating: "x", count: 400_000)) == .unknownLayout)
    }

    @Test(arguments: [
        (
            "hello\nworld\n",
            "a.csv:1: no table found: 1 column; give the separator, or see that this is CSV"
        ),
        (
            "a,b,c\n1,2,3\n4,5,6\n",
            "a.csv:1: no column says when (a, b, c); give the columns: time, open, high, low, close, volume, ..."
        ),
        (
            "date,ret\n2024-01-02,0.01\n2024-01-03,-0.01\n",
            "a.csv:1: no column is known as a price (date, ret); give the columns: time, open, high, low, close, volume, ..."
        ),
        (
            "date,open,high,low,close\nsoon,1,2,1,2\nlater,1,2,1,2\n",
            "a.csv:2: \"soon\" is no time that is known; give the timestamp's format"
        ),
        (
            "time,open,high,low,close\n1700000000,1,2,1,2\n",
            "a.csv: the time frame cannot be told from 1 rows; give it, such as 1m, 1h or 1d"
        ),
    ])
    func `a table without what is needed says what is missing`(text: String, message: String) {
        let error = refusal(folder.write(text, "a.csv"))
        #expect(error?.description.replacing(folder.path + "/", with: "") == message)
    }

    @Test func `settings that do not fit are refused`() {
        let path = folder.write("date,open,high,low,close\n2024-01-02,1,2,1,2\n", "a.csv")
        #expect(
            refusal(path) { $0.calendar = "XNYC" }?.description.contains("did you mean \"XNYS\"?")
                == true)
        #expect(refusal(path) { $0.hints.zone = "Mars/Olympus" }?.kind == .badSettings)
        #expect(refusal(path) { $0.hints.columns = [.time, .close] }?.kind == .badSettings)
        #expect(refusal(path) { $0.instrument.priceExponent = 40 }?.kind == .badSettings)
        #expect(refusal(path) { $0.instrument.priceExponent = -18 }?.kind == .badSettings)
        #expect(refusal(path) { $0.instrument.priceStep = "a tick" }?.kind == .badSettings)
        #expect(
            refusal(path) {
                $0.instrument.priceStep = "0.001"; $0.instrument.priceExponent = -2
            }?.kind == .badSettings)
        let symbols = folder.write(
            "date,symbol,open,high,low,close\n2024-01-02,A,1,2,1,2\n", "b.csv")
        #expect(refusal(symbols) { $0.instrument.symbol = "B" }?.kind == .badSettings)
        let long = String(repeating: "L", count: 32)
        #expect(
            refusal(path, to: .memory("a")) { $0.instrument.symbol = long }?.kind == .badSettings)
    }

    @Test func `a tape cannot be written where there is no place for it`() {
        let path = folder.write("date,open,high,low,close\n2024-01-02,1,2,1,2\n", "a.csv")
        #expect(refusal(path, to: .file(folder.file("no/such/a.tape")))?.kind == .notWritable)
        #expect(refusal(path, to: .file(folder.file("a.csv/a.tape")))?.kind == .notWritable)
        #expect(refusal(path) { $0.problemFile = folder.file("no/such/log") }?.kind == .notWritable)
    }

    @Test func `a row of a hundred thousand bytes is one wrong row`() throws {
        let good = "1700000000,1,2,1,2\n1700000060,1,2,1,2\n"
        let text =
            "time,open,high,low,close\n" + good + "1700000120,1,"
            + String(repeating: "9", count: 100_000)
            + ",1,2\n1700000180,1,2,1,2\n"
        for piece in [512 << 10, 1000] {
            let imported = try ImportedCSV(text, policy: .drop) { $0.pieceSize = piece }
            #expect(imported.problems == ["line too long 4:0 dropped", "gap 5:0 noted"])
            #expect(imported.rows.count == 3)
        }
    }

    @Test func `a file cut in the middle of a row says where`() throws {
        let imported = try ImportedCSV(
            "time,open,high,low,close\n1700000000,1,2,1,2\n1700000060,1,2,1,2\n17000001",
            policy: .drop)
        #expect(imported.problems == ["wrong field count 4:9 dropped"])
        #expect(imported.rows.count == 2)
    }

    @Test func `steps and units can be given`() throws {
        let imported = try ImportedCSV("date,open,high,low,close\n2024-01-02,1,2,1,2\n") {
            $0.instrument.priceStep = "0.0005"
            $0.instrument.quantityStep = "0.25"
            $0.instrument.multiplier = 50
            $0.instrument.kind = .future
            $0.instrument.currency = Currency(code: "EUR", exponent: 6)
        }
        let instrument = try #require(imported.tape?.contents.instruments.first)
        #expect(instrument.priceExponent == -4)
        #expect(instrument.priceStep == Price(5))
        #expect(instrument.quantityExponent == -2)
        #expect(instrument.quantityStep == Quantity(25))
        #expect(instrument.multiplier == 50)
        #expect(instrument.kind == .future)
        #expect(instrument.currency.code == "EUR")
    }
}
