import HTTPCodec
import Testing

@testable import GraphSimulator

@Suite(.timeLimit(.minutes(1))) struct ControlInterfaceTests {
    @Test func `sets, lists and removes faults`() async throws {
        try await LiveSimulator.run { live async throws in
            let set = try await live.request(
                .post,
                "/_simulator/faults",
                body: #"""
                    [{"effect":"error","code":613,"status":429,"retry_after_seconds":7,"account":"\#(account)","count":1},
                     {"effect":"latency","fixed":"5ms","jitter":"5ms","share":0.5,"for":"1h"}]
                    """#
            )
            #expect(set.status == 201)
            #expect(set.json == .object(["ids": .array([.integer(1), .integer(2)])]))
            let throttled = try await live.send(textBody("a"))
            #expect(throttled.status == 429)
            #expect(throttled.headers.first("Retry-After") == "7")
            let listed = try await live.request(.get, "/_simulator/faults").json?["faults"]?.array
            #expect(listed?.count == 1)
            #expect(listed?[0]["effect"]?.string == "latency")
            #expect(listed?[0]["id"] == .integer(2))
            #expect(try await live.request(.delete, "/_simulator/faults/2").status == 200)
            #expect(try await live.request(.delete, "/_simulator/faults/2").status == 404)
            #expect(live.simulator.faults.isEmpty)
        }
    }

    @Test(
        arguments: [
            (
                #"{"effect":"latency","fixed":"10ms","jitter":"2s"}"#,
                .latency(fixed: .milliseconds(10), jitter: .seconds(2))
            ),
            (#"{"effect":"error","code":1,"status":500,"delivers":true}"#, .error(.unknownError, delivers: true)),
            (#"{"effect":"reply_lost"}"#, .replyLost),
            (#"{"effect":"reply_delayed","by":"45s"}"#, .replyDelayed(.seconds(45))),
            (#"{"effect":"reset_before_body"}"#, .resetBeforeBody),
            (#"{"effect":"reset_after_body"}"#, .resetAfterBody),
            (#"{"effect":"html_page"}"#, .htmlPage(status: 502, delivers: false)),
            (#"{"effect":"truncated_answer"}"#, .truncatedAnswer),
            (#"{"effect":"throttle","until":"2999-01-01T00:00:00Z"}"#, .throttle(.accountThrottled)),
            (
                #"{"effect":"throttle","code":4,"is_transient":true,"regain_minutes":1}"#,
                .throttle(.applicationThrottled)
            ),
            (#"{"effect":"dead_token"}"#, .deadToken(subcode: 460)),
            (#"{"effect":"media_fetch_failure","subcode":2018294}"#, .mediaFetchFailure(subcode: 2_018_294)),
            (#"{"effect":"endpoint_down"}"#, .endpointDown(status: 503)),
            (#"{"effect":"gzip_answer"}"#, .odd(OddAnswer(.gzip))),
            (#"{"effect":"second_answer","after":"5ms"}"#, .odd(OddAnswer(.secondAnswer, after: .milliseconds(5)))),
            (
                #"{"effect":"latin1_answer","code":190,"status":401,"subcode":463}"#,
                .odd(OddAnswer(.latin1, .error(GraphErrorAnswer(status: 401, code: 190, subcode: 463))))
            ),
            (
                #"{"effect":"stalled_body","status":429,"retry_after_seconds":8}"#,
                .odd(OddAnswer(.stalledBody, .page(status: 429, retryAfterSeconds: 8)))
            ),
        ] as [(String, FaultEffect)]
    )
    func `knows every effect, and reads again what it lists`(body: String, effect: FaultEffect) async throws {
        try await LiveSimulator.run { live async throws in
            #expect(try await live.request(.put, "/_simulator/faults", body: body).status == 201)
            #expect(live.simulator.faults.map(\.fault.effect) == [effect])
            let listing = try await live.request(.get, "/_simulator/faults").json?["faults"]?.array?.first
            guard case .object(let members)? = listing else { return #expect(Bool(false), "no fault is listed") }
            let kept = members.filter { !["id", "hits", "remaining_ms"].contains($0.name) }
            let again = String(decoding: JSONNode.object(kept).encoded, as: UTF8.self)
            #expect(try await live.request(.put, "/_simulator/faults", body: again).status == 201)
            #expect(live.simulator.faults.map(\.fault.effect) == [effect])
        }
    }

    @Test(arguments: [
        ("", "not JSON"),
        ("7", "must be a JSON object"),
        (#"{}"#, "reply_lost"),
        (#"{"effect":"meltdown"}"#, "reply_lost"),
        (#"{"effect":"reply_lost","acount":"1"}"#, "account"),
        (#"{"effect":"reply_lost","share":2}"#, "from 0 to 1"),
        (#"{"effect":"reply_lost","for":30}"#, "30s"),
        (#"{"effect":"reply_lost","for":"30"}"#, "30s"),
        (#"{"effect":"reply_lost","for":"1s","until":"2999-01-01T00:00:00Z"}"#, "one of them"),
        (#"{"effect":"throttle","until":"tomorrow"}"#, "2030-01-31T12:00:00Z"),
        (#"{"effect":"throttle","until":"2001-01-01T00:00:00Z"}"#, "longer than nothing"),
        (#"{"effect":"error"}"#, "needs a code"),
        (#"{"effect":"reply_delayed"}"#, "needs by"),
        (#"{"effect":"reset_before_body","recipient":"1"}"#, "set it for an account"),
        (#"[{"effect":"reply_lost"},{"effect":"x"}]"#, "not known"),
    ])
    func `refuses bad faults with 400 and what is accepted, and sets none`(body: String, hint: String) async throws {
        try await LiveSimulator.run { live async throws in
            let answer = try await live.request(.post, "/_simulator/faults", body: body)
            #expect(answer.status == 400)
            let message = answer.json?["error"]?.string ?? ""
            #expect(message.contains(hint), "\(message)")
            #expect(live.simulator.faults.isEmpty)
        }
    }

    @Test func `lists calls as lines of JSON from a sequence on`() async throws {
        try await LiveSimulator.run { live async throws in
            for text in ["a", "b", "c"] { _ = try await live.send(textBody(text)) }
            _ = try await live.send(textBody("d"), account: "2")
            func markers(_ query: String) async throws -> [String?] {
                let answer = try await live.request(.get, "/_simulator/calls\(query)")
                #expect(answer.headers.first("Content-Type") == "application/x-ndjson")
                return try answer.text.split(separator: "\n").map {
                    try JSONParser.parse(Array($0.utf8))["marker"]?.string
                }
            }
            #expect(try await markers("") == ["a", "b", "c", "d"])
            #expect(try await markers("?since=1&account=\(account)") == ["b", "c"])
            #expect(try await markers("?limit=1") == ["a"])
            for query in ["?since=x", "?until=1", "?since=1&since=2"] {
                #expect(try await live.request(.get, "/_simulator/calls\(query)").status == 400)
            }
        }
    }

    @Test func `sums up, shows conversations, and forgets on reset`() async throws {
        try await LiveSimulator.run { live async throws in
            for text in ["a", "b", "a"] { _ = try await live.send(textBody(text)) }
            let summary = try await live.request(.get, "/_simulator/summary").json
            #expect(summary?["accepted_messages"] == .integer(3))
            #expect(summary?["duplicate_messages"] == .integer(1))
            #expect(summary?["duplicates"]?.array?.first?["marker"]?.string == "a")
            #expect(summary?["rates"]?.array?.first?["calls"] == .integer(3))
            let line = try await live.request(.get, "/_simulator/conversations?account=\(account)").json
            #expect(line?["accepted"]?.array?.map { $0["marker"]?.string } == ["a", "b", "a"])
            #expect(try await live.request(.post, "/_simulator/reset").status == 200)
            #expect(try await live.request(.get, "/_simulator/summary").json?["calls"] == .integer(0))
        }
    }

    @Test func `answers health, and unknown control paths with what there is`() async throws {
        try await LiveSimulator.run { live async throws in
            let health = try await live.request(.get, "/_simulator/health")
            #expect(health.status == 200)
            #expect(health.json?["status"]?.string == "ok")
            let unknown = try await live.request(.get, "/_simulator/nothing")
            #expect(unknown.status == 404)
            #expect(unknown.json?["error"]?.string?.contains("summary") == true)
            let huge = String(repeating: " ", count: 2 << 20)
            #expect(try await live.request(.post, "/_simulator/faults", body: huge).status == 413)
        }
    }
}
