/// A C pointer on its way to another thread.
///
/// `@unchecked Sendable`: librdkafka's handles may be used on any thread; whoever makes one of these says beside it how
/// long the pointer is valid.
struct SendablePointer: @unchecked Sendable {
    let pointer: OpaquePointer
}
