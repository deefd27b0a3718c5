import FoundationEssentials
import InstagramMessaging

/// Reads faults from the control interface's JSON.
enum FaultReader {
    /// One fault, or all of an array. `now` is what `until` is measured from.
    static func faults(in body: [UInt8], now: Timestamp) throws -> [SimulatorFault] {
        let root = try JSONParser.parse(body)
        return try (root.array ?? [root]).map { try fault($0, now: now) }
    }

    private static func fault(_ value: JSONNode, now: Timestamp) throws(ControlError) -> SimulatorFault {
        var members = try MemberReader(value, what: "a fault")
        let effect = try effect(from: &members)
        let fault = SimulatorFault(
            effect,
            accountID: try members.string("account"),
            recipient: try members.string("recipient"),
            share: try members.number("share") ?? 1,
            count: try members.integer("count"),
            duration: try duration(from: &members, now: now)
        )
        try members.refuseOthers()
        return fault
    }

    private static func duration(
        from members: inout MemberReader,
        now: Timestamp
    ) throws(ControlError) -> Duration? {
        let length = try members.duration("for")
        guard let text = try members.string("until") else { return length }
        guard length == nil else { throw ControlError("a fault has both for and until; give one of them") }
        guard let end = moment(text) else {
            throw ControlError("until \"\(text)\" is not a moment; write it like 2030-01-31T12:00:00Z")
        }
        return .milliseconds(end - now.millisecondsSinceEpoch)
    }

    private static func moment(_ text: String) -> Int64? {
        let styles = [Date.ISO8601FormatStyle(), Date.ISO8601FormatStyle(includingFractionalSeconds: true)]
        let date = styles.lazy.compactMap { try? $0.parse(text) }.first
        return date.map { Int64($0.timeIntervalSince1970 * 1000) }
    }

    private static let effects =
        [
            "latency", "error", "reply_lost", "reply_delayed", "reset_before_body", "reset_after_body", "html_page",
            "truncated_answer", "throttle", "dead_token", "media_fetch_failure", "endpoint_down",
        ] + OddAnswer.Oddity.allCases.map(\.rawValue)

    private static func effect(from members: inout MemberReader) throws(ControlError) -> FaultEffect {
        let name = try members.string("effect")
        switch name {
        case "latency":
            let fixed = try members.duration("fixed")
            return .latency(fixed: fixed ?? .zero, jitter: try members.duration("jitter") ?? .zero)
        case "error":
            let answer = try answer(from: &members, default: nil)
            return .error(answer, delivers: try members.bool("delivers") ?? false)
        case "reply_lost": return .replyLost
        case "reply_delayed":
            guard let delay = try members.duration("by") else {
                throw ControlError("reply_delayed needs by, such as \"by\": \"45s\"")
            }
            return .replyDelayed(delay)
        case "reset_before_body": return .resetBeforeBody
        case "reset_after_body": return .resetAfterBody
        case "html_page":
            return .htmlPage(
                status: try members.integer("status") ?? 502,
                delivers: try members.bool("delivers") ?? false
            )
        case "truncated_answer": return .truncatedAnswer
        case "throttle": return .throttle(try answer(from: &members, default: .accountThrottled))
        case "dead_token": return .deadToken(subcode: try members.integer("subcode") ?? 460)
        case "media_fetch_failure": return .mediaFetchFailure(subcode: try members.integer("subcode") ?? 2_018_008)
        case "endpoint_down": return .endpointDown(status: try members.integer("status") ?? 503)
        default:
            if let oddity = name.flatMap({ OddAnswer.Oddity(rawValue: $0) }) {
                let after = try members.duration("after")
                return .odd(OddAnswer(oddity, try basis(from: &members), after: after ?? .milliseconds(20)))
            }
            let found = name.map { "effect \"\($0)\" is not known" } ?? "a fault has no effect"
            throw ControlError("\(found); accepted are \(effects.joined(separator: ", "))")
        }
    }

