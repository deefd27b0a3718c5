import CZlib

/// Bytes as servers code them.
enum Deflated {
    /// - Parameter coding: `gzip`, `x-gzip`, `deflate` (zlib's format) or `raw` (bare deflate).
    static func bytes(_ bytes: [UInt8], as coding: String) -> [UInt8] {
        let windowBits =
            switch coding.lowercased() {
            case "deflate": MAX_WBITS
            case "raw": -MAX_WBITS
            default: MAX_WBITS + 16
            }
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        precondition(
            deflateInit2_(&stream, 6, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        )
        var input = bytes
        var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
        input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
            }
        }
        let count = Int(stream.total_out)
        deflateEnd(&stream)
        return Array(output.prefix(count))
    }
}
