import OpenSSL
import Testing

@Suite("Digests")
struct DigestTests {
    @Test(
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ]
    )
    func hashesAsTheStandardSays(text: String, digest: String) {
        #expect(Hexadecimal.text(SHA256.hash(Array(text.utf8))) == digest)
    }

    @Test func hashesAMillionBytes() {
        let digest = SHA256.hash([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        #expect(
            Hexadecimal.text(digest) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
    }

    @Test func hashesPartsAsTheirConcatenation() {
        let parts = ["1:", "a", "", "-1:", "bc"].map { Array($0.utf8) }
        #expect(SHA256.hash(concatenating: parts) == SHA256.hash(parts.flatMap(\.self)))
        #expect(SHA256.hash(concatenating: []) == SHA256.hash([]))
    }

    /// The test vectors of RFC 4231, of an empty key, and of the app's secret with a token.
    @Test(
        arguments: [
            (
                [UInt8](repeating: 0x0B, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
        ]
    )
    func authenticatesAsTheStandardSays(key: [UInt8], message: String, code: String) {
        let hmac = HMACSHA256(key: key)
        #expect(Hexadecimal.text(hmac.authenticationCode(for: Array(message.utf8))) == code)
        #expect(Hexadecimal.text(hmac.authenticationCode(for: Array(message.utf8))) == code, "keyed once, used twice")
    }

    @Test(.timeLimit(.minutes(1))) func authenticatesOnManyThreadsWithOneKey() async {
        let hmac = HMACSHA256(key: Array("secret".utf8))
        let expected = (0..<64).map { HMACSHA256(key: Array("secret".utf8)).authenticationCode(for: [UInt8($0)]) }
        await withTaskGroup(of: (Int, [UInt8]).self) { group in
            for round in 0..<2000 {
                group.addTask { (round % 64, hmac.authenticationCode(for: [UInt8(round % 64)])) }
            }
            for await (message, code) in group { #expect(code == expected[message]) }
        }
    }

    @Test func writesHexadecimalInLowerCase() {
        #expect(Hexadecimal.text([0x00, 0x09, 0x0A, 0xF0, 0xFF]) == "00090af0ff")
        #expect(Hexadecimal.text([]).isEmpty)
    }

    @Test func comparesWholeSecrets() {
        #expect(equalInConstantTime([1, 2, 3], [1, 2, 3]))
        #expect(equalInConstantTime([], []))
        #expect(!equalInConstantTime([1, 2, 3], [1, 2, 4]))
        #expect(!equalInConstantTime([1, 2, 3], [1, 2]))
        #expect(!equalInConstantTime([], [0]))
    }
}
