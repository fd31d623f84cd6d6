import Analysis
import Testing

struct CalendarReturnsTests {
    @Test func `returns compound within months and years, and empty months stay empty`() {
        let dates = [19_721: (2023, 12), 19_722: (2023, 12), 19_723: (2024, 1), 19_783: (2024, 3)]
        let table = CalendarReturns(
            returns: [0.5, 0.5, -0.5, 1, 0.5], days: [19_721, 19_722, 19_723, 19_783, 19_783]
        ) { dates[$0]! }
        #expect(table.years.map(\.year) == [2023, 2024])
        #expect(table.years[0].total == 1.25)
        #expect(table.years[0].months == Array(repeating: nil, count: 11) + [1.25])
        #expect(table.years[1].months == [-0.5, nil, 2] + Array(repeating: nil, count: 9))
        #expect(table.years[1].total == 0.5)
        #expect(table.months.map(\.month) == [12, 1, 3])
        #expect(table.bestMonth.map { [$0.year, $0.month] } == [2024, 3])
        #expect(table.worstMonth.map { [$0.year, $0.month] } == [2024, 1])
        #expect(CalendarReturns(returns: [], days: []) { dates[$0]! }.bestMonth == nil)
    }

    @Test func `a day's last mark stands for the day`() {
        let daily = lastOfEachDay(marks: [1, 2, 3, 4, 5], days: [7, 7, 8, 9, 9])
        #expect(daily.marks == [2, 3, 5])
        #expect(daily.days == [7, 8, 9])
        #expect(lastOfEachDay(marks: [], days: []).marks.isEmpty)
    }
}

struct ReturnDistributionTests {
    @Test func `every return is counted once, the largest in the last bin`() {
        let bins = ReturnDistribution(returns: [0, 1, 2, 3, 4, 4], bins: 4).bins
        #expect(bins.map(\.count) == [1, 1, 1, 3])
        #expect(bins.map(\.low) == [0, 1, 2, 3])
        #expect(bins.map(\.high) == [1, 2, 3, 4])
    }

    @Test func `equal returns make one bin, none make none`() {
        #expect(ReturnDistribution(returns: [0.1, 0.1], bins: 9).bins.map(\.count) == [2])
        #expect(ReturnDistribution(returns: [], bins: 9).bins.isEmpty)
    }
}

struct SparklineTests {
    @Test func `marks fall into buckets with their least, greatest and last`() {
        let line = Sparkline(marks: [5, 1, 3, 9, 2], buckets: 2)
        #expect(line.buckets.map(\.minimum) == [1, 2])
        #expect(line.buckets.map(\.maximum) == [5, 9])
        #expect(line.buckets.map(\.last) == [1, 2])
        #expect(Sparkline(marks: [1, 2], buckets: 10).buckets.count == 2)
        #expect(Sparkline(marks: [], buckets: 10).text == "")
        #expect(Sparkline(marks: [1], buckets: 0).buckets.isEmpty)
    }

    @Test(arguments: [
        ([0.0, 1, 2, 3, 4, 5, 6, 7], "▁▂▃▄▅▆▇█"), ([7.0, 0], "█▁"), ([3.0, 3, 3], "▄▄▄"),
    ])
    func `a bucket is as high as its last mark`(marks: [Double], text: String) {
        #expect(Sparkline(marks: marks, buckets: 8).text == text)
    }
}

struct ExtremePeriodsTests {
    @Test func `the best and the worst come first, of equals the earlier`() {
        let found = ExtremePeriods(returns: [0.1, -0.2, 0.3, 0.1, -0.2, 0, 0.3], count: 3)
        #expect(found.best.map(\.index) == [2, 6, 0])
        #expect(found.best.map(\.value) == [0.3, 0.3, 0.1])
        #expect(found.worst.map(\.index) == [1, 4, 5])
    }

    @Test func `a short series has fewer, an empty one none`() {
        let found = ExtremePeriods(returns: [0.1, -0.2], count: 5)
        #expect(found.best.map(\.index) == [0, 1])
        #expect(found.worst.map(\.index) == [1, 0])
        #expect(ExtremePeriods(returns: [], count: 5).best.isEmpty)
        #expect(ExtremePeriods(returns: [1], count: 0).worst.isEmpty)
    }
}
