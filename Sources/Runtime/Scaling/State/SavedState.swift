/// A pool's learned state as bytes: bounded, versioned, checked, so that a damaged one is noticed and never believed.
///
/// Layout, integers little-endian: `SFSC`, format version (1), length of the policy's name (1), the name in UTF-8,
/// length of the payload (4), payload, CRC-32 (IEEE 802.3) of all before it (4).
struct SavedState {
    static let limit = 8192
    static let version: UInt8 = 1
    private static let magic: [UInt8] = [0x53, 0x46, 0x53, 0x43]

    var policy: String
    var payload: [UInt8]

    /// The bytes, or an empty array where the payload would exceed ``limit``.
    func encoded() -> [UInt8] {
        let name = Array(policy.utf8.prefix(255))
        var bytes = Self.magic
        bytes.append(Self.version)
        bytes.append(UInt8(name.count))
        bytes += name
        bytes.append(integer: UInt32(payload.count))
        bytes += payload
        bytes.append(integer: crc32(bytes[...]))
        return bytes.count <= Self.limit ? bytes : []
    }

    /// Reads what ``encoded()`` wrote.
    static func decode(_ bytes: [UInt8]) throws(SavedStateError) -> (policy: String, payload: ArraySlice<UInt8>) {
        guard bytes.count <= limit else { throw .tooLong(bytes.count) }
        guard bytes.count >= magic.count + 10, bytes.starts(with: magic) else { throw .notAState }
        guard bytes[4] == version else { throw .version(bytes[4]) }
        let body = bytes.dropLast(4)
        guard crc32(body) == UInt32(littleEndian: bytes.suffix(4)) else { throw .checksum }
        let nameEnd = 6 + Int(bytes[5])
        guard nameEnd + 4 <= body.endIndex else { throw .notAState }
        let length = Int(UInt32(littleEndian: bytes[nameEnd..<nameEnd + 4]))
        let payload = bytes[(nameEnd + 4)..<body.endIndex]
        guard payload.count == length else { throw .notAState }
        return (String(decoding: bytes[6..<nameEnd], as: UTF8.self), payload)
    }
}

/// Why a saved state was not taken up.
enum SavedStateError: Error, CustomStringConvertible {
    case tooLong(Int)
    case notAState
    case version(UInt8)
    case checksum
    case meaningless(policy: String)

    var description: String {
        let why =
            switch self {
            case .tooLong(let count): "it has \(count) bytes, more than \(SavedState.limit)"
            case .notAState: "it is not a scaler's state, or is cut off"
            case .version(let found): "it is of format \(found), this is format \(SavedState.version)"
            case .checksum: "its checksum is wrong"
            case .meaningless(let policy): "its contents make no sense to the policy `\(policy)`"
            }
        return "the scaler's saved state was discarded: \(why); the pool learns anew"
    }
}

extension [UInt8] {
    /// Appends an integer, least significant byte first.
    mutating func append<Number: FixedWidthInteger>(integer: Number) {
        var rest = integer
        for _ in 0..<(Number.bitWidth / 8) {
            append(UInt8(truncatingIfNeeded: rest))
            rest >>= 8
        }
    }

    /// Appends a number with half its precision.
    mutating func append(number: Double) { append(integer: Float(number).bitPattern) }
}

extension FixedWidthInteger {
    /// The integer whose bytes these are, least significant first; no more are read than it has.
    init(littleEndian bytes: ArraySlice<UInt8>) {
        self = 0
        for byte in bytes.prefix(Self.bitWidth / 8).reversed() { self = (self << 8) | Self(truncatingIfNeeded: byte) }
    }
}

/// CRC-32 as in IEEE 802.3 (reflected polynomial 0xEDB88320).
func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
        sum ^= UInt32(byte)
        for _ in 0..<8 { sum = (sum >> 1) ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
    }
    return ~sum
}
