import ExternalScaler
import Randomness
import Testing

/// The bytes were written by Python's protobuf 7.36 from KEDA's `externalscaler.proto`, maps in the order of their keys.
struct WireTests {
    @Test func readsAReferenceWithItsMap() throws {
        let bytes = hex(
            """
            0a0d6c6973742d70726f6475637473120473686f701a190a0866756e6374696f6e120d6c6973742d70726f64756374731a2f0a0d736361\
            6c657241646472657373121e73686f702d6b6564612d7363616c65722e73686f702e7376633a363030301a180a0cc39c62657273636872\
            69667412086772c3b6c39f6572
            """
        )
        let reference = try ScaledObjectRef(wire: bytes)
        #expect(
            reference
                == ScaledObjectRef(
                    name: "list-products",
                    namespace: "shop",
                    scalerMetadata: [
                        "function": "list-products",
                        "scalerAddress": "shop-keda-scaler.shop.svc:6000",
                        "Überschrift": "größer",
                    ]
                )
        )
        #expect(try ScaledObjectRef(wire: reference.wire) == reference)
    }

    @Test func readsARequestWithEmptyKeysAndValues() throws {
        let bytes = hex(
            """
            0a220a016e1201731a050a016512001a0d0a0866756e6374696f6e1201661a040a001200121373302d73686f70666e2d776f726b6572\
            732d66
            """
        )
        let request = try GetMetricsRequest(wire: bytes)
        #expect(request.metricName == "s0-shopfn-workers-f")
        #expect(request.scaledObjectRef.scalerMetadata == ["function": "f", "": "", "e": ""])
        #expect(try GetMetricsRequest(wire: request.wire) == request)
    }

    @Test func writesWhatPythonWrites() {
        #expect(IsActiveResponse(result: true).wire == hex("0801"))
        #expect(IsActiveResponse(result: false).wire.isEmpty)
        #expect(ScaledObjectRef().wire.isEmpty)
        let specs = GetMetricSpecResponse(metricSpecs: [
            MetricSpec(metricName: "shopfn-workers-a", targetSize: 300, targetSizeFloat: 300),
            MetricSpec(metricName: "b", targetSize: -1, targetSizeFloat: 0.1),
        ])
        #expect(
            specs.wire
                == hex(
                    """
                    0a1e0a1073686f70666e2d776f726b6572732d6110ac02190000000000c072400a170a016210ffffffffffffffffff01199a9999\
                    999999b93f
                    """
                )
        )
        let values = GetMetricsResponse(metricValues: [
            MetricValue(metricName: "m", metricValue: .max, metricValueFloat: -0.0),
            MetricValue(metricName: "z", metricValue: .min, metricValueFloat: 1e300),
        ])
        #expect(
            values.wire
                == hex(
                    """
                    0a160a016d10ffffffffffffffff7f1900000000000000800a170a017a1080808080808080808001199c7500883ce4377e
                    """
                )
        )
    }

    @Test func roundTripsResponses() throws {
        let specs = GetMetricSpecResponse(metricSpecs: [
            MetricSpec(metricName: "x", targetSize: 7, targetSizeFloat: 7.5), MetricSpec(),
        ])
        #expect(try GetMetricSpecResponse(wire: specs.wire) == specs)
        let values = GetMetricsResponse(metricValues: [
            MetricValue(metricName: "x", metricValue: -7, metricValueFloat: 0)
        ])
        #expect(try GetMetricsResponse(wire: values.wire) == values)
        let health = HealthCheckResponse(status: .notServing)
        #expect(try HealthCheckResponse(wire: health.wire) == health)
    }

    @Test func passesOverWhatItDoesNotKnow() throws {
        // Fields 15 (integer), 16 (8 bytes), 17 (bytes), 18 (a group with a group within), 19 (4 bytes), then the name.
        let bytes = hex(
            "78ff01" + "81010102030405060708" + "8a010161" + "9301" + "7801" + "a301a401" + "9401" + "9d0101020304"
                + "0a0161"
        )
        #expect(try ScaledObjectRef(wire: bytes).name == "a")
        // A field of another type than is known.
        #expect(try IsActiveResponse(wire: hex("0a0161")) == IsActiveResponse())
        #expect(try MetricSpec(wire: hex("0805" + "110000000000000000" + "1801")) == MetricSpec())
    }

    @Test func takesTheLastOfAFieldAndMergesMessages() throws {
        #expect(try ScaledObjectRef(wire: hex("0a01610a0162")).name == "b")
        #expect(try IsActiveResponse(wire: hex("08010800")).result == false)
        // Any number but 0 is true, even one beyond 32 bits.
        #expect(try IsActiveResponse(wire: hex("0880808080808001")).result)
        let merged = try GetMetricsRequest(wire: hex("0a030a0161" + "0a03120162"))
        #expect(merged.scaledObjectRef.name == "a")
        #expect(merged.scaledObjectRef.namespace == "b")
        // Of a map's key that stands twice the last value counts; an entry without value has an empty one.
        let map = try ScaledObjectRef(wire: hex("1a060a016b120131" + "1a060a016b120132" + "1a030a016c"))
        #expect(map.scalerMetadata == ["k": "2", "l": ""])
    }

    @Test(arguments: [
        ("0a", WireError.truncated), ("0a05616263", .truncated), ("08", .truncated), ("0880", .truncated),
        ("19000000", .truncated), ("1d00", .truncated), ("0aff", .truncated),
        ("08ffffffffffffffffffff01", .longInteger), ("0001", .badTag(0)), ("0701", .badTag(7)), ("0e", .badTag(14)),
        ("808080801000", .badTag(1 << 32)), ("0c", .unmatchedGroup), ("0b14", .unmatchedGroup), ("0b0801", .truncated),
        ("0a02c328", .notText(field: 1)), ("1a040a02c328", .notText(field: 1)),
    ])
    func refusesWhatIsNoMessage(_ bytes: String, _ error: WireError) {
        #expect(throws: error) { try ScaledObjectRef(wire: hex(bytes)) }
    }

    @Test func refusesGroupsWithoutEnd() {
        #expect(throws: WireError.tooDeep) {
            try ScaledObjectRef(wire: [UInt8](repeating: 0x0B, count: 1_000_000))
        }
    }

    /// Whatever comes is read or refused, and what is read is written and read again the same.
    @Test func survivesDamage() throws {
        var random = SeededRandom(seed: 7)
        let good = ScaledObjectRef(
            name: "list-products",
            namespace: "shop",
            scalerMetadata: ["function": "list-products", "target": "2"]
        ).wire
        var read = 0
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<Int(1 + random.next() % 4) {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
                }
            }
            guard let reference = try? ScaledObjectRef(wire: bytes) else { continue }
            read += 1
            #expect(try ScaledObjectRef(wire: reference.wire) == reference)
        }
        #expect(read > 0)
    }
}

/// Bytes from their hexadecimal digits.
private func hex(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text.utf8 {
        let digit = character >= 97 ? character - 87 : character - 48
        if let first = high {
            bytes.append(first << 4 | digit)
            high = nil
        } else {
            high = digit
        }
    }
    return bytes
}
