import HTTP
import HTTPCodec
import Reactor
import Synchronization

/// Makes calls of the client for tasks, a few at once.
final class TaskCaller: Sendable {
    private let client: HTTPClient
    private let base: String
    private let plans: CallPlans
    private let records: CallRecords
    private let ids: Mutex<ArraySlice<Int>>
    private let shutdownAt: Int
    private let isShuttingDown = Atomic<Bool>(false)

    /// - Parameter ids: The calls to make; the client is shut down when a few of them are left.
    init(_ client: HTTPClient, base: String, plans: CallPlans, records: CallRecords, ids: [Int]) {
        self.client = client
        self.base = base
        self.plans = plans
        self.records = records
        self.ids = Mutex(ids[...])
        shutdownAt = ids.count / 30
    }

    func run(inFlight: Int) async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<inFlight {
                group.addTask { while let id = self.next() { await self.make(id) } }
            }
        }
        // Again, and with nothing under way.
        await client.shutdown()
    }

    private func next() -> Int? {
        ids.withLock { ids in
            if ids.count <= shutdownAt,
                isShuttingDown.compareExchange(expected: false, desired: true, ordering: .sequentiallyConsistent)
                    .exchanged
            {
                Task { await client.shutdown() }
            }
            return ids.popFirst()
        }
    }

    private func make(_ id: Int) async {
        let plan = plans[id]
        records.change(id) { $0.started = Reactor.monotonicNow() }
        let call = Task { await self.respond(to: id, plan) }
        if let delay = plan.cancelAfter {
            if delay > 0 { try? await Task.sleep(for: .milliseconds(delay)) }
            call.cancel()
        }
        let verdict = await call.value
        records.change(id) { record in
            record.endings += 1
            record.ended = Reactor.monotonicNow()
            record.verdict = verdict
            record.isAfterShutdown = isShuttingDown.load(ordering: .sequentiallyConsistent)
        }
    }

    private func respond(to id: Int, _ plan: CallPlan) async -> CallRecord.Verdict {
        let request = HTTPRequest(
            method: plan.isHead ? .head : .post,
            url: base + TrialRequest.path(id),
            body: plan.isHead ? nil : TrialRequest.body(id, count: plan.bodyLength)
        )
        do throws(HTTPCallFailure) {
            let response = try await client.response(
                to: request,
                timeout: .milliseconds(plan.deadline ?? CallPlan.patience),
                headOnly: plan.endsWithHead
            )
            return .answered(CallRecord.Answer(response, isFirstExchange: nil))
        } catch {
            return .failed(error)
        }
    }
}
