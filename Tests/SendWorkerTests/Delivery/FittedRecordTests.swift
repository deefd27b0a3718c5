import InstagramMessaging
import KafkaClient
import SendEngine
import Testing

@testable import SendWorker

/// Whatever a request holds and whatever its topic takes, there is a record that fits.
@Suite(.timeLimit(.minutes(1)))
struct FittedRecordTests {
    private static let records = TerminalRecords(
        resultsTopic: String(repeating: "r", count: 249),
        deadLettersTopic: "dead-letters"
    )
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    /// An ending of a record that is odd in every way that a record can be.
    private struct Oddity {
        var random: Random

        mutating func ending() -> Delivery.Entry {
            let isAnonymous = random.isOneOf(2)
            let record = KafkaRecord(
                topic: String(repeating: "t", count: random.below(249) + 1),
                partition: .max,
                offset: .max,
                timestamp: 1,
                key: random.isOneOf(4) ? nil : bytes(),
                value: random.isOneOf(4) ? nil : bytes(),
                headers: headers()
            )
            let pending = PendingRequest(
                record: record,
                requestID: String(repeating: "i", count: 128),
                accountID: isAnonymous ? nil : String(repeating: "9", count: 32),
                recipientID: random.isOneOf(2) ? nil : text(),
                context: random.isOneOf(2)
                    ? nil : Array("{\"a\":\"\(String(repeating: "c", count: random.size()))\"}".utf8)
            )
            var end = RequestEndFixture.make(random.isOneOf(4) ? .sent : .failed)
            if end.error != nil {
                end.error = SendError(
                    category: .recipientUnavailable,
                    message: text(),
                    httpStatus: 400,
                    code: .min,
                    subcode: .min,
                    traceID: random.isOneOf(2) ? nil : text(),
                    violations: (0..<random.below(20)).map { Violation(field: "/\($0)", rule: "r", message: text()) }
                )
            } else if random.isOneOf(2) {
                end.messageID = text()
            }
            return Delivery.Entry(result: FittedRecordTests.records.result(for: pending, ended: end), pending: pending)
        }

        private mutating func bytes() -> [UInt8] { [UInt8](repeating: UInt8(random.below(256)), count: random.size()) }

        private mutating func text() -> String {
            let piece = ["a", "\"", "\u{1}", "ü", "漢", "🎈"][random.below(6)]
            return String(repeating: piece, count: random.size() / 6)
        }

        private mutating func headers() -> [KafkaHeader] {
            var headers = (0..<random.below(4)).map { _ in KafkaHeader(name: text(), value: bytes()) }
            if random.isOneOf(2) {
                headers.append(KafkaHeader(name: "traceparent", value: Array(FittedRecordTests.parent.utf8)))
                headers.append(KafkaHeader(name: "tracestate", value: Array("a=\(text().prefix(200))".utf8)))
            }
            return headers
        }
    }

    private struct Random {
        var state: UInt64

        mutating func below(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }

        mutating func isOneOf(_ count: Int) -> Bool { below(count) == 0 }

        /// Mostly small, at times much larger than any topic takes.
        mutating func size() -> Int { below(1 << (below(17) + 1)) }
    }

    @Test(arguments: 0..<20)
    func anyRecordFitsIntoAnyLimit(seed: UInt64) throws {
        var oddity = Oddity(random: Random(state: seed))
        for _ in 0..<15 {
            let ending = oddity.ending()
            let limit = BatchLimits.least + oddity.random.below(1 << (oddity.random.below(16) + 1))
            let result = Self.records.result(ending, within: limit)
            #expect(result.record.batchSize <= limit)
            try Self.expectResultTruth(result, of: ending)
            guard ending.result.status != .sent else { continue }
            let letter = Self.records.deadLetter(ending, within: limit)
            #expect(letter.record.batchSize <= limit)
            Self.expectLetterTruth(letter, of: ending)
        }
    }

