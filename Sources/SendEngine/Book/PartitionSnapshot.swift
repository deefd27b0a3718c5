/// The knowledge that a new owner of a partition must have: which offsets at and above the committed one are finished,
/// and which were started without a known end.
package struct PartitionSnapshot: Sendable, Hashable {
    /// All offsets below it are finished. A snapshot counts only where this is the group's committed offset.
    package var base: Int64
    /// Finished offsets above the base: ascending, not touching, never empty ranges. Offsets between two finished ones
    /// that do not exist in the log may be covered.
    package var finished: [Range<Int64>]
    /// Offsets whose message may have been delivered, though nobody knows: ascending, not touching ranges.
    package var started: [Range<Int64>]
    /// Like `started`, and called again after a call without a known end: may have been delivered more than once. No
    /// offset is in both.
    package var resent: [Range<Int64>]

    package init(
        base: Int64,
        finished: [Range<Int64>] = [],
        started: [Range<Int64>] = [],
        resent: [Range<Int64>] = []
    ) {
        self.base = base
        self.finished = finished
        self.started = started
        self.resent = resent
    }

    /// Returns what it says of the offsets from a later one on; nil for an earlier one.
    package func rest(from offset: Int64) -> PartitionSnapshot? {
        guard offset > base else { return nil }
        return PartitionSnapshot(
            base: offset,
            finished: finished.rest(from: offset),
            started: started.rest(from: offset),
            resent: resent.rest(from: offset)
        )
    }
}

/// The form on the state topic: version, kind, base, span, then for each offset of the span from the base on whether it
/// is open, finished, started or resent, as runs or as two bits each, whichever is smaller; at the end a checksum.
extension PartitionSnapshot {
    private static let version: UInt8 = 1

    private enum Kind: UInt8 {
        case runs = 0
        case bitmap = 1
    }

    private enum Mark: UInt8 {
        case open = 0
        case finished = 1
        case started = 2
        case resent = 3
    }

    private struct Run {
        var mark: Mark
        var length: Int64
    }

    package func encoded() -> [UInt8] {
        let runs = runs()
        let span = runs.reduce(Int64(0)) { $0.saturatingAdd($1.length) }
        var runBody = ByteWriter()
        for run in runs { runBody.writeVarint(UInt64(run.length) << 2 | UInt64(run.mark.rawValue)) }
        let isBitmapSmaller = span / 4 + 1 < runBody.bytes.count
        var writer = ByteWriter()
        writer.write(Self.version)
        writer.write((isBitmapSmaller ? Kind.bitmap : .runs).rawValue)
        writer.writeSigned(base)
        writer.writeVarint(UInt64(span))
        writer.write(isBitmapSmaller ? Self.bitmap(of: runs, span: Int(span)) : runBody.bytes)
        return writer.sealed()
    }

    /// Reads what `encoded()` wrote; nil for anything else, whatever the bytes.
    package init?(decoding bytes: [UInt8]) {
        guard var reader = ByteReader(sealed: bytes),
            reader.read() == Self.version,
            let kind = reader.read().flatMap(Kind.init(rawValue:)),
            let base = reader.readSigned(),
            let span = reader.readVarint().flatMap(Int64.init(exactly:)),
            !base.addingReportingOverflow(span).overflow
        else { return nil }
        self.init(base: base)
        let isWhole =
            switch kind {
            case .runs: readRuns(&reader, span: span)
            case .bitmap: readBitmap(&reader, span: span)
            }
        guard isWhole, reader.count == 0 else { return nil }
    }

    /// The marks from the base on without gaps; overlapping and out-of-order ranges are cut to what fits.
    private func runs() -> [Run] {
        var marked = finished.map { ($0, Mark.finished) }
        marked += started.map { ($0, Mark.started) }
        marked += resent.map { ($0, Mark.resent) }
        var runs: [Run] = []
        var end = base
        for (range, mark) in marked.sorted(by: { $0.0.lowerBound < $1.0.lowerBound }) {
            let lower = max(range.lowerBound, end)
            guard lower < range.upperBound, range.upperBound.saturatingSubtract(base) < Int64.max >> 2 else { continue }
            if lower > end { runs.append(Run(mark: .open, length: lower - end)) }
            runs.append(Run(mark: mark, length: range.upperBound - lower))
            end = range.upperBound
        }
        return runs
    }

