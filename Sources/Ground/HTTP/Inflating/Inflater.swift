import CZlib

/// The reason why coded bytes could not be decoded.
package enum InflateFailure: Error, Hashable, Sendable {
    /// There are more bytes than the limit.
    case tooLong
    /// The bytes are not of their coding.
    case corrupt
    /// The bytes end in the middle.
    case cutOff
    /// More codings stand on top of each other than anybody uses in earnest.
    case tooManyCodings
}

/// Decodes gzip or deflate piece by piece.
///
/// Gzip may consist of several members; what follows them and is none is ignored, as browsers do. `deflate` is taken as
/// zlib's format, which it means, and as bare deflate, which some servers send.
///
/// A class with a pointer of its own, because zlib's state refers back to its stream: that must not move.
final class Inflater {
    enum Coding: Sendable, Hashable {
        case gzip
        case deflate
    }

    private enum State {
        /// The first bytes decide about the format of what calls itself deflate.
        case detecting
        case inflating
        /// Behind a whole gzip member: another one may follow.
        case betweenMembers
        case ended
    }

    private let coding: Coding
    private let stream: UnsafeMutablePointer<z_stream>
    private var state: State
    private var isInitialized = false
    private var membersEnded = 0
    /// The first byte of what calls itself deflate, where it came alone.
    private var held: [UInt8] = []

    init(_ coding: Coding) {
        self.coding = coding
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        state = coding == .gzip ? .inflating : .detecting
        if coding == .gzip { isInitialized = c_zlib_inflate_init2(stream, MAX_WBITS + 16) == Z_OK }
    }

    deinit {
        if isInitialized { inflateEnd(stream) }
        stream.deallocate()
    }

    /// Decodes the next bytes and hands over what comes out in pieces of at most the window's size.
    ///
    /// - Parameters:
    ///   - window: Where decoded bytes are put before they are handed over.
    ///   - output: May throw, to stop.
    func inflate(
        _ input: UnsafeRawBufferPointer,
        window: UnsafeMutableRawBufferPointer,
        output: (UnsafeRawBufferPointer) throws(InflateFailure) -> Void
    ) throws(InflateFailure) {
        if case .detecting = state {
            let before = held
            held += input.prefix(2 - before.count)
            guard held.count == 2 else { return }
            guard start(as: held) else { throw .corrupt }
            state = .inflating
            try before.withUnsafeBufferPointer { (bytes) throws(InflateFailure) in
                try run(UnsafeRawBufferPointer(bytes), window, output)
            }
        }
        try run(input, window, output)
    }

    /// Checks that the bytes came to their end.
    func finish() throws(InflateFailure) {
        switch state {
        case .ended, .betweenMembers: return
        case .detecting:
            // No byte at all is what servers send with an empty body.
            if !held.isEmpty { throw .cutOff }
        case .inflating:
            if membersEnded == 0, stream.pointee.total_in == 0 { return }
            if membersEnded > 0, stream.pointee.total_in < 2 { return }
            throw .cutOff
        }
    }

    private func start(as first: [UInt8]) -> Bool {
        let isZlib = first[0] & 0x0F == 8 && (Int(first[0]) << 8 | Int(first[1])).isMultiple(of: 31)
        isInitialized = c_zlib_inflate_init2(stream, isZlib ? MAX_WBITS : -MAX_WBITS) == Z_OK
        return isInitialized
    }

    private func run(
        _ input: UnsafeRawBufferPointer,
        _ window: UnsafeMutableRawBufferPointer,
        _ output: (UnsafeRawBufferPointer) throws(InflateFailure) -> Void
    ) throws(InflateFailure) {
        guard isInitialized, let start = input.baseAddress, let place = window.baseAddress else {
            if !isInitialized { throw .corrupt }
            return
        }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: start.assumingMemoryBound(to: UInt8.self)
        )
        stream.pointee.avail_in = UInt32(input.count)
        while true {
            if case .betweenMembers = state { nextMember() }
            if case .ended = state { return }
            stream.pointee.next_out = place.assumingMemoryBound(to: UInt8.self)
            stream.pointee.avail_out = UInt32(window.count)
            let code = CZlib.inflate(stream, Z_NO_FLUSH)
            let count = window.count - Int(stream.pointee.avail_out)
            if count > 0 { try output(UnsafeRawBufferPointer(rebasing: window[..<count])) }
            switch code {
            case Z_STREAM_END:
                membersEnded += 1
                state = coding == .gzip ? .betweenMembers : .ended
                if stream.pointee.avail_in == 0 { return }
            case Z_OK, Z_BUF_ERROR:
                // With room left in the window all input was used.
                if stream.pointee.avail_out > 0 { return }
            default:
                guard membersEnded > 0, stream.pointee.total_out == 0 else { throw .corrupt }
                state = .ended
            }
        }
    }

    /// Goes on with another gzip member where one may begin.
    private func nextMember() {
        guard stream.pointee.avail_in > 0 else { return }
        if stream.pointee.next_in.pointee == 0x1F, inflateReset(stream) == Z_OK {
            state = .inflating
        } else {
            state = .ended
        }
    }
}
