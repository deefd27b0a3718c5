import HTTP
import HTTPCodec

/// The control interface under `/_simulator/`.
struct ControlRoutes: Sendable {
    /// The largest body read.
    static let maximumBodyBytes = 1_048_576
    /// Calls in one answer where the request asks for no other number.
    private static let defaultLimit = 10_000

    private enum Route {
        case health, summary, calls, conversations, reset, faults, setFaults(replacing: Bool), removeFaults, removeFault
    }

    private let simulator: GraphSimulator
    private let routes: RouteTable<Route>

    init(simulator: GraphSimulator) {
        self.simulator = simulator
        var routes = RouteTable<Route>()
        routes.add(.get, "/_simulator/health", .health)
        routes.add(.get, "/_simulator/summary", .summary)
        routes.add(.get, "/_simulator/calls", .calls)
        routes.add(.get, "/_simulator/conversations", .conversations)
        routes.add(.post, "/_simulator/reset", .reset)
        routes.add(.get, "/_simulator/faults", .faults)
        routes.add(.post, "/_simulator/faults", .setFaults(replacing: false))
        routes.add(.put, "/_simulator/faults", .setFaults(replacing: true))
        routes.add(.delete, "/_simulator/faults", .removeFaults)
        routes.add(.delete, "/_simulator/faults/:id", .removeFault)
        self.routes = routes
    }

    /// Answers a request.
    func answer(_ request: HTTPServerRequest) -> HTTPServerResponse {
        do throws(ControlError) {
            guard let match = routes.match(request.method, request.path) else {
                throw ControlError(
                    "\(request.method) \(request.path) is not known; there are GET health, summary, calls, "
                        + "conversations, faults; POST and PUT faults; DELETE faults and faults/{id}; POST reset, all "
                        + "under /_simulator/",
                    status: 404
                )
            }
            return try answer(request, match)
        } catch {
            return .json(.object(["error": .string(error.message)]), status: error.status)
        }
    }

    /// The answer to a request that the server refuses by itself.
    func refuse(_ refusal: HTTPServerRefusal) -> HTTPServerResponse {
        let message = refusal.status == 413 ? "the body is too large; send at most 1 MiB" : refusal.reason
        return .json(.object(["error": .string(message)]), status: refusal.status)
    }

    private func answer(
        _ request: HTTPServerRequest,
        _ match: RouteTable<Route>.Match
    ) throws(ControlError) -> HTTPServerResponse {
        switch match.route {
        case .health: health()
        case .summary: .json(simulator.summary().json)
        case .calls: try calls(Query(request, accepts: ["since", "account", "limit"]))
        case .conversations: try conversations(Query(request, accepts: ["account"]))
        case .reset: reset()
        case .faults: faults()
        case .setFaults(let replacing): try setFaults(request.body, replacing: replacing)
        case .removeFaults: removeFaults()
        case .removeFault: try removeFault(match.parameters[0])
        }
    }

    private func health() -> HTTPServerResponse {
        .json(.object(["status": .string("ok"), "faults": .integer(simulator.faults.count)]))
    }

    private func calls(_ query: Query) throws(ControlError) -> HTTPServerResponse {
        let since = try query.number("since") ?? 0
        let limit = try query.number("limit") ?? UInt64(Self.defaultLimit)
        let records = simulator.calls(since: since, account: query["account"], limit: Int(clamping: limit))
        return .lines(records.map(\.json))
    }

    private func conversations(_ query: Query) throws(ControlError) -> HTTPServerResponse {
        .lines(simulator.conversations(account: query["account"]).map(\.json))
    }

    private func reset() -> HTTPServerResponse {
        simulator.reset()
        return .json(.object(["status": .string("reset")]))
    }

    private func faults() -> HTTPServerResponse {
        .json(.object(["faults": .array(simulator.faults.map(\.json))]))
    }

    /// Takes one fault or an array of them; all or none.
    private func setFaults(_ body: [UInt8], replacing: Bool) throws(ControlError) -> HTTPServerResponse {
        do {
            let faults = try FaultReader.faults(in: body, now: Moment.now().wall)
            let ids = try simulator.addFaults(faults, replacing: replacing)
            return .json(.object(["ids": .array(ids.map { .integer(Int64($0)) })]), status: 201)
        } catch let error as JSONSyntaxError {
            throw ControlError("the body is \(error); send a fault or an array of faults")
        } catch let error as InvalidFault {
            throw ControlError(error.description)
        } catch let error as ControlError {
            throw error
        } catch {
            throw ControlError("the faults cannot be read: \(error)", status: 500)
        }
    }

    private func removeFaults() -> HTTPServerResponse {
        simulator.removeAllFaults()
        return faults()
    }

    private func removeFault(_ id: String) throws(ControlError) -> HTTPServerResponse {
        guard let number = Int(id), simulator.removeFault(id: number) else {
            throw ControlError("there is no fault \"\(id)\"; GET /_simulator/faults lists them", status: 404)
        }
        return faults()
    }
}

/// The query of a control request.
private struct Query {
    private var values: [String: String] = [:]

    /// Throws where a parameter is not one of those accepted or occurs twice.
    init(_ request: HTTPServerRequest, accepts names: [String]) throws(ControlError) {
        for (name, value) in try Self.pairs(request.query) {
            guard names.contains(name) else {
                throw ControlError("parameter \"\(name)\" is not known; accepted are \(names.joined(separator: ", "))")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw ControlError("parameter \"\(name)\" is given twice; give it once")
            }
        }
    }

    private static func pairs(_ query: String) throws(ControlError) -> [(name: String, value: String)] {
        do {
            return try PercentEncoding.decodeQuery(query)
        } catch {
            throw ControlError("the query cannot be decoded: \(error)")
        }
    }

    subscript(name: String) -> String? { values[name] }

    func number(_ name: String) throws(ControlError) -> UInt64? {
        guard let value = values[name] else { return nil }
        guard let number = UInt64(value) else {
            throw ControlError("\(name)=\(value) is not a whole number of at least 0")
        }
        return number
    }
}

/// A control request that cannot be done, with what is accepted.
struct ControlError: Error, Hashable {
    var message: String
    var status: Int

    init(_ message: String, status: Int = 400) {
        self.message = message
        self.status = status
    }
}