    /// A Graph error where there is a code, a page where there is a status alone, an acceptance otherwise.
    private static func basis(from members: inout MemberReader) throws(ControlError) -> OddAnswer.Basis {
        if try members.integer("code") != nil { return .error(try answer(from: &members, default: nil)) }
        let seconds = try members.integer("retry_after_seconds")
        guard let status = try members.integer("status") else { return .acceptance }
        return .page(status: status, retryAfterSeconds: seconds)
    }

    /// `standard` gives the code and what fits it; without one the code is required.
    private static func answer(
        from members: inout MemberReader,
        default standard: GraphErrorAnswer?
    ) throws(ControlError) -> GraphErrorAnswer {
        guard let code = try members.integer("code") ?? standard?.code else {
            throw ControlError("an error needs a code, such as \"code\": 613")
        }
        let usual = standard?.code == code ? standard : nil
        return GraphErrorAnswer(
            status: try members.integer("status") ?? usual?.status ?? 400,
            code: code,
            subcode: try members.integer("subcode"),
            type: try members.string("type"),
            message: try members.string("message"),
            isTransient: try members.bool("is_transient") ?? usual?.isTransient,
            retryAfterSeconds: try members.integer("retry_after_seconds"),
            regainMinutes: try members.integer("regain_minutes") ?? usual?.regainMinutes
        )
    }
}

/// Reads an object of the control interface member by member and knows which members were asked for.
private struct MemberReader {
    private let members: JSONNode
    private let what: String
    private var asked: [String] = []

    /// Throws where the value is no object. `what` names it in errors.
    init(_ value: JSONNode, what: String) throws(ControlError) {
        guard value.isObject else { throw ControlError("\(what) must be a JSON object") }
        members = value
        self.what = what
    }

    mutating func string(_ name: String) throws(ControlError) -> String? {
        guard let value = value(name) else { return nil }
        guard let string = value.string, !string.isEmpty else { throw ControlError("\(name) must be a string") }
        return string
    }

    mutating func bool(_ name: String) throws(ControlError) -> Bool? {
        guard let value = value(name) else { return nil }
        guard case .bool(let bool) = value else { throw ControlError("\(name) must be true or false") }
        return bool
    }

    mutating func integer(_ name: String) throws(ControlError) -> Int? {
        guard let value = value(name) else { return nil }
        guard case .integer(let integer) = value else { throw ControlError("\(name) must be a whole number") }
        return Int(integer)
    }

    mutating func number(_ name: String) throws(ControlError) -> Double? {
        switch value(name) {
        case nil: return nil
        case .integer(let integer): return Double(integer)
        case .double(let double): return double
        default: throw ControlError("\(name) must be a number")
        }
    }

    mutating func duration(_ name: String) throws(ControlError) -> Duration? {
        guard let value = value(name) else { return nil }
        guard let text = value.string, let duration = Self.duration(text) else {
            throw ControlError("\(name) must be a duration such as \"250ms\", \"30s\", \"15m\" or \"24h\"")
        }
        return duration
    }

    /// Throws where the object has members nobody asked for.
    func refuseOthers() throws(ControlError) {
        guard case .object(let members) = members else { return }
        guard let other = members.first(where: { !asked.contains($0.name) }) else { return }
        throw ControlError("\(what) has no \"\(other.name)\"; accepted here are \(asked.joined(separator: ", "))")
    }

    private mutating func value(_ name: String) -> JSONNode? {
        asked.append(name)
        let value = members[name]
        return value == .null ? nil : value
    }

    /// A whole number and `ms`, `s`, `m` or `h`.
    private static func duration(_ text: String) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= 1_000_000_000_000_000 else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return .milliseconds(number)
        case "s": return .seconds(number)
        case "m": return .seconds(number * 60)
        case "h": return .seconds(number * 3600)
        default: return nil
        }
    }
}
