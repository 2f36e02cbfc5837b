import Gateway
import Manifest
import Scaling
import ServiceLifecycle
import Time

/// Tells the pools what their schedules keep, by this machine's clock and time zone database.
struct FloorService: Service {
    /// The manifest in force.
    let manifest: @Sendable () -> Manifest
    /// Takes what each function's windows keep from now on.
    let take: @Sendable ([String: [ScheduledFloor]]) async -> Void
    /// Steps handed in beyond the one that holds; the scaler takes them by itself when they come.
    private static let ahead = 3
    /// How soon a clock that was set is noticed.
    private let period: Duration = .seconds(60)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Cut short by the cancellation that ends the loop.
                try? await Task.sleep(for: period)
                guard !Task.isCancelled else { return }
                var floors: [String: [ScheduledFloor]] = [:]
                for function in manifest().functions where !function.scale.windows.isEmpty {
                    floors[function.name] = Self.floors(function.scale.windows)
                }
                if !floors.isEmpty { await take(floors) }
            }
        }
    }

    /// What windows keep from now on.
    static func floors(_ windows: [ScaleWindow]) -> [ScheduledFloor] {
        guard !windows.isEmpty else { return [] }
        let sinceEpoch = Duration.sinceEpoch
        let epoch = Instant.now + (.zero - sinceEpoch)
        let minute = Int(sinceEpoch.components.seconds) / 60
        let steps = WindowTimeline(windows).steps(from: minute, count: ahead, offset: ZoneOffsets.minutes)
        return steps.map { ScheduledFloor(at: epoch + .seconds($0.minute * 60), min: $0.min) }
    }
}
