import InstagramMessaging
import OperatorTools
import Testing

@Suite struct OutcomeFilterTests {
    private let letter = DeadLetter(Letters.record())

    private func passes(_ change: (inout OutcomeFilter) -> Void) throws -> Bool {
        var filter = OutcomeFilter()
        change(&filter)
        return filter.matches(try #require(letter))
    }

    @Test func aFilterThatAsksForNothingLetsEverythingPass() throws {
        #expect(try passes { _ in })
        #expect(OutcomeFilter().description == nil)
    }

    @Test func eachFilterLetsItsOwnPassAndStopsTheOthers() throws {
        #expect(try passes { $0.statuses = [.unknown, .failed] })
        #expect(try !passes { $0.statuses = [.unknown] })
        #expect(try passes { $0.categories = [.token] })
        #expect(try !passes { $0.categories = [.throttled] })
        #expect(try passes { $0.codes = [4, 190] })
        #expect(try !passes { $0.codes = [4] })
        #expect(try passes { $0.accountIDs = ["17841400000000001"] })
        #expect(try !passes { $0.accountIDs = ["17841400000000002"] })
        #expect(try passes { $0.requestIDs = ["r-1"] })
        #expect(try !passes { $0.requestIDs = ["r"] })
    }

    @Test func filtersOfDifferentKindsMustAllBeMet() throws {
        #expect(
            try !passes {
                $0.statuses = [.failed]
                $0.codes = [4]
            }
        )
    }

    @Test func whatADeadLetterDoesNotSayIsNotWhatIsAskedFor() throws {
        var filter = OutcomeFilter()
        filter.requestIDs = ["r-1"]
        #expect(!filter.matches(try #require(DeadLetter(Letters.record(value: nil)))))
    }

    @Test func sinceCountsItselfInAndUntilCountsItselfOut() throws {
        let time = try #require(letter).time
        #expect(try passes { $0.since = time })
        #expect(try !passes { $0.since = time.adding(milliseconds: 1) })
        #expect(try passes { $0.until = time.adding(milliseconds: 1) })
        #expect(try !passes { $0.until = time })
    }

    @Test func resultsPassTheSameFiltersByTheTimeTheyWereCompleted() {
        var result = SendResult(
            requestID: "r-1",
            accountID: "1",
            recipientID: nil,
            status: .failed,
            attempts: 1,
            possibleDuplicate: false,
            error: SendError(category: .throttled, message: "slow down", code: 4),
            receivedAt: Letters.now,
            completedAt: Letters.now,
            source: SendResult.Source(topic: "t", partition: 0, offset: 0),
            context: nil
        )
        var filter = OutcomeFilter()
        filter.categories = [.throttled]
        filter.codes = [4]
        filter.since = Letters.now
        #expect(filter.matches(result))
        filter.since = Letters.now.adding(milliseconds: 1)
        #expect(!filter.matches(result))
        filter.since = nil
        result.status = .sent
        result.error = nil
        #expect(!filter.matches(result))
    }

    @Test func aFilterSaysInWordsWhatItAsksFor() {
        var filter = OutcomeFilter()
        filter.statuses = [.failed, .unknown]
        filter.codes = [190]
        filter.since = Letters.now
        #expect(filter.description == "status failed or unknown, code 190, since 2027-01-15T08:00:00.000Z")
    }
}
