import CRdKafka

/// A `rd_kafka_t`.
///
/// Lifetime: alive for as long as anybody holds this object; a thread that makes a call holds it during the call. With
/// the last reference the client is destroyed on a thread of its own, because that blocks, and in 2.0.2 now and then
/// for good. `destroyed` tells when it is done. Queues and topics of the client hold this object, so they go first.
///
/// `@unchecked Sendable`: the pointer never changes, and librdkafka's functions may be called on any thread.
final class ClientHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    let destroyed = Promise<Bool>()
    private let callbacks: Unmanaged<ClientCallbacks>
    private let isGroupMember: Bool

    init(_ configuration: KafkaConfiguration, role: ClientRole, callbacks: ClientCallbacks) throws {
        let native = try NativeConfiguration(configuration, role: role)
        let retained = Unmanaged.passRetained(callbacks)
        rd_kafka_conf_set_opaque(native.pointer, retained.toOpaque())
        ClientCallbacks.register(with: native.pointer, role: role)
        let error = ErrorText()
        guard let pointer = rd_kafka_new(role.nativeType, native.pointer, error.start, error.capacity) else {
            retained.release()
            throw KafkaConfigurationError(of: configuration, refusedAs: error.text)
        }
        native.release()
        self.pointer = pointer
        self.callbacks = retained
        if case .groupConsumer = role { isGroupMember = true } else { isGroupMember = false }
    }

    deinit {
        let client = SendablePointer(pointer: pointer)
        let opaque = SendablePointer(pointer: OpaquePointer(callbacks.toOpaque()))
        let destroyed = destroyed
        // A member that was chosen to share partitions out, and goes before it was assigned any, ends the process here in
        // librdkafka before 2.3.0 (its issue 4312). It is left alone: the group has been told, and it fetches nothing.
        let isLeftAlone =
            isGroupMember && !callbacks.takeUnretainedValue().hasBeenAssigned && rd_kafka_version() < 0x0203_0000
        guard !isLeftAlone else { return destroyed.fulfil(true) }
        // Both pointers are this thread's alone from here on: nobody else has a reference any more.
        OwnThread.start {
            rd_kafka_destroy_flags(client.pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
            Unmanaged<ClientCallbacks>.fromOpaque(UnsafeRawPointer(opaque.pointer)).release()
            destroyed.fulfil(true)
        }
    }

    /// Runs a blocking call on a thread of its own.
    func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable (OpaquePointer) -> Value) async -> Value {
        await OwnThread.run { body(self.pointer) }
    }
}

extension ClientRole {
    fileprivate var nativeType: rd_kafka_type_t {
        if case .producer = self { RD_KAFKA_PRODUCER } else { RD_KAFKA_CONSUMER }
    }

    /// Whether somebody polls the client's main queue; otherwise its errors are logged.
    var polls: Bool {
        switch self {
        case .groupConsumer, .producer: true
        case .reader, .admin: false
        }
    }
}
