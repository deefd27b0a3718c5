import Testing

@testable import SendWorker

/// Changes the limit of the test's own process, by little and only for a moment.
@Suite(.serialized)
struct DescriptorLimitTests {
    @Test func `a soft limit that is too low is raised, and no further than needed`() throws {
        let before = try #require(DescriptorLimit.current)
        defer { _ = DescriptorLimit.set(soft: before.soft) }
        let needed = min(before.soft, 1_000_000)
        try #require(DescriptorLimit.set(soft: needed - 1))
        #expect(DescriptorLimit.raise(to: needed) == needed)
        #expect(DescriptorLimit.current?.soft == needed)
        #expect(DescriptorLimit.raise(to: needed - 1) == needed, "it is never lowered")
    }

    @Test func `where the hard limit is too low the log says so`() throws {
        let before = try #require(DescriptorLimit.current)
        defer { _ = DescriptorLimit.set(soft: before.soft) }
        let recorder = LogRecorder()
        DescriptorLimit.prepare(maxInFlight: 1, logger: recorder.logger())
        #expect(recorder.count(of: "too few files") == 0)
        DescriptorLimit.prepare(maxInFlight: .max / 4, logger: recorder.logger())
        #expect(recorder.count(of: "too few files") == 1)
        // The connections of one host may be idle while all calls go to another.
        DescriptorLimit.prepare(maxInFlight: .max / 8, hosts: 3, logger: recorder.logger())
        #expect(recorder.count(of: "needed=\(4 * (Int.max / 8) + 512)") == 1, "\(recorder.lines)")
    }
}
