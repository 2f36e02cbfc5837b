/// Reads responses from a connection's bytes (RFC 9112), strictly: what a server must not send is an error.
struct ReplyParser {
    enum Step {
        case needMore
        case reply(Reply)
    }

    private enum Phase {
        case head
        case length(Int)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailer
        case untilClose
    }

    private var bytes: [UInt8] = []
    private var start = 0
    private var phase = Phase.head
    private var reply = Reply(status: 0, version: "", headers: [], body: [], keepsAlive: true)
    /// Methods of the requests that are still to be answered, for HEAD has no body.
    private var methods: [String] = []
    /// Whether bodies are kept; else only their size is counted.
    var keepsBodies = true
    private(set) var bodyBytes = 0

    mutating func expect(_ method: String) { methods.append(method) }

    /// Whether nothing of a response has been seen since the last one.
    var isBetweenReplies: Bool {
        if case .head = phase { return start == bytes.count }
        return false
    }

    mutating func append(_ part: some Sequence<UInt8>) {
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: true)
            start = 0
        }
        bytes.append(contentsOf: part)
    }

    /// The connection ended.
    mutating func end() -> Reply? {
        guard case .untilClose = phase else { return nil }
        return finish()
    }

    mutating func next() throws -> Step {
        while true {
            switch phase {
            case .head:
                guard let end = headEnd() else { return .needMore }
                if try readHead(end) { return .reply(finish()) }
            case .length(let left):
                let count = take(left)
                if count == left { return .reply(finish()) }
                phase = .length(left - count)
                return .needMore
            case .chunkSize:
                guard let line = line() else { return .needMore }
                guard let size = Int(line, radix: 16) else { throw TestFailure("chunk size '\(line)'") }
                phase = size == 0 ? .trailer : .chunk(size)
            case .chunk(let left):
                let count = take(left)
                if count < left {
                    phase = .chunk(left - count)
                    return .needMore
                }
                phase = .chunkEnd
            case .chunkEnd:
                guard let line = line() else { return .needMore }
                guard line.isEmpty else { throw TestFailure("'\(line)' behind a chunk") }
                phase = .chunkSize
            case .trailer:
                guard let line = line() else { return .needMore }
                if line.isEmpty { return .reply(finish()) }
            case .untilClose:
                _ = take(.max)
                return .needMore
            }
        }
    }

    private mutating func finish() -> Reply {
        phase = .head
        return reply
    }

    /// Moves up to `most` bytes to the body; returns how many.
    private mutating func take(_ most: Int) -> Int {
        let count = min(most, bytes.count - start)
        if keepsBodies { reply.body += bytes[start..<start + count] }
        bodyBytes += count
        start += count
        return count
    }

    private mutating func line() -> String? {
        var index = start
        while index + 1 < bytes.count {
            if bytes[index] == 13, bytes[index + 1] == 10 {
                defer { start = index + 2 }
                return String(decoding: bytes[start..<index], as: UTF8.self)
            }
            index += 1
        }
        return nil
    }

    private func headEnd() -> Int? {
        var index = start
        while index + 3 < bytes.count {
            if bytes[index] == 13, bytes[index + 1] == 10, bytes[index + 2] == 13, bytes[index + 3] == 10 {
                return index
            }
            index += 1
        }
        return nil
    }

    /// Returns whether the response is complete with its head.
    private mutating func readHead(_ end: Int) throws -> Bool {
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        start = end + 4
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst() else { throw TestFailure("no status line") }
        let words = first.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard words.count == 3, words[0].hasPrefix("HTTP/1."), words[1].count == 3, let status = Int(words[1]) else {
            throw TestFailure("status line '\(first)'")
        }
        reply = Reply(status: status, version: String(words[0]), headers: [], body: [], keepsAlive: true)
        for line in lines {
            guard let colon = line.firstIndex(of: ":"), colon != line.startIndex else {
                throw TestFailure("header '\(line)'")
            }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            reply.headers.append((String(line[..<colon]), String(value)))
        }
        if (100..<200).contains(status) { return true }
        let method = methods.isEmpty ? "GET" : methods.removeFirst()
        let connection = reply["connection"]?.lowercased()
        reply.keepsAlive = reply.version == "HTTP/1.1" ? connection != "close" : connection == "keep-alive"
        let lengths = reply.values("content-length")
        guard lengths.count <= 1 else { throw TestFailure("\(lengths.count) lengths") }
        reply.isChunked = reply["transfer-encoding"] != nil
        guard lengths.isEmpty || !reply.isChunked else { throw TestFailure("a length and chunks") }
        if method == "HEAD" || status == 204 || status == 304 { return true }
        if let length = lengths.first {
            guard let count = Int(length), count >= 0 else { throw TestFailure("length '\(length)'") }
            phase = .length(count)
            return count == 0
        }
        phase = reply.isChunked ? .chunkSize : .untilClose
        return false
    }
}
