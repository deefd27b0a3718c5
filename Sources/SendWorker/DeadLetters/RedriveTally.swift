import InstagramMessaging

/// What a redrive comes to.
package struct RedriveTally: Sendable, Hashable {
    /// Records of the topic that were looked at.
    package var read = 0
    /// Records of the topic that are no dead letters.
    package var foreign = 0
    /// Dead letters that the filters let pass.
    package var selected = 0
    /// Dead letters to publish, by cause.
    package var wanted = DeadLetterCounts()
    /// Acknowledged by the brokers.
    package var published = 0
    package private(set) var skipped: [RedrivePlan.Skip: Int] = [:]
    /// Where the originals of abridged dead letters stand, as in `requests/3@17`; the first few.
    package private(set) var abridged: [String] = []

    /// How many of those are named.
    package static let namedAbridged = 10

    package init() {}

    package mutating func add(_ skip: RedrivePlan.Skip, _ letter: DeadLetter) {
        skipped[skip, default: 0] += 1
        guard skip == .abridged, abridged.count < Self.namedAbridged else { return }
        let place = letter.source.map { "\($0.topic)/\($0.partition)@\($0.offset)" }
        abridged.append(place ?? "not known, see \(letter.position)")
    }

    package var skippedTotal: Int { skipped.values.reduce(0, +) }
}
