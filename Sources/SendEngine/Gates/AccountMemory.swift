internal import InstagramMessaging

/// The knowledge of an account that the next owner of its partition must have: its hourly usage, its holds and its
/// pace. Times are on the wall clock, in milliseconds, the only clock that owners share.
package struct AccountMemory: Sendable, Hashable {
    /// Calls that still count against an hourly limit.
    struct Usage: Sendable, Hashable {
        /// The moment from which they no longer count.
        var until: Int64
        var calls: Int
    }

    /// Ascending.
    var privateReplies: [Usage] = []
    /// Private replies that may have been called after this was written.
    var reservedReplies = 0
    var coolUntil = Int64.min
    var holdUntil = Int64.min
    var isPermissionHold = false
    /// The number of times in a row that the account was held.
    var holds = 0
    var paceSteps = 0
    var recoversFrom = Int64.min
    /// The part that a version which knows only the above passes over.
    var words = MemoryWords()

    var isEmpty: Bool {
        privateReplies.isEmpty && reservedReplies == 0 && coolUntil == .min && holds == 0 && paceSteps == 0
            && words.isEmpty
    }
}

extension AccountMemory {
    private static let version: UInt8 = 1
    /// More than any real memory holds; foreign bytes cannot make a reader work longer.
    private static let mostUsages = 10_000

    package func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.version)
        for time in [coolUntil, holdUntil, recoversFrom] { writer.writeSigned(time) }
        writer.write(isPermissionHold ? 1 : 0)
        for number in [holds, paceSteps, reservedReplies, privateReplies.count] {
            writer.writeVarint(UInt64(max(number, 0)))
        }
        var last: Int64 = 0
        for usage in privateReplies {
            writer.writeSigned(usage.until.saturatingSubtract(last))
            writer.writeVarint(UInt64(max(usage.calls, 0)))
            last = usage.until
        }
        return writer.sealed()
    }

    /// The part that stands beside `encoded()`, where earlier versions do not look; nil where there is none.
    package func encodedWords() -> [UInt8]? { words.isEmpty ? nil : words.encodedBriefly() }

    /// Reads what `encoded()` and `encodedWords()` wrote; nil where the former is anything else, whatever the bytes. What
    /// cannot be read of the words is left out.
    package init?(decoding bytes: [UInt8], words: [UInt8]?) {
        self.init(decoding: bytes)
        self.words = words.flatMap { MemoryWords(decoding: $0) } ?? MemoryWords()
    }

    /// Reads what `encoded()` wrote; nil for anything else, whatever the bytes.
    package init?(decoding bytes: [UInt8]) {
        guard var reader = ByteReader(sealed: bytes), reader.read() == Self.version,
            let coolUntil = reader.readSigned(),
            let holdUntil = reader.readSigned(),
            let recoversFrom = reader.readSigned(),
            let kind = reader.read(), kind <= 1,
            let holds = reader.readCount(upTo: 1_000_000),
            let paceSteps = reader.readCount(upTo: 62),
            let reserved = reader.readCount(upTo: 1_000_000),
            let usages = reader.readCount(upTo: Self.mostUsages)
        else { return nil }
        self.init()
        self.coolUntil = coolUntil
        self.holdUntil = holdUntil
        self.recoversFrom = recoversFrom
        self.isPermissionHold = kind == 1
        self.holds = holds
        self.paceSteps = paceSteps
        reservedReplies = reserved
        for _ in 0..<usages {
            guard let step = reader.readSigned(), let calls = reader.readCount(upTo: 1_000_000) else { return nil }
            let until = (privateReplies.last?.until ?? 0).saturatingAdd(step)
            guard privateReplies.last.map({ $0.until < until }) ?? true else { return nil }
            privateReplies.append(Usage(until: until, calls: calls))
        }
        guard reader.count == 0 else { return nil }
    }
}

extension ByteReader {
    fileprivate mutating func readCount(upTo end: Int) -> Int? {
        guard let value = readVarint(), value <= UInt64(end) else { return nil }
        return Int(value)
    }
}

/// The knowledge of an account's holds, beyond their times, that the next owner of its partition should have: Graph's
/// own words, which features are held, and the application's wait that an answer to the account named.
struct MemoryWords: Sendable, Hashable {
    struct FeatureHold: Sendable, Hashable {
        var until: Int64
        var count: Int
        var cause: SendError?
    }

    var holdCause: SendError?
    var coolCause: SendError?
    var features: [MessageFeature: FeatureHold] = [:]
    var applicationUntil = Int64.min
    var applicationCause: SendError?

    var isEmpty: Bool {
        holdCause == nil && coolCause == nil && features.isEmpty && applicationUntil == .min
    }
}

