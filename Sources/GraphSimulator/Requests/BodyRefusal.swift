/// Why Graph would not take a body.
struct BodyRefusal: Error {
    var subcode: Int?
    var message: String

    /// A parameter is missing, of the wrong type or unknown.
    static func parameter(_ message: String) -> BodyRefusal {
        BodyRefusal(subcode: nil, message: "(#100) \(message)")
    }

    /// The message itself is not what Graph sends.
    static func message(_ message: String) -> BodyRefusal {
        BodyRefusal(subcode: 2_534_015, message: "(#100) \(message)")
    }

    /// There is nothing to see in the text.
    static let emptyText = BodyRefusal(subcode: 2_534_052, message: "(#100) The message text is empty")

    /// There is nobody of that id.
    static let unknownRecipient = BodyRefusal(subcode: 2_534_014, message: "The requested user cannot be found.")

    var answer: GraphErrorAnswer { GraphErrorAnswer(code: 100, subcode: subcode, message: message) }
}
