import Autoscaler
import Demand
import JSON
import Manifest

/// Of several scalers, whoever holds the Lease keeps the schedules and has gateways invoke what is due.
///
/// What was invoked stands in the Lease itself: only its holder can write it, and whoever takes it has read it.
struct LeaseDuty: ScheduleDuty {
    let lease: LeaseKeeper
    let feed: DemandFeed
    /// Functions that any gateway has an invocation of.
    let running: @Sendable () async -> Set<String>

    func turn() async -> ScheduleTurn? {
        guard let term = lease.term, feed.reach.connected > 0 else { return nil }
        return ScheduleTurn(number: term, marks: Self.marks(lease.record))
    }

    func busy() async -> Set<String> { await running() }

    func handOn(_ marks: [String: ScheduleTable.Mark]) { lease.handOn(Self.text(marks)) }

    func invoke(_ function: String, schedule: String) async -> FiringOutcome {
        await feed.fire(function, schedule: schedule)
    }

    // MARK: The record

    static func text(_ marks: [String: ScheduleTable.Mark]) -> String {
        let members = marks.sorted { $0.key < $1.key }.map { name, mark in
            (name, JSONValue.object(JSONObject([("due", .int(mark.due)), ("schedule", .string(mark.schedule))])))
        }
        // It holds no number that JSON lacks.
        let bytes = (try? JSONValue.object(JSONObject(members)).serialized()) ?? []
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a record says; what cannot be read says nothing.
    static func marks(_ record: String?) -> [String: ScheduleTable.Mark] {
        guard let record, let members = try? JSONValue(parsing: Array(record.utf8)).objectValue else { return [:] }
        var marks: [String: ScheduleTable.Mark] = [:]
        for (name, value) in members.map({ ($0.name, $0.value) }) {
            guard let due = value["due"]?.intValue, let schedule = value["schedule"]?.stringValue else { continue }
            marks[name] = ScheduleTable.Mark(due: due, schedule: schedule)
        }
        return marks
    }
}

extension ScheduleService {
    /// What is kept and by whom, for the admin port.
    func document(of lease: LeaseKeeper) -> JSONValue {
        ["leader": .string(lease.holder), "leads": .bool(lease.isHeld), "schedules": json]
    }
}
