/// Running requests by the moment they end: a binary heap of (end, worker).
struct CompletionHeap {
    private var ends: [Int64] = []
    private var workers: [Int32] = []

    /// The earliest end; the largest number where nothing runs.
    var first: Int64 { ends.isEmpty ? .max : ends[0] }
    var isEmpty: Bool { ends.isEmpty }

    mutating func insert(end: Int64, worker: Int32) {
        var hole = ends.count
        ends.append(end)
        workers.append(worker)
        while hole > 0 {
            let parent = (hole - 1) >> 1
            if ends[parent] <= end { break }
            ends[hole] = ends[parent]
            workers[hole] = workers[parent]
            hole = parent
        }
        ends[hole] = end
        workers[hole] = worker
    }

    /// Takes the earliest away and returns its worker; the heap must not be empty.
    mutating func removeFirst() -> Int32 {
        let result = workers[0]
        let end = ends.removeLast()
        let worker = workers.removeLast()
        let count = ends.count
        if count == 0 { return result }
        var hole = 0
        while true {
            var child = 2 * hole + 1
            if child >= count { break }
            if child + 1 < count, ends[child + 1] < ends[child] { child += 1 }
            if ends[child] >= end { break }
            ends[hole] = ends[child]
            workers[hole] = workers[child]
            hole = child
        }
        ends[hole] = end
        workers[hole] = worker
        return result
    }
}
