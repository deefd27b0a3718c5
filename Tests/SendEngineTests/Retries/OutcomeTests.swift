import InstagramMessaging
import SendEngine
import Testing

@Suite struct OutcomeTests {
    /// Runs one request through a list of outcomes, calling whenever the engine asks for it.
    func ending(
        of request: (Rig) -> QueuedRequest,
        _ outcomes: [CallOutcome],
        settings: EngineSettings = .quiet
    ) throws -> RequestEnd {
        let rig = Rig(settings)
        rig.accept(request(rig))
        for outcome in outcomes {
            var called = rig.newCalls()
            if called.isEmpty, let batch = rig.takeCommit() {
                rig.succeed(batch)
                called = rig.newCalls()
            }
            if called.isEmpty { called = rig.advanceToNextCalls() }
            if called.isEmpty, let batch = rig.takeCommit() {
                rig.succeed(batch)
                called = rig.newCalls()
            }
            try #require(called == [0])
            rig.end(0, outcome)
        }
        let ending = try rig.ending(of: 0)
        #expect(rig.advanceToNextCalls() == [])
        return ending
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var delivery = DeliveryPreference.atLeastOnce
        var isIdempotent = false
        var outcomes: [CallOutcome]
        var status: SendResult.Status
        var possibleDuplicate = false
        var category: ErrorCategory?

        var testDescription: String {
            "\(delivery.rawValue)\(isIdempotent ? " idempotent" : ""): "
                + outcomes.map(\.outcomeClass.rawValue).joined(separator: ", ")
        }
    }

    static let rows: [Row] = [
        Row(outcomes: [.delivered], status: .sent),
        Row(outcomes: [.refused], status: .failed, category: .recipientUnavailable),
        Row(outcomes: [.notSent, .delivered], status: .sent),
        Row(outcomes: [.unknown, .delivered], status: .sent, possibleDuplicate: true),
        Row(outcomes: [.unknown, .unknown, .delivered], status: .sent, possibleDuplicate: true),
        Row(outcomes: [.unknown, .unknown, .unknown], status: .unknown, possibleDuplicate: true, category: .timeout),
        Row(
            outcomes: [.unknown, .refused],
            status: .unknown,
            possibleDuplicate: true,
            category: .recipientUnavailable
        ),
        Row(outcomes: [.unknown, .notSent, .delivered], status: .sent, possibleDuplicate: true),
        Row(delivery: .atMostOnce, outcomes: [.unknown], status: .unknown, category: .timeout),
        Row(delivery: .atMostOnce, outcomes: [.notSent, .delivered], status: .sent),
        Row(delivery: .atMostOnce, outcomes: [.notSent, .unknown], status: .unknown, category: .timeout),
        Row(delivery: .atMostOnce, outcomes: [.refused], status: .failed, category: .recipientUnavailable),
        Row(isIdempotent: true, outcomes: [.unknown, .unknown, .unknown, .unknown, .delivered], status: .sent),
        Row(isIdempotent: true, outcomes: [.unknown, .refused], status: .failed, category: .recipientUnavailable),
        Row(delivery: .atMostOnce, isIdempotent: true, outcomes: [.unknown, .delivered], status: .sent),
        Row(
            outcomes: Array(repeating: .bad(.mediaFetch, .media, status: 400), count: 3),
            status: .failed,
            category: .media
        ),
        Row(outcomes: [.bad(.mediaFetch, .media, status: 400), .delivered], status: .sent),
        Row(outcomes: [.throttled, .throttled, .delivered], status: .sent),
    ]

    @Test(arguments: rows)
    func `an outcome leads where its class says`(row: Row) throws {
        let settings = EngineSettings.quiet { $0.health.endpointCalls = 1_000 }
        let ending = try ending(
            of: { $0.request("1", row) },
            row.outcomes,
            settings: settings
        )
        #expect(ending.status == row.status)
        #expect(ending.attempts == row.outcomes.count)
        #expect(ending.possibleDuplicate == row.possibleDuplicate)
        #expect(ending.error?.category == row.category)
    }

    /// An answer of Graph's own that says nothing.
    private static let answered = CallOutcome(
        outcomeClass: .unknown,
        error: SendError(category: .graphError, message: "error 1", httpStatus: 500, code: 1),
        httpStatus: 500
    )

    @Test(
        arguments: [
            (2, 0, [answered], true), (2, 0, [.unknown, answered], true),
            (2, 1, [answered, .delivered], false), (2, 1, [answered, answered], true),
            (2, 1, [.unknown, .unknown, answered, .delivered], false),
            (2, 1, [answered, .unknown, .unknown, .unknown], true), (2, 1, [.unknown, .unknown, .unknown], true),
            (0, 2, [.unknown], true), (0, 2, [answered, answered, .delivered], false),
            (0, 2, [answered, .unknown], true),
        ] as [(Int, Int, [CallOutcome], Bool)]
    )
    func `what was answered and what nobody answered are resent each so often`(
        resends: Int,
        answeredResends: Int,
        outcomes: [CallOutcome],
        isUnknown: Bool
    ) throws {
        let settings = EngineSettings.quiet {
            $0.retry.unknownResends = resends
            $0.retry.answeredUnknownResends = answeredResends
            $0.health.endpointCalls = 1_000
        }
        let ending = try ending(of: { $0.request() }, outcomes, settings: settings)
        #expect(ending.status == (isUnknown ? .unknown : .sent))
        #expect(ending.attempts == outcomes.count)
    }

