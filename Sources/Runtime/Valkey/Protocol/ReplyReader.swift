import CHiredis

/// Turns received bytes into replies with hiredis's reader.
///
/// The reader calls back for every value it has read; the values are built here at once, without hiredis's own reply
/// objects in between. Works with hiredis 0.14 and 1.x; only RESP2 is asked of the server.
package struct ReplyReader: ~Copyable {
    /// The bytes are not the protocol's; the connection they came by is of no more use.
    package struct Malformed: Error {
        package let message: String
    }

    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    private let builder = ReplyBuilder()

    /// - Throws: ``Malformed`` where there is no memory left.
    package init() throws(Malformed) {
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        functions.initialize(to: makeFunctions())
        guard let reader = redisReaderCreateWithFunctions(functions) else {
            functions.deallocate()
            throw Malformed(message: "there is no memory for a protocol reader")
        }
        reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
        // The default frees and makes the buffer anew for every batch of more than 16 KiB.
        reader.pointee.maxbuf = 256 << 10
        self.reader = reader
        self.functions = functions
    }

    deinit {
        redisReaderFree(reader)
        functions.deallocate()
    }

    /// Takes in received bytes and appends the replies they complete.
    package func read(_ bytes: UnsafeRawBufferPointer, into replies: inout [ValkeyValue]) throws(Malformed) {
        guard redisReaderFeed(reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count) == REDIS_OK
        else { throw failure() }
        while true {
            var unused: UnsafeMutableRawPointer?
            guard redisReaderGetReply(reader, &unused) == REDIS_OK else { throw failure() }
            guard let reply = builder.take() else { return }
            replies.append(reply)
        }
    }

    private func failure() -> Malformed {
        let message = withUnsafeBytes(of: reader.pointee.errstr) { field in
            String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
        }
        return Malformed(message: message)
    }
}

/// The value being read, list within list.
private final class ReplyBuilder {
    private struct OpenList {
        var missing: Int
        var elements: [ValkeyValue]
    }

    private var lists: [OpenList] = []
    private var finished: ValkeyValue?

    func take() -> ValkeyValue? {
        defer { finished = nil }
        return finished
    }

    func open(count: Int) {
        if count == 0 {
            add(.array([]))
        } else {
            var elements: [ValkeyValue] = []
            // The count is the sender's word; memory is taken as the elements come.
            elements.reserveCapacity(min(count, 1_024))
            lists.append(OpenList(missing: count, elements: elements))
        }
    }

    func add(_ value: ValkeyValue) {
        var value = value
        while let last = lists.indices.last {
            lists[last].elements.append(value)
            lists[last].missing -= 1
            if lists[last].missing > 0 { return }
            value = .array(lists.removeLast().elements)
        }
        finished = value
    }
}

/// Stands for a value in hiredis's hands, which asks only that it is not null.
private nonisolated(unsafe) let token = UnsafeMutableRawPointer(bitPattern: 1)  // Never followed.

private func builder(_ task: UnsafePointer<redisReadTask>?) -> ReplyBuilder? {
    task?.pointee.privdata.map { Unmanaged<ReplyBuilder>.fromOpaque($0).takeUnretainedValue() }
}

private func makeFunctions() -> redisReplyObjectFunctions {
    var functions = redisReplyObjectFunctions()
    functions.createString = { task, text, length in
        let bytes = UnsafeRawBufferPointer(start: text, count: length)
        switch task?.pointee.type {
        case REDIS_REPLY_STATUS: builder(task)?.add(.status(String(decoding: bytes, as: UTF8.self)))
        case REDIS_REPLY_ERROR: builder(task)?.add(.error(ValkeyServerError(String(decoding: bytes, as: UTF8.self))))
        default: builder(task)?.add(.bytes(Array(bytes)))
        }
        return token
    }
    functions.createArray = { task, count in
        builder(task)?.open(count: Int(count))
        return token
    }
    functions.createInteger = { task, number in
        builder(task)?.add(.integer(Int(number)))
        return token
    }
    functions.createNil = { task in
        builder(task)?.add(.null)
        return token
    }
    return functions
}
