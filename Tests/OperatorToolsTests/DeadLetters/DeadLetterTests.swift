import InstagramMessaging
import KafkaClient
import OperatorTools
import Testing

@Suite struct DeadLetterTests {
    @Test func aDeadLetterIsReadFromItsHeadersAndItsRequest() throws {
        let letter = try #require(DeadLetter(Letters.record()))
        #expect(letter.status == .failed)
        #expect(letter.category == "token")
        #expect(letter.code == 190)
        #expect(letter.subcode == 463)
        #expect(letter.attempts == 2)
        #expect(letter.redrives == 0)
        #expect(letter.time.rfc3339 == "2027-01-15T07:00:00.000Z")
        #expect(letter.source == SendResult.Source(topic: "requests", partition: 3, offset: 8))
        #expect(letter.requestID == "r-1")
        #expect(letter.accountID == "17841400000000001")
        #expect(letter.position == "dead-letters/1@17")
        #expect(letter.omittedBytes == nil)
    }

    @Test func aRecordWithoutAKnownStatusIsNoDeadLetter() {
        #expect(DeadLetter(Letters.record(status: nil)) == nil)
        #expect(DeadLetter(Letters.record(status: "delivered")) == nil)
    }

    @Test func theKeyTellsTheAccountOfARequestThatCannotBeRead() throws {
        let letter = try #require(DeadLetter(Letters.record(status: "rejected", value: Array("no JSON".utf8))))
        #expect(letter.accountID == "17841400000000001")
        #expect(letter.requestID == nil)
    }

    @Test func theRecordsOwnTimeCountsWhereTheHeaderIsMissingOrBroken() throws {
        let letter = try #require(DeadLetter(Letters.record(["dlq-time": "yesterday"])))
        #expect(letter.time.millisecondsSinceEpoch == 1_799_999_000_000)
    }

    @Test func ofHeadersThatRepeatTheWorkersOwnCountsWhichIsTheLast() throws {
        let forged = [KafkaHeader(name: "dlq-status", value: Array("sent".utf8))]
        #expect(try #require(DeadLetter(Letters.record(own: forged))).status == .failed)
    }

    @Test func jsonHoldsTheRequestOnOneLineNumbersAsTheyWereWritten() throws {
        let value = Letters.request(members: ",\n \"context\": { \"n\": 1.50e3,\t\"list\": [true, null] }")
        let json = try #require(DeadLetter(Letters.record(value: value))).json
        #expect(!json.contains("\n"))
        #expect(json.contains(#""context":{"n":1.50e3,"list":[true,null]}"#))
        #expect(json.contains(#""dead_letter":{"topic":"dead-letters","partition":1,"offset":17}"#))
        #expect(json.contains(#""source":{"topic":"requests","partition":3,"offset":8}"#))
        #expect(throws: Never.self) { try JSONReader.read(Array(json.utf8)) }
    }

    @Test(arguments: ["access_token", "accessToken", "app_secret", "appsecret_proof", "Authorization", "password"])
    func jsonHidesWhatIsNamedLikeASecretHoweverDeepItStands(name: String) throws {
        let value = Letters.request(members: #","context":{"a":[{"\#(name)":"IGQVJsecretsecretsecret"}]}"#)
        let json = try #require(DeadLetter(Letters.record(value: value))).json
        #expect(!json.contains("IGQVJ"))
        #expect(json.contains(#""\#(name)":"<hidden>""#))
    }

    @Test func jsonHasNoRequestWhereItIsNotJSONAndSaysHowManyBytesThereAre() throws {
        let json = try #require(DeadLetter(Letters.record(value: Array("no JSON".utf8)))).json
        #expect(json.contains(#""request_bytes":7,"request":null"#))
        let abridged = try #require(DeadLetter(Letters.record(value: nil, ["dlq-omitted-bytes": "2000000"]))).json
        #expect(abridged.contains(#""request_bytes":2000000,"request_omitted":true,"request":null"#))
    }

    @Test func aMessageOfForeignHandCannotBreakTheLineOrShowAToken() throws {
        let message = "first\nsecond \u{1b}[2J access_token=IGQVJabcdefghijklmnopqrstuv"
        let letter = try #require(DeadLetter(Letters.record(["dlq-message": message])))
        let shown = try #require(letter.message)
        #expect(!shown.contains("\n") && !shown.contains("\u{1b}") && !shown.contains("IGQVJ"))
    }

    @Test func causesAreCountedTheMostFrequentFirst() throws {
        var counts = DeadLetterCounts()
        for code in ["190", "4", "4"] { counts.add(try #require(DeadLetter(Letters.record(["dlq-code": code])))) }
        #expect(counts.rows.map(\.count) == [2, 1])
        #expect(counts.rows.first?.cause.code == 4)
        let first = #"{"status":"failed","category":"token","code":4,"count":2}"#
        let second = #"{"status":"failed","category":"token","code":190,"count":1}"#
        #expect(counts.json == #"{"total":3,"causes":[\#(first),\#(second)]}"#)
    }
}
