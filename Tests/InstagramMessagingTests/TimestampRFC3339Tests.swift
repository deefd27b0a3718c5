import Foundation
import Testing

@testable import InstagramMessaging

@Suite struct TimestampRFC3339Tests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.001Z", 1), ("1969-12-31T23:59:59.999Z", -1),
            ("2025-06-30T14:05:09.250+02:00", 1_751_285_109_250), ("2025-06-30T12:05:09.2509999Z", 1_751_285_109_250),
            ("2025-06-30t12:05:09.25z", 1_751_285_109_250), ("2025-06-30T12:05:09.2-00:00", 1_751_285_109_200),
            ("2000-02-29T00:00:00Z", 951_782_400_000), ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("2017-01-01T05:29:60+05:30", 1_483_228_800_000), ("0000-01-01T00:00:00Z", -62_167_219_200_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)]
    )
    func validTextsAreRead(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.millisecondsSinceEpoch == milliseconds)
    }

    @Test(arguments: [
        "", "2025-06-30", "2025-06-30T12:05:09", "2025-06-30T12:05Z", "2025-06-30 12:05:09Z", "2025-6-30T12:05:09Z",
        "2025-06-31T12:05:09Z", "2025-02-29T12:05:09Z", "1900-02-29T00:00:00Z", "2025-13-01T00:00:00Z",
        "2025-00-01T00:00:00Z", "2025-01-00T00:00:00Z", "2025-06-30T24:00:00Z", "2025-06-30T12:60:00Z",
        "2025-06-30T12:05:61Z", "2025-06-30T12:05:60Z", "2025-06-29T23:59:60Z", "2025-06-30T12:05:09.Z",
        "2025-06-30T12:05:09,5Z", "2025-06-30T12:05:09+0200", "2025-06-30T12:05:09+24:00", "2025-06-30T12:05:09+02:60",
        "2025-06-30T12:05:09+02", "2025-06-30T12:05:09Zx", " 2025-06-30T12:05:09Z", "2025-06-30T12:05:09Z ",
        "+2025-06-30T12:05:09Z", "-025-06-30T12:05:09Z", "２025-06-30T12:05:09Z", "1751285109250", "20250630T120509Z",
        "2025-W27-1T12:05:09Z", "2025-06-30T12:05:09.\(String(repeating: "1", count: 80))Z",
    ])
    func otherTextsAreRefused(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func randomMomentsAreWrittenAndReadAsFoundationDoes() throws {
        var random = SeededRandom(seed: 3)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for _ in 0..<5000 {
            // The proleptic calendar before 1583 is not Foundation's.
            let milliseconds = Int64.random(in: -12_212_553_600_000..<253_402_300_800_000, using: &random)
            let text = Timestamp(millisecondsSinceEpoch: milliseconds).rfc3339
            #expect(Timestamp(rfc3339: text)?.millisecondsSinceEpoch == milliseconds)
            let date = try Date(text, strategy: style)
            #expect((date.timeIntervalSince1970 * 1000).rounded() == Double(milliseconds), "\(text)")
            let components = Calendar.utc.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
            let head = String(
                format: "%04d-%02d-%02dT%02d:%02d:%02d",
                components.year!,
                components.month!,
                components.day!,
                components.hour!,
                components.minute!,
                components.second!
            )
            #expect(text.hasPrefix(head))
        }
    }

    @Test func everyDayOfEightHundredYearsIsItsOwnInverse() {
        for day in -146_097...146_097 {
            let date = CivilDate(daysSinceEpoch: day)
            #expect(date.daysSinceEpoch == day)
            #expect((1...CivilDate.days(inMonth: date.month, of: date.year)).contains(date.day))
        }
    }

    @Test func momentsBeyondTheWritableYearsAppearAsTheLastWritableOnes() {
        #expect(Timestamp(millisecondsSinceEpoch: .max).rfc3339 == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(millisecondsSinceEpoch: .min).rfc3339 == "0000-01-01T00:00:00.000Z")
    }
}

extension Calendar {
    fileprivate static var utc: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        return calendar
    }
}
