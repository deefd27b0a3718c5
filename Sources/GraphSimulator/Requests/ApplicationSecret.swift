import OpenSSL

/// The secret of the application whose calls the simulator takes; every way of printing it shows nothing.
package struct ApplicationSecret: Sendable {
    private let code: HMACSHA256

    package init(_ secret: String) {
        code = HMACSHA256(key: Array(secret.utf8))
    }

    /// Why a call is refused whose token comes with a proof, or without one; nil where it is right.
    func refusal(of proof: String?, for token: String?) -> GraphErrorAnswer? {
        guard let proof else {
            return GraphErrorAnswer(code: 100, message: "API calls from the server require an appsecret_proof argument")
        }
        let right = Hexadecimal.text(code.authenticationCode(for: Array((token ?? "").utf8)))
        return proof.lowercased() == right ? nil : .invalidProof
    }
}

extension ApplicationSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension GraphErrorAnswer {
    static let invalidProof = GraphErrorAnswer(
        code: 100,
        message: "Invalid appsecret_proof provided in the API argument"
    )
}