extension MemoryWords {
    private enum Tag {
        static let holdCause: UInt8 = 1
        static let coolCause: UInt8 = 2
        static let feature: UInt8 = 3
        static let application: UInt8 = 4
    }

    private static let version: UInt8 = 1
    /// A record of the state topic must fit into any topic, whatever Graph said of how many features.
    private static let mostBytes = 1_000

    /// The same with Graph's words cut short where there are too many of them.
    func encodedBriefly() -> [UInt8] {
        var bytes = encoded()
        for length in [200, 100, 50, 0] where bytes.count > Self.mostBytes { bytes = shortened(to: length).encoded() }
        return bytes
    }

    private func shortened(to length: Int) -> MemoryWords {
        func short(_ error: SendError?) -> SendError? {
            error.map { error in
                var error = error
                error.message = String(error.message.prefix(length))
                return error
            }
        }
        var words = self
        words.holdCause = short(holdCause)
        words.coolCause = short(coolCause)
        words.applicationCause = short(applicationCause)
        words.features = features.mapValues { hold in
            var hold = hold
            hold.cause = short(hold.cause)
            return hold
        }
        return words
    }

    /// Entries with a tag and a length each, so that a version passes over what it does not know.
    func encoded() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(Self.version)
        func entry(_ tag: UInt8, _ write: (inout ByteWriter) -> Void) {
            var body = ByteWriter()
            write(&body)
            writer.write(tag)
            writer.writeVarint(UInt64(body.bytes.count))
            writer.write(body.bytes)
        }
        if let holdCause { entry(Tag.holdCause) { $0.write(error: holdCause) } }
        if let coolCause { entry(Tag.coolCause) { $0.write(error: coolCause) } }
        for (feature, hold) in features.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            entry(Tag.feature) {
                $0.write(text: feature.rawValue)
                $0.writeSigned(hold.until)
                $0.writeVarint(UInt64(max(hold.count, 0)))
                if let cause = hold.cause { $0.write(error: cause) }
            }
        }
        if applicationUntil != .min {
            entry(Tag.application) {
                $0.writeSigned(applicationUntil)
                if let applicationCause { $0.write(error: applicationCause) }
            }
        }
        return writer.sealed()
    }

    /// Reads what `encoded()` wrote, of this version or a later one of the same form; nil for anything else.
    init?(decoding bytes: [UInt8]) {
        guard var reader = ByteReader(sealed: bytes), reader.read() == Self.version else { return nil }
        self.init()
        while let tag = reader.read() {
            guard let length = reader.readVarint(), var entry = reader.readBytes(length) else { return nil }
            take(tag, &entry)
        }
    }

    private mutating func take(_ tag: UInt8, _ entry: inout ByteReader) {
        switch tag {
        case Tag.holdCause: holdCause = entry.readError()
        case Tag.coolCause: coolCause = entry.readError()
        case Tag.feature:
            guard let feature = entry.readText().flatMap(MessageFeature.init(rawValue:)),
                let until = entry.readSigned(), let count = entry.readVarint(), (1...1_000_000).contains(count)
            else { return }
            features[feature] = FeatureHold(until: until, count: Int(count), cause: entry.readError())
        case Tag.application:
            guard let until = entry.readSigned() else { return }
            applicationUntil = until
            applicationCause = entry.readError()
        default: break
        }
    }
}

extension ByteWriter {
    fileprivate mutating func write(text: String) {
        writeVarint(UInt64(text.utf8.count))
        write(text.utf8)
    }

    fileprivate mutating func write(error: SendError) {
        write(text: error.category.rawValue)
        write(text: error.message)
        for number in [error.code, error.subcode, error.httpStatus] {
            write(number == nil ? 0 : 1)
            if let number { writeSigned(Int64(number)) }
        }
    }
}

extension ByteReader {
    /// Graph's words are cleaned and bounded before they get here; foreign bytes are not.
    private static let longestText: UInt64 = 4_096

    fileprivate mutating func readText() -> String? {
        guard let length = readVarint(), length <= Self.longestText else { return nil }
        var bytes: [UInt8] = []
        for _ in 0..<length {
            guard let byte = read() else { return nil }
            bytes.append(byte)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    fileprivate mutating func readError() -> SendError? {
        guard let category = readText().flatMap(ErrorCategory.init(rawValue:)), let message = readText() else {
            return nil
        }
        var numbers: [Int?] = []
        for _ in 0..<3 {
            guard let flag = read(), flag <= 1 else { return nil }
            guard flag == 1 else {
                numbers.append(nil)
                continue
            }
            guard let number = readSigned() else { return nil }
            numbers.append(Int(number))
        }
        return SendError(
            category: category,
            message: message,
            httpStatus: numbers[2],
            code: numbers[0],
            subcode: numbers[1]
        )
    }
}
