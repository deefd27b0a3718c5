import COpenSSL

// MARK: - Connections and handshakes

extension HostileConnection {
    /// Meets the client as the connection's fault says.
    ///
    /// - Returns: Whether requests are to be read; else the connection has been ended.
    mutating func open() -> Bool {
        let isSecure = server.settings.mode != .plain
        let fault = ConnectionFault.draw(&draw, isSecure: isSecure, share: server.settings.connectionFaults)
        if fault != .none { sightings.count("connection: \(fault.rawValue)") }
        switch fault {
        case .reset, .fin:
            if draw.isHit(percent: 50) { _ = wire.pause(milliseconds: draw.number(in: 0...5)) }
            return close(fault == .reset ? .reset : .withoutNotify)
        case .slow:
            guard wire.pause(milliseconds: draw.number(in: 0...20)) else { return close(.inOrder) }
        case .mute:
            _ = wire.pause(milliseconds: Self.long)
            return close(.inOrder)
        case .plainText: return answerInPlain("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        case .garbage: return answerInPlain(String(repeating: "\u{16}\u{3}garbage", count: draw.number(in: 1...50)))
        case .alert: return sendAlert()
        case .cutHandshake: return cutHandshake(thenStall: false)
        case .stalledHandshake: return cutHandshake(thenStall: true)
        default: break
        }
        guard !isSecure || wire.secure(server.contexts[fault.context]) else { return close(.withoutNotify) }
        switch fault {
        case .speaks: return close(speak() ? .inOrder : .reset)
        case .resetAfterHandshake: return close(.reset)
        case .alertAfterHandshake:
            _ = wire.writeToSocket(Self.alert(draw.one(of: Self.alerts)))
            return close(.withoutNotify)
        default: return true
        }
    }

    private func close(_ ending: Wire.Ending) -> Bool {
        end(ending)
        return false
    }

    static let alerts: [UInt8] = [0, 10, 20, 40, 42, 45, 46, 47, 48, 49, 50, 70, 71, 80, 86, 90, 112, 116, 120]

    /// A fatal alert in plain, as it comes before there are keys.
    static func alert(_ number: UInt8) -> [UInt8] { [21, 3, 3, 0, 2, number == 0 ? 1 : 2, number] }

    private func answerInPlain(_ text: String) -> Bool {
        guard wire.readFromSocket(within: Self.long) != nil, wire.writeToSocket(Array(text.utf8)) else {
            return closeUnread(.reset)
        }
        _ = wire.pause(milliseconds: 20)
        return closeUnread(.withoutNotify)
    }

    private mutating func sendAlert() -> Bool {
        if draw.isHit(percent: 80) { _ = wire.readFromSocket(within: Self.long) }
        _ = wire.writeToSocket(Self.alert(draw.one(of: Self.alerts)))
        return closeUnread(.withoutNotify)
    }

    /// Sends a part of the server's handshake, or all of it, and does not read what the client says to that.
    private mutating func cutHandshake(thenStall stalls: Bool) -> Bool {
        guard let hello = wire.readFromSocket(within: Self.long) else { return closeUnread(.withoutNotify) }
        let flight = ServerContexts.flight(server.contexts[.usual], hello: hello)
        let isWhole = draw.isHit(percent: 40)
        let part = isWhole ? flight : Array(flight.prefix(draw.number(in: 0...max(flight.count - 1, 0))))
        _ = wire.writeToSocket(part)
        if stalls {
            _ = wire.pause(milliseconds: Self.long)
        } else if isWhole {
            // The client is connected by now, and may have written.
            _ = wire.pause(milliseconds: draw.number(in: 0...3))
        }
        return closeUnread(draw.isHit(percent: 50) ? .reset : .withoutNotify)
    }

    /// Closes where what came cannot be read: it is encrypted, or no request.
    private func closeUnread(_ ending: Wire.Ending) -> Bool {
        wire.end(ending)
        return false
    }
}

// MARK: - The proxy

extension HostileConnection {
    /// Reads a CONNECT and treats it as the connection's fault says.
    ///
    /// - Returns: Whether the origin is to be played; else the connection has been ended.
    mutating func openTunnel() -> Bool {
        let fault = ProxyFault.draw(&draw, share: server.settings.proxyFaults)
        sightings.count("proxy: \(fault.rawValue)")
        guard readConnect() else { return closeTunnel(.inOrder) }
        switch fault {
        case .opens: return write("HTTP/1.1 200 Connection established\r\n\r\n")
        case .opensWithLength: return write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        case .opensWithChunked: return write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        case .opensWithOtherStatus:
            let status = draw.one(of: ["204 No Content", "201 Created", "299 Why Not", "202"])
            return write("HTTP/1.1 \(status)\r\nContent-Length: 17\r\n\r\n")
        case .opensAfterInterim:
            return write("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\n")
        case .opensByteByByte:
            return "HTTP/1.1 200 OK\r\nX-Proxy: slow\r\n\r\n".utf8.allSatisfy {
                wire.writeToSocket([$0]) && wire.pause(milliseconds: 1)
            } || closeTunnel(.inOrder)
        default: return refuse(fault)
        }
    }

    private mutating func refuse(_ fault: ProxyFault) -> Bool {
        switch fault {
        case .refuses:
            let status = draw.one(of: ["403 Forbidden", "407 Proxy Authentication Required", "502 Bad", "503 Busy"])
            if write("HTTP/1.1 \(status)\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nsorry") {
                // It is the client that has to close.
                waitForSilence()
                return closeTunnel(.inOrder)
            }
            return false
        case .closes: return closeTunnel(.inOrder)
        case .resets: return closeTunnel(.reset)
        case .cutAnswer:
            let answer = Array("HTTP/1.1 200 OK\r\nX-Proxy: cut\r\n\r\n".utf8)
            _ = wire.writeToSocket(Array(answer.prefix(draw.number(in: 1...answer.count - 1))))
            return closeTunnel(.inOrder)
        case .notHTTP: _ = wire.writeToSocket(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8))
        case .mute: break
        case .endlessHead:
            while wire.writeToSocket(Array("X-Proxy: endless\r\n".utf8)) {}
        default: return openBadly(fault)
        }
        waitForSilence()
        return closeTunnel(.inOrder)
    }

    private mutating func openBadly(_ fault: ProxyFault) -> Bool {
        let head = "HTTP/1.1 200 OK\r\n\r\n"
        guard write(fault == .opensThenGarbage ? head + "HTTP/1.1 200 OK\r\n\r\n" : head) else { return false }
        if draw.isHit(percent: 50) { _ = wire.pause(milliseconds: draw.number(in: 0...5)) }
        return closeTunnel(fault == .opensThenResets ? .reset : .inOrder)
    }

    private func waitForSilence() { _ = wire.pause(milliseconds: Self.long) }

    private func write(_ text: String) -> Bool { wire.writeToSocket(Array(text.utf8)) || closeTunnel(.inOrder) }

    private func closeTunnel(_ ending: Wire.Ending) -> Bool {
        wire.end(ending)
        return false
    }

    private func readConnect() -> Bool {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard let bytes = wire.readFromSocket(within: Self.long) else { return false }
            head += bytes
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        if lines.first != "CONNECT \(TrialCertificates.host):443 HTTP/1.1" {
            sightings.note("the proxy is asked: \(lines.first ?? "")")
        }
        if !lines.contains("Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==") {
            sightings.note("the proxy sees no credentials")
        }
        return true
    }
}
