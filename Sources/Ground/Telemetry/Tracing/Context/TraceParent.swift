/// The id of a trace: 16 bytes that are not all zero.
package struct TraceID: Sendable, Hashable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    /// Nil for the id that is all zero.
    package init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// 32 lowercase hexadecimal digits.
    package var description: String {
        Hexadecimal.text(high, digits: 16) + Hexadecimal.text(low, digits: 16)
    }
}

/// The id of a span: 8 bytes that are not all zero.
package struct SpanID: Sendable, Hashable, CustomStringConvertible {
    package let value: UInt64

    /// Nil for the id that is all zero.
    package init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    /// 16 lowercase hexadecimal digits.
    package var description: String { Hexadecimal.text(value, digits: 16) }
}

/// The header `traceparent` of W3C Trace Context: a trace, a span in it, and whether the trace is recorded.
package struct TraceParent: Sendable, Hashable {
    package var traceID: TraceID
    package var spanID: SpanID
    /// The bits that this version of the header gives a meaning to.
    package var flags: Flags

    /// The last field of the header.
    package struct Flags: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        /// Whoever asked records the trace.
        package static let sampled = Flags(rawValue: 1)
        /// The lower half of the trace id is random (Level 2).
        package static let random = Flags(rawValue: 2)
        /// Bits without a meaning are not passed on.
        static let known: Flags = [.sampled, .random]
    }

    package init(traceID: TraceID, spanID: SpanID, flags: Flags) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
    }
}

extension TraceParent {
    /// `00-<32 digits>-<16 digits>-<2 digits>`.
    private static let length = 55

    /// Reads a header; nil for what W3C says is to be ignored: another shape, uppercase digits, an id that is all zero,
    /// version `ff`. Of versions that are not known yet the fields of version `00` are read, whatever follows them.
    package init?(_ text: String) {
        let bytes = Array(text.utf8.prefix(Self.length + 1))
        let dash = UInt8(ascii: "-")
        guard bytes.count >= Self.length, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Hexadecimal.value(of: bytes[0..<2]), version != 0xff,
            let high = Hexadecimal.value(of: bytes[3..<19]), let low = Hexadecimal.value(of: bytes[19..<35]),
            let span = Hexadecimal.value(of: bytes[36..<52]), let flags = Hexadecimal.value(of: bytes[53..<55]),
            let traceID = TraceID(high: high, low: low), let spanID = SpanID(span)
        else { return nil }
        if bytes.count > Self.length {
            guard version > 0, bytes[Self.length] == dash else { return nil }
        }
        let known = version == 0 ? Flags.known : .sampled
        self.init(traceID: traceID, spanID: spanID, flags: Flags(rawValue: UInt8(flags)).intersection(known))
    }

    /// The header in version `00`.
    package var text: String {
        "00-\(traceID)-\(spanID)-\(Hexadecimal.text(UInt64(flags.rawValue), digits: 2))"
    }
}
