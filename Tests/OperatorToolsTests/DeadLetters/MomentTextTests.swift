import InstagramMessaging
import OperatorTools
import Testing

@Suite struct MomentTextTests {
    @Test(arguments: [
        ("2027-01-15T08:00:00Z", 0), ("2027-01-15T09:00:00+01:00", 0), ("0s", 0), ("90s", -90_000), ("15m", -900_000),
        ("2h", -7_200_000), ("7d", -604_800_000), ("250ms", -250),
    ])
    func momentsAreRFC3339OrHowLongAgo(text: String, milliseconds: Int) {
        #expect(MomentText.parse(text, now: Letters.now) == Letters.now.adding(milliseconds: Int64(milliseconds)))
    }

    @Test(arguments: ["", "d", "2", "-2h", "2 h", "yesterday", "2027-01-15", "1.5h", "9223372036854775807d", "1w"])
    func everythingElseIsRefused(text: String) {
        #expect(MomentText.parse(text, now: Letters.now) == nil)
    }
}
