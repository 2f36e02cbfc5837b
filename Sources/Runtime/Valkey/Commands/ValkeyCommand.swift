/// A command with its arguments, in the form in which it is sent.
public struct ValkeyCommand: Hashable, Sendable {
    /// The command as an array of bulk strings (RESP2); made once, when the command is.
    package let wire: [UInt8]
    /// The text of the script that it names by its hash; sent in its place to a server that does not have it.
    let source: String?
    /// Why the command must not be sent on a connection shared by many, if it must not.
    let objection: String?

    /// Makes a command from its name and arguments.
    public init(_ name: String, _ arguments: any ValkeyArgument...) {
        self.init(name, arguments: arguments)
    }

    /// Makes a command from its name and a list of arguments.
    public init(_ name: String, arguments: [any ValkeyArgument]) {
        var writer = Writer(name: name, count: arguments.count + 1)
        for argument in arguments { argument.write(to: &writer) }
        wire = writer.bytes
        source = nil
        objection = Self.objection(to: name, first: arguments.first)
    }

    /// Makes a command that executes a script, whose text is sent only to a server that does not have it.
    public init(_ script: ValkeyScript, keys: [any ValkeyArgument] = [], arguments: [any ValkeyArgument] = []) {
        var writer = Writer(name: "EVALSHA", count: keys.count + arguments.count + 3)
        script.sha1.write(to: &writer)
        keys.count.write(to: &writer)
        for key in keys { key.write(to: &writer) }
        for argument in arguments { argument.write(to: &writer) }
        wire = writer.bytes
        source = script.source
        objection = nil
    }

    /// A command whose form is known to be right, for the client's own use.
    init(trusted name: String, _ arguments: any ValkeyArgument...) {
        self.init(trusted: name, arguments: arguments)
    }

    /// The same with the script's text instead of its hash; `nil` for what is no script.
    var withSource: ValkeyCommand? {
        guard let source else { return nil }
        let words = WireWords(wire)
        let rest: [any ValkeyArgument] = (2..<words.count).map { words.bytes($0) }
        return ValkeyCommand(trusted: "EVAL", arguments: [source] + rest)
    }

    private init(trusted name: String, arguments: [any ValkeyArgument]) {
        var writer = Writer(name: name, count: arguments.count + 1)
        for argument in arguments { argument.write(to: &writer) }
        wire = writer.bytes
        source = nil
        objection = nil
    }

    /// Puts the arguments of a command after each other.
    public struct Writer {
        fileprivate(set) var bytes: [UInt8] = []

        fileprivate init(name: String, count: Int) {
            // About what keys and fields take, so that few commands outgrow it.
            bytes.reserveCapacity(24 * count + 40)
            bytes.append(UInt8(ascii: "*"))
            append(number: count)
            name.write(to: &self)
        }

        /// Appends one whole argument.
        public mutating func append(_ argument: UnsafeRawBufferPointer) {
            bytes.append(UInt8(ascii: "$"))
            append(number: argument.count)
            bytes.append(contentsOf: argument)
            bytes.append(UInt8(ascii: "\r"))
            bytes.append(UInt8(ascii: "\n"))
        }

        private mutating func append(number: Int) {
            if number < 10 {
                bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number))
            } else if number < 100 {
                // Nearly all lengths.
                bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10))
                bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10))
            } else {
                bytes.append(contentsOf: number.description.utf8)
            }
            bytes.append(UInt8(ascii: "\r"))
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}

extension ValkeyCommand {
    /// Commands that change the connection for every caller, or that are not answered with one reply each.
    private static func objection(to name: String, first: (any ValkeyArgument)?) -> String? {
        // Nearly every command is let through by its length and a comparison or two.
        let reserved: [StaticString]
        switch name.utf8.count {
        case 4: reserved = ["AUTH", "EXEC", "QUIT", "SYNC"]
        case 5: reserved = ["HELLO", "MULTI", "PSYNC", "RESET", "WATCH"]
        case 6: reserved = ["ASKING", "SELECT"]
        case 7: reserved = ["DISCARD", "MONITOR", "UNWATCH"]
        case 8: reserved = ["READONLY"]
        case 9: reserved = ["READWRITE", "SUBSCRIBE"]
        case 10: reserved = ["PSUBSCRIBE", "SSUBSCRIBE"]
        case 11: reserved = ["UNSUBSCRIBE"]
        case 12: reserved = ["PUNSUBSCRIBE", "SUNSUBSCRIBE"]
        case 0: return "its name is empty"
        default: return nil
        }
        if reserved.contains(where: { name.isSame(as: $0) }) {
            return "\(name.uppercased()) would change the connection for every other caller; \(advice(name))"
        }
        if name.isSame(as: "CLIENT"), let word = first as? String, word.isSame(as: "REPLY") {
            return "CLIENT REPLY would take away the replies of every other caller"
        }
        return nil
    }

    private static func advice(_ name: String) -> String {
        switch name.uppercased() {
        case "AUTH", "SELECT", "HELLO": "set user, password and database in the URL"
        case "MULTI", "EXEC", "DISCARD": "use transaction(_:)"
        case "WATCH", "UNWATCH": "use a script, which is atomic by itself"
        default: "it is not supported"
        }
    }
}

extension String {
    /// Compares with an upper-case word, whatever the case of this one.
    fileprivate func isSame(as word: StaticString) -> Bool {
        guard utf8.count == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { buffer in
            var index = 0
            for byte in utf8 {
                if byte & 0xDF != buffer[index] { return false }
                index += 1
            }
            return true
        }
    }
}
