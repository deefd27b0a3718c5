import Containers
import Reactor

/// The bytes that a connection has still to send.
struct OutputQueue {
    private var chunks = Deque<[UInt8]>()
    /// Small pieces behind the chunks, gathered.
    private var tail: [UInt8] = []
    /// The first chunk's bytes that are sent.
    private var sent = 0
    /// All bytes still to send.
    private(set) var count = 0

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        count += bytes.count
        if bytes.count > 16_384 {
            closeTail()
            chunks.append(bytes)
        } else {
            tail.append(contentsOf: bytes)
            if tail.count > 65_536 { closeTail() }
        }
    }

    /// Sends as much as the socket takes; `failed` with an errno where the connection is dead.
    mutating func flush(to descriptor: Int32) -> Socket.Transfer {
        var moved = 0
        while count > 0 {
            if chunks.isEmpty { closeTail() }
            let first = chunks[0]
            let transfer = first.withUnsafeBytes { Socket.send(descriptor, .init(rebasing: $0[sent...])) }
            guard case .moved(let bytes) = transfer else {
                if case .wouldBlock = transfer { break }
                return transfer
            }
            moved += bytes
            count -= bytes
            sent += bytes
            if sent == first.count {
                chunks.removeFirst()
                sent = 0
            }
        }
        return .moved(moved)
    }

    private mutating func closeTail() {
        guard !tail.isEmpty else { return }
        chunks.append(tail)
        tail = []
    }
}
