/// Memory for a C function to write an error text into, freed with this object.
///
/// `start` is valid for as long as the object is; the text is read after the call that wrote it.
final class ErrorText {
    let start: UnsafeMutablePointer<CChar>
    let capacity = 512

    init() {
        start = .allocate(capacity: capacity)
        start.initialize(repeating: 0, count: capacity)
    }

    deinit { start.deallocate() }

    var text: String { String(cString: start) }
}
