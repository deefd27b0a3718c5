import SendWorker
import Testing

@Suite("Access tokens")
struct AccessTokenTests {
    @Test("no way of printing a token shows it")
    func redacts() {
        let token = AccessToken("EAAG-very-secret")
        var dumped = ""
        dump(token, to: &dumped)
        dump(["1789": token], to: &dumped)
        let shown = [
            "\(token)", String(describing: token), String(reflecting: token), dumped,
            String(describing: Mirror(reflecting: token).children.map(\.value)), "\([token])",
            "\(Optional(token) as Any)",
        ]
        for text in shown {
            #expect(!text.contains("secret"), "\(text)")
        }
        #expect("\(token)" == "<redacted>")
    }
}
