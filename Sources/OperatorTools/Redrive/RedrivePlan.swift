package import InstagramMessaging
import KafkaClient
import SendWorker

/// Decides which dead letters are published again. Pure.
package struct RedrivePlan: Sendable {
    /// The reason why a dead letter is left alone.
    package enum Skip: Hashable, Sendable, CaseIterable {
        /// An earlier run published it.
        case alreadyRedriven
        /// Its value was not kept: it was too large for the dead-letter topic.
        case abridged
        /// It may have been delivered.
        case unknownOutcome
        /// It has been round too often.
        case tooManyRedrives
        /// Its own deadline has passed.
        case expired
        /// The messaging window has closed.
        case outsideWindow
        /// It breaks the rules, so the worker would only reject it.
        case invalid
    }

    package enum Verdict: Hashable, Sendable {
        case publish
        case skip(Skip)
    }

    /// The rules that requests have to keep.
    package var decoder: RequestDecoder
    /// A request that has been redriven so often is left alone, at least 1.
    package var maximumRedrives: Int
    /// Publishes what may have been delivered.
    package var includesUnknown: Bool
    /// Publishes what breaks the rules or comes too late; the worker then answers it as it answers such requests.
    package var skipsValidation: Bool

    package init(
        decoder: RequestDecoder,
        maximumRedrives: Int = 3,
        includesUnknown: Bool = false,
        skipsValidation: Bool = false
    ) {
        self.decoder = decoder
        self.maximumRedrives = maximumRedrives
        self.includesUnknown = includesUnknown
        self.skipsValidation = skipsValidation
    }

    /// - Parameter isRedriven: Whether an earlier run published this dead letter.
    package func verdict(on letter: DeadLetter, isRedriven: Bool, now: Timestamp) -> Verdict {
        if isRedriven { return .skip(.alreadyRedriven) }
        if letter.omittedBytes != nil { return .skip(.abridged) }
        if letter.status == .unknown, !includesUnknown { return .skip(.unknownOutcome) }
        if letter.redrives >= maximumRedrives { return .skip(.tooManyRedrives) }
        guard !skipsValidation, case .rejected(let rejected) = decoder.decode(letter.record.value, now: now) else {
            return .publish
        }
        switch rejected.error.category {
        case .expired: return .skip(.expired)
        case .outsideWindow: return .skip(.outsideWindow)
        default: return .skip(.invalid)
        }
    }
}

/// The sums of a redrive.
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
    /// The places of the originals of abridged dead letters, as in `requests/3@17`; the first few.
    package private(set) var abridged: [String] = []

    /// The number of those that are named.
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
