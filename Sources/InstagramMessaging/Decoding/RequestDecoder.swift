/// Reads records of the requests topic and checks them against every rule, without any network.
public struct RequestDecoder: Sendable {
    /// What to do with members that neither the contract nor the documentation of Graph names.
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
        let salvaged = SalvagedEnvelope(members, of: bytes)
        if let tooLarge = tooLarge(bytes, salvaged) { return tooLarge }
        var reading = RequestReading(options: options)
        if let members = reading.members(of: document, RequestReading.envelope),
            let request = reading.request(members, context: salvaged.context, now: now)
        {
            let body = GraphBody.spliced(from: bytes, members.members)
            return .accepted(AcceptedRequest(request: request, graphBody: body))
        }
        return Self.rejection(of: reading, salvaged)
    }

    /// A record that is too large is read nevertheless, for the ids that its result needs.
    private func tooLarge(_ bytes: [UInt8], _ salvaged: SalvagedEnvelope) -> RequestVerdict? {
        let count = bytes.count - WireFormat.prefixLength(of: bytes)
        guard count > options.maximumBytes else { return nil }
        let message = "the record is \(count) bytes; at most \(options.maximumBytes) are allowed"
        return Self.malformed(.recordTooLarge, message, salvaged)
    }

    /// How many broken rules of one request are listed. Bounds the size of a result, whatever the record.
    public static let maximumViolations = 50
}

/// The wire format of schema registries: serializers write a zero byte and the schema's id in four bytes before the value.
private enum WireFormat {
    /// How many bytes stand before the JSON text, which itself never begins with a zero byte.
    static func prefixLength(of bytes: [UInt8]) -> Int { bytes.count >= 5 && bytes[0] == 0 ? 5 : 0 }
}
