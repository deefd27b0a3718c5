import Testing

@testable import SendWorker

@Suite(.timeLimit(.minutes(1)))
struct StopSignalTests {
    @Test func aWaiterIsToldOfARequestThatCameBefore() async {
        let signal = StopSignal()
        signal.request(nil)
        #expect(await signal.wait() == nil)
    }

    @Test func theFirstReasonCounts() async {
        let signal = StopSignal()
        signal.request(WorkerFailure(.restart, "first"))
        signal.request(WorkerFailure(.failed, "second"))
        #expect(await signal.wait()?.description == "first")
    }

    @Test func aRequestCutsWorkShort() async throws {
        let signal = StopSignal()
        let waiting = Task {
            try await signal.interrupting {
                signal.request(nil)
                try await Task.sleep(for: .seconds(3_600))
            }
        }
        #expect(try await waiting.value == false)
    }

    @Test func workThatEndsFirstWins() async throws {
        #expect(try await StopSignal().interrupting {})
    }
}