    private static func bitmap(of runs: [Run], span: Int) -> [UInt8] {
        var bitmap = [UInt8](repeating: 0, count: (span + 3) / 4)
        var position = 0
        for run in runs {
            if run.mark != .open {
                for index in position..<position + Int(run.length) {
                    bitmap[index / 4] |= run.mark.rawValue << UInt8(2 * (index % 4))
                }
            }
            position += Int(run.length)
        }
        return bitmap
    }

    private mutating func readRuns(_ reader: inout ByteReader, span: Int64) -> Bool {
        var rest = span
        while rest > 0 {
            guard let run = reader.readVarint(), let mark = Mark(rawValue: UInt8(run & 3)) else { return false }
            let length = Int64(run >> 2)
            guard length > 0, length <= rest else { return false }
            add(mark, from: base + (span - rest), length: length)
            rest -= length
        }
        return true
    }

    private mutating func readBitmap(_ reader: inout ByteReader, span: Int64) -> Bool {
        guard Int64(reader.count) == span / 4 + (span % 4 == 0 ? 0 : 1) else { return false }
        var byte: UInt8 = 0
        for index in 0..<span {
            if index % 4 == 0 { byte = reader.read() ?? 0 }
            guard let mark = Mark(rawValue: byte >> UInt8(2 * (index % 4)) & 3) else { return false }
            add(mark, from: base + index, length: 1)
        }
        return true
    }

    private mutating func add(_ mark: Mark, from lower: Int64, length: Int64) {
        switch mark {
        case .open: break
        case .finished: finished.appendJoining(lower..<lower + length)
        case .started: started.appendJoining(lower..<lower + length)
        case .resent: resent.appendJoining(lower..<lower + length)
        }
    }
}

extension [Range<Int64>] {
    /// Appends a range that begins at or behind the end of the last one, as part of the last one if they touch.
    mutating func appendJoining(_ range: Range<Int64>) {
        if let last, last.upperBound == range.lowerBound {
            self[count - 1] = last.lowerBound..<range.upperBound
        } else {
            append(range)
        }
    }

    /// Returns what of the ranges, which are ascending, is not below a value.
    func rest(from value: Int64) -> [Range<Int64>] {
        filter { $0.upperBound > value }.map { Swift.max($0.lowerBound, value)..<$0.upperBound }
    }

    /// Whether a value is in one of the ranges, which are ascending.
    func covers(_ value: Int64) -> Bool {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].upperBound <= value { low = middle + 1 } else { high = middle }
        }
        return low < count && self[low].contains(value)
    }
}

/// Appends numbers to bytes in the form that `ByteReader` reads.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func write(_ byte: UInt8) { bytes.append(byte) }

    mutating func write(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// 7 bits per byte, low ones first.
    mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Small numbers of either sign are short.
    mutating func writeSigned(_ value: Int64) {
        writeVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    /// The bytes with their checksum behind them.
    func sealed() -> [UInt8] {
        let sum = CRC32.checksum(of: bytes)
        return bytes + (0..<4).map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
    }
}

/// Reads what `ByteWriter` wrote; answers nil, and never traps, where the bytes hold something else.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    /// Nil where the checksum does not match.
    init?(sealed bytes: [UInt8]) {
        guard bytes.count >= 4 else { return nil }
        let body = bytes.dropLast(4)
        let sum = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard CRC32.checksum(of: body) == sum else { return nil }
        rest = body
    }

    var count: Int { rest.count }

    mutating func read() -> UInt8? { rest.popFirst() }

    /// The next bytes as something to read by itself; nil where there are not so many.
    mutating func readBytes(_ count: UInt64) -> ByteReader? {
        guard count <= UInt64(rest.count) else { return nil }
        let part = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
        return ByteReader(part)
    }

    private init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func readVarint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = rest.popFirst() {
            let part = UInt64(byte & 0x7F)
            guard shift < 63 || part <= 1, shift <= 63 else { return nil }
            value |= part << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        return nil
    }

    mutating func readSigned() -> Int64? {
        guard let value = readVarint() else { return nil }
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }
}

/// The CRC-32 of zlib and Ethernet: tells whether stored bytes are the ones that were written.
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in
            value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
        }
    }

    static func checksum(of bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { value, byte in
            table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ (value >> 8)
        }
    }
}
