import HTTPTransfer
import JSON

/// One change that a watch told.
package enum WatchEvent: Sendable {
    case added(KubernetesObject)
    case modified(KubernetesObject)
    case deleted(KubernetesObject)
    /// Nothing changed up to this `resourceVersion`.
    case bookmark(String)
}

/// The events of one watch request; for one reader.
package struct WatchStream: AsyncSequence, Sendable {
    package typealias Element = WatchEvent
    package typealias Failure = KubernetesError

    let body: HTTPClientBody
    let resource: Resource

    package func makeAsyncIterator() -> Iterator {
        Iterator(body: body.makeAsyncIterator(), resource: resource)
    }

    package struct Iterator: AsyncIteratorProtocol {
        var body: HTTPClientBody.Iterator
        let resource: Resource
        private var lines = LineSplitter(limit: 32 << 20)

        init(body: HTTPClientBody.Iterator, resource: Resource) {
            self.body = body
            self.resource = resource
        }

        /// The next event; `nil` when the server ended the watch, as it does after a while.
        package mutating func next() async throws(KubernetesError) -> WatchEvent? {
            while true {
                if let line = lines.next() {
                    if line.isEmpty { continue }
                    return try event(line)
                }
                if lines.isTooLong { throw .malformed("a watch's event is larger than \(lines.limit) bytes") }
                do throws(HTTPClientError) {
                    guard let piece = try await body.next() else { return nil }
                    lines.append(piece)
                } catch {
                    throw .transfer(error)
                }
            }
        }

        private func event(_ line: ArraySlice<UInt8>) throws(KubernetesError) -> WatchEvent {
            let json: JSONValue
            do throws(JSONParseError) {
                json = try JSONValue(parsing: [UInt8](line), limits: JSONLimits(maxBytes: lines.limit))
            } catch {
                throw .malformed("a watch's event is no JSON: \(error)")
            }
            let object = json["object"] ?? .null
            switch json["type"]?.stringValue {
            case "ADDED": return .added(try resource.object(object))
            case "MODIFIED": return .modified(try resource.object(object))
            case "DELETED": return .deleted(try resource.object(object))
            case "BOOKMARK": return .bookmark(object["metadata"]?["resourceVersion"]?.stringValue ?? "")
            case "ERROR": throw .status(Status(object))
            case let other: throw .malformed("a watch told of \(other ?? "nothing")")
            }
        }
    }
}

/// Cuts bytes into lines.
package struct LineSplitter: Sendable {
    package let limit: Int
    private var bytes: [UInt8] = []
    private var start = 0
    /// What is known to hold no line end.
    private var searched = 0

    package init(limit: Int) {
        self.limit = limit
    }

    /// Whether more has come without a line end than is allowed.
    package var isTooLong: Bool { bytes.count - start > limit }

    package mutating func append(_ piece: [UInt8]) {
        if start > 0 {
            bytes.removeFirst(start)
            searched -= start
            start = 0
        }
        bytes += piece
    }

    /// The next whole line without its end.
    package mutating func next() -> ArraySlice<UInt8>? {
        guard let end = bytes[searched...].firstIndex(of: 0x0A) else {
            searched = bytes.count
            return nil
        }
        let line = bytes[start..<end]
        start = end + 1
        searched = start
        return line
    }
}
