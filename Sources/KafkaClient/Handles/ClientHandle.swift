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

/// The target of librdkafka's callbacks of one client: the client's `opaque`.
///
/// Lifetime: retained from before `rd_kafka_new` until after `rd_kafka_destroy`, by the client's `ClientHandle`.
/// `onLog` is called on any of librdkafka's threads and never changes; all else is set before the first poll and is
/// called only within a poll, on the polling thread.
final class ClientCallbacks {
    let onLog: (@Sendable (KafkaLogLine) -> Void)?
    var onError: ((KafkaError) -> Void)?
    var onStatistics: ((String) -> Void)?
    var onThrottle: ((_ broker: String, _ milliseconds: Int) -> Void)?
    var onRebalance: ((rd_kafka_resp_err_t, [TopicPartition]) -> Void)?
    var onCommit: ((UInt, KafkaError?) -> Void)?
    /// Whether the group has ever shared partitions out to this member, if only none.
    fileprivate var hasBeenAssigned = false

    init(onLog: (@Sendable (KafkaLogLine) -> Void)?) {
        self.onLog = onLog
    }

    /// The callbacks that a client was made with; borrowed from its handle.
    static func of(_ client: OpaquePointer?) -> ClientCallbacks? {
        client.flatMap(rd_kafka_opaque).map { Unmanaged<ClientCallbacks>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Registers the C functions with a configuration; the opaque must be set too.
    static func register(with configuration: OpaquePointer?, role: ClientRole) {
        rd_kafka_conf_set_log_cb(configuration) { client, level, facility, text in
            ClientCallbacks.of(client)?.log(client, level, facility, text)
        }
        guard role.polls else { return }
        rd_kafka_conf_set_error_cb(configuration) { client, code, reason, _ in
            guard let client, let callbacks = ClientCallbacks.of(client) else { return }
            callbacks.onError?(KafkaError(reported: rd_kafka_resp_err_t(rawValue: code), reason: reason, by: client))
            rd_kafka_yield(client)
        }
        rd_kafka_conf_set_stats_cb(configuration) { client, text, length, _ in
            guard let text else { return 0 }
            let bytes = UnsafeRawBufferPointer(start: text, count: length)
            ClientCallbacks.of(client)?.onStatistics?(String(decoding: bytes, as: UTF8.self))
            // librdkafka frees the text.
            return 0
        }
        if case .groupConsumer = role { registerRebalance(with: configuration) }
        guard case .producer = role else { return }
        DeliveryTicket.registerReports(with: configuration)
        rd_kafka_conf_set_throttle_cb(configuration) { client, broker, _, milliseconds, _ in
            guard let callbacks = ClientCallbacks.of(client) else { return }
            callbacks.onThrottle?(broker.map { String(cString: $0) } ?? "", Int(milliseconds))
        }
    }

    private static func registerRebalance(with configuration: OpaquePointer?) {
        rd_kafka_conf_set_rebalance_cb(configuration) { client, code, list, _ in
            guard let client, let callbacks = ClientCallbacks.of(client) else { return }
            callbacks.hasBeenAssigned = true
            callbacks.onRebalance?(code, PartitionList.partitions(of: list))
            // Ends the poll, so that the event is told now and not when the poll times out.
            rd_kafka_yield(client)
        }
    }

    private func log(
        _ client: OpaquePointer?,
        _ level: Int32,
        _ facility: UnsafePointer<CChar>?,
        _ text: UnsafePointer<CChar>?
    ) {
        guard let onLog else { return }
        onLog(
            KafkaLogLine(
                level: Int(level),
                facility: facility.map { String(cString: $0) } ?? "",
                client: client.flatMap(rd_kafka_name).map { String(cString: $0) } ?? "",
                message: text.map { String(cString: $0) } ?? ""
            )
        )
    }
}

extension KafkaError {
    /// An error that a client reports by itself. `_FATAL` only says that there is one; the client knows which.
    fileprivate init(reported code: rd_kafka_resp_err_t, reason: UnsafePointer<CChar>?, by client: OpaquePointer) {
        if code == RD_KAFKA_RESP_ERR__FATAL, let fatal = KafkaError(fatalErrorOf: client, operation: "client") {
            self = fatal
        } else {
            self.init(code, operation: "client", message: reason.map { String(cString: $0) })
        }
    }
}

/// A reference to a `rd_kafka_queue_t`.
///
/// Lifetime: given back with this object, which holds the client so that the queue goes first.
///
/// `@unchecked Sendable`: the pointer never changes, and queues may be used on any thread.
final class QueueHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let client: ClientHandle

    /// The queue that `rd_kafka_consumer_poll` reads; nil for a client without a group.
    init?(consumerQueueOf client: ClientHandle) {
        guard let pointer = rd_kafka_queue_get_consumer(client.pointer) else { return nil }
        self.pointer = pointer
        self.client = client
    }

    /// The queue that `rd_kafka_poll` reads.
    init(mainQueueOf client: ClientHandle) {
        pointer = rd_kafka_queue_get_main(client.pointer)
        self.client = client
    }

    /// A new, empty queue.
    init(newFor client: ClientHandle) {
        pointer = rd_kafka_queue_new(client.pointer)
        self.client = client
    }

    deinit { rd_kafka_queue_destroy(pointer) }

    /// Ends the poll of this queue that is under way, or else the next one.
    func yield() { rd_kafka_queue_yield(pointer) }
}

/// A reference to a topic of a client.
///
/// Lifetime: given back with this object, which holds the client so that the topic goes first.
///
/// `@unchecked Sendable`: the pointer never changes, and topics may be used on any thread.
final class TopicHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let client: ClientHandle

    init(_ name: String, of client: ClientHandle) throws(KafkaError) {
        guard let pointer = rd_kafka_topic_new(client.pointer, name, nil) else {
            throw KafkaError(rd_kafka_last_error(), operation: "topic \(name)")
        }
        self.pointer = pointer
        self.client = client
    }

    deinit { rd_kafka_topic_destroy(pointer) }
}

/// A C pointer on its way to another thread.
///
/// `@unchecked Sendable`: librdkafka's handles may be used on any thread; whoever makes one of these says beside it how
/// long the pointer is valid.
struct SendablePointer: @unchecked Sendable {
    let pointer: OpaquePointer
}

extension Duration {
    /// Whole milliseconds for a C function: at least 0, at most 24 days.
    var cMilliseconds: Int32 {
        let parts = components
        let milliseconds = parts.seconds.multipliedReportingOverflow(by: 1_000)
        guard !milliseconds.overflow, milliseconds.partialValue < Int64(Int32.max) - 1_000 else { return Int32.max }
        return Int32(max(milliseconds.partialValue + parts.attoseconds / 1_000_000_000_000_000, 0))
    }
}
