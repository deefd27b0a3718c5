import InstagramMessaging
import SendEngine
import Testing

/// Whole runs with random traffic in which something fails for everybody for a while.
@Suite struct SafetyRunTests {
    private final class Run {
        let rig: Rig
        var random: SplitMix64
        let accounts: Int
        var troubleEnds: Int64 = 0
        var trouble = CallOutcome.stopped
        var ended: [Int64: RequestEnd] = [:]
        /// Conversations by offset, and the offsets sent in each, in the order of their calls.
        var conversation: [Int64: String] = [:]
        var sent: [String: [Int64]] = [:]
        var running: [Int64] = []
        var startsWhileShut: [Int64] = []
        var wasShut = false

        init(seed: UInt64) {
            random = SplitMix64(seed: seed)
            accounts = Int.random(in: 10...40, using: &random)
            let most = [1, 4, 500].randomElement(using: &random) ?? 1
            rig = Rig(.quiet { $0.maxInFlight = most }, seed: seed)
        }

        func accept() {
            let account = "\(Int.random(in: 0..<accounts, using: &random))"
            let to = "u:\(Int.random(in: 0..<3, using: &random))"
            let delivery: DeliveryPreference = Int.random(in: 0..<5, using: &random) == 0 ? .atMostOnce : .atLeastOnce
            let id = rig.accept(rig.request(account: account, to: to, .messages, delivery))
            conversation[id.offset] = "\(account) \(to)"
        }

        func step() {
            let isShut = rig.engine.census.safety.state != .sending
            let started = rig.newCalls()
            if isShut { startsWhileShut += started.map { _ in rig.milliseconds } }
            if isShut { #expect(started.count <= 1) }
            running += started
            while !running.isEmpty, Bool.random(using: &random) {
                let place = Int.random(in: 0..<running.count, using: &random)
                let offset = running.remove(at: place)
                let isBad = rig.milliseconds < troubleEnds
                if !isBad { sent[conversation[offset] ?? "", default: []].append(offset) }
                rig.end(offset, isBad ? trouble : .delivered)
            }
            for (offset, end) in rig.commit() { ended[offset] = end }
            if rig.engine.census.safety.state == .sending, isShut { startsWhileShut = [] }
        }

        func check() {
            for (first, second) in zip(startsWhileShut, startsWhileShut.dropFirst()) {
                #expect(second - first >= 5_000)
            }
        }
    }

    @Test(arguments: 1...40)
    func `nothing is lost, order holds and while shut at most one call starts per delay`(seed: UInt64) {
        let run = Run(seed: seed)
        run.trouble = SafetyValveTests.troubles.randomElement(using: &run.random) ?? .stopped
        run.troubleEnds = Int64.random(in: 1_000...240_000, using: &run.random)
        var published = 0
        let total = Int.random(in: 100...600, using: &run.random)
        while run.ended.count < total {
            if published < total {
                run.accept()
                published += 1
            }
            run.step()
            run.check()
            let more = Int64.random(in: 0...400, using: &run.random)
            run.rig.advance(by: published < total ? more : more * 20)
            guard run.rig.milliseconds < 30_000_000 else { break }
        }
        #expect(run.ended.count == total)
        for offsets in run.sent.values { #expect(offsets == offsets.sorted()) }
        let failed = run.ended.values.count { $0.status != .sent }
        // At most a row of refusals for each account, or one request that is stopped, and the probes.
        #expect(failed <= run.accounts * 5 + 500)
        #expect(run.ended.values.allSatisfy { $0.status == .sent || $0.status == .failed })
    }
}
