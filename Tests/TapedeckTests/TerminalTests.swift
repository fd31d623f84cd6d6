import Testing

@testable import tapedeck

@Suite struct TextTableTests {
    @Test func `columns are as wide as what is seen in them`() {
        var table = TextTable([("name", .left), ("result", .right)])
        table.add(["momentum", "\u{1B}[32m+12.5 %\u{1B}[0m"])
        table.add(["x", "-3 %"])
        #expect(
            table.lines() == [
                "name       result", "momentum  \u{1B}[32m+12.5 %\u{1B}[0m", "x            -3 %",
            ])
    }

    @Test
    func `the last column is broken between words, or stands below where too little room is left`()
    {
        var table = TextTable([("name", .left), ("what it does", .left)])
        table.add(["fast", "the length of the average that follows sooner"])
        table.add(["on", ""])
        #expect(
            table.lines(within: 32) == [
                "name  what it does", "fast  the length of the average",
                "      that follows sooner", "on",
            ])
        #expect(
            table.lines(within: 24) == [
                "name", "fast", "    the length of the", "    average that follows", "    sooner",
                "on",
            ])
        #expect(table.lines(within: 80) == table.lines())
    }
}

@Suite struct ProgressBarTests {
    @Test(arguments: [
        (0, 100, 1_000_000_000 as Int64, "play  [------------------------]  0 %  0.0 bars/s"),
        (50, 100, 2_000_000_000, "play  [############------------]  50 %  25.0 bars/s  0:02 left"),
        (
            12_000_000, 36_000_000, 1_000_000_000,
            "play  [########----------------]  33 %  12.0 M bars/s  0:02 left"
        ),
    ])
    func `it shows share, rate and time left`(
        done: Int, total: Int, nanoseconds: Int64, line: String
    ) {
        #expect(
            ProgressBar.line(
                label: "play", unit: "bars", done: done, total: total, nanoseconds: nanoseconds)
                == line)
    }

    @Test func `without a total it shows only the rate`() {
        #expect(
            ProgressBar.line(
                label: "read", unit: "rows", done: 4_500, total: nil, nanoseconds: 3_000_000_000)
                == "read  1.5 k rows/s")
    }
}
