import HTTPTransfer
import Kubernetes
import Testing

@Suite struct WatchCursorTests {
    private static let lost = KubernetesError.transfer(.connectionLost("reset"))
    private static let gone = KubernetesError.status(Status(code: 410, reason: "Expired", message: "too old"))

    @Test func aLostWatchIsResumedWhereItWas() {
        var cursor = WatchCursor()
        #expect(cursor.step == .list)
        cursor.listed("5")
        cursor.reached("7")
        let wasTold1 = cursor.failed(Self.lost)
        #expect(wasTold1)
        #expect(cursor.step == .watch(since: "7"))
        #expect(cursor.delay == WatchCursor.firstDelay)
        _ = cursor.failed(Self.lost)
        #expect(cursor.delay == WatchCursor.firstDelay * 2)
        for _ in 0..<20 { _ = cursor.failed(Self.lost) }
        #expect(cursor.delay == WatchCursor.longestDelay)
        cursor.reached("8")
        #expect(cursor.delay == .zero)
        #expect(cursor.step == .watch(since: "8"))
    }

    @Test func whatIsNoLongerKeptIsListedAnewAtOnce() {
        var cursor = WatchCursor()
        cursor.listed("5")
        let wasTold2 = cursor.failed(Self.gone)
        #expect(!wasTold2)
        #expect(cursor.step == .list)
        #expect(cursor.delay == .zero)
        let wasTold3 = cursor.failed(Self.gone)
        #expect(!wasTold3)
        #expect(cursor.delay > .zero)
        cursor.listed("900")
        #expect(cursor.step == .watch(since: "900"))
        #expect(cursor.delay == .zero)
    }

    @Test func aWatchThatEndsAtOnceIsNotBegunAgainAtOnce() {
        var cursor = WatchCursor()
        cursor.listed("5")
        cursor.ended(wasShort: false)
        #expect(cursor.delay == .zero)
        cursor.ended(wasShort: true)
        cursor.ended(wasShort: true)
        #expect(cursor.delay == WatchCursor.firstDelay * 2)
        #expect(cursor.step == .watch(since: "5"))
    }

    @Test func beforeTheFirstListNothingIsResumed() {
        var cursor = WatchCursor()
        cursor.reached("3")
        let wasTold4 = cursor.failed(Self.lost)
        #expect(wasTold4)
        #expect(cursor.step == .list)
        #expect(cursor.delay == WatchCursor.firstDelay)
    }

    @Test(arguments: [1, 2, 3, 7, 100]) func linesComeWholeHoweverTheyAreCut(size: Int) {
        let text = [UInt8]("one\n\ntwo\nthree".utf8)
        var splitter = LineSplitter(limit: 100)
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            splitter.append([UInt8](text[start..<min(start + size, text.count)]))
            while let line = splitter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(lines == ["one", "", "two"])
        #expect(!splitter.isTooLong)
        splitter.append([UInt8](repeating: 0x61, count: 100))
        #expect(splitter.next() == nil)
        #expect(splitter.isTooLong)
    }
}