    /// What is there is as it was, and what is not is named.
    private static func expectResultTruth(_ fitted: FittedRecord, of ending: Delivery.Entry) throws {
        var read = try SendResult(decoding: try #require(fitted.record.value))
        #expect(fitted.isSubstitute || read == ending.result)
        let omitted = Set(read.omitted)
        read.omitted = []
        if omitted.contains("context") { read.context = ending.result.context }
        if omitted.contains("violations") { read.error?.violations = ending.result.error?.violations ?? [] }
        if omitted.contains("error.message") {
            #expect(ending.result.error?.message.hasPrefix(read.error?.message ?? "?") ?? false)
            read.error?.message = ending.result.error?.message ?? ""
        }
        if omitted.contains("error.fbtrace_id") { read.error?.traceID = ending.result.error?.traceID }
        if omitted.contains("message_id") { read.messageID = ending.result.messageID }
        if omitted.contains("recipient_id") { read.recipientID = ending.result.recipientID }
        #expect(read == ending.result)
    }

    private static func expectLetterTruth(_ fitted: FittedRecord, of ending: Delivery.Entry) {
        let original = ending.pending.record
        let letter = fitted.record
        #expect((original.value ?? []).starts(with: letter.value ?? []))
        #expect((original.key ?? []).starts(with: letter.key ?? []))
        let own = letter.headers.filter { !DeadLetterHeaders.contains($0.name) }
        let count = (letter.value?.count ?? 0) + (letter.key?.count ?? 0) + size(own)
        let all =
            (original.value?.count ?? 0) + (original.key?.count ?? 0)
            + size(original.headers.filter { !DeadLetterHeaders.contains($0.name) })
        let said = letter.headers.last { $0.name == DeadLetterHeaders.omittedBytes }?.value
            .flatMap { Int(String(decoding: $0, as: UTF8.self)) }
        #expect(said ?? 0 == all - count)
        #expect(fitted.isSubstitute || said == nil)
        // The next is left out only once the one before is gone.
        if letter.value != original.value { #expect(own.allSatisfy { TraceHeaders.names.contains($0.name) }) }
        if letter.key != original.key { #expect(letter.value == nil) }
    }

    private static func size(_ headers: [KafkaHeader]) -> Int {
        headers.reduce(0) { $0 + $1.name.utf8.count + ($1.value?.count ?? 0) }
    }

    private static func ending(
        key: Int = 1,
        value: Int = 1,
        headers: [KafkaHeader] = [],
        context: Int? = nil
    ) -> Delivery.Entry {
        let record = KafkaRecord(
            topic: "requests",
            partition: 2,
            offset: 7,
            timestamp: 1,
            key: [UInt8](repeating: 1, count: key),
            value: [UInt8](repeating: 2, count: value),
            headers: headers
        )
        let pending = PendingRequest(
            record: record,
            requestID: "r",
            accountID: nil,
            context: context.map { Array("{\"a\":\"\(String(repeating: "c", count: $0))\"}".utf8) }
        )
        return Delivery.Entry(
            result: records.result(for: pending, ended: RequestEndFixture.make(.failed)),
            pending: pending
        )
    }

    @Test func whatFitsIsWrittenAsItIs() {
        let ending = Self.ending(value: 1_000, headers: [KafkaHeader(name: "own", value: [1])])
        #expect(!Self.records.result(ending, within: 1_048_588).isSubstitute)
        let letter = Self.records.deadLetter(ending, within: 1_048_588)
        #expect(!letter.isSubstitute && letter.record.value == ending.pending.record.value)
    }

    @Test func aResultWhoseContextIsTooLargeLosesNothingElse() throws {
        let record = Self.records.result(Self.ending(context: 4_000), within: 2_000).record
        let result = try SendResult(decoding: try #require(record.value))
        #expect(result.omitted == ["context"] && result.context == nil)
        #expect(result.error?.message == "refused")
    }

    @Test func aKeyOfThreeMegabytesMakesNeitherRecordTooLarge() {
        let ending = Self.ending(key: 3_000_000)
        #expect(Self.records.result(ending, within: 1_048_588).record.batchSize < 10_000)
        let letter = Self.records.deadLetter(ending, within: 1_048_588).record
        #expect(letter.batchSize <= 1_048_588)
        #expect((letter.key?.count ?? 0) > 1_000_000, "only its end is left out")
    }

    @Test func headersOfThreeMegabytesGoBeforeTheValueDoes() {
        let ending = Self.ending(
            value: 60_000,
            headers: [KafkaHeader(name: "own", value: [UInt8](repeating: 3, count: 3_000_000))]
        )
        let letter = Self.records.deadLetter(ending, within: 1_048_588).record
        #expect(letter.value == ending.pending.record.value)
        let omitted = letter.headers.last { $0.name == DeadLetterHeaders.omittedBytes }?.value
        #expect(omitted.map { String(decoding: $0, as: UTF8.self) } == "3000003")
    }

    @Test func aTraceParentThatIsNoneGoesNowhere() {
        for value in [
            String(repeating: "a", count: 70_000), Self.parent + String(repeating: "-", count: 70_000), "00-1",
        ] {
            let headers = [KafkaHeader(name: "traceparent", value: Array(value.utf8))]
            #expect(TraceHeaders.httpFields(from: headers).isEmpty)
            #expect(Self.records.result(Self.ending(headers: headers), within: 1_048_588).record.headers.isEmpty)
        }
    }

    @Test func ofATraceStateNoMoreThanW3CAsksForIsCarried() {
        let members = (0..<30).map { "k\($0)=\(String(repeating: "v", count: 60))" }.joined(separator: ",")
        let headers = [
            KafkaHeader(name: "traceparent", value: Array(Self.parent.utf8)),
            KafkaHeader(name: "tracestate", value: Array(members.utf8)),
        ]
        let fields = TraceHeaders.httpFields(from: headers)
        #expect(fields.map(\.0) == ["traceparent", "tracestate"])
        #expect(fields.allSatisfy { $0.1.utf8.count <= 512 } && fields[0].1 == Self.parent)
        #expect(fields[1].1.hasPrefix("k0="))
    }
}
