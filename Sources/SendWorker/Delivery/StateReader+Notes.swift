import SendEngine
import Telemetry

extension StateReader {
    /// Says what is odd about where a partition begins.
    func tell(_ note: PartitionStart.Note, of number: Int32, _ reading: StateReading) {
        guard let text = Self.text(of: note) else { return }
        var metadata: Logger.Metadata = [
            "partition": "\(number)",
            "committed": "\(reading.committed[number].map { "\($0.offset)" } ?? "none")",
            "ledger": "\(reading.contents[number]?.decodedLedger().map { "\($0.base)" } ?? "none")",
        ]
        if let log = reading.logs[number] { metadata["log"] = "\(log.lowerBound)..<\(log.upperBound)" }
        logger.log(level: note == .offsetGone ? .notice : .warning, text, metadata: metadata)
    }

    private static func text(of note: PartitionStart.Note) -> Logger.Message? {
        switch note {
        case .movedOffset(isFollowed: false):
            """
            somebody else has committed an offset of the worker's group (another consumer in it, a tool); the ledger in the state \
            topic counts instead: what has ended is not sent again, and what has not gets its result. To go on from moved offsets: \
            send-worker run --follow-moved-offsets
            """
        case .movedOffset(isFollowed: true):
            """
            going on from an offset that somebody else has committed, as --follow-moved-offsets says: what was moved past gets no \
            result, and what was moved back to is sent again
            """
        case .mismatch:
            """
            a ledger in the state topic does not belong to the offset that a worker committed last; the one of the two that says \
            more counts. Either topic has lost its end: look for unclean leader elections of it or of __consumer_offsets
            """
        case .offsetGone:
            "the group has no committed offset any more (expired, or deleted); the ledger in the state topic says where to go on"
        case .logAnew:
            """
            the log of the requests topic ends before what the ledger knows of, and its first record is newer: the topic was deleted \
            and made anew; it is read from its beginning
            """
        case .logCutBack:
            """
            the log of the requests topic ends before what the ledger knows of: it has lost its end (an unclean leader election?); \
            what is published from now on is read, and requests that were lost with it have to be published again
            """
        case .noLedger, .deletedUnread: nil
        }
    }

    /// Why the worker ends, where nobody can say where to begin.
    static func failure(_ refusal: PartitionStart.Refusal, of number: Int32) -> WorkerFailure {
        switch refusal {
        case .onlyForeignOffset(let offset):
            WorkerFailure(
                .configuration,
                "nobody can say what has ended in partition \(number) of the requests topic: offset \(offset) of the group was not "
                    + "committed by a worker, and the state topic has no ledger. To go on from that offset: send-worker run "
                    + "--follow-moved-offsets. To send everything that the topic holds: delete the group's offsets "
                    + "(kafka-consumer-groups.sh --delete-offsets)",
                isOrderly: true
            )
        case .unknownLog(let reaches, let end):
            WorkerFailure(
                .restart,
                "the log of partition \(number) of the requests topic ends at \(end), and \(reaches) is known to have been read: the "
                    + "topic was deleted and made anew, or its log was cut back, and its timestamps do not tell which. Say where to go "
                    + "on: kafka-consumer-groups.sh --reset-offsets (--to-earliest sends all that it holds now, --to-latest nothing of "
                    + "it), then once: send-worker run --follow-moved-offsets",
                isOrderly: true
            )
        }
    }
}
