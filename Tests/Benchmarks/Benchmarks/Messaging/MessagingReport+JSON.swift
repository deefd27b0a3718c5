import InstagramMessaging

extension MessagingReport {
    /// The report as one JSON object.
    var json: String {
        var writer = JSONWriter(reservingCapacity: 32_768)
        writer.beginObject()
        writer.member("benchmark", "messaging")
        writer.member("json_decoder_ratio", number: mean(\.jsonDecoderRatio))
        writer.member("json_serialization_ratio", number: mean(\.jsonSerializationRatio))
        writer.member("json_decoder_by_parse_ratio", number: mean(\.jsonDecoderParseRatio))
        writer.member("json_serialization_by_parse_ratio", number: mean(\.jsonSerializationParseRatio))
        writer.beginArray("requests")
        for costs in requests { write(costs, to: &writer) }
        writer.endArray()
        writer.beginArray("answers")
        for costs in answers {
            writer.beginObject()
            writer.member("name", costs.answer.name)
            writer.member("classify", costs.cost)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.text
    }

    private func write(_ costs: RequestCosts, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", costs.name)
        writer.member("kind", costs.kind.rawValue)
        writer.member("bytes", costs.byteCount)
        writer.member("decode", costs.decode)
        writer.member("parse", costs.parse)
        writer.member("json_decoder", costs.jsonDecoder)
        writer.member("json_serialization", costs.jsonSerialization)
        writer.member("encode_record", costs.encodeRecord)
        writer.member("encode_graph_body", costs.encodeGraphBody)
        writer.member("encode_result", costs.encodeResult)
        writer.member("classify", costs.classify)
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ cost: OperationCost) {
        beginObject(name)
        member("nanoseconds", number: cost.nanoseconds.median)
        member("least_nanoseconds", number: cost.nanoseconds.least)
        member("most_nanoseconds", number: cost.nanoseconds.most)
        member("allocations", number: cost.allocations)
        member("allocated_bytes", number: cost.allocatedBytes)
        endObject()
    }
}
