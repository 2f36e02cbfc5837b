import ExternalScaler
import GRPCCore

/// `grpc.health.v1.Health`, for probes that speak gRPC; watching is not offered.
struct HealthService: RegistrableRPCService {
    let driver: ScalerDriver

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        router.answer("grpc.health.v1.Health", "Check") { [driver] (request: HealthCheckRequest) in
            guard request.service.isEmpty || request.service == ExternalScalerService.name else {
                throw RPCError(code: .notFound, message: "there is no service '\(request.service)'")
            }
            return HealthCheckResponse(status: driver.isReady ? .serving : .notServing)
        }
    }
}

extension ScalerDriver {
    /// Whether a gateway is connected, and so anything can be told.
    package var isReady: Bool {
        if case .none = sight { false } else { true }
    }
}
