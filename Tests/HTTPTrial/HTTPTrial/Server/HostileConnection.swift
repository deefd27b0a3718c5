import Reactor

/// One connection as the server meets it, on a thread of its own: proxy, handshake, then requests until something ends it.
struct HostileConnection {
    /// What becomes of the connection after a request.
    enum Outcome {
        /// The next request may come.
        case next
        /// The client has to close it. What comes till then is noted and not answered.
        case clientCloses
        /// The same, and a request on it would be a fault of the client's.
        case carriesNoMore
        case over(Wire.Ending)
        /// It ends though the request's body was not read.
        case cut(Wire.Ending)
    }

    let server: HostileServer
    let wire: Wire
    /// How many connections came before.
    let index: Int
    var draw: Draw
    /// How many requests it has carried.
    var place = 0
    /// The client still has to say something of its own about the answer, which would meet a closed connection.
    var awaitsReply = false
    let openTime = Reactor.monotonicNow()
    /// Longer than any client waits.
    static let long = 15_000

    init(_ server: HostileServer, _ wire: Wire, _ index: Int) {
        self.server = server
        self.wire = wire
        self.index = index
        draw = Draw(seed: server.settings.seed, .connection, index)
    }

    var sightings: Sightings { server.sightings }

    mutating func run() {
        if server.settings.mode == .proxy {
            guard openTunnel() else { return }
        }
        guard open() else { return }
        while true {
            if place > 0, let ending = idle() { return end(ending) }
            guard let request = readHead() else { return end(.inOrder) }
            let outcome = answer(request)
            place += 1
            switch outcome {
            case .next: continue
            case .clientCloses, .carriesNoMore:
                let mayCarryMore = if case .clientCloses = outcome { true } else { false }
                waitForClose(mayCarryMore: mayCarryMore)
                return end(.inOrder)
            case .over(let ending): return end(ending)
            case .cut(let ending): return wire.end(ending)
            }
        }
    }

    /// Closes, having seen what there was to see.
    func end(_ ending: Wire.Ending) {
        // Before there are keys, no request can have come.
        if server.settings.mode == .plain || wire.session != nil {
            wire.readWhatIsThere()
            noteUnread()
        }
        wire.end(ending)
    }

    /// Notes the beginnings of requests that are not read any more.
    private func noteUnread() {
        if wire.received.isEmpty { return }
        if let id = TrialRequest.id(in: wire.received) {
            sightings.saw(id, place: place, openedAt: openTime)
        } else {
            sightings.sawOrphan()
        }
        wire.received = []
    }

    private func waitForClose(mayCarryMore: Bool) {
        let began = Reactor.monotonicNow()
        while wire.received.isEmpty {
            if case .end = wire.read(within: Self.long) { return }
        }
        let milliseconds = (Reactor.monotonicNow() - began) / 1_000_000
        // What crosses comes at once. A machine under load has its own pace.
        if !mayCarryMore || milliseconds > 1_000 {
            sightings.note("connection \(index) carried a request \(milliseconds) ms after its end was told")
        }
    }
}

// MARK: - Requests

extension HostileConnection {
    /// Reads a request up to the blank line and leaves its body; nil where none comes.
    private mutating func readHead() -> TrialRequest? {
        var isNoted = false
        while true {
            if !isNoted, let id = TrialRequest.id(in: wire.received) {
                sightings.saw(id, place: place, openedAt: openTime)
                isNoted = true
            }
            if let request = parseHead() { return request }
            guard case .bytes = wire.read(within: Self.long) else {
                // Noted already, or by `end`.
                if isNoted { wire.received = [] }
                return nil
            }
        }
    }

    private func parseHead() -> TrialRequest? {
        guard let end = wire.received.position(of: "\r\n\r\n"), let id = TrialRequest.id(in: wire.received) else {
            return nil
        }
        let lines = String(decoding: wire.received[..<end], as: UTF8.self).split(separator: "\r\n")
        wire.received.removeFirst(end + 4)
        var request = TrialRequest(id: id, isHead: lines[0].hasPrefix("HEAD "))
        let expected = "\(request.isHead ? "HEAD" : "POST") \(TrialRequest.path(id)) HTTP/1.1"
        if lines[0] != expected { sightings.note("request \(id) begins with \(lines[0])") }
        for line in lines.dropFirst() {
            let name = line.prefix { $0 != ":" }.lowercased()
            let value = line.drop { $0 != ":" }.dropFirst().filter { $0 != " " }
            if name == "content-length" { request.length = Int(value) ?? 0 }
            if name.hasPrefix("proxy-") { sightings.note("the origin sees \(name)") }
        }
        return request
    }

    /// Reads the body and checks it; false where it does not come.
    ///
    /// - Parameter isAnswered: The client may have gone on to the next request.
    func readBody(_ request: TrialRequest, isAnswered: Bool = false) -> Bool {
        while wire.received.count < request.length {
            guard case .bytes = wire.read(within: Self.long) else {
                wire.received = []
                return false
            }
        }
        if !wire.received.begins(with: TrialRequest.body(request.id, count: request.length)) {
            sightings.note("the body of request \(request.id) is another one than was written")
        }
        wire.received.removeFirst(request.length)
        if !isAnswered, !wire.received.isEmpty {
            sightings.note("bytes follow request \(request.id) before it was answered")
        }
        return true
    }

    /// What happens before the next request.
    ///
    /// - Returns: How the connection ends; nil where the request is to be read.
    private mutating func idle() -> Wire.Ending? {
        let fault = IdleFault.draw(&draw, share: server.settings.idleFaults)
        defer { awaitsReply = false }
        guard fault != .none, !awaitsReply else { return nil }
        wire.flush()
        guard wire.pause(milliseconds: draw.number(in: 0...12)) else { return .inOrder }
        // Half of the time it looks whether a request is on its way; else the two may cross.
        if draw.isHit(percent: 50) {
            wire.readWhatIsThere()
            if !wire.received.isEmpty { return nil }
        }
        sightings.count("idle: \(fault.rawValue)")
        switch fault {
        case .none, .fin: return .inOrder
        case .reset: return .reset
        case .withoutNotify: return .withoutNotify
        case .speaks: return speak() ? .inOrder : .reset
        case .mutters:
            _ = wire.write("HTT")
            waitForClose(mayCarryMore: true)
        case .halfClose:
            wire.endWriting()
            waitForClose(mayCarryMore: true)
        }
        return .inOrder
    }

    /// Says what nobody asked for.
    func speak() -> Bool {
        let mark = "stray.\(sightings.stray())"
        return wire.write(
            "HTTP/1.1 408 Request Timeout\r\nX-Answer: \(mark)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    }
}
