/// A pool's workers in virtual time: who is starting, ready, draining, and how full.
///
/// Ready workers are held in one list per number of running requests, so that the fullest with room is found at once.
struct SimulatedFleet {
    private enum State: UInt8 {
        case starting
        case ready
        case draining
        case gone
    }

    let concurrency: Int
    private(set) var ready = 0
    private(set) var starting = 0
    private(set) var draining = 0
    /// Workers started so far.
    private(set) var starts = 0
    /// Ready workers that run nothing.
    private(set) var idle = 0
    /// Requests running.
    private(set) var running = 0
    private var busyOfReady = 0

    private var states: [State] = []
    private var busy: [Int32] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    private var reusable: [Int32] = []
    /// First worker of each list, by running requests; -1 where empty.
    private var heads: [Int32]
    /// A bit for each list that is not empty and has room.
    private var occupied: [UInt64]
    /// Starting workers in order of their readiness.
    private var coming: [(at: Int64, worker: Int32)] = []
    private var comingFirst = 0

    init(concurrency: Int) {
        self.concurrency = concurrency
        heads = Array(repeating: -1, count: concurrency + 1)
        occupied = Array(repeating: 0, count: concurrency / 64 + 1)
    }

    /// Workers that exist and are paid for.
    var alive: Int { ready + starting + draining }
    var freeSlots: Int { ready * concurrency - busyOfReady }

    /// When the next worker gets ready; the largest number where none is starting.
    var nextReady: Int64 { comingFirst < coming.count ? coming[comingFirst].at : .max }

    mutating func start(readyAt: Int64) {
        let worker: Int32
        if let old = reusable.popLast() {
            worker = old
            states[Int(old)] = .starting
            busy[Int(old)] = 0
        } else {
            worker = Int32(states.count)
            states.append(.starting)
            busy.append(0)
            next.append(-1)
            previous.append(-1)
        }
        starts += 1
        starting += 1
        coming.append((readyAt, worker))
    }

    /// The first starting worker gets ready.
    mutating func becomeReady() {
        let worker = coming[comingFirst].worker
        comingFirst += 1
        if comingFirst == coming.count {
            coming.removeAll(keepingCapacity: true)
            comingFirst = 0
        }
        states[Int(worker)] = .ready
        starting -= 1
        ready += 1
        idle += 1
        link(worker, 0)
    }

    /// Gives a request to the fullest ready worker with room; nil where there is none.
    mutating func take() -> Int32? {
        var word = occupied.count - 1
        while word >= 0 {
            if occupied[word] != 0 {
                let count = word * 64 + 63 - occupied[word].leadingZeroBitCount
                let worker = heads[count]
                unlink(worker, count)
                busy[Int(worker)] = Int32(count + 1)
                link(worker, count + 1)
                if count == 0 { idle -= 1 }
                running += 1
                busyOfReady += 1
                return worker
            }
            word -= 1
        }
        return nil
    }

    /// A request on `worker` has ended.
    mutating func release(_ worker: Int32) {
        let count = Int(busy[Int(worker)])
        busy[Int(worker)] = Int32(count - 1)
        running -= 1
        if states[Int(worker)] == .ready {
            busyOfReady -= 1
            unlink(worker, count)
            link(worker, count - 1)
            if count == 1 { idle += 1 }
        } else if count == 1 {
            draining -= 1
            remove(worker)
        }
    }

    /// Lets one worker go: one that is starting, else an idle one, else the least busy, which finishes its requests.
    mutating func letOneGo() {
        if starting > 0 {
            let worker = coming.removeLast().worker
            if comingFirst == coming.count {
                coming.removeAll(keepingCapacity: true)
                comingFirst = 0
            }
            starting -= 1
            remove(worker)
            return
        }
        guard let count = heads.firstIndex(where: { $0 >= 0 }) else { return }
        let worker = heads[count]
        unlink(worker, count)
        ready -= 1
        busyOfReady -= count
        if count == 0 {
            idle -= 1
            remove(worker)
        } else {
            states[Int(worker)] = .draining
            draining += 1
        }
    }

    private mutating func remove(_ worker: Int32) {
        states[Int(worker)] = .gone
        reusable.append(worker)
    }

    private mutating func link(_ worker: Int32, _ count: Int) {
        let head = heads[count]
        next[Int(worker)] = head
        previous[Int(worker)] = -1
        if head >= 0 { previous[Int(head)] = worker }
        heads[count] = worker
        if count < concurrency { occupied[count >> 6] |= 1 << UInt64(count & 63) }
    }

    private mutating func unlink(_ worker: Int32, _ count: Int) {
        let after = next[Int(worker)]
        let before = previous[Int(worker)]
        if before >= 0 { next[Int(before)] = after } else { heads[count] = after }
        if after >= 0 { previous[Int(after)] = before }
        if heads[count] < 0 { occupied[count >> 6] &= ~(1 << UInt64(count & 63)) }
    }
}
