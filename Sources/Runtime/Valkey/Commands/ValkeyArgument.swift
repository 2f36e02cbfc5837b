/// What can stand as a key or another argument of a command.
public protocol ValkeyArgument: Sendable {
    /// Appends the argument's bytes to a command being made.
    func write(to command: inout ValkeyCommand.Writer)
}

extension String: ValkeyArgument {
    /// Appends the text in UTF-8.
    public func write(to command: inout ValkeyCommand.Writer) {
        var copy = self
        copy.withUTF8 { command.append(UnsafeRawBufferPointer($0)) }
    }
}

extension Substring: ValkeyArgument {
    /// Appends the text in UTF-8.
    public func write(to command: inout ValkeyCommand.Writer) {
        var copy = self
        copy.withUTF8 { command.append(UnsafeRawBufferPointer($0)) }
    }
}

extension [UInt8]: ValkeyArgument {
    /// Appends the bytes.
    public func write(to command: inout ValkeyCommand.Writer) {
        withUnsafeBytes { command.append($0) }
    }
}

extension ArraySlice<UInt8>: ValkeyArgument {
    /// Appends the bytes.
    public func write(to command: inout ValkeyCommand.Writer) {
        withUnsafeBytes { command.append($0) }
    }
}

extension Int: ValkeyArgument {
    /// Appends the number in decimal digits.
    public func write(to command: inout ValkeyCommand.Writer) {
        description.write(to: &command)
    }
}

extension Double: ValkeyArgument {
    /// Appends the shortest digits that read back the same.
    public func write(to command: inout ValkeyCommand.Writer) {
        description.write(to: &command)
    }
}
