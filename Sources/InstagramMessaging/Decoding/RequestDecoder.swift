/// Reads records of the requests topic and checks them against every rule, without any network.
public struct RequestDecoder: Sendable {
    /// The treatment of members that neither the contract nor the documentation of Graph names.
    public enum UnknownFields: String, Sendable, Hashable, CaseIterable {
        /// Refuse the request: a typo is caught before it costs a call.
        case refuse
        /// Pass them on to Graph.
        case forward
    }

    /// Settings of the checks.
    public struct Options: Sendable, Hashable {
        /// Unknown members of the envelope and of the Graph body. Default: refuse.
        public var unknownFields: UnknownFields
        /// Allows URLs whose host is loopback, link-local or private. For tests; default false.
        public var allowsPrivateHosts: Bool
        /// The size of the largest record that is accepted, in bytes. Default 65 536.
        public var maximumBytes: Int

        /// Creates settings; the defaults are the contract's.
        public init(
            unknownFields: UnknownFields = .refuse,
            allowsPrivateHosts: Bool = false,
            maximumBytes: Int = MessageLimits.recordBytes
        ) {
            self.unknownFields = unknownFields
            self.allowsPrivateHosts = allowsPrivateHosts
            self.maximumBytes = maximumBytes
        }
    }

    /// The settings that the checks follow.
    public var options: Options

    /// Creates a decoder.
    public init(options: Options = Options()) {
        self.options = options
    }

    /// Judges the value of one record; nil is a tombstone. Never throws and never traps, whatever the bytes.
    ///
    /// All broken rules are reported at once (at most `RequestDecoder.maximumViolations`; the message counts the rest).
    public func decode(_ value: [UInt8]?, now: Timestamp) -> RequestVerdict {
        guard let bytes = value else {
            let message = "the record is a tombstone (it has no value); a send request is a JSON object"
            return Self.malformed(.recordMissing, message, SalvagedEnvelope([], of: []))
        }
        var reader = JSONReader(bytes, from: WireFormat.prefixLength(of: bytes))
        let document: JSONValue
        do throws(JSONError) {
            document = try reader.readDocument()
        } catch {
            let salvaged = SalvagedEnvelope(reader.completedMembers, of: bytes)
            if let tooLarge = tooLarge(bytes, salvaged) { return tooLarge }
            return Self.malformed(error, salvaged)
        }
        guard case .object(let members) = document.content else {
            let place = "byte \(document.range.lowerBound)"
            let message = "the record is \(document.typeName) (\(place)); a send request is a JSON object"
            let salvaged = SalvagedEnvelope([], of: bytes)
            return tooLarge(bytes, salvaged) ?? Self.malformed(.recordNotObject, message, salvaged)
        }
        return judge(members, of: bytes, document, now: now)
    }

    private func judge(
        _ members: [JSONMember],
        of bytes: [UInt8],
        _ document: JSONValue,
        now: Timestamp
    ) -> RequestVerdict {
        if let tooLarge = tooLarge(bytes, SalvagedEnvelope(members, of: bytes)) { return tooLarge }
        var reading = RequestReading(options: options)
        let context = SalvagedEnvelope.context(in: members, of: bytes)
        if let members = reading.members(of: document, RequestReading.envelope),
            let request = reading.request(members, context: context, now: now)
        {
            let body = GraphBody.spliced(from: bytes, members.members)
            return .accepted(AcceptedRequest(request: request, graphBody: body))
        }
        return Self.rejection(of: reading, SalvagedEnvelope(members, of: bytes))
    }

    /// A record that is too large is read nevertheless, for the ids that its result needs.
    private func tooLarge(_ bytes: [UInt8], _ salvaged: @autoclosure () -> SalvagedEnvelope) -> RequestVerdict? {
        let count = bytes.count - WireFormat.prefixLength(of: bytes)
        guard count > options.maximumBytes else { return nil }
        let message = "the record is \(count) bytes; at most \(options.maximumBytes) are allowed"
        return Self.malformed(.recordTooLarge, message, salvaged())
    }

    /// The most broken rules of one request that are listed. Bounds the size of a result, whatever the record.
    public static let maximumViolations = 50
}

/// The wire format of schema registries: serializers write a zero byte and the schema's id in four bytes before the value.
private enum WireFormat {
    /// The number of bytes before the JSON text, which itself never begins with a zero byte.
    static func prefixLength(of bytes: [UInt8]) -> Int { bytes.count >= 5 && bytes[0] == 0 ? 5 : 0 }
}

/// The judgement of the rules on a record of the requests topic.
public enum RequestVerdict: Sendable, Hashable {
    /// It may be sent.
    case accepted(AcceptedRequest)
    /// It must not be sent; no call is made.
    case rejected(RejectedRequest)
}

/// A request that keeps every rule.
public struct AcceptedRequest: Sendable, Hashable {
    public var request: SendRequest
    /// The JSON body to POST: the Graph members of the record byte for byte as they were written, the envelope removed.
    public var graphBody: [UInt8]

    /// Creates an accepted request.
    public init(request: SendRequest, graphBody: [UInt8]) {
        self.request = request
        self.graphBody = graphBody
    }
}

