import InstagramMessaging
import KafkaClient
import OperatorTools
import Testing

@Suite struct RedrivePlanTests {
    private func verdict(
        _ record: KafkaRecord,
        isRedriven: Bool = false,
        _ change: (inout RedrivePlan) -> Void = { _ in }
    ) throws -> RedrivePlan.Verdict {
        var plan = RedrivePlan(decoder: RequestDecoder())
        change(&plan)
        return plan.verdict(on: try #require(DeadLetter(record)), isRedriven: isRedriven, now: Letters.now)
    }

    @Test func aRequestThatFailedIsPublishedAgainOnce() throws {
        #expect(try verdict(Letters.record()) == .publish)
        #expect(try verdict(Letters.record(), isRedriven: true) == .skip(.alreadyRedriven))
    }

    @Test func whatMayHaveBeenDeliveredIsPublishedOnlyWhenThatIsAskedFor() throws {
        let record = Letters.record(status: "unknown")
        #expect(try verdict(record) == .skip(.unknownOutcome))
        #expect(try verdict(record) { $0.includesUnknown = true } == .publish)
    }

    @Test func aRequestGoesRoundSoOftenAndNoMore() throws {
        #expect(try verdict(Letters.record(["dlq-redrives": "2"])) == .publish)
        #expect(try verdict(Letters.record(["dlq-redrives": "3"])) == .skip(.tooManyRedrives))
        #expect(try verdict(Letters.record(["dlq-redrives": "3"])) { $0.maximumRedrives = 4 } == .publish)
        #expect(
            try verdict(Letters.record(["dlq-redrives": "3"])) { $0.skipsValidation = true } == .skip(.tooManyRedrives)
        )
    }

    @Test func aRequestThatComesTooLateOrBreaksTheRulesIsLeftAloneEachWithItsReason() throws {
        let expired = Letters.record(value: Letters.request(members: #","expires_at":"2027-01-15T07:59:59Z""#))
        let late = Letters.record(value: Letters.request(members: #","last_inbound_at":"2027-01-14T07:59:59Z""#))
        let broken = Letters.record(value: Letters.request(members: #","colour":"blue""#))
        let noJSON = Letters.record(value: Array("no JSON".utf8))
        #expect(try verdict(expired) == .skip(.expired))
        #expect(try verdict(late) == .skip(.outsideWindow))
        #expect(try verdict(broken) == .skip(.invalid))
        #expect(try verdict(noJSON) == .skip(.invalid))
        for record in [expired, late, broken, noJSON] {
            #expect(try verdict(record) { $0.skipsValidation = true } == .publish)
        }
    }

    @Test func aDeadlineThatHasNotComeYetStopsNothing() throws {
        let record = Letters.record(value: Letters.request(members: #","expires_at":"2027-01-15T08:00:01Z""#))
        #expect(try verdict(record) == .publish)
    }

    @Test func aRequestWhoseBytesWereNotKeptCannotBePublishedAndItsOriginalIsNamed() throws {
        let record = Letters.record(value: nil, ["dlq-omitted-bytes": "2000000"])
        #expect(try verdict(record) { $0.skipsValidation = true } == .skip(.abridged))
        var tally = RedriveTally()
        tally.add(.abridged, try #require(DeadLetter(record)))
        #expect(tally.abridged == ["requests/3@8"])
        #expect(tally.skipped == [.abridged: 1])
    }

    @Test func aRedrivenRequestHasItsOwnKeyValueAndHeadersAndOneRedriveMore() throws {
        let own = [
            KafkaHeader(name: "traceparent", value: Array("00-a-b-01".utf8)),
            KafkaHeader(name: "empty", value: nil),
        ]
        let letter = Letters.record(own: own, ["dlq-redrives": "1", "dlq-omitted-bytes": "3", "dlq-new": "x"])
        let record = try #require(DeadLetter(letter)).redriveRecord(topic: "requests")
        #expect(record.topic == "requests")
        #expect(record.partition == nil)
        #expect(record.key == letter.key)
        #expect(record.value == letter.value)
        #expect(record.headers == own + [KafkaHeader(name: "dlq-redrives", value: Array("2".utf8))])
    }
}
