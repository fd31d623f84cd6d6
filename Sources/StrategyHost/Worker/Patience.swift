/// How often to look for something before sleeping for it. Where both sides have a processor it is
/// there within a microsecond, and sleeping would cost ten; where they have to share one, looking
/// only keeps the other from working. So looks that found nothing become fewer, and one wait in
/// many tries again with some more.
struct Patience {
    private let most: Int
    private var looks: Int
    private var waits = 0

    private static let least = 8
    private static let waitsToTrial = 64
    /// A few microseconds: whoever waits for an order in vain loses no more.
    private static let trial = 2_000

    init(most: Int) {
        self.most = most
        looks = most
    }

    /// A wait begins: so often it looks.
    mutating func begin() -> Int {
        waits &+= 1
        return waits % Self.waitsToTrial == 0 ? max(looks, min(most, Self.trial)) : looks
    }

    /// It was there after so many looks in vain: next time it may take twice as many.
    mutating func found(after vain: Int) {
        if vain > 0 { looks = min(most, max(looks &* 4, vain &* 2)) }
    }

    mutating func gaveUp() { looks = min(most, max(Self.least, looks / 4)) }
}
