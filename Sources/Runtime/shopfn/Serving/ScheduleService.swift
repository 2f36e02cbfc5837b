import Foundation
import Gateway
import Logging
import Manifest
import ServiceLifecycle
import Synchronization

/// Invokes functions when their schedules say so.
final class ScheduleService: Service {
    private let gateway: Gateway
    private let logger: Logger
    private let table = Mutex(ScheduleTable())

    init(gateway: Gateway, logger: Logger) {
        self.gateway = gateway
        self.logger = logger
    }

    /// Takes over a manifest's schedules.
    func update(_ manifest: Manifest) {
        var schedules: [String: Schedule] = [:]
        for function in manifest.functions {
            if case .schedule(let schedule) = function.trigger { schedules[function.name] = schedule }
        }
        table.withLock { [schedules] in $0.update(schedules, now: Self.now) }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    // Cut short by the cancellation that ends the loop.
                    try? await Task.sleep(for: .seconds(1))
                    guard !Task.isCancelled else { return }
                    for name in self.table.withLock({ $0.due(now: Self.now, calendar: Self.calendar) }) {
                        group.addTask { await self.invoke(name) }
                    }
                }
            }
        }
    }

    private func invoke(_ name: String) async {
        let schedule = table.withLock { $0.schedule(of: name)?.text } ?? ""
        do {
            if let response = try await gateway.invoke(name, schedule: schedule), response.status >= 400 {
                let said = String(decoding: response.body.prefix(500), as: UTF8.self)
                logger.warning(
                    "scheduled function answered \(response.status): \(said)",
                    metadata: ["function": "\(name)"]
                )
            }
        } catch {
            logger.warning("scheduled function not invoked: \(error)", metadata: ["function": "\(name)"])
        }
        table.withLock { $0.finished(name) }
    }

    private static var now: Int { Int(Date().timeIntervalSince1970) }

    @Sendable private static func calendar(_ minute: Int, _ timeZone: String) -> CalendarMinute? {
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let date = Date(timeIntervalSince1970: Double(minute) * 60)
        let parts = calendar.dateComponents([.minute, .hour, .day, .month, .weekday], from: date)
        guard let minute = parts.minute, let hour = parts.hour, let day = parts.day, let month = parts.month,
            let weekday = parts.weekday
        else { return nil }
        return CalendarMinute(minute: minute, hour: hour, day: day, month: month, dayOfWeek: weekday - 1)
    }
}
