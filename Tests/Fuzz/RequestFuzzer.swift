// Compiled together with the sources of InstagramMessaging into one module: see README.md.

/// What libFuzzer calls with every input: the bytes as a record, as an answer of the endpoint and as a result.
///
/// Ends the process where an answer does not hold together; libFuzzer then keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    FuzzTarget.checkRecord(bytes)
    FuzzTarget.checkAnswer(bytes)
    FuzzTarget.checkResult(bytes)
    return 0
}

enum FuzzTarget {
    private static let decoder = RequestDecoder()
    private static let lenientDecoder = RequestDecoder(
        options: .init(unknownFields: .forward, allowsPrivateHosts: true)
    )
    private static let rules = Set(RuleID.allCases.map(\.rawValue))
    /// 2026-03-01T12:00:00Z
    private static let now = Timestamp(millisecondsSinceEpoch: 1_772_366_400_000)

    static func checkRecord(_ bytes: [UInt8]) {
        let verdict = decoder.decode(bytes, now: now)
        check(verdict, isStrict: true)
        let lenient = lenientDecoder.decode(bytes, now: now)
        check(lenient, isStrict: false)
        if case .accepted = verdict, case .rejected = lenient {
            fatalError("a request that the strict settings accept is refused by the lenient ones")
        }
    }

    private static func check(_ verdict: RequestVerdict, isStrict: Bool) {
        switch verdict {
        case .accepted(let accepted): check(accepted, isStrict: isStrict)
        case .rejected(let rejected): check(rejected)
        }
    }

    /// What was understood is what is sent: encoding it again means the same to Graph, and the worker accepts it again.
    private static func check(_ accepted: AcceptedRequest, isStrict: Bool) {
        guard let body = try? JSONReader.read(accepted.graphBody) else { fatalError("the body to POST is not JSON") }
        guard isStrict else { return }
        guard let again = try? JSONReader.read(accepted.request.encodedGraphBody()) else {
            fatalError("the encoded request is not JSON")
        }
        precondition(meaning(body) == meaning(again), "the request means something else than the record")
        guard case .accepted(let second) = decoder.decode(accepted.request.encodedRecord(), now: now) else {
            fatalError("an accepted request is refused when it is encoded again")
        }
        precondition(second.request == accepted.request, "the request changes when it is encoded and read again")
    }

    private static func check(_ rejected: RejectedRequest) {
        let error = rejected.error
        precondition(!error.violations.isEmpty && !error.message.isEmpty, "a refusal without a reason")
        precondition(error.violations.allSatisfy { rules.contains($0.rule) && !$0.message.isEmpty }, "an unknown rule")
        precondition(error.violations.count <= RequestDecoder.maximumViolations, "an unbounded list of violations")
        if let context = rejected.context {
            precondition((try? JSONReader.read(context)) != nil, "the salvaged context is not JSON")
        }
    }

    /// A value without the order of its members, the way it was written, and lists without elements.
    private static func meaning(_ value: JSONValue) -> String {
        switch value.content {
        case .object(let members):
            let texts = members.filter { $0.value.array?.isEmpty != true }
                .map { "\($0.name.debugDescription):\(meaning($0.value))" }
            return "{" + texts.sorted().joined(separator: ",") + "}"
        case .array(let elements): return "[" + elements.map(meaning).joined(separator: ",") + "]"
        case .string(let text): return text.debugDescription
        case .number(let text): return text
        case .bool(let flag): return "\(flag)"
        case .null: return "null"
        }
    }

    /// An answer is classified whatever it is, also where it is cut off; a text that no strict reader takes changes nothing.
    static func checkAnswer(_ bytes: [UInt8]) {
        let header: (String) -> String? = { _ in bytes.count < 200 ? String(decoding: bytes, as: UTF8.self) : nil }
        for status in [200, 400, 429, 500] {
            _ = outcome(status, bytes, header)
            _ = GraphAnswer.classify(
                status: status,
                incompleteBody: bytes,
                fault: "cut off",
                isTooLong: false,
                category: .timeout,
                header: header,
                now: now
            )
        }
        guard let strict = try? JSONReader.read(bytes), let members = strict.members else { return }
        let lenient = JSONReader.readLeniently(bytes)
        precondition(lenient?.isWhole == true && lenient?.object == strict, "a good answer is read differently")
        guard let first = members.first, first.name != "\u{FFFD}" else { return }
        let odd = Array(bytes[..<first.nameRange.lowerBound]) + oddMember + bytes[first.nameRange.lowerBound...]
        for status in [200, 400, 500] {
            let (plain, beside) = (outcome(status, bytes) { _ in nil }, outcome(status, odd) { _ in nil })
            // The sentence names how many bytes there were.
            precondition(plain.outcomeClass == beside.outcomeClass, "a bad text hides what an answer says")
            precondition(plain.error?.code == beside.error?.code && plain.messageID == beside.messageID, "or its id")
        }
    }

    /// A name that is not UTF-8, an unknown escape and half of a surrogate pair.
    private static let oddMember = Array(#"""#.utf8) + [0xE9] + Array(#"":"\x\ud83d","#.utf8)

    private static func outcome(_ status: Int, _ body: [UInt8], _ header: (String) -> String?) -> CallOutcome {
        GraphAnswer.classify(status: status, body: body, header: header, expectsMessageID: true, now: now)
    }

    /// A result that is read is written in the same way again.
    static func checkResult(_ bytes: [UInt8]) {
        guard let result = try? SendResult(decoding: bytes) else { return }
        let written = result.encodedRecord()
        guard let again = try? SendResult(decoding: written) else { fatalError("a written result cannot be read") }
        precondition(again.encodedRecord() == written, "a result changes when it is written and read again")
    }
}
