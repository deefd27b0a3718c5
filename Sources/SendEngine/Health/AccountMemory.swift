/// What the next owner of an account's partition must know of the account: its hourly usage, its holds and its pace.
/// Times are on the wall clock, in milliseconds, the only clock that owners share.
package struct AccountMemory: Sendable, Hashable {
    /// Calls that still count against an hourly limit.
    struct Usage: Sendable, Hashable {
        /// When they no longer count.
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
    /// How often in a row the account was held.
    var holds = 0
    var paceSteps = 0
    var recoversFrom = Int64.min
    /// What a version that knows only the above passes over.
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
