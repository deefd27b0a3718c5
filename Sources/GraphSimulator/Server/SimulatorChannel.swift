import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// A connection: calls of Graph are answered on the event loop by a ``MessagesHandler``, control requests go on to
/// Hummingbird. Only next to the socket can a connection be reset before a body is read, or ended without an answer.
struct SimulatorChannel: ServerChildChannel {
    let control: HTTP1Channel
    let endpoint: SharedEndpoint
    let maximumBodyBytes: Int

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        control.setup(channel: channel, logger: logger).flatMapThrowing { [endpoint, maximumBodyBytes] value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let handler = MessagesHandler(endpoint: endpoint, maximumBodyBytes: maximumBodyBytes)
            try pipeline.addHandler(handler, position: .after(decoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await control.handle(value: value, logger: logger)
    }
}
