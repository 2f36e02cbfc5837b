import Randomness
import Testing
import WorkerProtocol

@Suite struct HostileInputTests {
    /// A frame with any type, id and payload.
    private func frame(_ type: UInt8, id: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        little(UInt32(5 + payload.count)) + [type] + little(id) + payload
    }

    private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<MemoryLayout<Value>.size).map { UInt8(truncatingIfNeeded: value >> (8 * Value($0))) }
    }

    private func violation(_ direction: Sample.Direction, _ bytes: [UInt8]) -> ProtocolViolation.Kind? {
        do {
            _ = try bytes.withUnsafeBytes { try direction.reencode($0) }
            return nil
        } catch let error as ProtocolViolation {
            return error.kind
        } catch {
            return nil
        }
    }

    @Test func lengthsAreRefusedBeforeTheFrameIsThere() {
        #expect(violation(.worker, [4, 0, 0, 0]) == .frameTooShort)
        #expect(violation(.worker, [0, 0, 0, 0]) == .frameTooShort)
        #expect(violation(.worker, little(UInt32(ProtocolLimits.maximumFrame + 1))) == .frameTooLarge)
        #expect(violation(.worker, [0xFF, 0xFF, 0xFF, 0xFF]) == .frameTooLarge)
        #expect(violation(.worker, little(UInt32(ProtocolLimits.maximumFrame))) == nil)
        #expect(violation(.worker, [5, 0, 0]) == nil)
    }

    @Test func aSmallerLimitHolds() {
        let bytes = frame(0x24, id: 1, [0] + [UInt8](repeating: 0, count: 100))
        let violation = #expect(throws: ProtocolViolation.self) {
            try bytes.withUnsafeBytes { _ = try WorkerFrame.decode($0, maximumFrame: 64) }
        }
        #expect(violation?.kind == .frameTooLarge)
    }

    @Test func identifiersAreChecked() {
        #expect(violation(.gateway, frame(0x05, id: 0, [1, 0, 0, 0])) == .badIdentifier)
        #expect(violation(.gateway, frame(0x07, id: 1)) == .badIdentifier)
        #expect(violation(.worker, frame(0x27, id: 9)) == .badIdentifier)
        #expect(violation(.worker, frame(0x24, id: 0, [1])) == .badIdentifier)
        #expect(violation(.template, frame(0x62, id: 0, [1, 0, 0, 0])) == .badIdentifier)
    }

    @Test func valuesAreChecked() {
        #expect(violation(.gateway, frame(0x06, id: 1, [0])) == .badValue)
        #expect(violation(.gateway, frame(0x06, id: 1, [4])) == .badValue)
        #expect(violation(.gateway, frame(0x04, id: 1, [2])) == .badValue)
        #expect(violation(.gateway, frame(0x02, [9] + little(UInt32(0)))) == .badValue)
        #expect(violation(.worker, frame(0x24, id: 1, [4])) == .badValue)
        #expect(violation(.worker, frame(0x26, id: 1, [0, 0] + little(UInt32(0)))) == .badValue)
        for status: UInt16 in [0, 101, 199, 600, 65_535] {
            let payload = [3] + little(status) + little(UInt16(0)) + little(UInt32(0))
            #expect(violation(.worker, frame(0x23, id: 1, payload)) == .badValue, "\(status)")
        }
        #expect(
            violation(.template, frame(0x64, little(Int32(1)) + [4] + little(Int32(0)) + little(UInt64(0))))
                == .badValue
        )
    }

    @Test func textsMustBeUTF8() {
        #expect(violation(.worker, frame(0x28, little(UInt32(2)) + [0xC3, 0x28])) == .badText)
        #expect(violation(.gateway, frame(0x02, [1] + little(UInt32(1)) + [0xFF])) == .badText)
    }

    @Test func nothingMayFollowTheLastField() {
        #expect(violation(.gateway, frame(0x08, [0])) == .trailingBytes)
        #expect(violation(.worker, frame(0x22, [1, 0, 0])) == .trailingBytes)
        #expect(violation(.launcher, frame(0x42, [0])) == .trailingBytes)
    }

    @Test func lengthsInsideAPayloadCannotLeaveIt() throws {
        #expect(violation(.worker, frame(0x28, little(UInt32.max))) == .truncated)
        #expect(violation(.worker, frame(0x28, little(UInt32(5)) + [0x61])) == .truncated)
        // A response whose list of headers claims more than there is.
        let response = { (count: UInt16, size: UInt32, bytes: [UInt8]) in
            self.frame(0x23, id: 1, [3] + self.little(UInt16(200)) + self.little(count) + self.little(size) + bytes)
        }
        #expect(violation(.worker, response(0, .max, [])) == .truncated)
        #expect(violation(.worker, response(1, 0, [])) == .truncated)
        #expect(violation(.worker, response(.max, 8, [UInt8](repeating: 0, count: 8))) == .truncated)
        #expect(violation(.worker, response(1, 8, little(UInt32.max) + little(UInt32.max))) == .truncated)
        #expect(violation(.worker, response(1, 8, little(UInt32(1)) + little(UInt32(0)))) == .truncated)
        #expect(violation(.worker, response(1, 9, little(UInt32(0)) + little(UInt32(0)) + [1])) == .trailingBytes)
        #expect(violation(.worker, response(0, 1, [1])) == .trailingBytes)
        #expect(violation(.worker, response(1, 8, [UInt8](repeating: 0, count: 8))) == nil)
    }

    @Test func everyLengthOfAnInvokeIsChecked() throws {
        var bytes: [UInt8] = []
        try Samples.invoke.append(id: 7, to: &bytes)
        let payload = FrameHeader.size
        // Nine texts, then the two lists: four bytes each from offset 14.
        for index in 0..<11 {
            for value in [UInt32.max, 1 << 31, 1 << 20, UInt32(bytes.count)] {
                var hostile = bytes
                hostile.replaceSubrange(payload + 14 + 4 * index..<payload + 18 + 4 * index, with: little(value))
                #expect(violation(.gateway, hostile) == .truncated, "length \(index) as \(value)")
            }
        }
        for offset in [2, 4] {
            for count: UInt16 in [0, 1, 3, 4, 6, .max] {
                var hostile = bytes
                hostile.replaceSubrange(payload + offset..<payload + offset + 2, with: little(count))
                #expect(violation(.gateway, hostile) != nil, "count at \(offset) as \(count)")
            }
        }
    }

    /// Mutated frames, at the end of a buffer of exactly their size: reading past it would be caught in debug
    /// builds, and what decodes must encode to the very bytes it was decoded from.
    @Test func mutatedFramesNeverTrapAndStayExact() throws {
        let samples = try Samples.all()
        var random = SeededRandom(seed: 0x5EED_0001)
        var accepted = 0
        var refused = 0
        for _ in 0..<60_000 {
            let sample = samples[Int(random.next() % UInt64(samples.count))]
            var bytes = sample.bytes
            for _ in 0...random.next() % 4 {
                let position = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 5 {
                case 0: bytes[position] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes[position] ^= 1 << UInt8(random.next() % 8)
                case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
                case 3 where bytes.count > 1: bytes.remove(at: position)
                default: bytes[position] = [0, 1, 0x7F, 0x80, 0xFF][Int(random.next() % 5)]
                }
            }
            if random.next() % 2 == 0, bytes.count >= 4 {
                // Mend the length, so that the payload's decoder is reached.
                bytes.replaceSubrange(0..<4, with: little(UInt32(bytes.count - 4)))
            }
            do {
                if let again = try bytes.withUnsafeBytes({ try sample.direction.reencode($0) }) {
                    // A hello of another version is cut down to its version; everything else is kept whole.
                    let isHello = bytes[4] == 0x21 || bytes[4] == 0x31
                    let isOtherHello = isHello && (bytes[9] != 2 || bytes[10] != 0)
                    if !isOtherHello {
                        #expect(again.bytes == Array(bytes[..<again.size]))
                    }
                    accepted += 1
                }
            } catch is ProtocolViolation {
                refused += 1
            }
        }
        #expect(accepted > 1_000)
        #expect(refused > 1_000)
    }

    @Test func noiseNeverTraps() {
        var random = SeededRandom(seed: 0x5EED_0002)
        for _ in 0..<30_000 {
            let types: [UInt8] = [1, 2, 3, 4, 5, 6, 0x21, 0x22, 0x23, 0x24, 0x26, 0x41, 0x61, 0x63, 0x64]
            let payload = (0..<random.next() % 120).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let type = types[Int(random.next() % UInt64(types.count))]
            let bytes = frame(type, id: UInt32(random.next() % 2), payload)
            for direction in Sample.Direction.allCases {
                _ = violation(direction, bytes)
            }
        }
    }
}