/// A record that breaks rules, with what could be salvaged from it for its result.
public struct RejectedRequest: Sendable, Hashable {
    /// The caller's id; nil where the record held no usable one.
    public var requestID: String?
    /// The sending account; nil where the record held no usable one.
    public var accountID: String?
    /// The Instagram-scoped id of the receiver; nil where the record held no usable one.
    public var recipientID: String?
    /// The record's `context` byte for byte; nil where it held none, or one that is no object or too large.
    public var context: [UInt8]?
    /// Category `malformedRecord`, `invalidRequest`, `expired` or `outsideWindow`, with every broken rule.
    public var error: SendError
    /// `rejected`, or `expired` where nothing else is wrong than that `expires_at` has passed.
    public var status: SendResult.Status

    /// Creates a rejected request.
    public init(
        requestID: String? = nil,
        accountID: String? = nil,
        recipientID: String? = nil,
        context: [UInt8]? = nil,
        error: SendError,
        status: SendResult.Status = .rejected
    ) {
        self.requestID = requestID
        self.accountID = accountID
        self.recipientID = recipientID
        self.context = context
        self.error = error
        self.status = status
    }
}

extension RequestDecoder {
    /// The verdict on a record that cannot be read as a request at all.
    private static func malformed(_ rule: RuleID, _ message: String, _ salvaged: SalvagedEnvelope) -> RequestVerdict {
        let violation = Violation(field: "", rule: rule.rawValue, message: message)
        let error = SendError(category: .malformedRecord, message: message, violations: [violation])
        return .rejected(RejectedRequest(salvaged, error: error, status: .rejected))
    }

    /// The verdict on bytes that are not JSON.
    private static func malformed(_ error: JSONError, _ salvaged: SalvagedEnvelope) -> RequestVerdict {
        let rule: RuleID =
            switch error.reason {
            case .duplicateMember: .recordDuplicateMember
            case .tooDeep: .recordTooDeep
            default: .recordNotJSON
            }
        return malformed(rule, "the record cannot be read: \(error.description)", salvaged)
    }

    /// The verdict on a record that was read and breaks rules.
    private static func rejection(of reading: RequestReading, _ salvaged: SalvagedEnvelope) -> RequestVerdict {
        let category = category(of: reading)
        let error = SendError(category: category, message: summary(of: reading), violations: reading.violations)
        let status: SendResult.Status = category == .expired ? .expired : .rejected
        return .rejected(RejectedRequest(salvaged, error: error, status: status))
    }

    /// A fault of the request itself outweighs a deadline: sending it earlier would not have helped. The caller's own
    /// deadline outweighs the platform's.
    private static func category(of reading: RequestReading) -> ErrorCategory {
        if reading.hasWrongType { return .malformedRecord }
        let deadlines = [RuleID.expired.rawValue, RuleID.windowClosed.rawValue]
        if reading.violations.contains(where: { !deadlines.contains($0.rule) }) { return .invalidRequest }
        return reading.violations.contains { $0.rule == RuleID.expired.rawValue } ? .expired : .outsideWindow
    }

    private static func summary(of reading: RequestReading) -> String {
        guard let first = reading.violations.first else { return "the request could not be read" }
        let place = first.field.isEmpty ? "the record" : first.field
        let more = reading.violations.count + reading.omittedCount - 1
        let rest = more == 0 ? "" : " (and \(more) more broken \(more == 1 ? "rule" : "rules"))"
        return "\(place): \(first.message)\(rest)"
    }
}

extension RejectedRequest {
    fileprivate init(_ salvaged: SalvagedEnvelope, error: SendError, status: SendResult.Status) {
        self.init(
            requestID: salvaged.requestID,
            accountID: salvaged.accountID,
            recipientID: salvaged.recipientID,
            context: salvaged.context,
            error: error,
            status: status
        )
    }
}

/// The facts that a record gives about itself whether or not it keeps the rules, so that its result can be matched.
private struct SalvagedEnvelope {
    var requestID: String?
    var accountID: String?
    var recipientID: String?
    var context: [UInt8]?

    /// Takes what is usable from the members that could be read.
    init(_ members: [JSONMember], of bytes: [UInt8]) {
        for member in members {
            switch (member.name, member.value.content) {
            case ("request_id", .string(let id)) where EnvelopeForms.isRequestID(id): requestID = id
            case ("account_id", .string(let id)) where EnvelopeForms.isAccountID(id): accountID = id
            case ("recipient", .object(let recipient)):
                let ids = recipient.filter { ["id", "comment_id"].contains($0.name) && !$0.value.isNull }
                if ids.count == 1, ids[0].name == "id", let id = ids[0].value.string, EnvelopeForms.isGraphID(id) {
                    recipientID = id
                }
            default: break
            }
        }
        context = Self.context(in: members, of: bytes)
    }

    /// The context byte for byte; nil where there is none, or one that is no object or too large.
    static func context(in members: [JSONMember], of bytes: [UInt8]) -> [UInt8]? {
        guard let place = members.firstIndex(where: { $0.isNamed("context") }),
            case .object = members[place].value.content,
            members[place].value.range.count <= MessageLimits.contextBytes
        else { return nil }
        return Array(bytes[members[place].value.range])
    }
}
