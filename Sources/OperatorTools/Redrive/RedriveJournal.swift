package import InstagramMessaging
package import KafkaClient
import OpenSSL
import SendWorker

/// The dead letters that have been redriven: lines of a file that only grows.
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
        /// The moment at which the request ended, in milliseconds since 1970. Tells a dead letter from one at the same
        /// place of a topic that was deleted and made anew.
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
    /// The ends of the requests topic when the last run began.
    package private(set) var ends: [Int32: Int64] = [:]
    /// The entries that the last run intended and nobody knows to be done.
    package private(set) var doubtful: [Entry] = []
    /// The number of records that the last run is known to have published, by fingerprint.
    private var doneInRun: [String: Int] = [:]
    private var done: Set<Place> = []

    package init() {}

    /// The number of dead letters that have been redriven.
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

    /// Returns the doubtful entries that were published.
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

extension RedriveJournal {
    /// A line of the file is not what this program writes.
    package struct Malformed: Error, Sendable, Hashable {
        /// The line's number, from 1.
        package var line: Int

        package init(line: Int) { self.line = line }
    }

    /// The line that begins a run.
    package static func runLine(deadLetters: String, requests: String, ends: [Int32: Int64], at: Timestamp) -> String {
        line { writer in
            writer.member("run", at.rfc3339)
            writer.member("dead_letters", deadLetters)
            writer.member("requests", requests)
            writer.name("ends")
            writer.beginArray()
            for (partition, end) in ends.sorted(by: { $0.key < $1.key }) {
                writer.beginArray()
                writer.integer(partition)
                writer.integer(end)
                writer.endArray()
            }
            writer.endArray()
        }
    }

    /// The line before a batch is published.
    package static func intentLine(_ entries: [Entry]) -> String { line { write("intended", entries, to: &$0) } }

    /// The line after a batch is acknowledged.
    package static func doneLine(_ entries: [Entry]) -> String { line { write("done", entries, to: &$0) } }

    /// Reads a file. A last line without its end, which a crash can leave, is passed over: what it noted had not begun.
    package init(text: [UInt8]) throws(Malformed) {
        self.init()
        let complete = text.lastIndex(of: UInt8(ascii: "\n")).map { text[...$0] } ?? []
        for (index, line) in complete.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let object = try? JSONReader.read(Array(line)), take(object) else {
                throw Malformed(line: index + 1)
            }
        }
    }

    private mutating func take(_ object: JSONValue) -> Bool {
        if let intended = object["intended"] {
            guard let entries = Self.entries(intended) else { return false }
            intend(entries)
        } else if let done = object["done"] {
            guard let entries = Self.entries(done) else { return false }
            finish(entries)
        } else {
            guard let deadLetters = object["dead_letters"]?.string, let requests = object["requests"]?.string,
                let pairs = object["ends"]?.array?.map({ $0.array?.map(\.integer) })
            else { return false }
            var ends: [Int32: Int64] = [:]
            for pair in pairs {
                guard let pair, pair.count == 2, let partition = pair[0].flatMap(Int32.init(exactly:)),
                    let end = pair[1]
                else { return false }
                ends[partition] = Int64(end)
            }
            begin(deadLetters: deadLetters, requests: requests, ends: ends)
        }
        return true
    }

    private static func entries(_ list: JSONValue) -> [Entry]? {
        var entries: [Entry] = []
        for element in list.array ?? [] {
            guard let parts = element.array, parts.count == 4,
                let partition = parts[0].integer.flatMap(Int32.init(exactly:)), let offset = parts[1].integer,
                let time = parts[2].integer, let fingerprint = parts[3].string
            else { return nil }
            entries.append(
                Entry(partition: partition, offset: Int64(offset), time: Int64(time), fingerprint: fingerprint)
            )
        }
        return list.array == nil ? nil : entries
    }

    private static func write(_ name: String, _ entries: [Entry], to writer: inout JSONWriter) {
        writer.name(name)
        writer.beginArray()
        for entry in entries {
            writer.beginArray()
            writer.integer(entry.partition)
            writer.integer(entry.offset)
            writer.integer(entry.time)
            writer.string(entry.fingerprint)
            writer.endArray()
        }
        writer.endArray()
    }

    private static func line(_ members: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        writer.beginObject()
        members(&writer)
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self) + "\n"
    }
}

/// Tells a redriven request on the requests topic by its key, its bytes and how often it has been redriven.
package enum RedriveFingerprint {
    /// Nil for a record that was not redriven.
    package static func of(_ record: KafkaRecord) -> String? {
        of(key: record.key, value: record.value, headers: record.headers)
    }

    /// Nil for a record that is not a redriven request.
    package static func of(_ record: ProducerRecord) -> String? {
        of(key: record.key, value: record.value, headers: record.headers)
    }

    private static func of(key: [UInt8]?, value: [UInt8]?, headers: [KafkaHeader]) -> String? {
        guard let redrives = headers.last(where: { $0.name == "dlq-redrives" })?.value else { return nil }
        // The length keeps neighbours apart; null is not empty.
        let parts = [key, value, redrives].flatMap { part in [Array("\(part?.count ?? -1):".utf8), part ?? []] }
        return Hexadecimal.text(SHA256.hash(concatenating: parts).prefix(12))
    }
}

extension RedriveJournal.Entry {
    /// The note of a dead letter that becomes this record.
    package init(_ letter: DeadLetter, becoming record: ProducerRecord) {
        self.init(
            partition: letter.record.partition,
            offset: letter.record.offset,
            time: letter.time.millisecondsSinceEpoch,
            fingerprint: RedriveFingerprint.of(record) ?? ""
        )
    }
}