    @Test func `an idempotent request is repeated after answers that say nothing`() throws {
        let settings = EngineSettings.quiet { $0.health.endpointCalls = 1_000 }
        let outcomes = [Self.answered, Self.answered, Self.answered, .delivered]
        let ending = try ending(of: { $0.request(isIdempotent: true) }, outcomes, settings: settings)
        #expect(ending.status == .sent)
        #expect(!ending.possibleDuplicate)
    }

    @Test func `a request that never gets out ends as failed after its attempts`() throws {
        let settings = EngineSettings.quiet {
            $0.retry.maxAttempts = 3
            $0.health.endpointCalls = 1_000
        }
        let ending = try ending(of: { $0.request() }, [.notSent, .notSent, .notSent], settings: settings)
        #expect(ending.status == .failed)
        #expect(ending.error?.category == .endpointUnavailable)
        #expect(ending.attempts == 3)
    }

    @Test func `an idempotent request whose attempts run out unanswered ends as unknown`() throws {
        let settings = EngineSettings.quiet {
            $0.retry.maxAttempts = 2
            $0.health.endpointCalls = 1_000
        }
        let ending = try ending(of: { $0.request(isIdempotent: true) }, [.unknown, .unknown], settings: settings)
        #expect(ending.status == .unknown)
        #expect(!ending.possibleDuplicate)
    }

    @Test func `Retry-After is the least delay`() {
        let rig = Rig()
        rig.accept(rig.request())
        #expect(rig.newCalls() == [0])
        rig.end(0, .bad(.notSent, .endpointUnavailable, retryAfter: 30_000))
        rig.advance(by: 29_999)
        #expect(rig.newCalls() == [])
        #expect(rig.advanceToNextCalls() == [0])
    }

    @Test func `a request is given up after maxElapsed of its own trying`() throws {
        let rig = Rig(
            .quiet {
                $0.retry.maxElapsed = .seconds(10)
                $0.retry.maxAttempts = 100
            }
        )
        rig.accept(rig.request())
        var endings: [Int64: RequestEnd] = [:]
        while endings.isEmpty, case let called = rig.advanceToNextCalls(within: 20_000), !called.isEmpty {
            rig.end(0, .notSent)
            endings = rig.commit()
        }
        #expect(endings[0]?.status == .failed)
        #expect(endings[0]?.error?.category == .endpointUnavailable)
        #expect(rig.milliseconds <= 10_000)
    }

    @Test func `waits that Graph names do not count as trying, but end what has to be sent before`() throws {
        let rig = Rig(.quiet { $0.retry.maxElapsed = .seconds(10) })
        rig.accept(rig.request(to: "u:1"))
        rig.accept(rig.request(to: "u:2", expiresAfter: 3_000_000))
        rig.actions()
        rig.end(0, .bad(.throttled, .throttled, status: 429, retryAfter: 3_600_000))
        rig.end(1, .bad(.throttled, .throttled, status: 429, retryAfter: 3_600_000))
        #expect(rig.commit().keys.sorted() == [1])
        #expect(rig.advanceToNextCalls() == [0])
        #expect(rig.milliseconds == 3_600_000)
        rig.end(0, .delivered)
        #expect(try rig.ending(of: 0).status == .sent)
    }

    @Test(arguments: [(false, SendResult.Status.failed), (true, .sent)])
    func `a comment that has its reply already was answered by this request only after an unknown attempt`(
        wasUnknown: Bool,
        status: SendResult.Status
    ) throws {
        let rig = Rig()
        rig.accept(rig.request(to: "c:1"))
        rig.actions()
        if wasUnknown {
            rig.end(0, .unknown)
            #expect(rig.advanceToNextCalls() == [0])
        }
        rig.end(0, .bad(.alreadyAnswered, .invalidRequest, status: 400, code: 10_900))
        let ending = try rig.ending(of: 0)
        #expect(ending.status == status)
        #expect(ending.messageID == nil)
    }

    @Test func `calls that were held back at the last moment are no attempts`() throws {
        let settings = EngineSettings.quiet { $0.retry.maxAttempts = 2 }
        let heldBack = CallOutcome.bad(.notSent, .endpointUnavailable, wasStarted: false)
        let ending = try ending(of: { $0.request() }, [heldBack, heldBack, heldBack, .delivered], settings: settings)
        #expect(ending.status == .sent)
        #expect(ending.attempts == 1)
        #expect(!ending.possibleDuplicate)
    }

    @Test func `throttles and calls given up before they started do not use up attempts`() throws {
        let settings = EngineSettings.quiet { $0.retry.maxAttempts = 1 }
        let ending = try ending(
            of: { $0.request() },
            [.throttled, .throttled, .throttled, .delivered],
            settings: settings
        )
        #expect(ending.status == .sent)
        #expect(ending.attempts == 4)
    }

    @Test func `a call that was not started is not counted`() throws {
        let rig = Rig()
        rig.accept(rig.request())
        rig.actions()
        rig.end(0, .bad(.tokenDead, .token, wasStarted: false))
        rig.engine.tokensChanged(["1"], now: rig.now)
        #expect(rig.newCalls() == [0])
        #expect(rig.attempts == [1, 1])
        rig.end(0, .delivered)
        #expect(try rig.ending(of: 0).attempts == 1)
    }
}

extension Rig {
    fileprivate func request(_ account: String, _ row: OutcomeTests.Row) -> QueuedRequest {
        request(account: account, to: "u:1", .messages, row.delivery, isIdempotent: row.isIdempotent)
    }
}
