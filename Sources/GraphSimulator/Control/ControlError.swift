/// A control request that cannot be done, with what is accepted.
struct ControlError: Error, Hashable {
    var message: String
    var status: Int

    init(_ message: String, status: Int = 400) {
        self.message = message
        self.status = status
    }
}
