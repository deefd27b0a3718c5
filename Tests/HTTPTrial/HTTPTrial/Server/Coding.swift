import CZlib

/// A body's coding, as servers apply it.
enum Coding: String, CaseIterable {
    case gzip
    case xGzip = "x-gzip"
    case deflate
    /// Deflate without zlib's frame, which some servers mean by it.
    case bareDeflate = "DEFLATE"

    func encode(_ bytes: [UInt8]) -> [UInt8] {
        let windowBits: Int32 =
            switch self {
            case .gzip, .xGzip: MAX_WBITS + 16
            case .deflate: MAX_WBITS
            case .bareDeflate: -MAX_WBITS
            }
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        let result = deflateInit2_(&stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        precondition(result == Z_OK, "zlib cannot be set up")
        defer { deflateEnd(&stream) }
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
        let count = input.withUnsafeMutableBufferPointer { source in
            output.withUnsafeMutableBufferPointer { target in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                precondition(CZlib.deflate(&stream, Z_FINISH) == Z_STREAM_END, "zlib has not come to an end")
                return target.count - Int(stream.avail_out)
            }
        }
        return Array(output.prefix(count))
    }

    /// A few kilobytes that become many megabytes.
    static let bomb = Coding.gzip.encode([UInt8](repeating: 0, count: 8_000_000))
    /// The same, twice over.
    static let doubleBomb = Coding.gzip.encode(bomb)
}

// MARK: - Coded answers

extension HostileConnection {
    mutating func giveCoded(_ answer: ServerAnswer, _ request: TrialRequest) -> Outcome {
        let coding = draw.one(of: Coding.allCases)
        var coded = answer
        coded.body = coding.encode(answer.body)
        var name = coding.rawValue
        switch draw.number(in: 0...9) {
        case 0 where coding == .gzip:
            let middle = answer.body.count / 2
            coded.body = coding.encode(Array(answer.body[..<middle])) + coding.encode(Array(answer.body[middle...]))
        case 1:
            coded.body = Coding.gzip.encode(coded.body)
            name += ", gzip"
        case 2:
            // Not known, so that it stays as it is.
            coded.body = answer.body
            name = "br"
        case 3:
            coded.body = answer.body
            name = "identity"
        default: break
        }
        coded.headers.append("Content-Encoding: \(name)")
        let bytes = draw.isHit(percent: 50) ? coded.chunked(&draw) : coded.counted
        return send(answer, request) { wire.write(bytes) } ? .next : .over(.reset)
    }

    mutating func spoilCoding(_ answer: ServerAnswer, _ fault: AnswerFault) -> Outcome {
        var coded = answer
        switch fault {
        case .bomb:
            let isDouble = draw.isHit(percent: 50)
            coded.body = isDouble ? Coding.doubleBomb : Coding.bomb
            coded.headers.append("Content-Encoding: \(isDouble ? "gzip, gzip" : "gzip")")
        case .threeCodings:
            coded.body = (0..<3).reduce(answer.body) { body, _ in Coding.gzip.encode(body) }
            coded.headers.append("Content-Encoding: gzip, gzip, gzip")
        default:
            coded.body = Coding.gzip.encode(answer.body)
            // In the frame's first bytes or in the checksum: what is between might become something that is none the worse.
            let place = draw.isHit(percent: 50) ? draw.number(in: 0...2) : coded.body.count - draw.number(in: 1...8)
            coded.body[place] ^= 0xFF
            coded.headers.append("Content-Encoding: gzip")
        }
        _ = wire.write(draw.isHit(percent: 50) ? coded.chunked(&draw) : coded.counted)
        return .clientCloses
    }
}
