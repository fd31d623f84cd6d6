/// A curve drawn small.
package struct Sparkline: Hashable, Sendable, Codable {
    /// What a run of neighbouring marks looks like from afar.
    package struct Bucket: Hashable, Sendable, Codable {
        package var minimum: Double
        package var maximum: Double
        package var last: Double
    }

    /// In order; together they hold every mark once, and differ by at most one mark in length.
    package let buckets: [Bucket]

    /// At most `wanted` buckets, fewer when there are fewer marks.
    package init(marks: [Double], buckets wanted: Int) {
        let count = min(max(0, wanted), marks.count)
        buckets = (0..<count).map { i in
            let first = marks.count * i / count
            let end = marks.count * (i + 1) / count
            var bucket = Bucket(minimum: marks[first], maximum: marks[first], last: marks[end - 1])
            for mark in marks[first..<end] {
                bucket.minimum = min(bucket.minimum, mark)
                bucket.maximum = max(bucket.maximum, mark)
            }
            return bucket
        }
    }

    /// One block character of eight heights a bucket, by its last mark, between the least and the
    /// greatest of these. A flat curve stands at half height.
    package var text: String {
        let heights = Array("▁▂▃▄▅▆▇█")
        let marks = buckets.map(\.last)
        guard let low = marks.min(), let high = marks.max(), low.isFinite, high.isFinite else {
            return ""
        }
        return String(
            marks.map { mark in
                guard low < high else { return heights[3] }
                return heights[min(7, Int((mark - low) / (high - low) * 8))]
            })
    }
}
