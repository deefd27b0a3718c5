import InstagramMessaging

/// What the operations on one request cost.
struct RequestCosts {
    var name: String
    var kind: MessageKind
    /// The size of the record.
    var byteCount: Int
    var decode: OperationCost
    var parse: OperationCost
    var jsonDecoder: OperationCost
    var jsonSerialization: OperationCost
    var encodeRecord: OperationCost
    var encodeGraphBody: OperationCost
    var encodeResult: OperationCost
    var classify: OperationCost

    var jsonDecoderRatio: Double { jsonDecoder.nanoseconds.median / decode.nanoseconds.median }
    /// The parser alone: what it does is nearest to what Foundation does.
    var jsonDecoderParseRatio: Double { jsonDecoder.nanoseconds.median / parse.nanoseconds.median }
    var jsonSerializationParseRatio: Double { jsonSerialization.nanoseconds.median / parse.nanoseconds.median }
    var jsonSerializationRatio: Double {
        jsonSerialization.nanoseconds.median / decode.nanoseconds.median
    }
}

/// What classifying one answer costs.
struct AnswerCosts {
    var answer: ExampleAnswer
    var cost: OperationCost
}

/// Measures the operations of `InstagramMessaging`.
struct MessagingBench {
    var rounds: Int
    var roundNanoseconds: UInt64

    /// Fails where Foundation cannot read what the decoder accepts: the two would not be doing the same.
    func measure(_ request: ExampleRequest) throws -> RequestCosts {
        let decoder = RequestDecoder()
        let yardstick = FoundationYardstick(request.bytes)
        keep(try yardstick.decode())
        keep(try yardstick.deserialize())
        let accepted = request.accepted.request
        let result = request.result
        return RequestCosts(
            name: request.name,
            kind: accepted.kind,
            byteCount: request.bytes.count,
            decode: cost { decoder.decode(request.bytes, now: ExampleRequest.now) },
            parse: cost { try? JSONReader.read(request.bytes) },
            jsonDecoder: cost { try? yardstick.decode() },
            jsonSerialization: cost { try? yardstick.deserialize() },
            encodeRecord: cost { accepted.encodedRecord() },
            encodeGraphBody: cost { accepted.encodedGraphBody() },
            encodeResult: cost { result.encodedRecord() },
            classify: classify(accepted.expectsMessageID ? .delivered : .action)
        )
    }

    func classify(_ answer: ExampleAnswer) -> OperationCost {
        cost {
            GraphAnswer.classify(
                status: answer.status,
                body: answer.body,
                header: { answer.headers[$0] },
                expectsMessageID: answer.expectsMessageID,
                now: ExampleRequest.now
            )
        }
    }

    private func cost<Result>(_ operation: () -> Result) -> OperationCost {
        OperationCost(rounds: rounds, roundNanoseconds: roundNanoseconds, operation)
    }
}
