import HTTPCodec
import Reactor

/// The request to a proxy to connect to the origin, and its answer.
///
/// The answer is read byte by byte: what stands behind its blank line belongs to TLS, which reads the socket itself.
final class ProxyTunnel {
    enum Step {
        case wait(Interest)
        case open
        case failed(HTTPCallFailure.Kind)
    }

    private var request: ArraySlice<UInt8>
    private var isWritable: Bool
    private var parser: ResponseParser

    init(to origin: HTTPOrigin, proxy: HTTPProxy) {
        var headers = HTTPHeaders()
        headers.add("Host", origin.authority)
        if let credentials = proxy.credentials { headers.add("Proxy-Authorization", credentials) }
        var bytes: [UInt8] = []
        do throws(HTTPWriteError) {
            try HTTPWriter.appendRequestHead(
                method: .connect,
                target: origin.authority,
                headers: headers,
                framing: .none,
                to: &bytes
            )
            isWritable = true
        } catch {
            isWritable = false
        }
        request = bytes[...]
        parser = ResponseParser()
        parser.begin(answering: .connect)
    }

    /// Goes on as far as the socket allows.
    func goOn(_ descriptor: Int32) -> Step {
        guard isWritable else { return .failed(.invalidRequest("the host's name")) }
        while !request.isEmpty {
            switch request.withUnsafeBytes({ Socket.send(descriptor, $0) }) {
            case .moved(let count): request.removeFirst(count)
            case .wouldBlock: return .wait(.write)
            case .ended: return .failed(.closedWhileConnecting(.tunnel))
            case .failed(let code): return .failed(HTTPCallFailure.kind(errno: code))
            }
        }
        return readAnswer(descriptor)
    }

    private func readAnswer(_ descriptor: Int32) -> Step {
        var byte: UInt8 = 0
        while true {
            switch withUnsafeMutableBytes(of: &byte, { Socket.receive(descriptor, into: $0) }) {
            case .moved:
                if let step = take(byte) { return step }
            case .wouldBlock: return .wait(.read)
            case .ended: return .failed(.closedWhileConnecting(.tunnel))
            case .failed(let code): return .failed(HTTPCallFailure.kind(errno: code))
            }
        }
    }

    private func take(_ byte: UInt8) -> Step? {
        let bytes = [byte]
        var position = 0
        do throws(HTTPParseError) {
            while true {
                switch try parser.next(in: bytes.span, at: &position) {
                case .needMore: return nil
                case .interim: continue
                case .head, .body, .end:
                    let status = parser.head.status
                    return (200..<300).contains(status) ? .open : .failed(.tunnelRefused(status: status))
                }
            }
        } catch {
            return .failed(.tunnelFraming(error))
        }
    }
}
