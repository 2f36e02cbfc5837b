import ExternalScaler
import Testing

struct TriggerMetadataTests {
    private func metadata(_ metadata: [String: String]) throws -> TriggerMetadata {
        try TriggerMetadata(ScaledObjectRef(name: "object", namespace: "shop", scalerMetadata: metadata))
    }

    @Test func readsFunctionAndTarget() throws {
        let plain = try metadata(["scalerAddress": "scaler:6000", "function": "add-to-cart", "enableTLS": "true"])
        #expect(plain.function == "add-to-cart")
        #expect(plain.target == 1)
        #expect(plain.metricName == "shopfn-workers-add-to-cart")
        #expect(try metadata(["function": "f", "target": "3"]).target == 3)
    }

    @Test(arguments: [
        ([:], "the trigger of ScaledObject shop/object names no function; give its metadata 'function: NAME'"),
        (["function": ""], "the trigger of ScaledObject shop/object names no function"),
        (["function": "f", "target": "0"], "has target '0'; give a whole number"),
        (["function": "f", "target": "0.5"], "has target '0.5'"),
        (["function": "f", "target": "many"], "has target 'many'"),
        (["function": "f", "targt": "1"], "has metadata 'targt', which mean nothing here; did you mean 'target'?"),
        (["function": "f", "threshold": "1"], "it may have 'function' and 'target'"),
    ])
    func refusesWhatIsWrong(_ given: [String: String], _ words: String) {
        let refusal = #expect(throws: ScalerRefusal.self) { try metadata(given) }
        guard case .invalid(let message) = refusal else {
            Issue.record("\(String(describing: refusal)) is no refusal of what is invalid")
            return
        }
        #expect(message.contains(words))
    }

    @Test func knowsItsMetricByKEDAsName() throws {
        let metadata = try metadata(["function": "f"])
        #expect(metadata.isMetric("shopfn-workers-f"))
        #expect(metadata.isMetric("s0-shopfn-workers-f"))
        #expect(metadata.isMetric("s12-shopfn-workers-f"))
        #expect(metadata.isMetric(""))
        #expect(!metadata.isMetric("s-shopfn-workers-f"))
        #expect(!metadata.isMetric("sx-shopfn-workers-f"))
        #expect(!metadata.isMetric("shopfn-workers-g"))
        #expect(!metadata.isMetric("s0-"))
    }
}
