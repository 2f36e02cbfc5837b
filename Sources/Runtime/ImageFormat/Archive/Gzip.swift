import CZlib

/// Compression as RFC 1952 defines it, without a time or a name in it.
package enum Gzip {
    /// The compressed bytes: the same for the same input and the same zlib.
    ///
    /// - Throws: ``GzipError`` when zlib cannot.
    package static func compressed(_ bytes: [UInt8]) throws(GzipError) -> [UInt8] {
        var stream = z_stream()
        // 16 beyond the largest window asks for gzip's frame.
        let begun = deflateInit2_(
            &stream,
            6,
            Z_DEFLATED,
            15 + 16,
            9,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size)
        )
        guard begun == Z_OK else { throw GzipError(code: begun) }
        defer { deflateEnd(&stream) }
        var source = bytes
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count / 2)
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        var code = Z_OK
        var position = 0
        while code != Z_STREAM_END {
            let piece = min(source.count - position, 1 << 30)
            let written = source.withUnsafeMutableBufferPointer { input in
                chunk.withUnsafeMutableBufferPointer { output in
                    stream.next_in = input.baseAddress.map { $0 + position }
                    stream.avail_in = UInt32(piece)
                    stream.next_out = output.baseAddress
                    stream.avail_out = UInt32(output.count)
                    code = deflate(&stream, position + piece == input.count ? Z_FINISH : Z_NO_FLUSH)
                    return output.count - Int(stream.avail_out)
                }
            }
            guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { throw GzipError(code: code) }
            position += piece - Int(stream.avail_in)
            result += chunk[..<written]
        }
        return result
    }
}

/// What zlib says.
package struct GzipError: Error, Equatable, CustomStringConvertible {
    /// zlib's code.
    package let code: Int32

    package var description: String { "zlib cannot compress it (code \(code))" }
}
