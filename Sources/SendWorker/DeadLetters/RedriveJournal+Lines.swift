package import InstagramMessaging

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
