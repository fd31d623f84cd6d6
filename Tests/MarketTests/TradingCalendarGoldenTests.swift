import Foundation
import TestGround
import Testing
@testable import Market

private struct Queries: Decodable {
    struct Case: Decodable {
        let at: String
        let open: Bool
        let session, next_open, next_close, previous_session: String?
        let session_open, session_close, next_session: String?
    }
    struct Span: Decodable { let from, to_inclusive: String; let sessions, open_minutes: Int }
    let cases: [Case]
    let spans: [Span]
}

/// The dates on which the sources of a table disagree.
private func disputed() throws -> [String: Set<String>] {
    let data = try Data(
        contentsOf: GoldenFolder.golden.appendingPathComponent("calendars/differences.json"))
    let sections = try #require(
        JSONSerialization.jsonObject(with: data) as? [String: [String: Any]])
    return sections.mapValues { section in
        let times = section["different_times"] as? [[String: Any]] ?? []
        return Set(times.compactMap { $0["session"] as? String })
    }
}

private func text(_ time: Timestamp?) -> String? { time.map { TimeText.string($0) } }

private func clock(_ time: Timestamp, _ zone: ZoneRules) -> String {
    String(TimeText.string(time, zone: zone).dropFirst(11).prefix(5))
}

@Suite struct TradingCalendarGoldenTests {
    private func tables(_ suffix: String) throws -> [(String, Table)] {
        let folder = GoldenFolder.golden.appendingPathComponent("calendars")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            .filter { $0.hasSuffix(suffix) && $0.contains("_") == suffix.contains("_") }
            .map {
                (String($0.dropLast(suffix.count)), try Table(folder.appendingPathComponent($0)))
            }
    }

    @Test func `every session opens and closes when the table says`() throws {
        let files = try tables(".csv")
        #expect(!files.isEmpty)
        let disputed = try disputed()
        var count = 0
        var skipped = 0
        for (name, table) in files {
            let calendar = try TradingCalendar.named(name)
            let pre = table.columns.firstIndex(of: "pre_utc")
            var previous: CivilDate?
            for row in table.rows {
                let date = try #require(CivilDate(row[0]))
                let session = try #require(calendar.session(on: date), "\(name) \(row[0])")
                // No session between two rows of the table.
                if let previous {
                    try #require(
                        calendar.session(before: date)?.date == previous, "\(name) \(row[0])")
                }
                previous = date
                if disputed[name]?.contains(row[0]) == true {
                    skipped += 1
                    continue
                }
                count += 1
                let kind = [
                    "normal": SessionKind.normal, "early_close": .earlyClose,
                    "late_open": .lateOpen,
                ]
                try #require(
                    [text(session.opens), text(session.closes)] == [row[1], row[2]],
                    "\(name) \(row)")
                try #require(
                    [row[3], row[4]]
                        == [session.opens, session.closes].map { clock($0, calendar.zone) })
                try #require(session.kind == kind[row[5]] ?? .special, "\(name) \(row)")
                if let pre {
                    let extended = try #require(calendar.extendedHours(of: session))
                    try #require(
                        [text(extended.opens), text(extended.closes)] == [row[pre], row[pre + 1]],
                        "\(row)")
                }
            }
        }
        print("calendars: \(files.count), sessions: \(count), disputed and skipped: \(skipped)")
    }

    @Test func `weekdays without session are those of the table`() throws {
        let files = try tables("_closed_weekdays.csv")
        #expect(!files.isEmpty)
        var count = 0
        for (name, table) in files {
            let calendar = try TradingCalendar.named(name)
            #expect(!table.rows.isEmpty)
            for row in table.rows {
                let date = try #require(CivilDate(row[0]))
                #expect(calendar.session(on: date) == nil, "\(name) \(row[0])")
                #expect(calendar.holiday(on: date) != nil, "\(name) \(row[0])")
                count += 1
            }
        }
        print("closed weekdays: \(count)")
    }

    @Test func `every question about an instant has the expected answer`() throws {
        let queries: [String: Queries] = try GoldenFolder.json("calendars/queries.json")
        var asked = 0
        var spans = 0
        for (name, query) in queries.sorted(by: { $0.key < $1.key }) {
            let calendar = try TradingCalendar.named(name)
            #expect(!query.cases.isEmpty)
            for one in query.cases {
                try check(one, calendar)
                asked += 1
            }
            for span in query.spans {
                let from = try #require(CivilDate(span.from))
                let to = try #require(CivilDate(span.to_inclusive))
                #expect(
                    calendar.sessionCount(from: from, through: to) == span.sessions,
                    "\(name) \(span)")
                #expect(
                    calendar.openMinutes(from: from, through: to) == span.open_minutes,
                    "\(name) \(span)")
                spans += 1
            }
        }
        #expect(asked > 0 && spans > 0)
        print("queries: \(asked), spans: \(spans)")
    }

    private func check(_ one: Queries.Case, _ calendar: TradingCalendar) throws {
        let at = try TimeText.timestamp(one.at)
        let session = calendar.session(containing: at)
        #expect((session != nil) == one.open, "\(calendar.name) \(one)")
        #expect(calendar.isOpen(at: at) == one.open)
        #expect(session?.date.description == one.session, "\(calendar.name) \(one)")
        if let expected = one.session_open { #expect(text(session?.opens) == expected) }
        if let expected = one.session_close { #expect(text(session?.closes) == expected) }
        if let expected = one.next_session {
            #expect(calendar.session(openingAfter: at)?.date.description == expected, "\(one)")
        }
        guard let opens = one.next_open else { return }
        #expect(text(calendar.nextOpen(after: at)) == opens, "\(calendar.name) \(one)")
        #expect(text(calendar.nextClose(after: at)) == one.next_close, "\(calendar.name) \(one)")
        let current = try #require(calendar.session(openedBy: at))
        let previous =
            session == nil ? current : try #require(calendar.session(before: current.date))
        #expect(previous.date.description == one.previous_session, "\(calendar.name) \(one)")
    }
}
