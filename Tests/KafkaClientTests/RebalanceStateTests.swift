import Testing

@testable import KafkaClient

struct RebalanceStateTests {
    private let a = TopicPartition(topic: "t", partition: 0)
    private let b = TopicPartition(topic: "t", partition: 1)

    private func assigned(_ partitions: [TopicPartition], cooperative: Bool = true) throws -> RebalanceState {
        var state = RebalanceState()
        _ = state.arrive(partitions, isCooperative: cooperative)
        let areAwaited = state.note(partitions.map { ($0, from: nil) }, epoch: nil)
        #expect(areAwaited)
        let arrival = try #require(state.arrival)
        #expect(arrival.isComplete)
        _ = state.finishArrival(arrival)
        return state
    }

    @Test func commitsAreHeldBetweenTheStartAndTheEndOfARebalance() throws {
        var state = try assigned([a, b])
        #expect(!state.defersCommits)
        state.depart([a], isCooperative: true)
        #expect(!state.defersCommits)
        state.release([a])
        state.finishDeparture([a], isCooperative: true)
        #expect(state.defersCommits && state.owned == [b])
        _ = state.arrive([], isCooperative: true)
        #expect(state.defersCommits)
        _ = state.finishArrival(try #require(state.arrival))
        #expect(!state.defersCommits && state.owned == [b])
    }

    @Test func recordsOfAPartitionOnHoldAreNotDeliveredBeforeItBegins() throws {
        var state = RebalanceState()
        let epoch = state.arrive([a, b], isCooperative: true)
        state.startPaused([a], epoch: epoch)
        _ = state.note([(b, from: 3)], epoch: epoch)
        let change = state.finishArrival(try #require(state.arrival))
        #expect(change.pause == [a])
        #expect(state.owns(a) && !state.delivers(a) && state.delivers(b))
        let resumed = state.begin(a)
        #expect(resumed == [a] && state.delivers(a))
    }

    @Test func aHoldEndsWithTheAssignmentThatItBelongsTo() throws {
        var state = RebalanceState()
        let epoch = state.arrive([a], isCooperative: true)
        state.startPaused([a], epoch: epoch)
        _ = state.finishArrival(try #require(state.arrival))
        state.finishDeparture([a], isCooperative: true)
        _ = state.arrive([a], isCooperative: true)
        _ = state.note([(a, from: 5)], epoch: nil)
        _ = state.finishArrival(try #require(state.arrival))
        #expect(state.delivers(a))
    }

    @Test func recordsOfARevokedPartitionAreNotDelivered() throws {
        var state = try assigned([a, b])
        state.depart([a], isCooperative: true)
        #expect(!state.delivers(a) && state.delivers(b))
        state.release([a])
        #expect(!state.delivers(a))
    }

    @Test func `a partition that went and came back is not held since the earlier assignment`() throws {
        var state = try assigned([a, b])
        let first = state.epoch
        #expect(state.ownedSince == [a: first, b: first])
        state.depart([a], isCooperative: true)
        #expect(state.ownedSince[a] == first)
        state.finishDeparture([a], isCooperative: true)
        #expect(state.ownedSince == [b: first])
        let second = state.arrive([a], isCooperative: true)
        _ = state.note([(a, from: nil)], epoch: nil)
        _ = state.finishArrival(try #require(state.arrival))
        #expect(second > first && state.ownedSince == [a: second, b: first])
    }

    @Test func anEagerRevocationTakesEverything() throws {
        var state = try assigned([a, b], cooperative: false)
        state.depart([a, b], isCooperative: false)
        state.finishDeparture([a, b], isCooperative: false)
        #expect(state.isEmpty && !state.defersCommits)
    }

    @Test func onlyWhatWasPausedIsResumed() throws {
        var state = try assigned([a, b])
        #expect(state.pause([a]) == [a])
        #expect(state.pause([a]).isEmpty)
        #expect(state.resume([a, b]) == [a])
        #expect(state.resume([a]).isEmpty)
    }

    @Test func aPauseDoesNotOutliveItsAssignment() throws {
        var state = try assigned([a])
        _ = state.pause([a])
        state.depart([a], isCooperative: true)
        state.finishDeparture([a], isCooperative: true)
        _ = state.arrive([a], isCooperative: true)
        _ = state.note([(a, from: 0)], epoch: nil)
        // librdkafka still holds it paused from before.
        let change = state.finishArrival(try #require(state.arrival))
        #expect(change.resume == [a] && change.pause.isEmpty)
    }

    @Test func aPauseBeforeTheStartIsAppliedAfterIt() throws {
        var state = RebalanceState()
        _ = state.arrive([a, b], isCooperative: true)
        #expect(state.pause([a]).isEmpty)
        _ = state.note([(a, from: 0), (b, from: 0)], epoch: 1)
        let change = state.finishArrival(try #require(state.arrival))
        #expect(change.pause == [a] && change.resume.isEmpty)
    }

    @Test func anOlderEpochStartsNothing() throws {
        var state = RebalanceState()
        let epoch = state.arrive([a], isCooperative: true)
        let wasOlder = state.note([(a, from: 0)], epoch: epoch - 1)
        #expect(!wasOlder && state.arrival?.isComplete == false)
    }

    @Test func whatIsPutOnHoldArrivesPausedAndCompletesTheArrival() throws {
        var state = RebalanceState()
        let epoch = state.arrive([a, b], isCooperative: true)
        state.startPaused([a], epoch: epoch - 1)
        #expect(state.arrival?.starts.isEmpty == true)
        _ = state.note([(b, from: 0)], epoch: epoch)
        state.startPaused([a, b], epoch: epoch)
        let change = state.finishArrival(try #require(state.arrival))
        #expect(change.pause == [a], "the other one was named before")
        #expect(state.resume([a, b]) == [a])
    }

    @Test func anAssignmentThatIsTakenBackLeavesNothingPaused() throws {
        var state = RebalanceState()
        let epoch = state.arrive([a], isCooperative: true)
        state.startPaused([a], epoch: epoch)
        #expect(state.cancelArrival() == [a])
        _ = state.arrive([a], isCooperative: true)
        _ = state.note([(a, from: 0)], epoch: nil)
        #expect(state.finishArrival(try #require(state.arrival)).pause.isEmpty)
    }
}
