import InstagramMessaging
import Testing

@Suite("Results as records")
struct SendResultTests {
    @Test("A sent result is written with exactly the members of the contract")
    func sentRecord() {
        #expect(
            text(SampleResult.sent.encodedRecord())
                == #"{"request_id":"order-1","account_id":"178414","recipient_id":"9001","status":"sent","#
                + #""message_id":"aWdf","attempts":1,"possible_duplicate":false,"#
                + #""received_at":"2025-06-30T12:00:00.000Z","completed_at":"2025-06-30T12:00:00.250Z","#
                + #""source":{"topic":"instagram.send.requests","partition":3,"offset":42}}"#
        )
    }

    @Test("A failed result is written with all that is known of its error, and its context as it came")
    func failedRecord() {
        #expect(
            text(SampleResult.failed.encodedRecord())
                == #"{"request_id":null,"account_id":null,"recipient_id":null,"status":"failed","attempts":8,"#
                + #""possible_duplicate":true,"error":{"category":"outside_window","message":"\"Zu\" spät\n","#
                + #""http_status":403,"code":10,"subcode":2534022,"fbtrace_id":"A9C5","violations":[{"field":"/message/text","#
                + #""rule":"text.bytes","message":"too long"},{"field":"","rule":"r","message":"m"}]},"#
                + #""received_at":"1970-01-01T00:00:00.000Z","completed_at":"2025-06-30T12:00:00.250Z","#
                + #""source":{"topic":"t","partition":0,"offset":9223372036854775807},"#
                + #""context":{ "b":1.0,  "a":"\u00e4\/" }}"#
        )
    }

    @Test("Every result reads back as it was written", arguments: SampleResult.all)
    func roundTrip(_ result: SendResult) throws {
        #expect(try SendResult(decoding: result.encodedRecord()) == result)
    }

    @Test("The context is echoed byte for byte, whatever its spelling")
    func context() throws {
        for context in ["{}", "{ }", "{\"a\" : 1e2 ,\n\"b\":[\t]}", #"{"\u0061":"\ud83d\ude00 😀"}"#] {
            var result = SampleResult.sent
            result.context = Array(context.utf8)
            let record = result.encodedRecord()
            #expect(text(record).contains(context))
            #expect(try SendResult(decoding: record).context.map(text) == context)
        }
    }

    @Test("Members that are not known are skipped, null counts as missing, and white space and order do not matter")
    func tolerance() throws {
        let record = """
            { "future": {"x": [1]}, "source": {"offset": 42, "partition": 3, "topic": "instagram.send.requests", "k": 1},
              "possible_duplicate": false, "attempts": 1, "context": null, "error": null, "message_id": "aWdf",
              "completed_at": "2025-06-30T14:00:00.250+02:00", "received_at": "2025-06-30T12:00:00Z",
              "status": "sent", "recipient_id": "9001", "account_id": "178414", "request_id": "order-1" }
            """
        #expect(try SendResult(decoding: Array(record.utf8)) == SampleResult.sent)
    }

    @Test("What is not a result is refused with the place and what would be right", arguments: BrokenRecord.all)
    func refusals(_ broken: BrokenRecord) {
        let original = text(SampleResult.failed.encodedRecord())
        let record = original.replacing(broken.original, with: broken.replacement, maxReplacements: 1)
        #expect(record != original)
        let error = #expect(throws: ResultFormatError.self) { try SendResult(decoding: Array(record.utf8)) }
        #expect(error?.field == broken.field)
        #expect(error?.description.hasPrefix("the record is not a result: \(broken.field)") == true)
    }

    @Test("A sent result has no error")
    func errorOfSent() {
        var result = SampleResult.failed
        result.status = .sent
        let error = #expect(throws: ResultFormatError.self) { try SendResult(decoding: result.encodedRecord()) }
        #expect(error?.field == "/error")
    }

    @Test("Bytes that are not JSON are refused", arguments: ["", "x", "[1]", "{", "null"])
    func notJSON(_ record: String) {
        let error = #expect(throws: ResultFormatError.self) { try SendResult(decoding: Array(record.utf8)) }
        #expect(error?.field == "")
    }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

/// One change that makes the record of ``SampleResult/failed`` invalid, and where the fault is then.
struct BrokenRecord: Sendable, CustomTestStringConvertible {
    var original: String
    var replacement: String
    var field: String

    var testDescription: String { "\(original) -> \(replacement)" }

    private init(_ original: String, _ replacement: String, _ field: String) {
        self.original = original
        self.replacement = replacement
        self.field = field
    }

    static let all = [
        BrokenRecord(#""request_id":null"#, #""request_id":7"#, "/request_id"),
        BrokenRecord(#""status":"failed""#, #""status":"lost""#, "/status"),
        BrokenRecord(#""status":"failed","#, "", "/status"),
        BrokenRecord(#""attempts":8"#, #""attempts":-8"#, "/attempts"),
        BrokenRecord(#""attempts":8"#, #""attempts":"8""#, "/attempts"),
        BrokenRecord(#""attempts":8"#, #""attempts":1.5"#, "/attempts"),
        BrokenRecord(#""attempts":8,"#, "", "/attempts"),
        BrokenRecord(#""possible_duplicate":true"#, #""possible_duplicate":"yes""#, "/possible_duplicate"),
        BrokenRecord(#""error":{"#, #""other":{"#, "/error"),
        BrokenRecord(#""category":"outside_window""#, #""category":"bad_luck""#, "/error/category"),
        BrokenRecord(#""http_status":403"#, #""http_status":true"#, "/error/http_status"),
        BrokenRecord(#""violations":[{"#, #""violations":[7,{"#, "/error/violations/0"),
        BrokenRecord(#","rule":"r""#, "", "/error/violations/1/rule"),
        BrokenRecord(#""1970-01-01T00:00:00.000Z""#, #""1970-01-01""#, "/received_at"),
        BrokenRecord(#""source":{"#, #""source":[],"x":{"#, "/source"),
        BrokenRecord(#""source":{"#, #""x":{"#, "/source"),
        BrokenRecord(#""partition":0"#, #""partition":2147483648"#, "/source/partition"),
        BrokenRecord("9223372036854775807", "9223372036854775808", "/source/offset"),
        BrokenRecord(#""context":{ "b":1.0,  "a":"\u00e4\/" }"#, #""context":"text""#, "/context"),
    ]
}
