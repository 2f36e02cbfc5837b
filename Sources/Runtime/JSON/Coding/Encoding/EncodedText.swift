/// JSON being written from left to right.
///
/// Nearly all values write themselves in order and land in `bytes` directly. A container handed out for later
/// (`nestedContainer`, `superEncoder`) gets a text of its own that is put into its place at the end.
final class EncodedText {
    var bytes: [UInt8] = []
    /// The first misuse of the encoder, told once the value has been walked through.
    var mistake: EncodingError.Context?
    private var later: [(offset: Int, text: ValueEncoder)] = []

    func insert(_ encoder: ValueEncoder) {
        later.append((bytes.count, encoder))
    }

    /// The whole text, everything in its place.
    func finished() -> [UInt8] {
        guard !later.isEmpty else { return bytes }
        var whole: [UInt8] = []
        var copied = 0
        for (offset, encoder) in later {
            whole += bytes[copied..<offset]
            whole += encoder.finishedText()
            mistake = mistake ?? encoder.text.mistake
            copied = offset
        }
        return whole + bytes[copied...]
    }
}
