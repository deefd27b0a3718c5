/// Undoes the content codings of one body, bounded at every stage.
///
/// The limit holds for what comes out of each coding, while it comes out: kilobytes that inflate to gigabytes cost no
/// more than the limit.
final class ContentDecoder {
    /// Codings on top of each other beyond this are refused.
    static let maximumCodings = 2

    private static let windowSize = 16_384

    private let inflaters: [Inflater]
    private let windows: [UnsafeMutableRawBufferPointer]
    private let limit: Int
    /// The number of bytes that each coding has given.
    private var given: [Int]

    /// - Parameters:
    ///   - codings: In the order of decoding: the last that was applied first.
    ///   - limit: The most bytes that may come out.
    private init(_ codings: [Inflater.Coding], limit: Int) {
        inflaters = codings.map { Inflater($0) }
        windows = codings.map { _ in .allocate(byteCount: Self.windowSize, alignment: 16) }
        given = codings.map { _ in 0 }
        self.limit = limit
    }

    deinit {
        for window in windows { window.deallocate() }
    }

    /// A decoder for a body with these values of `Content-Encoding`.
    ///
    /// - Returns: Nil where nothing is to be undone: no coding, or one that is not known, so that the body stays as it is.
    static func decoder(for contentEncodings: [String], limit: Int) throws(InflateFailure) -> ContentDecoder? {
        var codings: [Inflater.Coding] = []
        for name in contentEncodings.flatMap({ $0.split(separator: ",") }) {
            switch name.filter({ $0 != " " && $0 != "\t" }).lowercased() {
            case "", "identity": continue
            case "gzip", "x-gzip": codings.append(.gzip)
            case "deflate": codings.append(.deflate)
            default: return nil
            }
            if codings.count > maximumCodings { throw .tooManyCodings }
        }
        return codings.isEmpty ? nil : ContentDecoder(codings.reversed(), limit: limit)
    }

    /// Decodes the next bytes of the body and appends what comes out.
    func decode(_ bytes: UnsafeRawBufferPointer, into body: inout [UInt8]) throws(InflateFailure) {
        try decode(bytes, stage: 0, into: &body)
    }

    /// Checks that the body came to its end.
    func finish() throws(InflateFailure) {
        for inflater in inflaters { try inflater.finish() }
    }

    private func decode(
        _ bytes: UnsafeRawBufferPointer,
        stage: Int,
        into body: inout [UInt8]
    ) throws(InflateFailure) {
        guard stage < inflaters.count else {
            body.append(contentsOf: bytes)
            return
        }
        // A coding makes what cannot be compressed a little longer.
        let allowed = stage == inflaters.count - 1 ? limit : limit + limit / 16 + 1024
        try inflaters[stage].inflate(bytes, window: windows[stage]) { (piece) throws(InflateFailure) in
            given[stage] += piece.count
            guard given[stage] <= allowed else { throw .tooLong }
            try decode(piece, stage: stage + 1, into: &body)
        }
    }
}
