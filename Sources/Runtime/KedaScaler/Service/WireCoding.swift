import ExternalScaler
import GRPCCore

/// Turns messages into bytes for gRPC.
struct WireSerializer<Message: WireMessage>: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: Message) throws -> Bytes {
        Bytes(message.wire)
    }
}

/// Reads messages from gRPC's bytes.
struct WireDeserializer<Message: WireMessage>: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> Message {
        do throws(WireError) {
            return try Message(wire: bytes.withUnsafeBytes { [UInt8]($0) })
        } catch {
            throw RPCError(code: .invalidArgument, message: "the request cannot be read: \(error)")
        }
    }
}

extension RPCRouter {
    /// Has a function answer a method with one message.
    mutating func answer<Request: WireMessage, Response: WireMessage>(
        _ service: String,
        _ method: String,
        with body: @escaping @Sendable (Request) async throws -> Response
    ) {
        stream(service, method) { (request: Request, writer: RPCWriter<Response>) in
            try await writer.write(body(request))
        }
    }

    /// Has a function answer a method with any number of messages.
    mutating func stream<Request: WireMessage, Response: WireMessage>(
        _ service: String,
        _ method: String,
        with body: @escaping @Sendable (Request, RPCWriter<Response>) async throws -> Void
    ) {
        registerHandler(
            forMethod: MethodDescriptor(fullyQualifiedService: service, method: method),
            deserializer: WireDeserializer<Request>(),
            serializer: WireSerializer<Response>()
        ) { request, _ in
            let request = try await ServerRequest(stream: request)
            return StreamingServerResponse { writer in
                try await body(request.message, writer)
                return [:]
            }
        }
    }
}
