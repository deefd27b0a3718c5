import Hummingbird

/// The control interface under `/_simulator/`.
struct ControlRoutes: Sendable {
    let simulator: GraphSimulator

    /// The largest body read.
    private static let maximumBodyBytes = 1_048_576
    /// Calls in one answer where the request asks for no other number.
    private static let defaultLimit = 10_000

    var router: Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.addMiddleware { ControlErrors() }
        router.group("_simulator")
            .get("health") { _, _ in health() }
            .get("summary") { _, _ in Response.json(simulator.summary().json) }
            .get("calls") { request, _ in try calls(Query(request, accepts: ["since", "account", "limit"])) }
            .get("conversations") { request, _ in try conversations(Query(request, accepts: ["account"])) }
            .post("reset") { _, _ in reset() }
            .get("faults") { _, _ in faults() }
            .post("faults") { request, _ in try await setFaults(request, replacing: false) }
            .put("faults") { request, _ in try await setFaults(request, replacing: true) }
            .delete("faults") { _, _ in removeFaults() }
            .delete("faults/:id") { _, context in try removeFault(context.parameters.get("id") ?? "") }
        return router
    }

    private func health() -> Response {
        .json(.object(["status": .string("ok"), "faults": .integer(simulator.faults.count)]))
    }

    private func calls(_ query: Query) throws(ControlError) -> Response {
        let since = try query.number("since") ?? 0
        let limit = try query.number("limit") ?? UInt64(Self.defaultLimit)
        let records = simulator.calls(since: since, account: query["account"], limit: Int(clamping: limit))
        return .lines(records.map(\.json))
    }

    private func conversations(_ query: Query) throws(ControlError) -> Response {
        .lines(simulator.conversations(account: query["account"]).map(\.json))
    }

    private func reset() -> Response {
        simulator.reset()
        return .json(.object(["status": .string("reset")]))
    }

    private func faults(status: HTTPResponse.Status = .ok) -> Response {
        .json(.object(["faults": .array(simulator.faults.map(\.json))]), status: status)
    }

    /// Takes one fault or an array of them; all or none.
    private func setFaults(_ request: Request, replacing: Bool) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.maximumBodyBytes)
        do {
            let faults = try FaultReader.faults(in: Array(body.readableBytesView), now: Moment.now().wall)
            let ids = try simulator.addFaults(faults, replacing: replacing)
            return .json(.object(["ids": .array(ids.map { .integer(Int64($0)) })]), status: .created)
        } catch let error as JSONSyntaxError {
            throw ControlError("the body is \(error); send a fault or an array of faults")
        } catch let error as InvalidFault {
            throw ControlError(error.description)
        }
    }

    private func removeFaults() -> Response {
        simulator.removeAllFaults()
        return faults()
    }

    private func removeFault(_ id: String) throws(ControlError) -> Response {
        guard let number = Int(id), simulator.removeFault(id: number) else {
            throw ControlError("there is no fault \"\(id)\"; GET /_simulator/faults lists them", status: .notFound)
        }
        return faults()
    }
}
