import HTTPCodec

@testable import HTTP

/// Runs a connection's state machine without a socket: takes what it sends and notes what it does.
struct StateDriver {
    var state: ServerConnectionState
    var now: Int64 = 1_000
    /// All that the client took.
    private(set) var sent = ""
    /// Final answers that were given to be sent.
    private(set) var answers = 0
    /// `decide GET /`, `handle 1 GET / body`, `refuse 400`, `notice`, `shutDown`, `close`, `reset`.
    private(set) var events: [String] = []
    var decide: (HTTPServerRequest) -> HTTPHeadDecision = { _ in .read() }
    /// How much of what is sent the client takes now.
    var room = Int.max
    private var output: [UInt8] = []

    init(_ settings: HTTPServerSettings = HTTPServerSettings()) {
        state = ServerConnectionState(settings: settings, remoteAddress: nil, at: now)
    }

    mutating func receive(_ text: String) {
        state.receive(Array(text.utf8))
        run()
    }

    mutating func receiveEnd() {
        state.receiveEnd()
        run()
    }

    /// Answers the request that is handled.
    mutating func answer(_ body: String = "", status: Int = 200, number: UInt64? = nil) {
        let response = HTTPServerResponse(status: status, body: Array(body.utf8), isDated: false)
        end(.respond(response), number: number)
    }

    mutating func end(_ outcome: HTTPServerExchange.Outcome, number: UInt64? = nil) {
        state.end(outcome, of: number ?? state.number, at: now, date: "now")
        run()
    }

    mutating func wait(_ seconds: Int64) {
        now += seconds * 1_000_000_000
        while let deadline = state.deadline, deadline <= now {
            state.passDeadline(at: now)
            run()
        }
    }

    mutating func stop() {
        state.stop()
        run()
    }

    /// The client takes so many bytes more.
    mutating func take(_ count: Int) {
        room = count
        flush()
        run()
    }

    /// What has happened since it was last asked.
    mutating func takeEvents() -> [String] {
        defer { events = [] }
        return events
    }

    mutating func takeSent() -> String {
        defer { sent = "" }
        return sent
    }

    mutating func run() {
        while true {
            if let action = state.nextAction(at: now) {
                perform(action)
            } else if state.hasUnflushed {
                flush()
            } else {
                return
            }
        }
    }

    private mutating func perform(_ action: ServerConnectionState.Action) {
        switch action {
        case .decide(let request):
            events.append("decide \(request.method) \(request.path)")
            state.decide(decide(request), at: now, date: "now")
        case .handle(let request, let number, _):
            let body = String(decoding: request.body, as: UTF8.self)
            events.append("handle \(number) \(request.method) \(request.path) \(body)".trimmed)
        case .refuse(let refusal, let request):
            events.append("refuse \(refusal.status) \(request?.path ?? "")".trimmed)
            let response = HTTPServerResponse(status: refusal.status, isDated: false)
            state.refuse(with: response, at: now, date: "now")
        case .send(let bytes):
            if !bytes.starts(with: "HTTP/1.1 100 ".utf8) { answers += 1 }
            output += bytes
            state.queued(output.count, at: now)
        case .notice: events.append("notice")
        case .shutDownSending: events.append("shutDown")
        case .close: events.append("close")
        case .reset: events.append("reset")
        }
    }

    private mutating func flush() {
        let count = min(room, output.count)
        sent += String(decoding: output.prefix(count), as: UTF8.self)
        output.removeFirst(count)
        if room != .max { room -= count }
        state.sent(count, unsent: output.count, at: now)
    }
}

extension String {
    fileprivate var trimmed: String { last == " " ? String(dropLast()) : self }
}
