import ExternalScaler
import GRPCCore

/// KEDA's `externalscaler.ExternalScaler`, as `external-push` triggers use it.
///
/// `StreamMetricSpec` of KEDA's later versions is not offered: a target never changes by itself, and KEDA then goes on
/// with `GetMetricSpec`.
struct ExternalScalerService: RegistrableRPCService {
    static let name = "externalscaler.ExternalScaler"

    let driver: ScalerDriver
    let calls: CallCounts

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        answer("IsActive", &router) { (reference: ScaledObjectRef) in
            let metadata = try TriggerMetadata(reference)
            return IsActiveResponse(result: try driver.isActive(metadata))
        }
        answer("GetMetricSpec", &router) { (reference: ScaledObjectRef) in
            let metadata = try TriggerMetadata(reference)
            try driver.check(metadata)
            return GetMetricSpecResponse(metricSpecs: [
                MetricSpec(
                    metricName: metadata.metricName,
                    targetSize: Int64(metadata.target),
                    targetSizeFloat: Double(metadata.target)
                )
            ])
        }
        answer("GetMetrics", &router) { (request: GetMetricsRequest) in
            let metadata = try TriggerMetadata(request.scaledObjectRef)
            try driver.check(metadata)
            guard metadata.isMetric(request.metricName) else {
                throw ScalerRefusal.unknown(
                    "there is no metric '\(request.metricName)'; that of '\(metadata.function)' is "
                        + "'\(metadata.metricName)'"
                )
            }
            let wanted = try driver.wanted(metadata)
            return GetMetricsResponse(metricValues: [
                MetricValue(
                    metricName: metadata.metricName,
                    metricValue: Int64(wanted),
                    metricValueFloat: Double(wanted)
                )
            ])
        }
        router.stream(Self.name, "StreamIsActive") {
            [driver, calls] (reference: ScaledObjectRef, writer: RPCWriter<IsActiveResponse>) in
            try await calls.counting("StreamIsActive") {
                let activity = try driver.activity(TriggerMetadata(reference))
                try await withRPCCancellationHandler {
                    for await isActive in activity.changes {
                        try await writer.write(IsActiveResponse(result: isActive))
                    }
                } onCancelRPC: {
                    activity.end()
                }
                // The end is one without an error: KEDA then comes again after two seconds. After an error it waits
                // twice as long as the last time.
            }
        }
    }

    private func answer<Request: WireMessage, Response: WireMessage, Transport: ServerTransport>(
        _ method: String,
        _ router: inout RPCRouter<Transport>,
        with body: @escaping @Sendable (Request) throws -> Response
    ) {
        router.answer(Self.name, method) { [calls] (request: Request) in
            try await calls.counting(method) { try body(request) }
        }
    }
}

extension RPCError {
    /// A refusal in gRPC's terms.
    init(_ refusal: ScalerRefusal) {
        let code: RPCError.Code =
            switch refusal {
            case .invalid: .invalidArgument
            case .unknown: .notFound
            case .blind: .unavailable
            }
        self.init(code: code, message: refusal.message)
    }
}
