import KafkaClient
import OperatorTools
import Testing

/// Fingerprints stand in journals on people's disks: the expected ones were computed by another program.
@Suite struct RedriveFingerprintTests {
    private static let recorded: [(key: String?, value: String?, redrives: String, fingerprint: String)] = [
        ("17841400000000001", #"{"request_id":"r-1"}"#, "1", "12013ef0c8aebfb4fc3c9492"),
        (nil, #"{"request_id":"r-1"}"#, "1", "622d7e191e0b07b49ef893d5"),
        ("", #"{"request_id":"r-1"}"#, "1", "95edebef08f9abdd5f5ce36e"), ("a", "", "2", "66cd641a36125e8293dc3b85"),
        ("a", nil, "2", "6ccaeb0a6dbd32c440dde29a"),
    ]

    @Test(arguments: recorded)
    func staysByteForByte(key: String?, value: String?, redrives: String, fingerprint: String) {
        let record = Self.record(
            key: key.map { Array($0.utf8) },
            value: value.map { Array($0.utf8) },
            [KafkaHeader(name: "dlq-redrives", value: Array(redrives.utf8))]
        )
        #expect(RedriveFingerprint.of(record) == fingerprint)
    }

    @Test func takesAnyBytesAndTheLastHeader() {
        let headers = ["3", "12"].map { KafkaHeader(name: "dlq-redrives", value: Array($0.utf8)) }
        let value = (0..<300).flatMap { _ in UInt8.min...UInt8.max }
        #expect(RedriveFingerprint.of(Self.record(key: [0, 255], value: value, headers)) == "d99482704b0e0a5ffa6bcd05")
        #expect(RedriveFingerprint.of(Self.record(key: [0, 255], value: value, [])) == nil)
    }

    private static func record(key: [UInt8]?, value: [UInt8]?, _ headers: [KafkaHeader]) -> KafkaRecord {
        KafkaRecord(
            topic: "requests",
            partition: 0,
            offset: 0,
            timestamp: 0,
            key: key,
            value: value,
            headers: headers
        )
    }
}
