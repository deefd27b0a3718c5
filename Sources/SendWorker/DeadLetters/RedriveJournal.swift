import InstagramMessaging
import KafkaClient

/// Which dead letters have been redriven: lines of a file that only grows.
///
/// Single dead letters are noted, not how far a run came, so that a run with filters does not hide what it left out from
/// a later run with others. Before a batch is published its dead letters are noted as intended, after the brokers'
/// acknowledgement as done. What was intended and is not done is in doubt: a later run looks for it on the requests topic,
/// from where that ended when the run began.
package struct RedriveJournal: Sendable {
    /// A dead letter and what it becomes.
    package struct Entry: Sendable, Hashable {
        package var partition: Int32
        package var offset: Int64
        /// When the request ended, in milliseconds since 1970. Tells a dead letter from one at the same place of a topic
        /// that was deleted and made anew.
        package var time: Int64
        /// Tells the redriven request on the requests topic: see ``RedriveFingerprint``.
        package var fingerprint: String

        package init(partition: Int32, offset: Int64, time: Int64, fingerprint: String) {
            self.partition = partition
            self.offset = offset
            self.time = time
            self.fingerprint = fingerprint
        }
    }

    private struct Place: Hashable {
        var partition: Int32
        var offset: Int64
        var time: Int64
    }

    /// The dead-letter topic and the requests topic; nil where nothing has been noted yet.
    package private(set) var topics: (deadLetters: String, requests: String)?
    /// Where the requests topic ended when the last run began.
    package private(set) var ends: [Int32: Int64] = [:]
    /// What the last run intended and nobody knows to be done.
    package private(set) var doubtful: [Entry] = []
    /// What the last run is known to have published, by fingerprint.
    private var doneInRun: [String: Int] = [:]
    private var done: Set<Place> = []

    package init() {}

    /// How many dead letters have been redriven.
    package var count: Int { done.count }

    package func contains(_ letter: DeadLetter) -> Bool {
        done.contains(
            Place(
                partition: letter.record.partition,
                offset: letter.record.offset,
                time: letter.time.millisecondsSinceEpoch
            )
        )
    }

    package mutating func begin(deadLetters: String, requests: String, ends: [Int32: Int64]) {
        topics = (deadLetters, requests)
        self.ends = ends
        doubtful = []
        doneInRun = [:]
    }

    package mutating func intend(_ entries: [Entry]) { doubtful += entries }

    package mutating func finish(_ entries: [Entry]) {
        for entry in entries {
            done.insert(Place(partition: entry.partition, offset: entry.offset, time: entry.time))
            doneInRun[entry.fingerprint, default: 0] += 1
        }
        let finished = Set(entries)
        doubtful.removeAll { finished.contains($0) }
    }

    /// Those of the doubtful that were published.
    ///
    /// Of dead letters that become the same record, as many count as published as there are such records besides those
    /// that are known to be done.
    ///
    /// - Parameter found: How often each fingerprint stands on the requests topic behind `ends`.
    package func published(given found: [String: Int]) -> [Entry] {
        var left = found
        for (fingerprint, count) in doneInRun { left[fingerprint, default: 0] -= count }
        return doubtful.filter { entry in
            guard let count = left[entry.fingerprint], count > 0 else { return false }
            left[entry.fingerprint] = count - 1
            return true
        }
    }
}
