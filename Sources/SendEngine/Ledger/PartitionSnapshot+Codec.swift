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

    /// What of the ranges, which are ascending, is not below a value.
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
